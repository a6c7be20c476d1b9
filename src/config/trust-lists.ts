// SPDX-License-Identifier: Apache-2.0

import { equal, readUint32 } from "../../protocol/bytes.js";
import type { Crypto } from "../../protocol/crypto.js";
import { type ListRefusal, listIn, MAX_SIGNED_LIST, openList } from "../../protocol/trust/envelope.js";
import { LIST_FIXED, LIST_HASH, listHash, TrustList, type TrustSource } from "../../protocol/trust/list.js";

/** What a reader keeps of its site, as far as lists matter: a `ConfigStore`. */
export interface ListStore extends TrustSource {
	readonly membership: { readonly anchor: Uint8Array } | undefined;
	/** Puts a list in force. */
	setTrust(trust: TrustList): void;
}

/**
 * The steps from one trust list to the next: each is the next version, and signed by the roots of the one before. A reader without a
 * site begins with version 1, believes its roots by themselves, and keeps the newest as its candidate until it is commissioned.
 */
export class TrustLists {
	private readonly store: ListStore;
	private readonly crypto: Crypto;
	#candidate: TrustList | undefined;
	/** `listHash` of the version 1 that the candidate of a reader without a site comes from. */
	private first: Uint8Array | undefined;
	/** The pieces of a signed list that have come. */
	private signed = new Uint8Array(0);
	/** Told of each list that comes into force. */
	onTaken: ((list: TrustList) => void) | undefined;

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

	/** The piece of a signed list that begins at byte `at`. False where bytes before it have not come, or the list is too long. */
	add(piece: Uint8Array, at: number): boolean {
		if (at > this.signed.length || at + piece.length > MAX_SIGNED_LIST) return false;
		const signed = new Uint8Array(at + piece.length);
		signed.set(this.signed.subarray(0, at));
		signed.set(piece, at);
		this.signed = signed;
		return true;
	}

	/** Takes the list whose pieces have come. The newest one again changes nothing. */
	take(): ListRefusal | undefined {
		const { signed } = this;
		this.signed = new Uint8Array(0);
		const payload = listIn(signed);
		if (payload === undefined || payload.length < LIST_FIXED) return "malformed";
		if (equal(payload, this.newest.payload)) return undefined;
		const begins = this.store.membership === undefined && readUint32(payload, 4) === 1;
		if (!begins && this.newest.version === 0) return "skipped-version";
		const opened = openList(signed, begins ? undefined : this.newest, this.crypto);
		if (typeof opened === "string") return opened;
		const list = new TrustList(opened.payload.slice());
		if (begins) this.first = listHash(list, this.crypto);
		if (this.store.membership === undefined) this.#candidate = list;
		else this.enforce(list);
		return undefined;
	}

	/** The reader has become a door of the candidate's site, or one of none. */
	forget(): void {
		this.#candidate = this.first = undefined;
	}

	private enforce(list: TrustList): void {
		this.store.setTrust(list);
		this.onTaken?.(list);
	}
}
