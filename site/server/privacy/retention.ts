// SPDX-License-Identifier: Apache-2.0

import { toHex } from "../../../protocol/bytes.js";
import type { Crypto } from "../../../protocol/crypto.js";
import { decodeRecord } from "../../../protocol/log/record.js";
import { MACHINE } from "../store/actions.js";
import type { Retention } from "../store/facts.js";
import type { SiteStore } from "../store/store.js";

const DAY_S = 86_400;

/** Forgets what is older than the site keeps: whose name a removed person was, events, and what administrators did. */
export async function eraseOld(store: SiteStore, now: number, crypto: Crypto): Promise<void> {
	const keeps = await store.facts.get("retention");
	if (keeps === undefined) return;
	const before = (days: number | null): number => (days === null ? 0 : now - days * DAY_S);
	const names = await store.privacy.eraseRemoved(before(keeps.names));
	const events = await eraseEvents(store, before(keeps.events));
	const actions = await eraseActions(store, before(keeps.audit));
	if (names + events + actions > 0)
		await store.actions.add(
			{ at: now, by: MACHINE, what: "erase-old", to: undefined, details: { names, events, actions } },
			crypto,
		);
}

/** Reader by reader, so that nothing else waits long. */
async function eraseEvents(store: SiteStore, at: number): Promise<number> {
	if (at <= 0) return 0;
	let count = 0;
	for (const reader of await store.privacy.readers()) count += await store.privacy.cutLog(reader, at);
	await store.privacy.eraseNews(at);
	return count;
}

async function eraseActions(store: SiteStore, at: number): Promise<number> {
	return store.transaction(async (within) => {
		const first = (await within.actions.after(0, 1))[0]?.serial ?? 0;
		const last = await within.actions.removeBefore(at);
		if (last === undefined) return 0;
		const { link, serial } = decodeRecord(last.record);
		await within.facts.set("actionsBefore", { serial, link: toHex(link) });
		return serial - first + 1;
	});
}

/** Days that a site keeps names of removed people, events and its audit at least. */
export const LEAST_DAYS: Retention = Object.freeze({ names: 0, events: 1, audit: 30 });

/** So often it is looked whether a day has passed, ms. */
const LOOK_MS = 3_600_000;

/** Does that once a day, as long as the server runs. */
export class RetentionTask {
	readonly #run: () => Promise<void>;
	readonly #now: () => number;
	#last: number | undefined;
	#running: Promise<void> | undefined;
	readonly #timer: NodeJS.Timeout;

	constructor(run: () => Promise<void>, now: () => number, failed: (error: unknown) => void) {
		this.#run = run;
		this.#now = now;
		this.#timer = setInterval(() => this.look().catch(failed), LOOK_MS);
		this.#timer.unref();
	}

	/** Does it where a day has passed since the last time, or at the first look. */
	async look(): Promise<void> {
		if (this.#last !== undefined && this.#now() < this.#last + DAY_S) return;
		this.#last = this.#now();
		this.#running = this.#run();
		await this.#running;
	}

	/** What was begun has ended when it resolves. */
	async close(): Promise<void> {
		clearInterval(this.#timer);
		await this.#running?.catch(() => undefined);
	}
}
