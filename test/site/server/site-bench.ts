// SPDX-License-Identifier: Apache-2.0

import { NodeCrypto } from "../../../hal/node/crypto.js";
import { fromHex, toHex } from "../../../protocol/bytes.js";
import { ITEM } from "../../../protocol/notice/notice.js";
import { openRevocation } from "../../../protocol/notice/revocation.js";
import { ACCESS_REVOKED, FLAG } from "../../../protocol/plan/format.js";
import type { MessageOf } from "../../../protocol/sync/messages.js";
import { SeededRandom } from "../../../sim/random.js";
import type { PlanDocument } from "../../../site/lib/plan/document.js";
import type { SiteKeys } from "../../../site/lib/site-keys.js";
import type { SiteClock } from "../../../site/lib/sync/ports.js";
import type { NoticeArchive } from "../../../site/server/notice-archive.js";
import type { PlanProblem } from "../../../site/server/plan-maker.js";
import { openCore, type SiteCore } from "../../../site/server/site-core.js";
import type { SiteStore } from "../../../site/server/store/store.js";
import type { User } from "../../../site/server/store/users.js";
import { emptyEntry } from "../../../src/access/plan-entry.js";
import type { PlanStore } from "../../../src/plan/store.js";
import { device, install, start } from "../../support/plans.js";
import { TrustedSite } from "../../support/trusted-site.js";
import { type Engine, sqlite } from "./store/engines.js";

export const crypto = new NodeCrypto();
export const SITE = "ACME";

/** Timers that run when the spec says so. */
export class VirtualClock implements SiteClock {
	#now = 0;
	readonly #timers = new Set<{ at: number; run: () => void }>();

	now(): number {
		return this.#now;
	}

