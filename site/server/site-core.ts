// SPDX-License-Identifier: Apache-2.0

import { type BooksPorts, SiteBooks } from "./books.js";
import type { NoticeArchive } from "./notice-archive.js";
import { PlanCache } from "./plan-cache.js";
import { Planner, type PlannerPorts } from "./planner.js";
import { SiteNotices } from "./site-notices.js";

/** Plans that are held in memory, bytes: those of 3,000 doors with 1,000 credentials each. */
const PLAN_BYTES = 64 * 1024 * 1024;

export type CorePorts = Omit<PlannerPorts & BooksPorts, "plans" | "notices" | "planner"> & {
	readonly planBytes?: number;
	/** Beside the store, and not in its backups: revocations that a restored server finds again. */
	readonly archive?: NoticeArchive;
};

/** A site's server without its network: what administrators change goes in at `planner`, what doors ask for comes out of `books`. */
export interface SiteCore {
	readonly planner: Planner;
	readonly books: SiteBooks;
	readonly plans: PlanCache;
	/** Once nothing asks any more; the store stays open. */
	close(): Promise<void>;
}

/** `ports.changed` may be called before this resolves. */
export async function openCore(ports: CorePorts): Promise<SiteCore> {
	const { crypto, archive, keys, planBytes = PLAN_BYTES, store } = ports;
	const { site } = keys().trust;
	const plans = new PlanCache(store, site, crypto, planBytes);
	const notices = new SiteNotices(store, site, archive);
	const planner = await Planner.open({ ...ports, plans, notices });
	const books = await SiteBooks.open({ ...ports, plans, notices, planner });
	return { planner, books, plans, close: () => books.ended().then(() => planner.close()) };
}
