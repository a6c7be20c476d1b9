// SPDX-License-Identifier: Apache-2.0

import type { Clock, WallClock } from "../../hal/contracts/time.js";
import type { Crypto, Random } from "../../protocol/crypto.js";
import type { ConfigStore } from "../config/store.js";
import type { AuditLog } from "../log/log.js";
import type { ProvisioningTarget } from "../service/target.js";
import type { Timekeeper } from "../time/timekeeper.js";

/** How the reader itself is. */
export interface Vitals {
	/** Bit n: the part n of `PARTS` fails. */
	readonly failing: number;
	/** Free bytes of the chip's heap. */
	readonly free: number | undefined;
	/** Signal of Wi-Fi, dBm. */
	readonly signal: number | undefined;
	/** As `detail` of the event `restart`. */
	readonly cause: number;
}

/** The parts of a reader that sync works on: a door without radios has the same. */
export interface SyncTarget {
	readonly clock: Clock;
	readonly wall: WallClock;
	readonly random: Random;
	readonly crypto: Crypto;
	readonly store: ConfigStore;
	readonly log: AuditLog;
	readonly timekeeper: Pick<Timekeeper, "differ" | "error" | "isStep" | "least" | "ranOn">;
	/** What sync has in common with the installer's port. */
	readonly reader: Pick<
		ProvisioningTarget,
		| "command"
		| "lockDown"
		| "configured"
		| "identify"
		| "knownTime"
		| "newestSigned"
		| "plan"
		| "record"
		| "restart"
		| "setTime"
		| "unfit"
		| "wifi"
	>;
	readonly health: Vitals;
	/** Number of the firmware's image. */
	readonly image: number;
	/** A phone is served: what is long waits. */
	busy(): boolean;
	readonly trace: (text: string) => void;
}
