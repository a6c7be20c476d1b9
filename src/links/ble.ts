// SPDX-License-Identifier: Apache-2.0

/**
 * One BLE connection: gives the phone to the scheme whose service it chose, and keeps the gate (nearness, the user's intent)
 * in front of the first answer. A phone that says nothing in time, or something out of turn, is hung up on so that the next
 * may come.
 */
import type { Alarm, Clock } from "../../hal/contracts/time.js";
import type { Reason } from "../../protocol/reasons.js";
import type { BleSession, Intent } from "../schemes/scheme.js";
import type { ConnectionThrottle } from "./connection-throttle.js";
import type { LinkFailure } from "./failure.js";
import type { Proximity } from "./proximity.js";

/** A connection that has not brought its first message whole in this time is dropped, however it drips in, ms. */
export const SILENCE_LIMIT_MS = 1500;
/**
 * From message_2 handed over to message_3 whole, ms. It bounds how long a relayed exchange may take; the phone needs
 * about 40 ms of work and a dozen connection events of 30 ms.
 */
export const ANSWER_LIMIT_MS = 1000;
/** How long a phone that has not come near may wait at the door, ms. */
export const APPROACH_LIMIT_MS = 1500;
/** How long a phone may stay after message_4, ms. */
export const LINGER_LIMIT_MS = 300;
/** Signal strength is sampled this often while the gate is shut, ms. */
export const RSSI_PERIOD_MS = 50;

/**
 * The same limits while many visits fail (`connection-throttle.ts`), ms. A phone that knows the reader needs 120 ms of 30 ms intervals to
 * subscribe, 30 to 60 each for a message, and about 100 where its key is in a secure element; one that must discover the
 * service first needs 300 to 400 and twice that on a lossy radio.
 */
export const SHORT_SUBSCRIBE_MS = 500;
export const SHORT_SILENCE_MS = 250;
export const SHORT_ANSWER_MS = 500;
export const SHORT_APPROACH_MS = 300;

/** One connection as the driver offers it. */
export interface FrameCarrier {
	/** Bytes of ATT MTU now, 23 to 517. */
	readonly mtu: number;
	/** Who it is, where the platform tells. */
	readonly peer?: number | undefined;
	/** Sends one frame; `done` from the event loop when the next may come. Only one is ever in flight. */
	send(frame: Uint8Array, done: (error?: Error) => void): void;
	/** dBm, or `undefined` when unknown. */
	rssi(): number | undefined;
	hangUp(): void;
}

export interface BleLinkOptions {
	readonly clock: Clock;
	/** One for each service that the reader has. */
	readonly sessions: readonly BleSession[];
	readonly proximity: Proximity;
	readonly intent: Intent;
	/** Absent: time limits are always the long ones. */
	readonly throttle?: ConnectionThrottle;
	/** A phone has passed the gate: it wants to come in, and is answered. */
	readonly onPassed?: () => void;
	/** The connection is done with; the carrier has been hung up. */
	readonly onEnd: (failure: LinkFailure | undefined) => void;
}

/** One for all phones, which come one after the other: what is made for each would have to be closed for each. */
export class BleLink {
	private carrier: FrameCarrier | undefined;
	private readonly sessions: readonly BleSession[];
	private session: BleSession;
	private readonly proximity: Proximity;
	private readonly intent: Intent;
	private readonly throttle: ConnectionThrottle | undefined;
	private readonly onPassed: BleLinkOptions["onPassed"];
	private readonly onEnd: BleLinkOptions["onEnd"];
	private readonly limit: Alarm;
	private readonly sampling: Alarm;
	private readonly sent: (error?: Error) => void;
	/** The phone has said what it wants and waits for the gate. */
	private waiting = false;
	/** The gate was passed. */
	private passed = false;
	private mustBeNear = true;
	private hurried = false;
	private open = false;

