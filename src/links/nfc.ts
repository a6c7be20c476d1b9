// SPDX-License-Identifier: Apache-2.0

/**
 * A phone in the NFC field: selects the application of one scheme after the other, and gives the phone to the first that it
 * has. Bounds how long that may take.
 */
import type { Alarm, Clock } from "../../hal/contracts/time.js";
import { INS_SELECT } from "../../protocol/link/apdu.js";
import type { Reason } from "../../protocol/reasons.js";
import type { NfcSession } from "../schemes/scheme.js";
import { ApduChannel, type Card } from "./apdu-channel.js";
import type { LinkFailure } from "./failure.js";

/** From SELECT to the end, ms. */
export const TRANSACTION_LIMIT_MS = 4000;

export interface NfcLinkOptions {
	readonly clock: Clock;
	readonly card: Card;
	/** In the order in which phones are asked for them; at least one. */
	readonly sessions: readonly NfcSession[];
	/** The tap is over and the phone can be let go. `failure` says what stopped it where no decision was reached. */
	readonly onEnd: (failure: LinkFailure | undefined) => void;
}

export class NfcLink {
	private readonly sessions: readonly NfcSession[];
	private readonly onEnd: NfcLinkOptions["onEnd"];
	private readonly deadline: Alarm;
	private readonly channel: ApduChannel;
	private session: NfcSession;
	private asked = 0;
	private selecting = false;
	#active = false;

	constructor(options: NfcLinkOptions) {
		this.sessions = options.sessions;
		this.session = options.sessions[0]!;
		this.onEnd = options.onEnd;
		this.deadline = options.clock.alarm(() => this.fail("transaction-incomplete", "the phone took too long"));
		this.channel = new ApduChannel({
			card: options.card,
			onAnswer: (data) => this.answer(data),
			onWork: () => this.session.ahead?.(),
			onFailure: (reason, detail, status) => this.refused(reason, detail, status),
		});
	}

	get active(): boolean {
		return this.#active;
	}

	/** A phone is there: begin. */
	start(): void {
		this.#active = true;
		this.deadline.set(TRANSACTION_LIMIT_MS);
		this.select(0);
	}

	/** The phone left, or the chip failed. */
	lost(detail: string): void {
		if (this.#active) this.fail("transaction-incomplete", detail);
	}

	private select(index: number): void {
		this.asked = index;
		this.session = this.sessions[index]!;
		this.selecting = true;
		this.session.open();
		const data = this.session.aid;
		this.channel.transmit({ cla: 0x00, ins: INS_SELECT, p1: 0x04, p2: 0x00, data, le: true });
	}

	private answer(data: Uint8Array): void {
		this.selecting = false;
		const next = this.session.next(data);
		if (next === undefined) this.end(undefined);
		else if ("reason" in next) this.fail(next.reason, next.detail);
		else this.channel.transmit(next);
	}

	private refused(reason: Reason, detail: string, status: number | undefined): void {
		// A status word says that the phone is there and has not this application: perhaps the next.
		if (!this.selecting || status === undefined) this.fail(reason, detail);
		else if (this.asked + 1 === this.sessions.length) this.fail("no-application", detail);
		else {
			this.session.abandon();
			this.select(this.asked + 1);
		}
	}

	private fail(reason: Reason, detail: string): void {
		// After the decision the phone only misses its receipt: the door has been told already.
		const { over: decided, started } = this.session;
		this.session.abandon();
		this.end(decided ? undefined : { reason, detail, started });
	}

	private end(failure: LinkFailure | undefined): void {
		this.#active = false;
		this.channel.cancel();
		this.deadline.clear();
		this.onEnd(failure);
	}
}
