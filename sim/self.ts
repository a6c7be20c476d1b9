// SPDX-License-Identifier: Apache-2.0

import type { Crypto, Random } from "../protocol/crypto.js";
import { SealedState } from "../src/config/sealed-state.js";
import { ConfigStore } from "../src/config/store.js";
import { type Power, SimFlash, SimStateCell } from "./flash.js";

/** The device key of readers that are no whole world. */
export const DEVICE_KEY: Uint8Array = new Uint8Array(32).fill(0x5e);

export interface SelfContents {
	readonly flash: Uint8Array;
	readonly state: Uint8Array | undefined;
}

/** The configuration's partition, blank. */
export function selfFlash(power?: Power): SimFlash {
	return new SimFlash({ size: 16 * 1024, ...(power && { power }) });
}

/** Where a reader keeps what it is: the configuration's partition and the cell of its sealed state, on one power. */
export class SimSelf {
	readonly flash: SimFlash;
	readonly state: SimStateCell;

	constructor(flash = selfFlash(), contents?: SelfContents) {
		this.flash = flash;
		this.state = new SimStateCell(flash.power);
		if (contents !== undefined) this.restore(contents);
	}

	/** What a start of the reader finds. */
	open(crypto: Crypto, random: Random): ConfigStore {
		const store = new ConfigStore(this.flash, this.sealed(crypto), crypto, random);
		store.open();
		return store;
	}

	sealed(crypto: Crypto): SealedState {
		return new SealedState(this.state, crypto, DEVICE_KEY);
	}

	snapshot(): SelfContents {
		return { flash: this.flash.snapshot(), state: this.state.value };
	}

	restore({ flash, state }: SelfContents): void {
		this.flash.restore(flash);
		this.state.value = state;
	}
}
