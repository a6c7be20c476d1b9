// SPDX-License-Identifier: Apache-2.0

import { fromHex } from "../../../protocol/bytes.js";
import { parseTimeZone, type TimeZone } from "../../../protocol/plan/tz.js";
import { listCredentials } from "../../lib/plan/credentials.js";
import { zoneNamed } from "../../lib/plan/zones.js";
import type { Site } from "../api/site.js";
import { entryOf } from "../content.js";
import type { HeldPlan } from "../door-plan.js";
import type { PlanHead } from "../store/plans.js";
import type { Credential, User } from "../store/users.js";
import { type DoorHas, reaches, type Wanted } from "./reach.js";
import { doorsOf } from "./rights.js";

/** At how many of its doors a credential is as the site wants it. */
export interface Reach {
	readonly has: number;
	readonly of: number;
	/** Ids of the doors at which it is not yet. */
	readonly waiting: readonly string[];
}

type ReachSite = Pick<Site, "keys" | "now" | "planner" | "plans" | "report" | "store">;

/** Of all credentials of these users, by id: those that are revoked at all doors, others where their user may open. */
export async function reachOf(site: ReachSite, users: readonly User[]): Promise<Map<string, Reach>> {
	const { document } = site.planner;
	const doors = new Doors(site);
	const found = new Map<string, Reach>();
	for (const user of users) {
		const own = doorsOf(document, user.entry);
		for (const credential of user.credentials) {
			const isRevoked = credential.entry.revoked === true;
			const of = isRevoked ? Object.keys(document.doors) : own;
			const wanted = isRevoked ? await doors.revoked(credential.id) : doors.listed(user, credential);
			found.set(credential.id, await doors.reach(credential.id, of, wanted));
		}
	}
	return found;
}

/** Of an id that was revoked, whoever had it. */
export async function revocationReach(site: ReachSite, credential: string): Promise<Reach> {
	const doors = new Doors(site);
	const all = Object.keys(site.planner.document.doors);
	return doors.reach(credential, all, await doors.revoked(credential));
}

/** The site's doors as one answer of the API needs them: each is looked up once. */
class Doors {
	readonly #site: ReachSite;
	readonly #plans = new Map<string, Promise<HeldPlan | undefined>>();
	readonly #zones = new Map<string, TimeZone>();
	#heads: Promise<Map<string, PlanHead>> | undefined;

	constructor(site: ReachSite) {
		this.#site = site;
	}

	async reach(
		credential: string,
		doors: readonly string[],
		wanted: (door: string) => Wanted,
	): Promise<Reach> {
		const id = fromHex(credential);
		const waiting: string[] = [];
		for (const door of doors) {
			const has = this.#has(door);
			const plan = await this.#plan(door);
			if (has === undefined || !reaches(id, wanted(door), plan, has)) waiting.push(door);
		}
		return { has: doors.length - waiting.length, of: doors.length, waiting };
	}

	listed(user: User, credential: Credential): (door: string) => Wanted {
		const suspended = user.entry.suspended === true;
		const only = entryOf({ ...user, credentials: [credential] });
		const known = new Map<TimeZone, Wanted>();
		return (door) => {
			const zone = this.#zone(door);
			let wanted = known.get(zone);
			if (wanted === undefined) {
				const { from, until } = listCredentials([only], zone)[0]!.record;
				wanted = { kind: "listed", hasAccess: true, suspended, from, until };
				known.set(zone, wanted);
			}
			return wanted;
		};
	}

	async revoked(credential: string): Promise<() => Wanted> {
		const notice = await this.#site.store.notices.noticeOf(credential);
		return () => ({ kind: "revoked", notice });
	}

	#has(door: string): DoorHas | undefined {
		return this.#site.report(door).hello?.says;
	}

	#plan(door: string): Promise<HeldPlan | undefined> {
		let plan = this.#plans.get(door);
		if (plan === undefined) {
			plan = this.#newest(door);
			this.#plans.set(door, plan);
		}
		return plan;
	}

	/** Another process may have made a newer one than is in memory. */
	async #newest(door: string): Promise<HeldPlan | undefined> {
		const { plans, store } = this.#site;
		this.#heads ??= store.plans.heads().then((heads) => new Map(heads.map((head) => [head.door, head])));
		const head = (await this.#heads).get(door);
		if (head === undefined) return undefined;
		const held = plans.held(door);
		if (held?.image.version !== head.version || held.epoch !== head.epoch) plans.forget(door);
		return plans.load(door);
	}

	/** As the plan's compiler has it. */
	#zone(door: string): TimeZone {
		const { doors, timeZone } = this.#site.planner.document;
		const name = doors[door]?.timeZone ?? timeZone;
		let zone = this.#zones.get(name);
		if (zone === undefined) {
			const named = parseTimeZone(name) === undefined ? zoneNamed(name, this.#site.now()) : undefined;
			zone = parseTimeZone(named?.posix ?? name, named?.shifts ?? [])!;
			this.#zones.set(name, zone);
		}
		return zone;
	}
}
