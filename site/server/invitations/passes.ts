// SPDX-License-Identifier: Apache-2.0

import { createHash, randomBytes } from "node:crypto";
import { MAX_COUNT } from "../../../protocol/credential/credential.js";
import { PERIOD } from "../../../protocol/plan/format.js";
import { Problem } from "../api/problem.js";
import type { Site } from "../api/site.js";
import type { Change, Content } from "../content.js";
import { iso } from "../door-state.js";
import type { Way } from "../store/invitations.js";
import type { Lend, Pass } from "../store/passes.js";
import type { User } from "../store/users.js";
import { type By, Invitations, linkEnd, type Made } from "./invitations.js";
import { issueKey } from "./issue.js";
import { doorsOf } from "./rights.js";

const DAY = 86_400;
/** Longest window of a pass, s. */
const MAX_WINDOW = 366 * DAY;
export const MAX_DOORS = 16;
/** Passes that one user has lent and that stand, at a time. */
const MAX_LENT = 20;
/** Visitors that leave the plan at a time. */
const MAX_SWEPT = 50;
/** A pass may begin so long ago, since clocks of phones are behind, s. */
const LATE_S = 3600;

export interface NewPass {
	readonly name: string;
	readonly doors: readonly string[];
	/** Seconds since 1970. */
	readonly from: number;
	readonly until: number;
	readonly count?: number | undefined;
	readonly email?: string | undefined;
	readonly phone?: string | undefined;
}

/** Passes of visitors: each is a user of the plan with an invitation, whose credential is for scanners alone. */
export class Passes {
	readonly #site: Site;
	readonly #invitations: Invitations;

	constructor(site: Site, invitations = new Invitations(site)) {
		this.#site = site;
		this.#invitations = invitations;
	}

	/** Made by an administrator. */
	make(by: By, wanted: NewPass, way: Way): Promise<Made & { readonly user: User }> {
		return this.#add(by, wanted, way, undefined, undefined);
	}

	/** Lent by a user within what the user may; the same `request` again makes no other. */
	async lend(
		by: By,
		lender: User,
		wanted: NewPass,
		request: string,
	): Promise<Made & { readonly user: User }> {
		const { now, planner, store } = this.#site;
		const lend = await store.passes.lend(lender.id);
		if (lend === undefined || lender.entry.suspended)
			throw new Problem(403, "may-not-lend", "you may lend no passes here: ask an administrator");
		checkLent(wanted, lend, new Set(doorsOf(planner.document, lender.entry)));
		const before = await store.passes.findRequest(lender.id, request);
		if (before !== undefined) return this.#again(by, before);
		const lent = await store.passes.lentBy(lender.id, 1000);
		const stand = lent.filter(({ until, user }) => until > now() && this.#find(user) !== undefined);
		if (stand.length >= MAX_LENT)
			throw new Problem(409, "too-many-passes", `you have lent ${MAX_LENT} passes that stand: withdraw some`);
		return this.#add(by, wanted, "link", lender, request);
	}

	/** Ends it at once: the visitor is removed, the credential revoked, the link worth nothing. */
	async withdraw(by: By, { user }: Pick<Pass, "user">): Promise<void> {
		const { now, planner } = this.#site;
		const action = { at: now(), by: by.id, what: "withdraw-pass", to: user, details: {} };
		await planner.edit(
			({ users }) =>
				users.some(({ id }) => id === user) ? [{ kind: "user", id: user, user: undefined }] : [],
			action,
		);
	}

	/** The answer was lost: the link is made anew, and the one before is worth nothing. */
	async #again(by: By, { user: id }: Pass): Promise<Made & { readonly user: User }> {
		const { store } = this.#site;
		const user = this.#find(id);
		const [invitation] =
			user === undefined ? [] : await store.invitations.list({ user: id, limit: 1, now: 0 });
		if (user === undefined || invitation === undefined)
			throw new Problem(410, "withdrawn", "this pass was withdrawn");
		return { ...(await this.#invitations.resend(by, invitation, user)), user };
	}

	#find(id: string): User | undefined {
		return this.#site.planner.content.users.find((one) => one.id === id);
	}

	async #add(
		by: By,
		wanted: NewPass,
		way: Way,
		lender: User | undefined,
		request: string | undefined,
	): Promise<Made & { readonly user: User }> {
		const { now, planner, store } = this.#site;
		this.#check(wanted);
		const { count, doors, email, from, name, phone, until } = wanted;
		const id = randomBytes(8).toString("hex");
		const plan = planOf(doors);
		const user: User = {
			...{ id, name, email, phone, credentials: [] },
			entry: { accessPlans: [plan], from: period(from, Math.floor), until: period(until, Math.ceil) },
		};
		const invitation = await this.#invitations.prepare(by, user, way, { until: linkEnd(now(), wanted) });
		const action = {
			at: now(),
			by: by.id,
			what: lender ? "lend-pass" : "make-pass",
			to: id,
			details: { doors, from, until, count },
		};
		const over = new Set(await store.passes.over(now() - DAY));
		await planner.edit(
			(content) => [...without(content, over), ...withVisitor(content, user, plan, doors)],
			action,
			async (tx) => {
				await tx.passes.add({
					...{ user: id, doors, from, until, count, request },
					lender: lender?.id,
					made: now(),
				});
				await invitation.write(tx);
			},
		);
		return { ...(await invitation.done()), user };
	}

