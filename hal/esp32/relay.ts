// SPDX-License-Identifier: Apache-2.0

import type { GuardedOutput, GuardedOutputOptions } from "../contracts/output.js";
import { chip } from "./chip.js";

const LONGEST = 60_000;

/**
 * The strike's relay. relay.c owns the pin and a hardware timer whose interrupt ends the lease, so the relay falls also when
 * JavaScript hangs. A reader has one.
 */
export class Esp32Relay implements GuardedOutput {
	constructor(options: GuardedOutputOptions) {
		const { pin, offLevel = 0 } = options;
		if (typeof pin !== "number") throw new RangeError("the relay needs the number of its GPIO");
		chip.relayOpen(pin, offLevel);
	}

	hold(ms: number): void {
		if (!Number.isInteger(ms) || ms < 1 || ms > LONGEST) throw new RangeError(`a lease of ${ms} ms`);
		chip.relayHold(ms);
	}

	release(): void {
		chip.relayRelease();
	}

	read(): number {
		return chip.relayRead();
	}

	/** The pin stays driven to its off level. */
	close(): void {
		chip.relayRelease();
	}
}
