// SPDX-License-Identifier: Apache-2.0

import type { Crypto, Random } from "../../protocol/crypto.js";
import type { ConfigStore } from "../../src/config/store.js";
import { Provisioning } from "../../src/service/provisioning.js";
import { PseudoTerminal } from "../pty/pty.js";
import { RealTime } from "../realtime.js";
/** A reader on a bench: the firmware's provisioning on a pseudo-terminal, in real time. */
import { type SelfContents, SimSelf } from "../self.js";
import { VirtualTime } from "../time.js";
import { SimWallClock } from "../wall-clock.js";
import { SimProvisioningTarget } from "./target.js";

export interface BenchOptions {
	readonly crypto: Crypto;
	readonly random: Random;
	readonly versions?: readonly [number, number];
	/** Puts log lines and noise between the bytes that leave the reader. */
	readonly chatter?: boolean;
	/** What leaves the reader in place of each frame: as a reader of another age. */
	readonly instead?: (frame: Uint8Array) => Uint8Array;
	/** What the flash holds at start; blank otherwise. */
	readonly contents?: SelfContents;
	/** Seconds of the reader in one of the computer; 1 where it is not given. */
	readonly speed?: number;
}

export class BenchReader {
	readonly time = new VirtualTime();
	readonly self: SimSelf;
	readonly store: ConfigStore;
	readonly facade: SimProvisioningTarget;
	readonly provisioning: Provisioning;
	/** After each frame that has left the reader. */
	onSent: (() => void) | undefined;
	readonly #real: RealTime;
	readonly #chatter: boolean;
	#terminal: PseudoTerminal | undefined;

	constructor(options: BenchOptions) {
		const wall = new SimWallClock(this.time);
		this.#real = new RealTime(this.time, options.speed);
		this.#chatter = options.chatter ?? false;
		this.self = new SimSelf(undefined, options.contents);
		this.store = this.self.open(options.crypto, options.random);
		this.facade = new SimProvisioningTarget(this.time, wall);
		this.provisioning = new Provisioning({
			...options,
			clock: this.time,
			store: this.store,
			device: this.facade,
			write: (bytes) => {
				this.#write(options.instead?.(bytes) ?? bytes);
				this.onSent?.();
			},
		});
	}

	get path(): string {
		return this.#terminal!.path;
	}

	async plug(): Promise<void> {
		this.#terminal = await PseudoTerminal.open((bytes) =>
			this.#real.now(() => this.provisioning.feed(bytes)),
		);
		this.#real.start();
	}

	unplug(): void {
		this.#real.stop();
		this.#terminal?.close();
		this.#terminal = undefined;
	}

	#write(bytes: Uint8Array): void {
		if (!this.#chatter) {
			this.#terminal?.write(bytes);
			return;
		}
		this.#terminal?.write(Buffer.from("nfc ready: PN532 1.6\r\n"));
		this.#terminal?.write(Uint8Array.of(0xf5, 0x4c, 0x01, 0x00, 0xff));
		this.#terminal?.write(bytes.subarray(0, 7));
		this.#terminal?.write(bytes.subarray(7));
	}
}
