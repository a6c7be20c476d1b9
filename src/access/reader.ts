import type { Alarm, Clock, WallClock } from "../../hal/contracts/time.js";
import { equal } from "../../protocol/bytes.js";
import type { ProximityConfig } from "../../protocol/config/proximity.js";
import type { Credential, Trust } from "../../protocol/credential/credential.js";
import type { Crypto, Random } from "../../protocol/crypto.js";
import { EphemeralPool } from "../../protocol/edhoc/ephemeral.js";
import type { OwnCredential } from "../../protocol/edhoc/id-cred.js";
import { EVENTS, type EventSink, type Link } from "../../protocol/events.js";
import { trustCode } from "../../protocol/log/record.js";
import { FLAG } from "../../protocol/plan/format.js";
import type { PlanMode } from "../../protocol/plan/tables.js";
import type { Decision, Reason } from "../../protocol/reasons.js";
import type { AccessRequest, DoorController, DoorLevels } from "../door/controller.js";
import {
	BleLink,
	type FrameCarrier,
	type Intent,
	SHORT_SUBSCRIBE_MS,
	SILENCE_LIMIT_MS,
} from "../links/ble.js";
import { ConnectionThrottle } from "../links/connection-throttle.js";
import { type Card, NfcLink } from "../links/nfc.js";
import { type GateReading, Proximity } from "../links/proximity.js";
import { Limiter } from "../log/limiter.js";
import type { AuditLog } from "../log/log.js";
import type { PlanStore } from "../plan/store.js";
import { type LinkFailure, Transaction } from "../schemes/edhoc/transaction.js";
import { decide } from "./decide.js";
import { emptyEntry, type PlanEntry } from "./plan-entry.js";

/** Whom a commissioned reader believes, and how it proves itself to phones. */
export interface Identity {
	readonly trust: Trust;
	/** One a signature algorithm. */
	readonly credentials: readonly OwnCredential[];
	/** EDHOC suites by value, the preferred first. */
	readonly suites: readonly number[];
}

export interface ReaderOptions {
	readonly clock: Clock;
	readonly wall: WallClock;
	readonly crypto: Crypto;
	readonly random: Random;
	readonly identity: Identity;
	readonly plan: PlanStore;
	readonly log: AuditLog;
	/** Appends to the log, and tells whoever watches. */
	readonly record: EventSink;
	readonly door: DoorController;
	readonly trace: (text: string) => void;
	/** A phone over BLE has gone, and how strong it was at last. */
	readonly onGateReading?: ((reading: GateReading) => void) | undefined;
	/** As `Platform.collect`. */
	readonly collect?: (() => void) | undefined;
}

/** The NFC front end as the reader uses it: `drivers/pn532`. */
export interface NfcFrontEnd extends Card {
	release(again?: boolean): void;
}

/** What `drivers/ble` calls. */
export interface BleEvents {
	onPhone(carrier: FrameCarrier): void;
	onFrame(frame: Uint8Array): void;
	onGone(): void;
	onSilent(peer: number | undefined): void;
	isBlocked(peer: number): boolean;
	subscribeLimit(): number;
	onState(state: string, detail: string): void;
}

/** The BLE front end as the reader uses it: `drivers/ble`. */
export interface BleFrontEnd {
	/** Nobody new connects while it is quiet. */
	quiet(on: boolean): void;
}

/** Housekeeping, ms: while a merge is under way, and else. */
const BUSY_MS = 20;
const IDLE_MS = 1000;
/** A phone whose transaction broke is tried so often in a row, each within this time of the last, ms. */
const AGAIN_TIMES = 3;
const AGAIN_MS = 5000;
/** One phone seen on both radios within this time, ms, is one visit. */
export const RACE_MS = 3000;

const NO_RIGHTS = Object.freeze({ extended: false, firstPerson: false, passageMode: false });
const NO_ID = Object.freeze([0, 0, 0, 0, 0, 0, 0, 0]) as readonly number[];

/** Which part: high byte of `detail` of the `health` event. */
export const PARTS = Object.freeze({ nfc: 1, ble: 2, plan: 3 } as const);

/**
 * Owns door, plan, log and links; the one place where they meet. What a phone proved, the plan allows and the door can
 * do becomes one decision, one record in the log and one movement of the strike.
 */
