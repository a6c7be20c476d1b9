// SPDX-License-Identifier: Apache-2.0

import { fromHex, toHex } from "../../protocol/bytes.js";
import type { Crypto } from "../../protocol/crypto.js";
import { ITEM, MAX_ITEMS } from "../../protocol/notice/notice.js";
import { openRevocation, type Revocation } from "../../protocol/notice/revocation.js";
import { listIn } from "../../protocol/trust/envelope.js";
import { decodeList, type TrustList } from "../../protocol/trust/list.js";
import { signLockdown, signRevocations } from "../lib/notice/sign.js";
import type { Signing } from "../lib/plan/encode.js";
import type { SiteKeys } from "../lib/site-keys.js";
import type { NoticeArchive } from "./notice-archive.js";
import type { LostNotices } from "./store/facts.js";
import type { Lockdown } from "./store/notices.js";
import type { SiteStore, Store } from "./store/store.js";

/**
 * So far ahead a reader may be of a restored server. In the place of each lost notice another one is signed, which every reader takes, and has room
 * for as many: one that says more may say anything.
 */
const MAX_LOST = 1000;
/** Likewise of lockdowns, in whose place nothing is signed: one that says more would use up the site's sequences. */
const MAX_AHEAD = 10_000;

/** The site's notices of its list's epoch, in memory and in the store. */
export class SiteNotices {
	readonly #store: SiteStore;
	readonly #site: string;
	readonly #archive: NoticeArchive | undefined;
	#epoch = 0;
	/** By sequence. */
	#signed = new Map<number, Uint8Array>();
	#sequence = 0;
	#lost: LostNotices | undefined;
	#revoked = new Set<string>();
	/** The newest first. */
	#lockdowns: Lockdown[] = [];
	#lockdownSequence = 0;
	/** Of the newest that was signed here. */
	#lockdownsSigned = 0;

	constructor(store: SiteStore, site: string, archive?: NoticeArchive) {
		this.#store = store;
		this.#site = site;
		this.#archive = archive;
	}

	/** Reads those of `epoch`. `restored`: since when readers may have others behind the newest that is here. */
	async load(epoch: number, restored: number | undefined): Promise<void> {
		const notices = await this.#store.notices.after(epoch, 0);
		const newest = notices.at(-1)?.sequence ?? 0;
		const lost = await this.#lostIn(epoch, newest, restored);
		const lockdowns = await this.#store.notices.lockdowns(epoch);
		const revoked = await this.#store.notices.revoked();
		this.#epoch = epoch;
		this.#signed = new Map(notices.map(({ sequence, envelope }) => [sequence, envelope]));
		this.#lost = lost;
		this.#sequence = Math.max(newest, lost?.to ?? 0);
		this.#revoked = new Set(revoked);
		this.#lockdowns = lockdowns;
		this.#lockdownsSigned = lockdowns[0]?.sequence ?? 0;
		this.#lockdownSequence = Math.max(this.#lockdownSequence, this.#lockdownsSigned);
	}

	get epoch(): number {
		return this.#epoch;
	}

	/** Of the newest revocation notice; 0: none. */
	get sequence(): number {
		return this.#sequence;
	}

	/** Up to which plans may say that they include them: of those lost with a backup the ids are not known. */
	get included(): number {
		return this.#lost === undefined ? this.#sequence : Math.min(this.#lost.after, this.#sequence);
	}

	noticeOf(sequence: number): Uint8Array | undefined {
		return this.#signed.get(sequence);
	}

	/** Hexadecimal, in lower case. */
	isRevoked(id: string): boolean {
		return this.#revoked.has(id);
	}

	/** Ids that never open again; `send` says so to the readers. */
	async revoke(tx: Store, ids: readonly string[], at: number): Promise<void> {
		await tx.notices.revoke(ids, at);
	}

