// SPDX-License-Identifier: Apache-2.0

import type { GuardedOutput, GuardedOutputClass, GuardedOutputOptions } from "../hal/contracts/output.js";
import type { DoorConfig } from "../protocol/config/door.js";
import type { VirtualTime } from "./time.js";

/**
 * The relay's hardware: pin, driver and the timer that ends a lease. It belongs to the world, not to the firmware: it
 * runs on when the firmware hangs, and `reset` is what a restart of the chip or a brown-out does to it.
 */
export class SimRelay {
	#on = false;
	#cancel: (() => void) | undefined;
	readonly #time: VirtualTime;
	readonly #changed: (() => void)[] = [];
	/** Switching operations, for the wear of contacts. */
	operations = 0;
	/** Milliseconds on, in all. */
	/** Firmware that made its output twice has lost the one owner. */
	owners = 0;

	constructor(time: VirtualTime) {
		this.#time = time;
	}

	get on(): boolean {
		return this.#on;
	}

	watch(changed: () => void): void {
		this.#changed.push(changed);
	}

	/** The chip restarts or its supply sags: pins float, the transistor's pull-down lets the coil go. */
	reset(): void {
		this.owners = 0;
		this.#let(false);
	}

	/** The class that firmware gets as `io`. */
	get io(): GuardedOutputClass {
		const relay = this;
		return class implements GuardedOutput {
			#closed = false;

			constructor(_options: GuardedOutputOptions) {
				relay.owners++;
				relay.#let(false);
			}

			hold(ms: number): void {
				if (this.#closed) throw new Error("closed");
				if (!Number.isInteger(ms) || ms < 1 || ms > 60_000) throw new RangeError("lease");
				relay.#let(true);
				relay.#cancel = relay.#time.after(ms * 1000, () => relay.#let(false));
			}

			release(): void {
				relay.#let(false);
			}

			read(): number {
				return relay.#on ? 1 : 0;
			}

			close(): void {
				if (!this.#closed) relay.owners--;
				this.#closed = true;
				relay.#let(false);
			}
		};
	}

	#let(on: boolean): void {
		this.#cancel?.();
		this.#cancel = undefined;
		if (on === this.#on) return;
		this.#on = on;
		this.operations++;
		for (const changed of this.#changed) changed();
	}
}

/** What the door does to a person who pulls it, as it is built: lock, leaf, contact, button. */
export class SimDoor {
	readonly relay: SimRelay;
	readonly #config: DoorConfig;
	#open = false;
	#watchers: (() => void)[] = [];
	exitPressed = false;
	tampered = false;
	fire = false;
	lockdown = false;
	/** The supply of the lock, apart from the reader's. */
	lockPower = true;
	/** The lock hangs on the relay's other contact. */
	otherContact = false;

	constructor(time: VirtualTime, config: DoorConfig) {
		this.relay = new SimRelay(time);
		this.#config = config;
		this.relay.watch(() => this.#tell());
	}

	/** Whether the lock holds the leaf. */
	get locked(): boolean {
		const open = (this.#config.contact === "normally-open") !== this.otherContact;
		const fed = this.lockPower && this.relay.on === open;
		return this.#config.lock === "fail-safe" ? fed : !fed;
	}

	get open(): boolean {
		return this.#open;
	}

	/** Something of the door changed. */
	watch(changed: () => void): void {
		this.#watchers.push(changed);
	}

	/** A person pulls at the leaf; whether it opened. From inside a handle may open it (`handle`). */
	pull(handle = false): boolean {
		if (this.#open || (this.locked && !handle)) return this.#open;
		this.#move(true);
		return true;
	}

	/** With a crowbar. */
	force(): void {
		this.#move(true);
	}

	shut(): void {
		this.#move(false);
	}

	/** Presses or lets go of request-to-exit. */
	press(pressed: boolean): void {
		this.exitPressed = pressed;
		this.#tell();
	}

	/** Sets one of the other contacts. */
	set(contact: "tampered" | "fire" | "lockdown", active: boolean): void {
		this[contact] = active;
		this.#tell();
	}

	#move(open: boolean): void {
		if (open === this.#open) return;
		this.#open = open;
		this.#tell();
	}

	#tell(): void {
		for (const watcher of this.#watchers) watcher();
	}
}
