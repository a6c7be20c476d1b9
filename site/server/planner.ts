// SPDX-License-Identifier: Apache-2.0

import type { Crypto } from "../../protocol/crypto.js";
import type { MessageOf } from "../../protocol/sync/messages.js";
import type { KeyRefusal } from "../../protocol/trust/list.js";
import { traceOf } from "../lib/files/failure.js";
import type { PlanDocument } from "../lib/plan/document.js";
import type { Signing } from "../lib/plan/encode.js";
import { keyFor, type SiteKeys } from "../lib/site-keys.js";
import { type EditNews, Turns } from "./cluster/turns.js";
import {
	affectedDoors,
	apply,
	type Change,
	type Content,
	emptyContent,
	onlyAdds,
	refuseRevoked,
	revokedIds,
} from "./content.js";
import { imageOf } from "./door-plan.js";
import { type MakerPorts, noKey, PlanMaker, type PlanSource } from "./plan-maker.js";
import type { SiteNotices } from "./site-notices.js";
import type { Action } from "./store/actions.js";
import { readContent, writeChange } from "./store/document.js";
import type { Store } from "./store/store.js";

export interface PlannerPorts extends MakerPorts {
	readonly notices: SiteNotices;
	readonly crypto: Crypto;
	/** The server's keys, with the newest list. */
	keys(): SiteKeys;
	/** 8 random bytes, hexadecimal. */
	newId(): string;
}

/** Makes of what administrators change what readers take: notices at once, and a plan for each door that it touches. */
export class Planner implements PlanSource {
	readonly #ports: PlannerPorts;
	readonly #maker: PlanMaker;
	#content: Content;
	#restored: number | undefined;
	/** Doors that have been heard since a backup was restored. */
	readonly #heard = new Set<string>();
	/** Doors whose readers have notices that the site never signed, and up to which. */
	readonly #ahead = new Map<string, number>();
	readonly #turns: Turns;

