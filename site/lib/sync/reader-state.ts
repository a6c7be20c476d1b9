// SPDX-License-Identifier: Apache-2.0

import { equal, toHex, utf8Encode } from "../../../protocol/bytes.js";
import type { Crypto } from "../../../protocol/crypto.js";
import { orderOf } from "../../../protocol/plan/format.js";
import { MAX_PIECE, MAX_WHOLE } from "../../../protocol/sync/bounds.js";
import type { MessageOf } from "../../../protocol/sync/messages.js";
import type { Books, Settings, Unsaid } from "./books.js";

/** What the site has offered and the reader may pull: a long delta, or a snapshot's envelope and body. */
export interface Offer {
	readonly hash: Uint8Array;
	readonly envelope: Uint8Array;
	readonly version: number;
	readonly epoch: number;
	readonly body?: Uint8Array;
	readonly bodyHash?: Uint8Array;
}

/**
 * How far a reader is, by its newest `hello` and by what it has acknowledged since; and what the site says next because of it. Nothing is
 * remembered of what is to be said: it is the difference between the reader and the books, in the order in which it has to come.
 */
export class ReaderState {
	private readonly crypto: Crypto;
	private readonly books: Books;
	private readonly door: string;
	private trust = 0;
	/** Of its plan. */
	epoch = 0;
	version = 0;
	private notice = 0;
	/** Of the plan that the newest delta leads to. */
	private deltaVersion = 0;
	/** Bytes of the list after `trust` that it has. */
	private listAt = 0;
	/** False until its first `hello`, and between a list and the `hello` that follows it. */
	private isKnown = false;
	/** Its list is not of this site's history: it takes nothing that the site signs. */
	private isForeign = false;
	/** The newest lockdown notice that it has, by its last `hello`. */
	private lockdownOf = 0;
	/** It takes no settings before it does. */
	private knowsTime = false;
	/** It has refused settings as too soon. */
	private wasTooSoon = false;
	/** The lockdown that was stated; `undefined`: it has to be. */
	private stated: Uint8Array | null | undefined;
	/** What has had its answer in this session: whatever the reader says then, it is not said again. Made with the first. */
	private settled: Set<string> | undefined;
	/** Until its `outcome`. */
	offered: Offer | undefined;

	constructor(crypto: Crypto, books: Books, door: string) {
		this.crypto = crypto;
		this.books = books;
		this.door = door;
	}

	/** `isForeign`: the list that it has is another than the site's of that version. */
	hello(hello: MessageOf<"hello">, isForeign: boolean): void {
		// The plan that it had is damaged, and it asks for it again.
		if (hello.version === 0 && this.version > 0) this.unsettlePlan();
		this.trust = hello.trust;
		this.epoch = hello.epoch;
		this.version = hello.version;
		this.notice = hello.notice;
		// It has one from the broker, which may have been lifted.
		if (hello.lockdown !== this.lockdownOf) this.stated = undefined;
		this.lockdownOf = hello.lockdown;
		this.knowsTime = hello.clock !== null;
		this.listAt = 0;
		this.isKnown = true;
		this.isForeign = isForeign;
	}

	/** It asks for this version of the trust list. */
	wants(version: number): void {
		this.trust = version - 1;
		this.listAt = 0;
	}

	/** What is next to be said; `undefined`: the reader has all that it takes. */
	next(): Unsaid | undefined {
		if (!this.isKnown) return undefined;
		const { books, isForeign } = this;
		if (!isForeign && this.trust < books.trust.version) {
			const list = this.list();
			if (list !== undefined) return list;
		}
		// Of an older list's keys or epoch it would refuse the newer ones' notices and plans.
		const isUpToDate = !isForeign && this.trust >= books.trust.version;
		return (
			(isUpToDate ? this.missingNotice() : undefined) ??
			this.lockdown() ??
			(isUpToDate ? this.plan() : undefined) ??
			this.settings()
		);
	}

	/** The lockdown is stated once more. */
	restate(): void {
		this.stated = undefined;
	}

	/** It has been told the time. */
	toldTime(): void {
		this.knowsTime = true;
	}

	/** It has said how it is, which it does now and then: what came too soon is said again. */
	toldHealth(): void {
		this.wasTooSoon = false;
	}

	/** Whether this is to be said again later: the reader does not know the time, or takes no settings so soon after others. */
	isPostponed({ name }: Unsaid, refusal: string | null): boolean {
		if (name !== "settings" && name !== "configuration") return false;
		if (refusal === "clock-unset") this.knowsTime = false;
		else if (refusal === "too-soon" && name === "settings") this.wasTooSoon = true;
		else return false;
		return true;
	}

	/** The reader has answered what `next` gave. */
	answered(said: Unsaid, refusal: string | null): void {
		switch (said.name) {
			case "lockdown":
				this.stated = said.envelope;
				return;
			case "settings":
			case "configuration":
				this.settle(subjectOf(said));
				return;
			case "offer":
				if (refusal !== null) this.withdraw();
				return;
			case "delta":
				this.settle(said.envelope);
				// "not-newer": it has taken it, and the answer was lost.
				if (refusal === null || refusal === "not-newer") this.version = this.deltaVersion;
				return;
			case "notice":
				this.settle(said.envelope);
				if (refusal === null) this.notice++;
				return;
			case "list":
				this.listAnswered(said, refusal);
		}
	}

