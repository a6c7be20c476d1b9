// SPDX-License-Identifier: Apache-2.0

import type { Alarm, Clock, WallClock } from "../../hal/contracts/time.js";
import { equal } from "../../protocol/bytes.js";
import { EVENTS, type EventSink, type Link, PARTS } from "../../protocol/events.js";
import { MAX_LOCKDOWN, msLeft } from "../../protocol/notice/lockdown.js";
import { FLAG } from "../../protocol/plan/format.js";
import type { PlanMode } from "../../protocol/plan/tables.js";
import type { Decision, Reason } from "../../protocol/reasons.js";
import type { AccessRequest, DoorController, DoorLevels } from "../door/controller.js";
import type { Limiter } from "../log/limiter.js";
import type { AuditLog } from "../log/log.js";
import type { PlanStore } from "../plan/store.js";
import type { Identity } from "../schemes/scheme.js";
import type { Timekeeper } from "../time/timekeeper.js";
import { decide, knownTime } from "./decide.js";
import { emptyEntry, type PlanEntry } from "./plan-entry.js";

export interface AccessOptions {
	readonly clock: Clock;
	readonly wall: WallClock;
	readonly timekeeper: Timekeeper;
	readonly plan: PlanStore;
	readonly log: AuditLog;
	/** Appends to the log, and tells those who watch. */
	readonly record: EventSink;
	readonly door: DoorController;
	/** End of the lockdown by notice, as `SealedLockdown.end`. */
	readonly lockdownEnd?: () => number;
	/** Has its counts recorded in idle moments. */
	readonly limiter: Limiter;
	readonly trace: (text: string) => void;
	/** Once they are there: housekeeping waits while they serve a phone, and has them work ahead for the next. */
	readonly radios: () => { readonly busy: boolean; prepare(): void } | undefined;
	/** As `Platform.collect`. */
	readonly collect?: (() => void) | undefined;
}

/** Schedule and housekeeping, ms: while a merge is under way, and else. */
const BUSY_MS = 20;
const IDLE_MS = 1000;
/** Housekeeping and sync wait this long after a decision, ms: the phone has its receipt first. */
const AFTER_DECISION_MS = 500;
/** One phone seen on both radios within this time, ms, is one visit. */
export const RACE_MS = 3000;
/** A phone whose entry was cut short has this long to come again over BLE, ms, before it is a new visit. */
const CUT_MS = 10_000;

const GRANTED: Decision = Object.freeze({ granted: true, reason: "granted" });
// Constants, as a literal is copied into RAM whenever it is met.
const NFC = "nfc";
const LISTED = "listed";
const LOCKED = "locked";
const CLOCK = "clock";
const NO_RIGHTS = Object.freeze({ extended: false, firstPerson: false, passageMode: false });
const NO_ID = Object.freeze([0, 0, 0, 0, 0, 0, 0, 0]) as readonly number[];

/**
 * Who is let in: what a phone proved, the plan allows and the door can do becomes one decision, one record in the log and
 * one movement of the strike. It is told who came and by which link; it owns no radio.
 */
export class Access {
	readonly plan: PlanStore;
	readonly log: AuditLog;
	readonly door: DoorController;
	private readonly options: AccessOptions;
	private readonly housekeeping: Alarm;
	private readonly entry: PlanEntry = emptyEntry();
	private readonly noId = Uint8Array.from(NO_ID);
	private readonly lastId = new Uint8Array(8);
	private lastLink: Link = "other";
	private lastAt = Number.NEGATIVE_INFINITY;
	private lastDecision: Decision | undefined;

	constructor(options: AccessOptions) {
		this.options = options;
		this.plan = options.plan;
		this.log = options.log;
		this.door = options.door;
		this.housekeeping = options.clock.alarm(() => this.work());
	}

	/** Opens the plan and lets the door take up where it was by `memory`; the log is open. Before this nothing opens. */
	start(memory: number, levels: DoorLevels): void {
		const { plan, door, wall } = this.options;
		plan.open();
		const end = this.lockdownEnd;
		door.start(memory, levels, this.scheduled(), end === 0 ? undefined : msLeft(end, this.knownTime));
		if (plan.absence === "plan-damaged") this.options.record(EVENTS.health, (PARTS.plan << 8) | 1, 0);
		this.housekeeping.set(IDLE_MS);
		this.options.trace(`plan ${plan.version}, ${plan.count} credentials, time ${wall.trust()}`);
	}

	// Deciding

