// SPDX-License-Identifier: Apache-2.0

/**
 * The scheme of QR codes: what a scanner read becomes an identity, or a refusal with its reason. It has no session: a code is one text,
 * and nothing goes back. `docs/formats/qr.md` has the order of its checks.
 */
import type { Clock, WallClock } from "../../../hal/contracts/time.js";
import { CborError } from "../../../protocol/cbor/reader.js";
import { CoseError, verifySign1 } from "../../../protocol/credential/cose.js";
import { CredentialError, type QrCredential, verifyQr } from "../../../protocol/credential/credential.js";
import type { Crypto } from "../../../protocol/crypto.js";
import { decodeBase45 } from "../../../protocol/qr/base45.js";
import {
	CODE_AAD,
	CODE_LIFE_S,
	type Code,
	decodeCode,
	MAX_CODE_TEXT,
	STEPS_AROUND,
	stepAt,
} from "../../../protocol/qr/code.js";
import type { Reason } from "../../../protocol/reasons.js";
import type { TrustSource } from "../../../protocol/trust/list.js";
import type { Identity, SchemeEvents } from "../scheme.js";
import { Steps } from "./steps.js";
import type { Uses } from "./uses.js";

export interface CodesOptions {
	readonly clock: Clock;
	readonly wall: WallClock;
	readonly crypto: Crypto;
	readonly site: TrustSource;
	readonly door: string;
	readonly uses: Uses;
	readonly events: SchemeEvents;
}

/** A scanner reads what it sees again and again: the same text within this time after it was read last is the same visit, ms. */
export const REPEAT_MS = 5000;
/** Codes from before a start, which it does not know, are dead by then, ms. */
export const SETTLED_MS: number = CODE_LIFE_S * 1000;
/** Bytes at a text's end that tell it from others: a signature has them. */
const TAIL = 24;
/** With these a set-up code of a scanner begins. */
const SETUP: readonly number[] = Object.freeze([0x53, 0x5f, 0x43, 0x4d, 0x44, 0x5f]);

/** A code's holder. A view of the text: it is copied by who keeps it. */
class CodeHolder implements Identity {
	readonly scheme = "qr";
	readonly id: Uint8Array;
	readonly notBefore: number | undefined;
	readonly expires: number | undefined;
	/** Whoever films a code and shows it elsewhere at once gets in: that is no act at this door. */
	readonly acted = false;
	private readonly credential: QrCredential;
	private readonly options: CodesOptions;

	constructor(credential: QrCredential, options: CodesOptions) {
		this.id = credential.id;
		this.notBefore = credential.notBefore;
		this.expires = credential.expires;
		this.credential = credential;
		this.options = options;
	}

	/** Counts the use, where its credential has a count. */
	admit(): Reason | undefined {
		const { count, expires, id } = this.credential;
		if (count === undefined) return undefined;
		const { uses, wall } = this.options;
		return uses.spend(id, count, expires!, wall.now());
	}
}

export class Codes {
	private readonly options: CodesOptions;
	private readonly steps = new Steps();
	private readonly tail = new Uint8Array(TAIL);
	private lastLength = 0;
	private lastAt = Number.NEGATIVE_INFINITY;

	constructor(options: CodesOptions) {
		this.options = options;
	}

	/** `text[0..length)` was shown, and is overwritten. False where it is no code of this form: the scanner may have been set up anew. */
	show(text: Uint8Array, length: number): boolean {
		if (this.repeats(text, length)) return true;
		const { events } = this.options;
		const bytes = length <= MAX_CODE_TEXT ? decodeBase45(text, length) : -1;
		if (bytes < 0) {
			const setup = beginsWith(text, length, SETUP);
			events.onRefused(setup ? "setup-code" : "malformed", `${length} characters that are no code`);
			return false;
		}
		try {
			const code = decodeCode(text.subarray(0, bytes));
			const reason = this.untimely(code);
			if (reason !== undefined) events.onRefused(reason, `step ${code.step}`);
			else this.verify(code);
			return true;
		} catch (error) {
			const reason = reasonOf(error);
			events.onRefused(reason, (error as Error).message);
			return reason !== "malformed";
		}
	}

	/** Why it is of no use at this moment. */
	private untimely({ step }: Code): Reason | undefined {
		const { clock, wall } = this.options;
		if (wall.trust() !== "synced") return "clock-unset";
		if (Math.abs(step - stepAt(wall.now())) > STEPS_AROUND) return "stale-code";
		return clock.now() < SETTLED_MS ? "just-started" : undefined;
	}

	private verify({ credential: cwt, sign1, step }: Code): void {
		const { crypto, door, events, site, wall } = this.options;
		const credential = verifyQr(cwt, site.trust, door, crypto);
		verifySign1(sign1, credential.key, crypto, CODE_AAD);
		const taken = this.steps.take(credential.id, step, stepAt(wall.now()));
		if (taken === "taken") events.onIdentity(new CodeHolder(credential, this.options));
		else events.onRefused(taken === "used" ? "used-code" : "cannot-keep", `step ${step}`);
	}

	/** Whether it is the text that was read last, a moment ago. */
	private repeats(text: Uint8Array, length: number): boolean {
		const { tail } = this;
		const now = this.options.clock.now();
		const from = Math.max(0, length - TAIL);
		let same = length === this.lastLength && now - this.lastAt < REPEAT_MS;
		for (let i = 0; same && from + i < length; i++) same = text[from + i] === tail[i];
		this.lastAt = now;
		if (same) return true;
		this.lastLength = length;
		for (let i = 0; from + i < length && i < TAIL; i++) tail[i] = text[from + i]!;
		return false;
	}
}

function beginsWith(text: Uint8Array, length: number, begin: readonly number[]): boolean {
	if (length < begin.length) return false;
	for (let i = 0; i < begin.length; i++) if (text[i] !== begin[i]) return false;
	return true;
}

function reasonOf(error: unknown): Reason {
	if (error instanceof CredentialError) return error.reason;
	if (error instanceof CoseError)
		return error.reason === "bad-signature" || error.reason === "wrong-algorithm"
			? "bad-signature"
			: "malformed";
	if (error instanceof CborError) return "malformed";
	throw error;
}
