// SPDX-License-Identifier: Apache-2.0

import type { Alarm } from "../../hal/contracts/time.js";
import { isDelta, type PlanRefusal } from "../../protocol/plan/envelope.js";
import { MAX_ENVELOPE } from "../../protocol/plan/format.js";
import type { Message, MessageOf } from "../../protocol/sync/messages.js";
import type { PlanInstaller } from "../service/target.js";
import type { SyncContext } from "./context.js";
import type { Speaker } from "./speaker.js";

/** Between two steps of a commit, ms, each a page or a sector; and while a phone is served. */
const STEP_MS = 10;
const BUSY_MS = 50;

type Phase = "idle" | "envelope" | "body" | "commit" | "outcome";

/**
 * Pulls what the site has offered: an envelope, and behind that of a snapshot the body, straight into flash. After a cut it goes on
 * where it was, at a new offer of the same.
 */
export class PlanPull implements Speaker {
	private readonly sync: SyncContext;
	private readonly alarm: Alarm;
	private phase: Phase = "idle";
	/** An offer has come in this session: what is there is pulled on. */
	private offered = false;
	/** Of the envelope that was offered: hash and size. */
	private readonly hash = new Uint8Array(32);
	private size = 0;
	private envelope: Uint8Array | undefined;
	/** Bytes of it that have come. */
	private taken = 0;
	private readonly bodyHash = new Uint8Array(32);
	private bodyLength = 0;
	/** A part of the body was there already, from before a loss of power. */
	private goesOn = false;
	private refusal: string | null = null;

	constructor(sync: SyncContext) {
		this.sync = sync;
		this.alarm = sync.target.clock.alarm(() => this.step());
	}

	begin(): void {
		this.offered = false;
	}

	/** A commit that is under way goes no further. */
	close(): void {
		this.alarm.clear();
	}

	private get plan(): PlanInstaller {
		return this.sync.target.reader.plan!;
	}

	/** Natively: in JavaScript 32 bytes take 38,000 instructions, twice for each piece. */
	private isSame(a: Uint8Array, b: Uint8Array): boolean {
		return this.sync.target.crypto.equal(a, b);
	}

	/** The site has this. Returns a refusal, or null: it is pulled. */
	offer(hash: Uint8Array, size: number): string | null {
		if (size === 0 || size > MAX_ENVELOPE) return "too-large";
		this.offered = true;
		if (this.phase !== "idle" && this.phase !== "outcome" && this.isSame(hash, this.hash)) return null;
		this.alarm.clear();
		this.hash.set(hash);
		this.pull(size);
		return null;
	}

	/** Pulls the envelope. */
	private pull(size: number): void {
		this.size = size;
		this.envelope = new Uint8Array(size);
		this.taken = 0;
		this.phase = "envelope";
	}

	say(id: number): Message | undefined {
		switch (this.phase) {
			case "outcome":
				return { name: "outcome", id, hash: this.hash, refusal: this.refusal };
			case "envelope":
				return this.offered ? { name: "pull", id, hash: this.hash, at: this.taken } : undefined;
			case "body":
				return this.offered ? this.pullBody(id) : undefined;
			default:
				return undefined;
		}
	}

	private pullBody(id: number): Message {
		const { incoming } = this.plan;
		// Another has begun to install, by cable.
		if (incoming === undefined || !this.isSame(incoming.bodyHash, this.bodyHash)) {
			this.end("no-install");
			return { name: "outcome", id, hash: this.hash, refusal: this.refusal };
		}
		return { name: "pull", id, hash: this.bodyHash, at: incoming.taken };
	}

	answered(answer: Message): boolean {
		if (this.phase === "outcome") {
			if (answer.name !== "ack") return false;
			this.phase = "idle";
			return true;
		}
		if (answer.name === "piece") return this.piece(answer);
		if (answer.name !== "ack" || answer.refusal === null) return false;
		// The site has it no more, and offers what it has.
		this.phase = "idle";
		return true;
	}

	private piece({ at, hash, piece, size }: MessageOf<"piece">): boolean {
		if (this.phase === "envelope") {
			const { taken } = this;
			const envelope = this.envelope!;
			if (!this.isSame(hash, this.hash) || at !== taken || size !== envelope.length) return false;
			if (at + piece.length > size) return false;
			envelope.set(piece, at);
			this.taken = at + piece.length;
			if (this.taken === size) this.open();
			return true;
		}
		const { incoming } = this.plan;
		if (incoming === undefined || !this.isSame(hash, this.bodyHash) || at !== incoming.taken) return false;
		this.body(piece);
		return true;
	}

	/** The envelope is there. */
	private open(): void {
		const { plan } = this;
		const envelope = this.envelope!;
		this.envelope = undefined;
		if (!this.isSame(this.sync.target.crypto.sha256(envelope), this.hash)) this.end("malformed");
		else if (isDelta(envelope)) this.applied(plan.applyDelta(envelope));
		else this.begun(plan.begin(envelope, true));
	}

	private applied(result: ReturnType<PlanInstaller["applyDelta"]>): void {
		const isIn = result === "applied" || result === "revoked-ahead";
		this.end(isIn ? null : result);
		if (isIn) this.sync.changed();
	}

	private begun(refusal: PlanRefusal | undefined): void {
		const { incoming } = this.plan;
		if (refusal !== undefined) this.end(refusal);
		else {
			this.bodyHash.set(incoming!.bodyHash);
			this.bodyLength = incoming!.length;
			this.goesOn = incoming!.taken > 0;
			this.phase = "body";
			this.isWhole();
		}
	}

	private body(piece: Uint8Array): void {
		const refusal = this.plan.write(piece);
		if (refusal !== undefined) this.end(refusal);
		else this.isWhole();
	}

	private isWhole(): void {
		if (this.plan.incoming!.taken < this.bodyLength) return;
		this.phase = "commit";
		this.alarm.set(STEP_MS);
	}

	/** One step of the commit. */
	private step(): void {
		if (this.sync.givesWay()) {
			this.alarm.set(BUSY_MS);
			return;
		}
		const result = this.plan.commit();
		if (result === "more") this.alarm.set(STEP_MS);
		else if (result === "done") {
			this.end(null);
			this.sync.changed();
		} else {
			// What a loss of power left was not all as it was written: all of it is pulled.
			if (result === "body-mismatch" && this.goesOn) this.pull(this.size);
			else this.end(result);
			this.sync.wake();
		}
	}

	private end(refusal: string | null): void {
		this.phase = "outcome";
		this.refusal = refusal;
	}
}