	constructor(options: BleLinkOptions) {
		this.sessions = options.sessions;
		this.session = options.sessions[0]!;
		this.proximity = options.proximity;
		this.intent = options.intent;
		this.throttle = options.throttle;
		this.onPassed = options.onPassed;
		this.onEnd = options.onEnd;
		this.limit = options.clock.alarm(() => {
			const detail = this.waiting ? "the phone did not come near" : "the phone said nothing in time";
			this.fail("transaction-incomplete", detail);
		});
		this.sampling = options.clock.alarm(() => this.sample());
		this.sent = (error) => this.onSent(error);
	}

	get active(): boolean {
		return this.open;
	}

	/** A phone has connected, after the last one has gone. `service`: which it chose, in the order of `sessions`. */
	start(carrier: FrameCarrier, service = 0): void {
		this.carrier = carrier;
		this.session = this.sessions[service]!;
		this.open = true;
		this.waiting = false;
		this.passed = false;
		this.proximity.reset();
		this.session.open();
		this.hurried = this.throttle?.short ?? false;
		this.limit.set(this.hurried ? SHORT_SILENCE_MS : SILENCE_LIMIT_MS);
		if (this.intent.near) this.sample();
	}

	/** A value was written by the phone. */
	frame(value: Uint8Array): void {
		if (!this.open) return;
		const result = this.session.receive(value);
		if (!this.open) return;
		// The limit runs on: one that began anew with each frame would let a slow sender hold the door for minutes.
		if (result === "more") return;
		if (result === "gate") this.atGate();
		else if (result === "answer") this.answer();
		else if (result === "end") this.end(undefined);
		else this.fail(result.reason, result.detail);
	}

	/** The connection is gone. */
	lost(): void {
		if (this.open) this.fail("transaction-incomplete", "the phone disconnected");
	}

	private atGate(): void {
		const { near, tap, either } = this.intent;
		const { tapped } = this.session;
		this.mustBeNear = near && !(either === true && tapped);
		if (tap && !tapped && either !== true) {
			this.fail("transaction-incomplete", "this door wants a tap in the app");
			return;
		}
		this.waiting = true;
		this.limit.set(this.hurried ? SHORT_APPROACH_MS : APPROACH_LIMIT_MS);
		this.passGate();
	}

	private sample(): void {
		if (!this.open || this.passed) return;
		const rssi = this.carrier?.rssi();
		if (rssi !== undefined) this.proximity.sample(rssi);
		if (this.waiting) this.passGate();
		if (this.open && !this.passed) this.sampling.set(RSSI_PERIOD_MS);
	}

	private passGate(): void {
		if (this.mustBeNear && !this.proximity.near) return;
		this.waiting = false;
		this.passed = true;
		this.sampling.clear();
		this.onPassed?.();
		const result = this.session.proceed();
		if (!this.open) return;
		if (result === "answer") this.answer();
		else this.end(undefined);
	}

	private answer(): void {
		this.limit.set(this.hurried ? SHORT_ANSWER_MS : SILENCE_LIMIT_MS);
		this.sendNext();
	}

	private sendNext(): void {
		const carrier = this.carrier!;
		const frame = this.session.frame(carrier.mtu);
		if (frame !== undefined) {
			carrier.send(frame, this.sent);
			return;
		}
		// After the last message the phone hangs up; hanging up first could overtake it in the controller's queue.
		if (this.session.over) this.limit.set(LINGER_LIMIT_MS);
		else this.limit.set(this.hurried ? SHORT_ANSWER_MS : ANSWER_LIMIT_MS);
	}

	private onSent(error: Error | undefined): void {
		if (!this.open) return;
		if (error) this.fail("transaction-incomplete", `notification failed: ${error.message}`);
		else this.sendNext();
	}

	private fail(reason: Reason, detail: string): void {
		// A phone that only passed by in the room has not tried to come in.
		const { over: decided, started } = this.session;
		this.session.abandon();
		this.end(decided ? undefined : { reason, detail, started });
	}

	private end(failure: LinkFailure | undefined): void {
		const served = failure === undefined;
		const visit = this.waiting ? "away" : served && !this.session.failed ? "served" : "failed";
		this.open = false;
		this.waiting = false;
		this.limit.clear();
		this.sampling.clear();
		this.throttle?.gone(served, this.carrier?.peer, visit);
		this.carrier?.hangUp();
		this.onEnd(failure);
	}
}