	#check({ count, doors, from, until }: NewPass): void {
		const { crypto, keys, now, planner } = this.#site;
		for (const door of doors)
			if (!Object.hasOwn(planner.document.doors, door))
				throw new Problem(404, "not-found", `there is no such door as ${door}`);
		if (until <= from || until <= now() || until - from > MAX_WINDOW || from < now() - LATE_S)
			throw new Problem(422, "bad-window", "a pass begins now or later, and ends after that, within a year");
		if (count === undefined) return;
		if (doors.length !== 1 || count > MAX_COUNT)
			throw new Problem(
				422,
				"count-of-one-door",
				"openings are counted at one door: doors do not ask each other",
			);
		const { days } = keys.trust.findKey(issueKey(keys.keys, now(), crypto).publicKey)!;
		if (days > 0 && until - Math.max(from, now()) > days * DAY)
			throw new Problem(
				422,
				"too-long-to-count",
				`where openings are counted a pass lasts ${days} days at most, which is what the server's key may`,
			);
	}
}

/** Throws `Problem` at what the lender may not. */
function checkLent({ count, doors, from, until }: NewPass, lend: Lend, own: ReadonlySet<string>): void {
	const may = new Set(lend.doors?.filter((door) => own.has(door)) ?? own);
	if (!doors.every((door) => may.has(door)))
		throw new Problem(403, "other-doors", "you may lend passes for other doors only");
	if (until - from > lend.days * DAY)
		throw new Problem(422, "too-long", `you may lend passes of ${lend.days} days at most`);
	if (lend.count !== undefined && (count === undefined || count > lend.count))
		throw new Problem(422, "too-often", `you may lend passes of ${lend.count} openings at most`);
}

/** The access plan of all passes for these doors. */
function planOf(doors: readonly string[]): string {
	const name = `visit ${[...doors].sort().join(" ")}`;
	return name.length <= 100 ? name : `visit ${createHash("sha256").update(name).digest("hex").slice(0, 32)}`;
}

/** Visitors whose window is over need no place in the doors' plans any more; some at a time. */
function without({ users }: Content, over: ReadonlySet<string>): Change[] {
	return users
		.filter(({ id }) => over.has(id))
		.slice(0, MAX_SWEPT)
		.map(({ id }) => ({ kind: "user", id, user: undefined }));
}

function withVisitor({ document }: Content, user: User, plan: string, doors: readonly string[]): Change[] {
	const change: Change = { kind: "user", id: user.id, user };
	if (Object.hasOwn(document.accessPlans, plan)) return [change];
	const body = [{ doors: [...doors].sort(), schedule: "always" }];
	return [{ kind: "part", part: "accessPlans", name: plan, body }, change];
}

/** A moment as the plan file has it, in whole periods. */
function period(seconds: number, round: (value: number) => number): string {
	return iso(round(seconds / PERIOD) * PERIOD).replace(/:00Z$/, "Z");
}
