// SPDX-License-Identifier: Apache-2.0

import { decodeSign1 } from "../../protocol/credential/cose.js";
import type { Crypto } from "../../protocol/crypto.js";
import { decodeSnapshot } from "../../protocol/plan/format.js";
import type { DoorPlan } from "../lib/sync/books.js";
import { bodyOf, type HeldPlan } from "./door-plan.js";
import { DELTAS_KEPT } from "./store/plans.js";
import type { Store } from "./store/store.js";

/** Bytes around a plan's own, as objects. */
const OVERHEAD = 1024;

interface Entry {
	readonly plan: HeldPlan;
	readonly shown: DoorPlan;
	readonly bytes: number;
}

/** The doors' plans in memory, as many as the bound allows; the others are read from the store when they are asked for. */
export class PlanCache {
	readonly #store: Store;
	readonly #crypto: Crypto;
	readonly #site: string;
	readonly #maxBytes: number;
	/** The longest unused first. */
	readonly #entries = new Map<string, Entry>();
	readonly #loading = new Map<string, Promise<HeldPlan | undefined>>();
	#bytes = 0;

	constructor(store: Store, site: string, crypto: Crypto, maxBytes: number) {
		this.#store = store;
		this.#site = site;
		this.#crypto = crypto;
		this.#maxBytes = maxBytes;
	}

	/** Bytes of what is held, about. */
	get bytes(): number {
		return this.#bytes;
	}

	/** What is in memory. */
	held(door: string): HeldPlan | undefined {
		return this.#use(door)?.plan;
	}

	/** The same as sync asks for it. */
	shown(door: string): DoorPlan | undefined {
		return this.#use(door)?.shown;
	}

	/** From memory, or from the store; `undefined`: the door has none. */
	load(door: string): Promise<HeldPlan | undefined> {
		const held = this.held(door);
		if (held !== undefined) return Promise.resolve(held);
		let loading = this.#loading.get(door);
		if (loading === undefined) {
			loading = this.#read(door).finally(() => this.#loading.delete(door));
			this.#loading.set(door, loading);
		}
		return loading;
	}

	put(plan: HeldPlan): void {
		const { image, envelope } = plan;
		const deltas = plan.deltas.slice(-DELTAS_KEPT);
		this.#drop(image.door);
		let bytes = OVERHEAD + envelope.length + image.tables.length + image.records.length;
		for (const delta of deltas) bytes += delta.envelope.length;
		const held = { ...plan, deltas };
		this.#entries.set(image.door, { plan: held, shown: shownAs(held, this.#crypto), bytes });
		this.#bytes += bytes;
		for (const door of this.#entries.keys()) {
			if (this.#bytes <= this.#maxBytes || door === image.door) break;
			this.#drop(door);
		}
	}

	/** Another process may have made another. */
	forget(door: string): void {
		this.#drop(door);
	}

	/** Those of other doors are read when they are asked for. */
	keep(isKept: (door: string) => boolean): void {
		for (const door of [...this.#entries.keys()]) if (!isKept(door)) this.#drop(door);
	}

	#use(door: string): Entry | undefined {
		const entry = this.#entries.get(door);
		if (entry === undefined) return undefined;
		this.#entries.delete(door);
		this.#entries.set(door, entry);
		return entry;
	}

	#drop(door: string): void {
		this.#bytes -= this.#entries.get(door)?.bytes ?? 0;
		this.#entries.delete(door);
	}

	async #read(door: string): Promise<HeldPlan | undefined> {
		const signed = await this.#store.plans.find(this.#site, door);
		if (signed === undefined) return undefined;
		const deltas = await this.#store.plans.deltas(door);
		// One that was put meanwhile is newer.
		const held = this.held(door);
		if (held !== undefined) return held;
		const { bodyHash } = decodeSnapshot(decodeSign1(signed.envelope).payload)!;
		const plan = { ...signed, deltas, bodyHash: bodyHash.slice() };
		this.put(plan);
		return plan;
	}
}

/** A plan as sync asks for it; as plain fields, since sync copies them. */
function shownAs(plan: HeldPlan, crypto: Crypto): DoorPlan {
	const { bodyHash, envelope, epoch, image } = plan;
	return {
		...{ bodyHash, envelope, epoch, version: image.version, notice: image.notice ?? 0 },
		/** Made when it is offered: it is most of a plan, and few doors pull one at a time. */
		get body(): Uint8Array {
			return bodyOf(plan, crypto);
		},
	};
}