	/** Whether the door opens for the identity that was proved over `link`. The strike has moved and the log has it on return. */
	decide(link: Link, identity: Identity): Decision {
		const { clock, wall, timekeeper, plan, door } = this.options;
		const now = clock.now();
		// Seen a moment ago by the other radio: the same person at the same door, told the same.
		if (
			link !== this.lastLink &&
			now - this.lastAt < RACE_MS &&
			this.lastDecision !== undefined &&
			equal(identity.id, this.lastId)
		)
			return this.lastDecision;
		plan.lookup(identity.id, this.entry);
		const seconds = wall.now();
		const trust = wall.trust();
		const { error } = timekeeper;
		door.schedule(plan.mode(knownTime(plan, seconds, trust, error)) ?? LOCKED);
		let decided = decide(plan, this.entry, identity, door, seconds, trust, error);
		if (decided.granted && identity.admit !== undefined) decided = admitted(decided, identity.admit());
		const { flags } = this.entry;
		const listed = this.entry.kind === LISTED;
		const request: AccessRequest = {
			id: identity.id,
			link,
			planVersion: plan.version,
			rights: listed
				? {
						extended: (flags & FLAG.extended) !== 0,
						// Both last for hours: nearness alone, which a relay can feign, begins neither.
						firstPerson: identity.acted && (flags & FLAG.first) !== 0,
						passageMode: identity.acted && (flags & FLAG.first) !== 0 && plan.tables?.officeMode === true,
						override: (flags & FLAG.override) !== 0,
					}
				: NO_RIGHTS,
		};
		const decision = door.decide(decided, request);
		this.lastId.set(identity.id);
		this.lastLink = link;
		this.lastAt = now;
		this.lastDecision = decision;
		this.options.trace(`${link}: ${decision.reason}`);
		return decision;
	}

	/**
	 * The supply failed as the door was released for `id`. Over BLE a phone that lies there tries again at once: it is told what
	 * was decided, and nothing moves.
	 */
	cutShort(id: Uint8Array): void {
		this.lastId.set(id);
		this.lastLink = NFC;
		this.lastAt = this.options.clock.now() + CUT_MS - RACE_MS;
		this.lastDecision = GRANTED;
	}

	/** A phone tried and could not prove who it is: denied, and in the log. */
	refused(link: Link, reason: Reason, detail: string): void {
		this.options.trace(`${link}: ${reason}: ${detail}`);
		const request: AccessRequest = {
			id: this.noId,
			link,
			planVersion: this.plan.version,
			rights: NO_RIGHTS,
		};
		this.door.decide({ granted: false, reason }, request);
	}

	// Time

	/** Sets the wall clock: the caller has checked the authority. `seconds` since 1970. */
	setTime(seconds: number, source?: "site"): void {
		const { door, lockdownEnd: end } = this;
		this.options.timekeeper.set(seconds, source);
		this.schedule();
		// After a start without the time it would last for as long as one may.
		const left = msLeft(end, this.knownTime);
		if (end > MAX_LOCKDOWN && left < door.door.noticeFor) door.notice(left);
	}

	private get lockdownEnd(): number {
		return this.options.lockdownEnd?.() ?? 0;
	}

	/** A time server says what the time is, which nothing vouches for. */
	networkTime(seconds: number): void {
		this.options.timekeeper.network(seconds, this.plan.issued);
		this.schedule();
	}

	/** Brings the door to the mode that the plan has for this moment. */
	private schedule(): void {
		this.door.schedule(this.scheduled());
	}

	private scheduled(): PlanMode {
		return this.plan.mode(this.knownTime) ?? LOCKED;
	}

	/** The wall time that the plan lets count, seconds since 1970; `undefined` where it is as good as unset. */
	get knownTime(): number | undefined {
		const { plan, timekeeper, wall } = this.options;
		return knownTime(plan, wall.now(), wall.trust(), timekeeper.error);
	}

	/** The phone on which was decided has not gone yet. */
	get hasJustDecided(): boolean {
		return this.options.clock.now() - this.lastAt < AFTER_DECISION_MS;
	}

	private work(): void {
		const { timekeeper } = this.options;
		this.schedule();
		timekeeper.work();
		// A reader without a plan opens for nothing anyway.
		const clockFails = timekeeper.failing || this.knownTime === undefined;
		this.door.condition(CLOCK, clockFails && this.plan.absence === undefined);
		// A phone that is served comes before housekeeping, and nothing else.
		const radios = this.options.radios();
		if (radios?.busy === true || this.hasJustDecided) {
			this.housekeeping.set(IDLE_MS);
			return;
		}
		this.options.limiter.settle();
		const busy = this.plan.work();
		if (!busy) {
			this.log.maintain();
			radios?.prepare();
			// Here, so that no collection of garbage falls into the next tap.
			this.options.collect?.();
		}
		this.housekeeping.set(busy ? BUSY_MS : IDLE_MS);
	}
}

function admitted(decision: Decision, refusal: Reason | undefined): Decision {
	return refusal === undefined ? decision : { granted: false, reason: refusal };
}