	private constructor(ports: PlannerPorts, content: Content, restored: number | undefined) {
		this.#ports = ports;
		this.#content = content;
		this.#restored = restored;
		this.#maker = new PlanMaker(ports, this);
		const { fed, seconds, shared, store } = ports;
		this.#turns = new Turns({
			...{ fed, seconds, shared, store },
			read: async () => {
				await this.#read();
				ports.changed();
			},
		});
	}

	static async open(ports: PlannerPorts): Promise<Planner> {
		const { keys } = ports;
		const planner = new Planner(ports, emptyContent(keys().trust.site), undefined);
		await planner.#turns.take(async () => {
			await planner.#read();
			await planner.#revokeAll(await ports.notices.recover(keys(), ports.seconds(), ports.crypto));
			await planner.#sendNotices();
			planner.#touch(null, true);
		});
		planner.#maker.keepAll();
		return planner;
	}

	get content(): Content {
		return this.#content;
	}

	get document(): PlanDocument {
		return this.#content.document;
	}

	get included(): number {
		return this.#ports.notices.included;
	}

	get signed(): number {
		return this.#ports.keys().trust.issued;
	}

	get isHeld(): boolean {
		return this.#restored !== undefined;
	}

	/** When a backup was restored that no administrator has confirmed: until then no door gets a plan. */
	get restored(): number | undefined {
		return this.#restored;
	}

	/** Whether this door may have its plan now. */
	mayHave(door: string, plan: { readonly epoch: number; readonly notice: number }): boolean {
		const { notices } = this.#ports;
		// A plan of before those notices would let in again whom they revoked.
		if (this.isHeld || (this.#ahead.get(door) ?? 0) > notices.included) return false;
		return plan.epoch === notices.epoch && plan.notice <= notices.included;
	}

	/**
	 * Does all of `changes` or nothing, and notes `action` with them. What takes access goes to the doors at once. `changes` as a
	 * function is asked when it is the edit's turn, with what is there then. `also` writes what belongs to them. Throws `PlanDocumentError`.
	 */
	edit(
		changes: readonly Change[] | ((now: Content) => readonly Change[]),
		action?: Action,
		also?: (tx: Store) => Promise<void>,
	): Promise<void> {
		return this.#turns.take(() =>
			this.#edit(typeof changes === "function" ? changes(this.#content) : changes, action, also),
		);
	}

	/** Whether `edit` would do `changes` now. Throws `PlanDocumentError`. */
	check(changes: readonly Change[]): void {
		this.#tried(changes);
	}

	/** A new id for a credential, which none has or had. */
	async newCredentialId(): Promise<string> {
		for (;;) {
			const id = this.#ports.newId();
			if ((await this.#ports.store.users.ownerOf(id)) === undefined) return id;
		}
	}

	/** The server's keys or the trust list are others: another epoch has its own notices, and each plan is signed anew. */
	keysChanged(): Promise<void> {
		return this.#turns.take(async () => {
			const { epoch } = this.#ports.keys().trust;
			if (epoch !== this.#ports.notices.epoch) {
				await this.#ports.notices.load(epoch, this.#restored);
				this.#maker.forget();
				await this.#recall(epoch);
				this.#ports.changed();
			}
			await this.#sendNotices();
			this.#touch(null, true);
			this.#maker.keepAll();
		});
	}

	/** What the door's former reader said that it has, true or not, binds its plans no more. */
	hasAnotherReader(door: string): void {
		this.#maker.forget(door);
		this.#maker.touch([door], true);
	}

	/** Takes in what other processes have changed, if anything. */
	catchUp(): Promise<void> {
		return this.#turns.catchUp();
	}

	/** Another process has made an edit. */
	async follow({ by, doors, urgent }: EditNews): Promise<void> {
		if (by === this.#ports.shared?.id) return;
		await this.catchUp();
		this.#maker.touch(doors ?? Object.keys(this.document.doors), urgent);
	}

	/** Doors of others are about to be this process's: what is known of their plans is read. */
	moved(): Promise<void> {
		return this.#recall(this.#ports.notices.epoch);
	}

	/** They are: their plans are made, where they are not as they have to be. */
	keepAll(): void {
		this.#maker.keepAll();
	}

	/** What another process has heard of a door. */
	heardElsewhere(door: string, { epoch, lockdown, version }: MessageOf<"hello">): void {
		const { keys, notices } = this.#ports;
		notices.heardLockdown(lockdown);
		if (epoch === keys().trust.epoch) this.#maker.hasVersion(door, version);
		this.#heard.add(door);
	}

	/** How far a reader is. It may know what the site does not, where the site's store was restored. */
	heard(door: string, hello: MessageOf<"hello">): void {
		const { keys, notices } = this.#ports;
		notices.heardLockdown(hello.lockdown);
		const { epoch, version } = keys().trust;
		const isFirst = hello.trust >= version && !this.#heard.has(door);
		// Confirmed since it was restored, the site may have signed another plan of the version that such a door has: the next is above both.
		const above = isFirst && !this.isHeld && notices.lostSince !== undefined && hello.version > 0 ? 1 : 0;
		if (hello.epoch === epoch && this.#maker.hasVersion(door, hello.version + above))
			this.#maker.touch([door], true);
		if (hello.trust < version) return;
		this.#heard.add(door);
		if (hello.notice > notices.sequence || (isFirst && notices.mayBeLost(hello.notice))) {
			// Until an administrator has said that whom they revoked is revoked again, it gets no plan.
			this.#ahead.set(door, hello.notice);
			this.#turns.take(() => this.#hasNotices(door, hello.notice)).catch((error) => this.#failed(error));
		} else {
			// Another reader, which has none of them.
			if (hello.notice < (this.#ahead.get(door) ?? 0)) this.#ahead.delete(door);
			if (isFirst && notices.lostSince !== undefined)
				this.#turns.take(() => this.#allHeard()).catch((error) => this.#failed(error));
		}
	}

	/** Notices that a restored server may lack, such as one that its broker has retained. What is none of the site's is passed over. */
	recover(notices: readonly Uint8Array[]): Promise<void> {
		return this.#turns.take(async () => {
			const { changed, crypto, keys, notices: own } = this.#ports;
			await this.#revokeAll(await own.take(notices, keys().trust, crypto));
			changed();
		});
	}

	/** What only readers know is revoked, by numbers of notices; `undefined`: nothing. */
	get lostNotices(): { readonly from: number; readonly to: number } | undefined {
		return this.#ports.notices.lost;
	}

	/** Doors whose readers say so, the one that says the most first: of one alone a person may doubt it. */
	get lostSaidBy(): readonly string[] {
		return [...this.#ahead].sort(([, a], [, b]) => b - a).map(([door]) => door);
	}

	/** Doors with a reader that have not been heard since a backup was restored. */
	async unheard(): Promise<string[]> {
		const doors = await this.#ports.store.doors.list();
		return doors.flatMap(({ id, reader }) => (reader === undefined || this.#heard.has(id) ? [] : [id]));
	}

	/**
	 * An administrator takes a restored store for the site's. `lostNotices`: whom the readers' notices up to this one revoked is revoked again,
	 * where only readers know of some. Doors that were not heard may have newer plans and notices: theirs are found out when they come.
	 */
	confirmRestored(
		lostNotices?: number,
		action?: Action,
	): Promise<"confirmed" | "nothing-to-confirm" | "notices-lost"> {
		return this.#turns.take(async () => {
			const { crypto, newId, notices, seconds, store } = this.#ports;
			const { lost } = notices;
			if (this.#restored === undefined && lost === undefined) return "nothing-to-confirm";
			if (lost !== undefined && lost.to !== lostNotices) return "notices-lost";
			const signing = this.signing(undefined);
			if (typeof signing !== "string")
				await notices.fill(signing, seconds(), () => Buffer.from(newId(), "hex"));
			await store.transaction(async (tx) => {
				await notices.madeGood(tx);
				await tx.facts.clear("restored");
				if (action !== undefined) await tx.actions.add(action, crypto);
			});
			this.#restored = undefined;
			await this.#allHeard();
			await this.#sendNotices();
			this.#touch(null, true);
			// Doors that waited for this alone have their plans here already.
			this.#ports.changed();
			return "confirmed";
		});
	}

	/** `doors`: none: all. `length`: seconds. Throws RangeError where no reader would take it. */
	lockDown(doors: readonly string[], length: number, action?: Action): Promise<KeyRefusal | undefined> {
		return this.#turns.take(async () => {
			const { changed, notices, seconds } = this.#ports;
			const signing = this.signing(undefined);
			if (typeof signing === "string") return signing;
			await notices.lockDown(doors, length, signing, seconds());
			await this.#note(action);
			changed();
			return undefined;
		});
	}

	/** Whether any lockdown stood. */
	endLockdowns(action?: Action): Promise<boolean> {
		return this.#turns.take(async () => {
			const ended = await this.#ports.notices.endLockdowns(this.#ports.seconds());
			await this.#note(action);
			if (ended) this.#ports.changed();
			return ended;
		});
	}

	/** Resolves when each door has the plan that it has to have, but for what is being gathered. */
	async settled(): Promise<void> {
		await this.#turns.ended();
		await this.#maker.settled();
	}

	/** Ends what goes on; what was gathered is found again at the next start. */
	async close(): Promise<void> {
		await this.#turns.ended();
		await this.#maker.close();
	}

	async #edit(
		changes: readonly Change[],
		action: Action | undefined,
		also?: (tx: Store) => Promise<void>,
	): Promise<void> {
		const { notices, seconds, store, crypto } = this.#ports;
		const { after, doors, steps, urgent } = this.#tried(changes);
		const revoked = revokedIds(this.#content, after);
		await store.transaction(async (tx) => {
			for (const { change, content } of steps) await writeChange(tx, change, content, seconds());
			await notices.revoke(tx, revoked, seconds());
			if (action !== undefined) await tx.actions.add(action, crypto);
			await also?.(tx);
		});
		this.#content = after;
		notices.revoked(revoked);
		if (revoked.length > 0) await this.#sendNotices();
		this.#touch(doors, urgent);
	}

	/** What `changes` would make of the content, one after the other. */
	#tried(changes: readonly Change[]): {
		readonly after: Content;
		readonly steps: readonly { readonly change: Change; readonly content: Content }[];
		readonly doors: ReadonlySet<string>;
		readonly urgent: boolean;
	} {
		const { newId, notices } = this.#ports;
		const doors = new Set<string>();
		let urgent = false;
		let after = this.#content;
		const steps = changes.map((change) => {
			const from = after;
			after = apply(after, change, newId);
			for (const door of affectedDoors(from, after, change)) doors.add(door);
			urgent ||= !onlyAdds(from, change);
			return { change, content: after };
		});
		refuseRevoked(after, (id) => notices.isRevoked(id));
		this.#validate(after, doors);
		return { after, steps, doors, urgent };
	}

	#touch(doors: ReadonlySet<string> | null, urgent: boolean): void {
		this.#turns.touch(doors, urgent);
		this.#maker.touch(doors ?? Object.keys(this.document.doors), urgent);
	}

	/** All that is in the store. */
	async #read(): Promise<void> {
		const { keys, notices, store } = this.#ports;
		const { epoch, site } = keys().trust;
		this.#restored = await store.facts.get("restored");
		await notices.load(epoch, this.#restored);
		this.#content = (await readContent(store)) ?? emptyContent(site);
		await this.#recall(epoch);
	}

	/** Credentials that a notice has revoked and the content does not say so. */
	async #revokeAll(ids: readonly string[]): Promise<void> {
		const revoked = new Set(ids);
		const changes = this.#content.users.flatMap((user): Change[] => {
			if (!user.credentials.some(({ id, entry }) => revoked.has(id) && !entry.revoked)) return [];
			const credentials = user.credentials.map((credential) =>
				revoked.has(credential.id)
					? { ...credential, entry: { ...credential.entry, revoked: true } }
					: credential,
			);
			return [{ kind: "user", id: user.id, user: { ...user, credentials } }];
		});
		if (changes.length > 0) await this.#edit(changes, undefined);
	}

	/** Throws `PlanDocumentError` at what no door could be given. Users and schedules are the same at each, so one tells. */
	#validate({ document }: Content, doors: ReadonlySet<string>): void {
		const all = Object.keys(document.doors);
		const door = all.find((id) => doors.has(id)) ?? all[0] ?? "any";
		const some = all.length > 0 ? document : { ...document, doors: { [door]: {} } };
		imageOf({ document: some, door, notice: 0, now: this.#ports.seconds(), shared: new Map() }, 1);
	}

	async #note(action: Action | undefined): Promise<void> {
		if (action !== undefined) await this.#ports.store.actions.add(action, this.#ports.crypto);
	}

	async #recall(epoch: number): Promise<void> {
		const { store } = this.#ports;
		for (const head of await store.plans.heads())
			if (head.epoch === epoch) this.#maker.hasVersion(head.door, head.version);
		for (const { door, kind, at, body } of await store.doors.reports()) {
			if (kind !== "hello") continue;
			const { epoch: of, notice, version } = body as MessageOf<"hello">;
			if (of === epoch) this.#maker.hasVersion(door, version);
			if (at >= (this.#restored ?? this.#ports.notices.lostSince ?? 0)) this.#heard.add(door);
			const { lost } = this.#ports.notices;
			if (lost !== undefined && notice >= lost.from) this.#ahead.set(door, notice);
		}
	}

	async #hasNotices(door: string, notice: number): Promise<void> {
		const { changed, notices, problem } = this.#ports;
		// Another process has signed it.
		if (notice <= notices.sequence && !notices.mayBeLost(notice)) {
			this.#ahead.delete(door);
			changed(door);
			return;
		}
		if (!(await notices.heard(notice))) {
			const message = `the reader of door ${door} has revocation notice ${notice}, and this server has signed ${notices.sequence}. If an old copy of its data was put in place, restore a backup by \`lintel site restore\`; else replace the reader`;
			problem({ door, reason: "reader-ahead", message });
			return;
		}
		await this.#allHeard();
		await this.#sendNotices();
		this.#touch(null, true);
		changed();
	}

	async #allHeard(): Promise<void> {
		if ((await this.unheard()).length === 0) await this.#ports.notices.allHeard();
	}

	async #sendNotices(): Promise<void> {
		const signing = this.signing(undefined);
		if (typeof signing === "string") {
			this.#ports.problem(noKey(undefined, signing));
			return;
		}
		const { changed, notices, seconds } = this.#ports;
		if (await notices.send(signing, seconds())) changed();
	}

	sendPending(): void {
		this.#turns.take(() => this.#sendNotices()).catch((error) => this.#failed(error));
	}

	/** By what a door's plan, or without one the site's notices, are signed now, or why they cannot be. */
	signing(door: string | undefined): Signing | KeyRefusal {
		const { crypto, keys, seconds } = this.#ports;
		const key = keyFor(keys(), "plan", door, seconds(), crypto);
		if (typeof key === "string") return key;
		return { crypto, epoch: keys().trust.epoch, signer: key.signer, kid: key.kid };
	}

	#failed(error: unknown): void {
		const message = traceOf(error);
		this.#ports.problem({ door: undefined, reason: "internal", message });
	}
}
