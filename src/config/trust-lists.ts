// SPDX-License-Identifier: Apache-2.0

import { equal, readUint32 } from "../../protocol/bytes.js";
import type { Crypto } from "../../protocol/crypto.js";
import { CONFIGURATION_CHANGES, EVENTS, type EventSink } from "../../protocol/events.js";
import { type ListRefusal, listIn, MAX_SIGNED_LIST, openList } from "../../protocol/trust/envelope.js";
import { LIST_FIXED, LIST_HASH, listHash, TrustList, type TrustSource } from "../../protocol/trust/list.js";
import { RecordError } from "./record.js";

/** What a reader keeps of its site, as far as lists matter: a `ConfigStore`. */
export interface ListStore extends TrustSource {
	readonly membership: { readonly anchor: Uint8Array; readonly next?: TrustList | undefined } | undefined;
	/** Puts a list in force; or `next` from the moment on in which the plan's newest slot verifies under it. */
	setTrust(trust: TrustList, next?: TrustList): void;
	/** The same of what a start would find too; does not throw. */
	settleTrust(trust: TrustList): void;
}

/** The plan in force, as far as lists matter: a `PlanStore`. */
export interface JudgedPlan {
	/** Whether it stays in force under `list`. */
	isKeptBy(list: TrustList): boolean;
	/** Judges it anew by the list in force. */
	open(): void;
}

/**
 * The steps from one trust list to the next: each is the next version, and signed by the roots of the one before. What is checked and
 * not in force yet is the candidate. A reader without a site begins with version 1, believes its roots by themselves, and takes the
 * candidate when it is commissioned. On another a list that voids the plan waits in RAM for the plan that replaces that one; both
 * come into force as one change.
 */
export class TrustLists {
	private readonly store: ListStore;
	private readonly crypto: Crypto;
	#candidate: TrustList | undefined;
	/** `listHash` of the version 1 that the candidate of a reader without a site comes from. */
	private first: Uint8Array | undefined;
	/** The pieces of a signed list that an installer has sent. */
	private signed: Uint8Array | undefined;
	/** Told of each list that comes into force. */
	record: EventSink | undefined;

	constructor(store: ListStore, crypto: Crypto) {
		this.store = store;
		this.crypto = crypto;
	}

	/** A list that was checked and is not in force. */
	get candidate(): TrustList | undefined {
		return this.#candidate;
	}

	/** The list by which proofs and new plans are judged. */
	get newest(): TrustList {
		return this.#candidate ?? this.store.trust;
	}

	/** `listHash` of the site's first list; zeros where there is none. */
	get anchor(): Uint8Array {
		return this.store.membership?.anchor ?? this.first ?? new Uint8Array(LIST_HASH);
	}

	/** Goes on from what the store has: it was read, or the reader has become one of a site or of none. */
	resume(): void {
		this.#candidate = this.store.membership?.next;
		this.first = undefined;
	}

	/** The installer's piece of a signed list that begins at byte `at`. False as `joined` refuses it. */
	add(piece: Uint8Array, at: number): boolean {
		const signed = joined(this.signed, piece, at);
		if (signed === undefined) return false;
		this.signed = signed;
		return true;
	}

	/** As `takeWhole`, of the list whose pieces an installer has sent. They are gone then. */
	take(alone: boolean, plan: JudgedPlan | undefined): ListRefusal | undefined {
		const { signed } = this;
		this.signed = undefined;
		return signed === undefined ? "malformed" : this.takeWhole(signed, alone, plan);
	}

	/**
	 * Takes a signed list; the newest one again changes nothing. `alone`: no plan comes with it, so it waits for none. `plan`: the
	 * one in force, where there is one.
	 */
	takeWhole(signed: Uint8Array, alone: boolean, plan: JudgedPlan | undefined): ListRefusal | undefined {
		const { membership } = this.store;
		const list = this.open(signed);
		if (typeof list === "string") return list;
		if (list === this.newest) {
			if (alone && membership !== undefined && this.#candidate !== undefined) this.enforce(list, plan);
			return undefined;
		}
		const voided = plan?.isKeptBy(list) === false ? plan : undefined;
		if (membership === undefined || (voided !== undefined && !alone)) this.#candidate = list;
		else this.enforce(list, voided);
		return undefined;
	}

	/** The list in a buffer of its own, or `newest` where it is that. */
	private open(signed: Uint8Array): TrustList | ListRefusal {
		const { newest } = this;
		const payload = listIn(signed);
		if (payload === undefined || payload.length < LIST_FIXED) return "malformed";
		if (equal(payload, newest.payload)) return newest;
		const begins = this.store.membership === undefined && readUint32(payload, 4) === 1;
		if (!begins && newest.version === 0) return "skipped-version";
		const opened = openList(signed, begins ? undefined : newest, this.crypto);
		if (typeof opened === "string") return opened;
		const list = new TrustList(opened.payload.slice());
		if (begins) this.first = listHash(list, this.crypto);
		return list;
	}

	/** `voided`: the plan in force, where it is none under the list. */
	private enforce(list: TrustList, voided: JudgedPlan | undefined): void {
		this.store.setTrust(list);
		this.#candidate = undefined;
		this.tell(list);
		voided?.open();
	}

	/** Before a plan's mark: from then on the candidate is in force, whenever the reader starts. False where the flash takes it not. */
	prepare(): boolean {
		try {
			this.store.setTrust(this.store.trust, this.#candidate);
			return true;
		} catch (error) {
			if (error instanceof RecordError) return false;
			throw error;
		}
	}

	/** After the mark: the candidate is in force. */
	settle(): void {
		const list = this.newest;
		this.#candidate = undefined;
		this.store.settleTrust(list);
		this.tell(list);
	}

	/** There is no such mark: the candidate is forgotten. */
	drop(): void {
		this.#candidate = undefined;
		this.store.settleTrust(this.store.trust);
	}

	private tell(list: TrustList): void {
		this.record?.(EVENTS.configuration, CONFIGURATION_CHANGES.trust, list.version);
	}
}

/**
 * The pieces of a signed list with the one that begins at byte `at`; `undefined` where bytes before it have not come, or the list is too
 * long. Each end that sends pieces has its own, so that a stranger's spoil no other's.
 */
export function joined(
	signed: Uint8Array | undefined,
	piece: Uint8Array,
	at: number,
): Uint8Array | undefined {
	if (at > (signed?.length ?? 0) || at + piece.length > MAX_SIGNED_LIST) return undefined;
	const more = new Uint8Array(at + piece.length);
	if (signed !== undefined) more.set(signed.subarray(0, at));
	more.set(piece, at);
	return more;
}