	after(ms: number, run: () => void): () => void {
		const timer = { at: this.#now + ms, run };
		this.#timers.add(timer);
		return () => this.#timers.delete(timer);
	}

	advance(ms: number): void {
		const until = this.#now + ms;
		for (;;) {
			const [next] = [...this.#timers].filter(({ at }) => at <= until).sort((a, b) => a.at - b.at);
			if (next === undefined) break;
			this.#timers.delete(next);
			this.#now = next.at;
			next.run();
		}
		this.#now = until;
	}
}

/** A site's server without its network, on a store of its own, in simulated time. */
export class SiteBench {
	readonly engine: Engine;
	readonly trusted = new TrustedSite(SITE, "11".repeat(32), crypto);
	clock = new VirtualClock();
	seconds = 1_800_000_000;
	keys: SiteKeys = this.trusted.keys(this.trusted.office);
	store!: SiteStore;
	core!: SiteCore;
	problems: PlanProblem[] = [];
	/** Doors, `undefined` for all, in the order in which it was told that there is something new. */
	changed: (string | undefined)[] = [];
	failures: unknown[] = [];
	/** Records that are taken of a reader in a day, where it is not the server's number. */
	maxDaily: number | undefined;
	/** A file beside the store. */
	archive: NoticeArchive | undefined;
	readonly #random = new SeededRandom(5);

	constructor(engine: Engine = sqlite()) {
		this.engine = engine;
	}

	async open(): Promise<void> {
		this.store = await this.engine.open();
		this.clock = new VirtualClock();
		this.core = await openCore({
			store: this.store,
			...(this.maxDaily !== undefined && { maxDaily: this.maxDaily }),
			...{ crypto, clock: this.clock, ...(this.archive && { archive: this.archive }) },
			seconds: () => this.seconds,
			keys: () => this.keys,
			newId: () => toHex(this.#random.bytes(8)),
			changed: (door) => this.changed.push(door),
			fed: () => undefined,
			problem: (problem) => this.problems.push(problem),
			failed: (error) => this.failures.push(error),
		});
		await this.core.planner.settled();
	}

	/** Time passes, and what it has begun ends. */
	async advance(ms: number): Promise<void> {
		this.seconds += ms / 1000;
		this.clock.advance(ms);
		await this.core.planner.settled();
	}

	async bring(document: PlanDocument): Promise<void> {
		await this.core.planner.edit([{ kind: "document", document }]);
		await this.core.planner.settled();
	}

	/** A user with these credentials and access plans, new or in place of what it was. */
	async put(
		id: string,
		more: Partial<Omit<User, "credentials">> & { credentials?: readonly string[] },
	): Promise<void> {
		const { credentials = [], ...rest } = more;
		const user = {
			...{ id, name: id, email: undefined, phone: undefined, entry: { accessPlans: ["all"] } },
			...rest,
			credentials: credentials.map((id) => ({ id, entry: {}, publicKey: undefined, issued: undefined })),
		};
		await this.core.planner.edit([{ kind: "user", id, user }]);
	}

	async close(): Promise<void> {
		await this.core.close();
		await this.store.close();
	}

	async end(): Promise<void> {
		await this.close();
		await this.engine.end();
	}
}

/** The plan's side of a reader: the firmware's store of plans, and the ids of notices that its plan does not include. */
export class BenchReader {
	readonly door: string;
	readonly #bench: SiteBench;
	readonly #plan: PlanStore;
	notice = 0;
	/** Ids by the sequence of their notice. */
	readonly revoked = new Map<string, number>();
	/** How each plan came. */
	readonly took: string[] = [];

	constructor(bench: SiteBench, door: string, size = 2 * 64 * 1024) {
		this.#bench = bench;
		this.door = door;
		this.#plan = start({ ...device(crypto, bench.trusted.trust, size), door });
	}

	get version(): number {
		return this.#plan.version;
	}

	get expires(): number {
		return this.#plan.expires;
	}

	get hello(): MessageOf<"hello"> {
		const zeros = new Uint8Array(8);
		const { epoch, version } = this.#bench.trusted.trust;
		return {
			...{ name: "hello", id: 1, trust: version, listHash: zeros, epoch: this.version === 0 ? 0 : epoch },
			...{ version: this.version, notice: this.notice, lockdown: 0, log: 0, acknowledged: 0, link: zeros },
			...{ image: 1, clock: null },
		};
	}

	/** A session: says how far it is, then takes notices, and plans until it has the newest. */
	async sync(): Promise<void> {
		const { core } = this.#bench;
		core.books.told(this.door, { kind: "hello", hello: this.hello });
		await core.planner.settled();
		for (let sequence = this.notice + 1; ; sequence++) {
			const notice = core.books.noticeOf(sequence);
			if (notice === undefined) break;
			this.takeNotice(notice);
		}
		for (;;) {
			const plan = core.books.plan(this.door);
			if (plan === undefined || plan.version <= this.version) return;
			const delta = core.books.delta(this.door, plan.epoch, this.version);
			if (delta !== undefined) this.#done("delta", this.#plan.applyDelta(delta.envelope), "applied");
			else this.#done("snapshot", install(this.#plan, plan as never), "done");
			for (const [id, sequence] of this.revoked) if (sequence <= plan.notice) this.revoked.delete(id);
			this.notice = Math.max(this.notice, plan.notice);
		}
	}

	takeNotice(envelope: Uint8Array): void {
		const notice = openRevocation(envelope, this.#bench.trusted.trust, this.door, crypto);
		if (typeof notice === "string") throw new Error(`notice ${notice}`);
		if (notice.sequence !== this.notice + 1)
			throw new Error(`notice ${notice.sequence} after ${this.notice}`);
		for (let at = 0; at < notice.ids.length; at += ITEM)
			this.revoked.set(toHex(notice.ids.subarray(at, at + ITEM)), notice.sequence);
		this.notice = notice.sequence;
	}

	/** Whether the plan and the notices let this credential in at some time. */
	admits(credential: string): boolean {
		const entry = emptyEntry();
		if (this.revoked.has(credential) || !this.#plan.lookup(fromHex(credential), entry)) return false;
		return entry.access < ACCESS_REVOKED && (entry.flags & FLAG.suspended) === 0;
	}

	#done(how: string, result: string, good: string): void {
		if (result !== good) throw new Error(`${how} for ${this.door}: ${result}`);
		this.took.push(how);
	}
}