	/** Signs what readers have not been told yet, and whether there was any. */
	async send(signing: Signing, issued: number): Promise<boolean> {
		const pending = (await this.#store.notices.pending()).map(fromHex);
		if (pending.length === 0) return false;
		const first = this.#sequence + 1;
		const envelopes = signRevocations({ site: this.#site, sequence: first, issued }, pending, signing);
		// First: one that the store has not is taken from there, the other way none is.
		this.#archive?.append(envelopes);
		await this.#store.transaction(async (tx) => {
			for (const [i, envelope] of envelopes.entries()) {
				const ids = pending.slice(i * MAX_ITEMS, (i + 1) * MAX_ITEMS);
				await tx.notices.add({ epoch: signing.epoch, sequence: first + i, issued, envelope }, ids);
			}
		});
		for (const [i, envelope] of envelopes.entries()) this.#signed.set(first + i, envelope);
		this.#sequence = first + envelopes.length - 1;
		return true;
	}

	/**
	 * Notices of this server's keys that its archive has and its store has not; what is none is passed over. Those of epochs before, by the
	 * newest of their `lists`, count no more at readers: what they revoke is said anew.
	 */
	async recover({ lists, trust }: SiteKeys, at: number, crypto: Crypto): Promise<string[]> {
		const archived = this.#archive?.read() ?? [];
		const former = formerLists(lists, trust.epoch);
		const before = archived.flatMap((envelope) => {
			for (const list of former.values()) {
				const notice = openRevocation(envelope, list, "", crypto);
				if (typeof notice === "object") return idsOf(notice).map(toHex);
			}
			return [];
		});
		await this.#store.transaction((tx) => this.revoke(tx, before, at));
		this.revoked(before);
		return [...before, ...(await this.take(archived, trust, crypto))];
	}

	/** Takes notices that a restored store lacks, from wherever they come. The ids that they revoke, hexadecimal. */
	async take(envelopes: readonly Uint8Array[], trust: TrustList, crypto: Crypto): Promise<string[]> {
		const revoked: string[] = [];
		for (const envelope of envelopes) {
			const notice = openRevocation(envelope, trust, "", crypto);
			if (typeof notice === "string") continue;
			const { epoch, issued, sequence } = notice;
			const ids = idsOf(notice);
			revoked.push(...ids.map(toHex));
			// Where another one was signed under that number since, its readers have what this one says from that.
			if (this.#signed.has(sequence)) continue;
			await this.#store.notices.add({ epoch, sequence, issued, envelope }, ids);
			this.#signed.set(sequence, envelope);
			this.#sequence = Math.max(this.#sequence, sequence);
			await this.#found(sequence);
		}
		this.revoked(revoked);
		return revoked;
	}

	/** Once the transaction of `revoke` has ended. */
	revoked(ids: readonly string[]): void {
		for (const id of ids) this.#revoked.add(id);
	}

	/** Since when readers are heard that may have notices that were lost; `undefined`: none may. */
	get lostSince(): number | undefined {
		return this.#lost?.since;
	}

	/** Whether a reader that says so the first time since then has notices that this server, as it was restored, has not signed. */
	mayBeLost(notice: number): boolean {
		return this.#lost !== undefined && notice > this.#lost.after;
	}

	/**
	 * A reader has notices up to this sequence that are not those of this server. Whether that is possible: they were lost with what a backup
	 * did not have. Then notices go on behind them.
	 */
	async heard(notice: number): Promise<boolean> {
		if (this.#lost === undefined || notice > this.#lost.after + MAX_LOST) return false;
		const lost = { ...this.#lost, to: Math.max(notice, this.#lost.to) };
		this.#lost = lost;
		this.#sequence = Math.max(notice, this.#sequence);
		await this.#store.transaction(async (tx) => {
			await tx.facts.set("lostNotices", lost);
			// At that reader these sequences are other notices: what is in ours is said once more.
			await tx.notices.sayAgain(lost.epoch, lost.after, notice);
		});
		return true;
	}

	/** Each reader was heard: where nothing was lost, nothing is. */
	async allHeard(): Promise<void> {
		if (this.#lost === undefined || this.lost !== undefined) return;
		this.#lost = undefined;
		await this.#store.facts.clear("lostNotices");
	}

	/** Signs something in the place of each lost notice, so that readers that missed it go on to those behind it. */
	async fill(signing: Signing, issued: number, unusedId: () => Uint8Array): Promise<void> {
		const lost = this.#lost;
		if (lost === undefined) return;
		await this.#store.transaction(async (tx) => {
			for (let sequence = lost.after + 1; sequence <= lost.to; sequence++) {
				if (this.#signed.has(sequence)) continue;
				const [envelope] = signRevocations({ site: this.#site, sequence, issued }, [unusedId()], signing);
				await tx.notices.add({ epoch: signing.epoch, sequence, issued, envelope: envelope! }, []);
				this.#signed.set(sequence, envelope!);
			}
		});
	}

	/** Notices that readers have and nobody else: what they revoked has to be revoked again. `undefined`: none. */
	get lost(): { readonly from: number; readonly to: number } | undefined {
		const lost = this.#lost;
		return lost === undefined || lost.after >= lost.to ? undefined : { from: lost.after + 1, to: lost.to };
	}

	/** Whom the lost notices revoked is revoked again: plans may say that they include them. */
	async madeGood(tx: Store): Promise<void> {
		if (this.#lost === undefined) return;
		this.#lost = { ...this.#lost, after: this.#lost.to };
		await tx.facts.set("lostNotices", this.#lost);
	}

	get lockdownSequence(): number {
		return this.#lockdownSequence;
	}

	/** A reader has taken a lockdown of this sequence; the next one has to be above. */
	heardLockdown(sequence: number): void {
		// Above what was signed here, and not above what was heard: one reader that says ever more does not use up the site's sequences.
		if (sequence <= this.#lockdownsSigned + MAX_AHEAD)
			this.#lockdownSequence = Math.max(this.#lockdownSequence, sequence);
	}

	/** The newest notice of those that stand, whatever doors it is for. */
	newestLockdown(now: number): Uint8Array | undefined {
		return this.#standing(now)[0]?.envelope;
	}

	/** The notice that stands for a door. */
	lockdownOf(door: string, now: number): Uint8Array | undefined {
		return this.standingFor(door, now)?.envelope;
	}

	standingFor(door: string, now: number): Lockdown | undefined {
		return this.#standing(now).find(({ doors }) => doors.length === 0 || doors.includes(door));
	}

	standing(now: number): readonly Lockdown[] {
		return this.#standing(now);
	}

	/**
	 * `doors`: none: all. `seconds`: at least, since at a reader the newest replaces the one before: one that stands for some of these doors
	 * is not to end sooner by another. Throws RangeError where no reader would take it.
	 */
	async lockDown(
		doors: readonly string[],
		seconds: number,
		signing: Signing,
		issued: number,
	): Promise<Lockdown> {
		const before = this.#standing(issued).filter(
			({ doors: of }) => doors.length === 0 || of.length === 0 || of.some((door) => doors.includes(door)),
		);
		const length = Math.max(seconds, ...before.map(({ until }) => until - issued));
		const sequence = this.#lockdownSequence + 1;
		const envelope = signLockdown({ site: this.#site, sequence, issued, length, doors }, signing);
		const { epoch } = signing;
		const lockdown = { epoch, sequence, issued, until: issued + length, doors, envelope, ended: undefined };
		await this.#store.notices.addLockdown(lockdown);
		this.#lockdowns.unshift(lockdown);
		this.#lockdownSequence = sequence;
		this.#lockdownsSigned = sequence;
		return lockdown;
	}

	/** Ends all that stand. Whether any did. */
	async endLockdowns(now: number): Promise<boolean> {
		const standing = this.#standing(now);
		await this.#store.transaction(async (tx) => {
			for (const { epoch, sequence } of standing) await tx.notices.endLockdown(epoch, sequence, now);
		});
		this.#lockdowns = this.#lockdowns.filter((lockdown) => !standing.includes(lockdown));
		return standing.length > 0;
	}

	/** Of the lost notices this one is here again. */
	async #found(sequence: number): Promise<void> {
		const lost = this.#lost;
		if (lost === undefined || sequence <= lost.after) return;
		const after = sequence === lost.after + 1 ? sequence : lost.after;
		this.#lost = { ...lost, after, to: Math.max(sequence, lost.to) };
		await this.#store.facts.set("lostNotices", this.#lost);
	}

	/** What may be lost is kept: it counts until the next epoch, confirmed or not. */
	async #lostIn(epoch: number, after: number, since: number | undefined): Promise<LostNotices | undefined> {
		const known = await this.#store.facts.get("lostNotices");
		if (known?.epoch === epoch) return known;
		if (since === undefined) return undefined;
		const lost = { epoch, after, to: after, since };
		await this.#store.facts.set("lostNotices", lost);
		return lost;
	}

	#standing(now: number): Lockdown[] {
		return this.#lockdowns.filter(({ ended, until }) => ended === undefined && until > now);
	}
}

function idsOf({ ids }: Revocation): Uint8Array[] {
	return Array.from({ length: ids.length / ITEM }, (_, i) => ids.slice(i * ITEM, (i + 1) * ITEM));
}

/** By epoch, the newest of each before `epoch`. */
function formerLists(lists: readonly Uint8Array[], epoch: number): Map<number, TrustList> {
	const all = lists.flatMap((signed) => decodeList(listIn(signed)!) ?? []);
	return new Map(all.filter((list) => list.epoch < epoch).map((list) => [list.epoch, list]));
}