export class Reader {
	readonly plan: PlanStore;
	readonly log: AuditLog;
	readonly door: DoorController;
	readonly #options: ReaderOptions;
	readonly #ephemerals: EphemeralPool;
	readonly #housekeeping: Alarm;
	readonly #entry: PlanEntry = emptyEntry();
	readonly #noId = Uint8Array.from(NO_ID);
	/** The plan's mode that the door is in, and whether the first person has come since it began. */
	#mode: PlanMode = "locked";
	#firstPersonIn = false;
	/** Transactions over NFC that broke in a row, and when the last did. */
	#broken = 0;
	#brokeAt = 0;
	#nfc: NfcFrontEnd | undefined;
	#nfcLink: NfcLink | undefined;
	#ble: BleFrontEnd | undefined;
	#bleLink: BleLink | undefined;
	readonly #refusals = new Limiter();
	#lastId: Uint8Array = this.#noId;
	#lastLink: Link = "other";
	#lastAt = Number.NEGATIVE_INFINITY;
	#lastDecision: Decision | undefined;

	constructor(options: ReaderOptions) {
		this.#options = options;
		this.plan = options.plan;
		this.log = options.log;
		this.door = options.door;
		this.#ephemerals = new EphemeralPool(options.crypto, options.random);
		this.#housekeeping = options.clock.alarm(() => this.#work());
	}

	/** Opens the plan and lets the door take up where it was; the log is open. Before this nothing opens. */
	start(levels: DoorLevels): void {
		const { log, plan, door, wall } = this.#options;
		plan.open();
		door.start(log.doorMemory, levels);
		if (plan.absence === "plan-damaged") this.#options.record(EVENTS.health, (PARTS.plan << 8) | 1, 0);
		this.#schedule();
		this.#housekeeping.set(IDLE_MS);
		this.#options.trace(`plan ${plan.version}, ${plan.count} credentials, time ${wall.trust()}`);
	}

	// NFC

