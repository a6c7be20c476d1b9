// SPDX-License-Identifier: Apache-2.0

import { DEFAULT_SPREAD, MAX_SPREAD } from "../../protocol/config/server.js";
import { NO_SETTINGS } from "./door-settings.js";
import type { Facts } from "./store/facts.js";
import type { SiteStore, Store } from "./store/store.js";

/**
 * Doors that may come in a second: after a power cut of all, each takes a session and brings the end of its log. Docs/server.md has what
 * that costs, and what was measured.
 */
const DOORS_A_SECOND = 30;

/** The shortest spread in which so many doors come back one after the other, s. */
export function shortestSpread(doors: number): number {
	return Math.min(MAX_SPREAD, Math.ceil(doors / DOORS_A_SECOND));
}

/** The spread that a site of so many doors tells them, s. */
export function spreadFor(doors: number): number {
	return Math.max(DEFAULT_SPREAD, shortestSpread(doors));
}

export async function spreadIn({ facts }: Pick<Store, "facts">): Promise<Facts["spread"]> {
	return (await facts.get("spread")) ?? { told: DEFAULT_SPREAD, own: {} };
}

/**
 * With twice the doors the readers that are there are to be told of a longer spread, too, but where an administrator has set one. Those doors;
 * `note` is called with each, in the transaction.
 */
export async function lengthenSpread(
	store: SiteStore,
	count: number,
	note: (tx: Store, door: string) => Promise<void>,
): Promise<string[]> {
	const spread = spreadFor(count);
	if (spread < 2 * (await spreadIn(store)).told) return [];
	return store.transaction(async (tx) => {
		const { own } = await spreadIn(tx);
		await tx.facts.set("spread", { told: spread, own });
		const doors = (await tx.doors.list()).filter(({ id, reader }) => reader && !Object.hasOwn(own, id));
		for (const { id, settings } of doors) {
			await tx.doors.setSettings(id, { ...NO_SETTINGS, ...settings, spread });
			await note(tx, id);
		}
		return doors.map(({ id }) => id);
	});
}
