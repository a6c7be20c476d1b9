// SPDX-License-Identifier: Apache-2.0

import { RENEWAL_MS, Relay } from "../../drivers/relay/relay.js";
import { NodeCrypto } from "../../hal/node/crypto.js";
import { DEFAULT_DOOR } from "../../protocol/config/door.js";
import { EVENTS } from "../../protocol/events.js";
import { KEPT } from "../../protocol/log/kept.js";
import { decodeRecord } from "../../protocol/log/record.js";
import { verifyLog } from "../../protocol/log/verify.js";
import type { Reason } from "../../protocol/reasons.js";
import { SimDoor } from "../../sim/door.js";
import { SimFlash } from "../../sim/flash.js";
import { VirtualTime } from "../../sim/time.js";
import { DoorController } from "../../src/door/controller.js";
import { Limiter } from "../../src/log/limiter.js";
import { AuditLog } from "../../src/log/log.js";

/** Who fills the log: a magnet at the position switch, a phone that was revoked, phones that prove nothing. */
export const ATTACKERS = ["magnet", "revoked phone", "stranger"] as const;
export type Attacker = (typeof ATTACKERS)[number];

export interface FloodOptions {
	/** Bytes of the partition. */
	readonly size: number;
	/** How long it goes on. */
	readonly days: number;
}

export interface Flood {
	/** What the attacker did, once for each opening or tap. */
	readonly acts: number;
	readonly records: number;
	/** When the record of an entry before the flood was written over, days; absent where it is still there. */
	readonly entryGone: number | undefined;
	/** Whether each alarm, configuration and service record from before the flood is there, itself or its copy. */
	readonly reservedThere: boolean;
	/** Single records and counts are all that happened. */
	readonly exact: boolean;
	readonly intact: boolean;
}

const DAY_MS = 86_400_000;
/** At the attacker's own speed for so long, ms; then slower, which is more than is recorded singly all the same. */
const FAST_MS = 3_600_000;
const SLOW_MS = 60_000;
/** What each can do, ms: the debounced switch, a phone that leaves the field and comes back, one that breaks off. */
const EVERY_MS: Readonly<Record<Attacker, number>> = { magnet: 200, "revoked phone": 500, stranger: 300 };
const PHONE = new Uint8Array(8).fill(0xee);
const NO_RIGHTS = { extended: false, firstPerson: false, passageMode: false };
const BEFORE = [EVENTS.configuration, EVENTS.service, EVENTS.forced];

/** The real door, limits and log through the flood of some attackers at once, on simulated flash, in virtual time. */
class FloodedDoor {
	readonly time = new VirtualTime();
	readonly crypto = new NodeCrypto();
	readonly flash: SimFlash;
	readonly log: AuditLog;
	readonly limiter: Limiter;
	readonly #pair = this.crypto.ed25519KeyPair(new Uint8Array(32).fill(5));
	readonly #door: DoorController;
	/** Events of each kind that were emitted, and that were recorded or counted. */
	readonly emitted = new Map<number, number>();
	readonly known = new Map<number, number>();

	constructor(size: number) {
		const { crypto, time } = this;
		this.flash = new SimFlash({ size });
		this.log = new AuditLog({
			flash: this.flash,
			crypto,
			clock: time,
			wall: {
				now: () => 1_800_000_000 + Math.floor(time.now() / 1000),
				trust: () => "synced",
				set: () => {},
			},
			reader: crypto.sha256(this.#pair.publicKey).slice(0, 8),
			sign: (message) => crypto.ed25519Sign(message, this.#pair.secretKey),
		});
		this.log.open("power-on");
		this.limiter = new Limiter(time, {
			append: (kind, detail, value, subject) => {
				if (kind === EVENTS.repeated) add(this.known, detail & 255, value);
				else add(this.known, kind, 1);
				this.log.append(kind, detail, value, subject);
			},
		});
		this.#door = new DoorController({
			config: DEFAULT_DOOR,
			clock: time,
			strike: new Relay({ io: new SimDoor(time, DEFAULT_DOOR).relay.io }),
			signals: { show: () => {} },
			renewalMs: RENEWAL_MS,
			onEvent: (kind, detail, value, subject) => {
				add(this.emitted, kind, 1);
				this.limiter.record(kind, detail, value, subject);
			},
		});
		this.#door.start(0, { doorPosition: false });
	}

	act(attacker: Attacker): void {
		if (attacker === "magnet") {
			this.#door.input("doorPosition", true);
			this.#door.input("doorPosition", false);
		} else this.#deny(attacker === "stranger" ? "transaction-incomplete" : "revoked", attacker);
	}

	#deny(reason: Reason, attacker: Attacker): void {
		const id = attacker === "stranger" ? new Uint8Array(8) : PHONE;
		this.#door.decide({ granted: false, reason }, { id, link: "nfc", planVersion: 1, rights: NO_RIGHTS });
	}

	/** Time passes, and housekeeping has its turn. */
	wait(ms: number): void {
		this.time.run(ms);
		this.limiter.settle();
		this.log.maintain();
	}

	get intact(): boolean {
		return verifyLog(this.flash, this.crypto, { publicKey: this.#pair.publicKey }).intact;
	}

	/** Of the kinds in `BEFORE`, those with the mark of the records before the flood. */
	reserved(): number {
		const found = new Set<number>();
		const cursor = this.log.read(1);
		for (let record = cursor.next(); record !== undefined; record = cursor.next()) {
			const { kind, value } = decodeRecord(record);
			if (value === MARK) found.add(kind & ~KEPT);
		}
		return BEFORE.filter((kind) => found.has(kind)).length;
	}
}

/** The value of the records before the flood. */
const MARK = 0xbef07e;

function add(counts: Map<number, number>, kind: number, count: number): void {
	counts.set(kind, (counts.get(kind) ?? 0) + count);
}

export function flood(attackers: readonly Attacker[], { size, days }: FloodOptions): Flood {
	const door = new FloodedDoor(size);
	const { log, time } = door;
	for (const kind of BEFORE) log.append(kind, 1, MARK);
	const entry = log.append(EVENTS.decision, 0, MARK);
	let acts = 0;
	let entryGone: number | undefined;
	const due = attackers.map(() => 0);
	while (time.now() < days * DAY_MS) {
		for (const [i, attacker] of attackers.entries()) {
			if (time.now() < due[i]!) continue;
			door.act(attacker);
			acts++;
			due[i] = time.now() + (time.now() < FAST_MS ? EVERY_MS[attacker] : SLOW_MS);
		}
		door.wait(Math.min(...due) - time.now());
		if (entryGone === undefined && log.oldest > entry) entryGone = time.now() / DAY_MS;
	}
	door.limiter.settle(true);
	const exact = [...door.emitted].every(([kind, count]) => door.known.get(kind) === count);
	return {
		acts,
		records: log.last,
		entryGone,
		reservedThere: door.reserved() === BEFORE.length,
		exact,
		intact: door.intact,
	};
}
