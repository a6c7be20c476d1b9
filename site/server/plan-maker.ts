// SPDX-License-Identifier: Apache-2.0

import type { KeyRefusal } from "../../protocol/trust/list.js";
import { traceOf } from "../lib/files/failure.js";
import type { SharedCredentials } from "../lib/plan/compile.js";
import { type PlanDocument, PlanDocumentError } from "../lib/plan/document.js";
import type { Signing } from "../lib/plan/encode.js";
import type { SiteClock } from "../lib/sync/ports.js";
import type { Shared } from "./cluster/cluster.js";
import { type HeldPlan, NoVersionLeft, nextPlan } from "./door-plan.js";
import type { PlanCache } from "./plan-cache.js";
import { type Delta, PlanTaken } from "./store/plans.js";
import type { SiteStore } from "./store/store.js";

/** What gives access waits so long for more of its kind, so that a list of people costs each door one plan, ms; the bound is 10 s. */
export const GATHER_MS = 5000;
/** So often it is looked whether plans come near their end, ms. */
const RENEW_MS = 3_600_000;
/** Plans that are stored in one transaction. */
const BATCH = 16;

/** What an administrator has to know. */
export interface PlanProblem {
	/** `undefined`: it is the site's. */
	readonly door: string | undefined;
	readonly reason: KeyRefusal | "bad-plan" | "no-version-left" | "reader-ahead" | "internal";
	readonly message: string;
}

export interface MakerPorts {
	readonly store: SiteStore;
	readonly plans: PlanCache;
	readonly clock: SiteClock;
	/** `undefined`: this process is the only one, and has all doors. */
	readonly shared?: Shared | undefined;
	/** Seconds since 1970. */
	seconds(): number;
	/** There is something new for this door, or for all. */
	changed(door?: string): void;
	/** The feed has more. */
	fed(): void;
	problem(problem: PlanProblem): void;
}

/** What plans are made from. */
export interface PlanSource {
	readonly document: PlanDocument;
	/** Sequence of the newest notice that plans may say they include. */
	readonly included: number;
	/** When the trust list was signed, seconds since 1970: no plan is earlier. */
	readonly signed: number;
	/** Plans have to wait. */
	readonly isHeld: boolean;
	/** Notices that could not be signed before. */
	sendPending(): void;
	/** By what a door's plans are signed now, or why they cannot be. */
	signing(door: string): Signing | KeyRefusal;
}

/** Makes the plans of doors that have changed, a few at a time, so that a site of many doors is served meanwhile. */
export class PlanMaker {
	readonly #ports: MakerPorts;
	readonly #source: PlanSource;
	/** Doors whose plans may have to be made anew. */
	readonly #dirty = new Set<string>();
	/** The highest version of the epoch that was heard of at each door. */
	readonly #known = new Map<string, number>();
	/** Of the document whose plans were made last. */
	#shared: { readonly of: PlanDocument; readonly credentials: SharedCredentials } | undefined;
	#cancelGather: (() => void) | undefined;
	#cancelRenewal: (() => void) | undefined;
	#making: Promise<void> | undefined;
	#isClosed = false;

	constructor(ports: MakerPorts, source: PlanSource) {
		this.#ports = ports;
		this.#source = source;
	}

	/** The versions of another epoch, or of the door's former reader, count no more. */
	forget(door?: string): void {
		if (door === undefined) this.#known.clear();
		else this.#known.delete(door);
	}

