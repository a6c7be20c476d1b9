// SPDX-License-Identifier: Apache-2.0

import type { GuardedOutput, GuardedOutputClass, GuardedOutputOptions } from "../../hal/contracts/output.js";

/**
 * Lease of the relay, ms: it falls off this long after the firmware's last renewal, also when the firmware hangs or loops. After a
 * reset or a brown-out it is off at once.
 */
export const LEASE_MS = 2000;

/** Renewal period of the lease, ms; three renewals may be missed. */
export const RENEWAL_MS = 500;

export interface RelayOptions extends GuardedOutputOptions {
	io: GuardedOutputClass;
}

/**
 * The only owner of the strike's relay: it makes the guarded output itself and hands it to no other part. It has no timer of its
 * own, which could keep the relay on for a door that is stuck: each renewal comes from a step of the door, which has read the
 * clock.
 */
export class Relay {
	private readonly output: GuardedOutput;
	/** The relay is on under a lease that has to be renewed, so it must not be found off. */
	private expected = false;
	/** Renewals that came too late and found the relay off. */
	#lapses = 0;

	constructor(options: RelayOptions) {
		const { io, ...rest } = options;
		this.output = new io(rest);
	}

	/** Switches on for `ms` (may be Infinity), and for `LEASE_MS` at most without a renewal. */
	on(ms: number): void {
		if (!(ms > 0)) {
			this.off();
			return;
		}
		if (this.expected && this.output.read() === 0) this.#lapses++;
		this.expected = ms > LEASE_MS;
		this.output.hold(ms < LEASE_MS ? Math.ceil(ms) : LEASE_MS);
	}

	off(): void {
		this.expected = false;
		this.output.release();
	}

	/** Whether the output is on, as read back. */
	get energised(): boolean {
		return this.output.read() === 1;
	}

	get lapses(): number {
		return this.#lapses;
	}

	/** Switches off and gives up the output. */
	close(): void {
		this.off();
		this.output.close();
	}
}