	/** Gives the reader its NFC front end, once. */
	attachNfc(nfc: NfcFrontEnd): void {
		this.#nfc = nfc;
		const transaction = this.#transaction("nfc");
		this.#nfcLink = new NfcLink({
			clock: this.#options.clock,
			card: nfc,
			transaction,
			onEnd: (failure) => this.#nfcEnded(transaction, failure),
		});
		transaction.prepare();
	}

	/** A card or phone that takes APDUs is in the field. */
	nfcTarget(): void {
		if (this.#nfcLink === undefined || this.#nfcLink.active) return;
		// The work of a tap is long, and no phone may connect over BLE meanwhile (docs/ble.md, hazards).
		this.#ble?.quiet(true);
		this.#nfcLink.start();
	}

	nfcLost(detail: string): void {
		this.#nfcLink?.lost(detail);
	}

	/** The NFC front end fails, or works again. */
	nfcHealth(well: boolean, detail: string): void {
		this.#options.record(EVENTS.health, (PARTS.nfc << 8) | (well ? 0 : 1), 0);
		this.door.condition("fault", !well);
		this.#options.trace(`nfc ${well ? "ready" : "failed"}: ${detail}`);
	}

	#nfcEnded(transaction: Transaction, failure: LinkFailure | undefined): void {
		if (failure?.started) this.#refused("nfc", failure.reason, failure.detail);
		// A transaction that broke may start over while the phone is still there, but not for ever: a phone that is left on
		// the reader and always fails would fill the log. A finished one waits for the phone to leave.
		const now = this.#options.clock.now();
		const broke = failure?.started === true;
		if (!broke || now - this.#brokeAt > AGAIN_MS) this.#broken = 0;
		if (broke) this.#brokeAt = now;
		this.#nfc?.release(broke && ++this.#broken < AGAIN_TIMES);
		transaction.prepare();
		this.#ble?.quiet(false);
	}

	// BLE

	/** What the BLE front end is told; `intent` and `proximity` are the site's. */
	attachBle(intent: Intent, proximity: ProximityConfig): BleEvents {
		const transaction = this.#transaction("ble");
		const gate = new Proximity(proximity);
		const throttle = new ConnectionThrottle(this.#options.clock);
		const link = new BleLink({
			clock: this.#options.clock,
			transaction,
			proximity: gate,
			intent,
			throttle,
			onEnd: (failure) => {
				if (failure?.started) this.#refused("ble", failure.reason, failure.detail);
				const { level, near } = gate;
				if (level !== undefined) this.#options.onGateReading?.({ level, near });
				transaction.prepare();
			},
		});
		this.#bleLink = link;
		transaction.prepare();
		return {
			onPhone: (carrier) => link.start(carrier),
			onFrame: (frame) => link.frame(frame),
			onGone: () => link.lost(),
			onSilent: (peer) => throttle.gone(false, peer),
			isBlocked: (peer) => throttle.isBlocked(peer),
			subscribeLimit: () => (throttle.short ? SHORT_SUBSCRIBE_MS : SILENCE_LIMIT_MS),
			onState: (state, detail) => this.#options.trace(`ble ${state}: ${detail}`),
		};
	}

	/** Gives the reader its BLE front end, once, after `attachBle`. */
	useBle(ble: BleFrontEnd): void {
		this.#ble = ble;
	}

	// Deciding

	/** A transaction whose outcome is a matter of this reader's plan, door and log. */
	#transaction(link: Link): Transaction {
		const { crypto, identity } = this.#options;
		return new Transaction({
			crypto,
			suites: identity.suites,
			credentials: identity.credentials,
			ephemerals: this.#ephemerals,
			trust: identity.trust,
			decide: (credential) => this.#decide(link, credential),
			onRefused: (reason, detail) => this.#refused(link, reason, detail),
		});
	}

	#decide(link: Link, credential: Credential): Decision {
		const { clock, wall, plan, door } = this.#options;
		const now = clock.now();
		// Seen a moment ago by the other radio: the same person at the same door, told the same.
		if (
			link !== this.#lastLink &&
			now - this.#lastAt < RACE_MS &&
			this.#lastDecision !== undefined &&
			equal(credential.id, this.#lastId)
		)
			return this.#lastDecision;
		plan.lookup(credential.id, this.#entry);
		const mode = this.#planMode();
		const situation = {
			lockdown: door.lockdown || mode === "lockdown",
			awaitingFirstPerson: mode === "admit-after-first" && !this.#firstPersonIn,
		};
		const decided = decide(plan, this.#entry, credential, situation, wall.now(), wall.trust());
		const { flags } = this.#entry;
		const listed = this.#entry.kind === "listed";
		const request: AccessRequest = {
			id: credential.id,
			link,
			planVersion: plan.version,
			rights: listed
				? {
						extended: (flags & FLAG.extended) !== 0,
						firstPerson: (flags & FLAG.first) !== 0,
						passageMode: (flags & FLAG.first) !== 0 && plan.tables?.officeMode === true,
						override: (flags & FLAG.override) !== 0,
					}
				: NO_RIGHTS,
		};
		const decision = door.decide(decided, request);
		if (decision.granted && request.rights.firstPerson) this.#firstPersonIn = true;
		this.#lastId = credential.id.slice();
		this.#lastLink = link;
		this.#lastAt = now;
		this.#lastDecision = decision;
		this.#options.trace(`${link}: ${decision.reason}`);
		return decision;
	}

	/** Somebody could not prove who they are: denied, and in the log. */
	#refused(link: Link, reason: Reason, detail: string): void {
		const { trace, clock } = this.#options;
		trace(`${link}: ${reason}: ${detail}`);
		// Whoever has a radio can make these without end; real people's decisions are never counted together.
		if (!this.#refusals.take(clock.now())) return;
		const request: AccessRequest = {
			id: this.#noId,
			link,
			planVersion: this.plan.version,
			rights: NO_RIGHTS,
		};
		this.door.decide({ granted: false, reason }, request);
	}

	// Time

	/** Somebody who may has told the time. */
	setTime(seconds: number): void {
		const { wall, record } = this.#options;
		const trust = wall.trust();
		const before = trust === "unset" ? 0 : wall.now();
		wall.set(seconds, "synced");
		record(EVENTS["clock-set"], trustCode(trust), before);
		this.#schedule();
	}

	#planMode(): PlanMode | undefined {
		const { plan, wall } = this.#options;
		return plan.mode(wall.trust() === "unset" ? undefined : wall.now());
	}

	/** Brings the door to the mode that the plan has for this moment. */
	#schedule(): void {
		const mode = this.#planMode() ?? "locked";
		if (mode === this.#mode) return;
		this.#mode = mode;
		this.#firstPersonIn = false;
		if (mode === "unlocked") this.door.schedule("unlocked");
		else this.door.schedule(mode === "unlocked-after-first" ? "first-person" : "locked");
	}

	#work(): void {
		// Nobody at the door waits for housekeeping.
		if (this.#nfcLink?.active === true || this.#bleLink?.active === true) {
			this.#housekeeping.set(IDLE_MS);
			return;
		}
		const left = this.#refusals.settle(this.#options.clock.now());
		if (left > 0) this.#options.record(EVENTS.repeated, EVENTS.decision, left);
		const busy = this.plan.work();
		if (!busy) {
			this.log.maintain();
			this.#schedule();
			// So that whoever comes next finds all the memory: now, and not in the middle of their tap.
			this.#options.collect?.();
		}
		this.#housekeeping.set(busy ? BUSY_MS : IDLE_MS);
	}
}