	/** A door has had this version of the epoch. Whether it is news. */
	hasVersion(door: string, version: number): boolean {
		if (version <= (this.#known.get(door) ?? 0)) return false;
		this.#known.set(door, version);
		return true;
	}

	/** These doors' plans may have changed: `now`, or within `GATHER_MS`, with others. */
	touch(doors: Iterable<string>, now: boolean): void {
		for (const door of doors) this.#dirty.add(door);
		if (now) this.#make();
		else this.#cancelGather ??= this.#ports.clock.after(GATHER_MS, () => this.#make());
	}

	/** All plans, now and each time that they may come near their end. */
	keepAll(): void {
		this.touch(Object.keys(this.#source.document.doors), true);
		this.#cancelRenewal?.();
		if (this.#isClosed) return;
		this.#cancelRenewal = this.#ports.clock.after(RENEW_MS, () => {
			this.#source.sendPending();
			this.keepAll();
		});
	}

	/** Resolves when nothing is being made. */
	async settled(): Promise<void> {
		while (this.#making !== undefined) await this.#making;
	}

	async close(): Promise<void> {
		this.#isClosed = true;
		this.#cancelGather?.();
		this.#cancelRenewal?.();
		await this.settled();
	}

	#make(): void {
		this.#cancelGather?.();
		this.#cancelGather = undefined;
		this.#making ??= this.#makeAll()
			.catch((error) => {
				const message = traceOf(error);
				this.#ports.problem({ door: undefined, reason: "internal", message });
			})
			.finally(() => {
				this.#making = undefined;
			});
	}

	async #makeAll(): Promise<void> {
		while (this.#dirty.size > 0 && !this.#source.isHeld && !this.#isClosed) {
			const doors = [...this.#dirty].slice(0, BATCH);
			for (const door of doors) this.#dirty.delete(door);
			try {
				await this.#makeSome(doors);
			} catch (error) {
				// Such as a full disk: they are tried again with the next change, or at the next renewal.
				for (const door of doors) this.#dirty.add(door);
				if (!(error instanceof PlanTaken)) throw error;
				for (const door of doors) this.#ports.plans.forget(door);
			}
		}
	}

	async #makeSome(doors: readonly string[]): Promise<void> {
		const { changed, fed, plans, seconds, store } = this.#ports;
		const made: { plan: HeldPlan; delta: Delta | undefined }[] = [];
		for (const door of doors) {
			const next = await this.#next(door);
			if (next !== undefined) made.push(next);
			// Sessions and requests have their turn.
			await new Promise((resolve) => setImmediate(resolve));
		}
		if (made.length === 0) return;
		await store.transaction(async (tx) => {
			for (const { plan, delta } of made) {
				const { door, version } = plan.image;
				await tx.plans.put(plan, delta);
				await tx.feed.add({ at: seconds(), kind: "plan", door, body: { epoch: plan.epoch, version } });
			}
		});
		for (const { plan } of made) {
			plans.put(plan);
			this.hasVersion(plan.image.door, plan.image.version);
			changed(plan.image.door);
		}
		fed();
	}

	#sharedOf(document: PlanDocument): SharedCredentials {
		if (this.#shared?.of !== document) this.#shared = { of: document, credentials: new Map() };
		return this.#shared.credentials;
	}

	async #next(door: string): Promise<ReturnType<typeof nextPlan>> {
		const { plans, seconds, shared } = this.#ports;
		// Its owner makes it.
		if (shared?.owns(door) === false) return undefined;
		const held = await plans.load(door);
		const { document, included } = this.#source;
		if (!Object.hasOwn(document.doors, door)) return undefined;
		const signing = this.#source.signing(door);
		if (typeof signing === "string") {
			this.#ports.problem(noKey(door, signing));
			return undefined;
		}
		const known = this.#known.get(door) ?? 0;
		try {
			const common = this.#sharedOf(document);
			// A clock that was set back does not end the plans that are signed by it.
			const now = Math.max(seconds(), held?.image.issued ?? 0, this.#source.signed);
			return nextPlan({ document, door, held, known, notice: included, now, signing, shared: common });
		} catch (error) {
			this.#ports.problem(problemOf(door, error));
			return undefined;
		}
	}
}

/** The server has no key for what has to be signed. */
export function noKey(door: string | undefined, reason: KeyRefusal): PlanProblem {
	const what = door === undefined ? "notices" : `plans of door ${door}`;
	const message = `the server has no key that may sign ${what} (${reason}): give it one by \`lintel site key --role sync,plan\``;
	return { door, reason, message };
}

function problemOf(door: string, error: unknown): PlanProblem {
	if (error instanceof PlanDocumentError)
		return { door, reason: "bad-plan", message: `${error.path.join(".")}: ${error.message}` };
	if (error instanceof NoVersionLeft)
		return { door, reason: "no-version-left", message: `${error.message}: sign a list of the next epoch` };
	throw error;
}