	/** What became of an offer. */
	outcome(hash: Uint8Array, refusal: string | null): void {
		const { offered } = this;
		if (offered === undefined || !equal(hash, offered.hash)) return;
		this.withdraw();
		if (refusal !== null) return;
		this.epoch = offered.epoch;
		this.version = offered.version;
	}

	/** The blob that a reader pulls: what is offered, or was in another session. */
	blob(hash: Uint8Array): Uint8Array | undefined {
		const offered = this.offered;
		if (offered !== undefined) {
			if (equal(hash, offered.hash)) return offered.envelope;
			if (offered.bodyHash !== undefined && equal(hash, offered.bodyHash)) return offered.body;
		}
		const plan = this.books.plan(this.door);
		if (plan === undefined) return undefined;
		if (equal(hash, plan.bodyHash)) return plan.body;
		return equal(hash, this.crypto.sha256(plan.envelope)) ? plan.envelope : undefined;
	}

	private list(): Unsaid | undefined {
		const list = this.books.lists[this.trust];
		if (list === undefined || this.isSettled(list)) return undefined;
		return {
			name: "list",
			version: this.trust + 1,
			size: list.length,
			at: this.listAt,
			piece: list.subarray(this.listAt, this.listAt + MAX_PIECE),
		};
	}

	private listAnswered(said: Omit<MessageOf<"list">, "id">, refusal: string | null): void {
		if (said.version !== this.trust + 1) return;
		// "not-newer": another has brought it.
		const isTaken = refusal === null || refusal === "not-newer";
		this.listAt = said.at + said.piece.length;
		if (refusal === null && this.listAt < said.size) return;
		this.settle(this.books.lists[this.trust]!);
		this.listAt = 0;
		if (!isTaken) return;
		this.trust++;
		// A new list may begin an epoch, by which plan and notices count anew.
		this.isKnown = false;
	}

	private missingNotice(): Unsaid | undefined {
		if (this.notice >= this.books.notice) return undefined;
		const envelope = this.books.noticeOf(this.notice + 1);
		return envelope === undefined || this.isSettled(envelope) ? undefined : { name: "notice", envelope };
	}

	/** Once a session, and again when another stands or the reader has heard of another. */
	private lockdown(): Unsaid | undefined {
		const envelope = this.books.lockdown(this.door);
		const { stated } = this;
		if (envelope === undefined || envelope === stated) return undefined;
		if (envelope !== null && stated && equal(envelope, stated)) return undefined;
		return { name: "lockdown", envelope };
	}

	private plan(): Unsaid | undefined {
		const { books, door, epoch, version } = this;
		const plan = books.plan(door);
		// What it was offered has to come to something first.
		if (plan === undefined || this.offered !== undefined || orderOf(plan) <= orderOf(this)) return undefined;
		const delta = epoch === plan.epoch && version > 0 ? books.delta(door, epoch, version) : undefined;
		if (delta !== undefined && !this.isSettled(delta.envelope)) {
			this.deltaVersion = delta.version;
			if (delta.envelope.length <= MAX_WHOLE) return { name: "delta", envelope: delta.envelope };
			return this.offer({ ...delta, epoch });
		}
		return this.isSettled(plan.envelope) ? undefined : this.offer(plan);
	}

	private offer(of: Omit<Offer, "hash">): Unsaid {
		const hash = this.crypto.sha256(of.envelope);
		this.offered = { ...of, hash };
		return { name: "offer", hash, size: of.envelope.length };
	}

	/** The offer has come to its end. */
	withdraw(): void {
		if (this.offered !== undefined) this.settle(this.offered.envelope);
		this.offered = undefined;
	}

	private settings(): Unsaid | undefined {
		if (!this.knowsTime) return undefined;
		const settings = this.wasTooSoon ? undefined : this.books.settings(this.door);
		if (settings !== undefined && !this.isSettled(subjectOf({ name: "settings", ...settings })))
			return { name: "settings", ...settings };
		const envelope = this.books.configuration(this.door);
		return envelope === undefined || this.isSettled(envelope)
			? undefined
			: { name: "configuration", envelope };
	}

	private settle(subject: Uint8Array): void {
		this.settled ??= new Set();
		this.settled.add(this.keyOf(subject));
	}

	private unsettlePlan(): void {
		const plan = this.books.plan(this.door);
		if (plan !== undefined) this.settled?.delete(this.keyOf(plan.envelope));
	}

	private isSettled(subject: Uint8Array): boolean {
		return this.settled?.has(this.keyOf(subject)) ?? false;
	}

	private keyOf(subject: Uint8Array): string {
		return toHex(this.crypto.sha256(subject).subarray(0, 8));
	}
}

/** What a message would set, to know it again. */
function subjectOf(
	said: ({ readonly name: "settings" } & Settings) | Omit<MessageOf<"configuration">, "id">,
): Uint8Array {
	return said.name === "configuration" ? said.envelope : utf8Encode(JSON.stringify(said));
}
