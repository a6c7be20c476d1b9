// SPDX-License-Identifier: Apache-2.0

import type { FastifyRequest } from "fastify";
import type { Api } from "./app.js";
import { type Caller, callerOf, checkConfirmed, checkPermits, checkRole } from "./caller.js";
import { notFound, Problem } from "./problem.js";
import { checkDoors, checkUser, otherDoors, type Scope } from "./rights.js";
import type { Role } from "./roles.js";
import type { Site } from "./site.js";
import { FailedTries } from "./tries.js";

declare module "fastify" {
	interface FastifyContextConfig {
		/** The least that may; a route without one is everybody's. */
		role?: Role;
		/** A person has to have confirmed lately who it is. */
		confirmed?: true;
		/** Besides, of all tokens the owner's alone may: it lets somebody in, or gives away a right to. */
		permits?: true;
		/** What it is about, so that managers are kept to their doors; without it, it is none of theirs. */
		scope?: Scope;
		/** Sessions or tokens may have ended by it. */
		ends?: true;
		/** Of a route without a role: taken from the server's own pages alone. */
		fromPage?: true;
	}
	interface FastifyRequest {
		/** Of a route with a role; on others there is none. */
		caller: Caller;
	}
}

/** Before anything of a request is read but its head. */
export function authenticate(api: Api, site: Site): void {
	const tries = new FailedTries();
	api.addHook("onRequest", async (request) => {
		const { confirmed, fromPage, permits, role, scope } = request.routeOptions.config;
		if (fromPage) checkPage(site, request);
		if (role === undefined) return;
		const caller = await callerOf(site, request);
		if (caller === undefined) throw unknown(request, tries, site.now());
		if (caller.session !== undefined) {
			if (!isSafe(request)) checkPage(site, request);
			await site.store.sessions.use(caller.session, site.now());
		}
		if (permits) checkPermits(caller, role, site.now());
		else checkRole(caller, role);
		if (confirmed) checkConfirmed(caller, site.now());
		if (caller.doors !== undefined && scope === undefined) throw otherDoors();
		request.caller = caller;
	});
}

/** Keeps managers to what is about their doors alone. Of what other processes have changed it has to know already. */
export function keepToDoors(api: Api, { planner }: Pick<Site, "planner">): void {
	api.addHook("preHandler", async ({ caller, params, routeOptions }) => {
		const { role, scope } = routeOptions.config;
		if (role === undefined || caller.doors === undefined) return;
		const { door = "", id } = params as { door?: string; id?: string };
		if (scope === "door") checkDoors(caller, [door]);
		if (scope !== "user") return;
		const user = planner.content.users.find((one) => one.id === id);
		if (user === undefined) throw notFound("user");
		checkUser(caller, planner.content.document, user.entry);
	});
}

/** Those without a token are no guesses: a page whose session has ended asks so. */
function unknown({ headers, ip }: FastifyRequest, tries: FailedTries, now: number): Problem {
	const wait = headers.authorization === undefined ? 0 : tries.failed(ip, now);
	return wait > 0
		? new Problem(429, "too-many-tries", "too many wrong tokens came from this address", wait)
		: new Problem(401, "no-token", "sign in, or send a good token: `Authorization: Bearer lintel_…`");
}

function isSafe({ method }: FastifyRequest): boolean {
	return method === "GET" || method === "HEAD";
}

/**
 * Throws `Problem` where a browser was sent here by another page: it names the page's origin whatever that page does, and a form of
 * another page can send no JSON.
 */
export function checkPage({ address }: Pick<Site, "address">, { headers }: FastifyRequest): void {
	if (!address.isOwn(headers.origin, headers.host))
		throw new Problem(403, "other-origin", "this is taken from the server's own pages alone");
	const type = headers["content-type"];
	if (type !== undefined && !/^application\/json *(;|$)/i.test(type))
		throw new Problem(415, "not-json", "send JSON, and say so in Content-Type");
}
