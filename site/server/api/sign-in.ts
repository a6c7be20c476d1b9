// SPDX-License-Identifier: Apache-2.0

import { Type } from "@fastify/type-provider-typebox";
import type { FastifyRequest } from "fastify";
import { takeCookie } from "../sign-in/cookie.js";
import { MAX_PASSWORD } from "../sign-in/passwords.js";
import { beginSession } from "../sign-in/sessions.js";
import { type Api, fromPage, needs } from "./app.js";
import { Problem } from "./problem.js";
import { Nothing } from "./schemas.js";
import type { Site } from "./site.js";
import { FailedTries } from "./tries.js";

const Login = Type.String({ minLength: 1, maxLength: 200, description: "Case does not matter" });
/** One that is too short was never set; it is compared like any other. */
const Password = Type.String({ maxLength: MAX_PASSWORD });

/** Wrong passwords that cost nothing, and seconds until one more is forgotten: for one address, and for one account. */
const BY_ADDRESS = [20, 6] as const;
const BY_ACCOUNT = [10, 30] as const;

/** Passwords are tried through it alone. */
class PasswordTries {
	readonly #addresses = new FailedTries(...BY_ADDRESS);
	readonly #accounts = new FailedTries(...BY_ACCOUNT);
	readonly #now: () => number;

	constructor({ now }: Site) {
		this.#now = now;
	}

	/** Counts a try before its work is done, so that many at once are held back, too. Throws `Problem`. */
	async right({ ip }: FastifyRequest, account: string, work: () => Promise<boolean>): Promise<boolean> {
		const now = this.#now();
		const wait = Math.max(this.#addresses.failed(ip, now), this.#accounts.failed(account, now));
		if (wait > 0)
			throw new Problem(
				429,
				"too-many-tries",
				"too many wrong passwords: wait, or sign in with a passkey, which is always taken",
				wait,
			);
		if (!(await work())) return false;
		this.#addresses.forgive(ip, now);
		this.#accounts.forgive(account, now);
		return true;
	}
}

export function signIn(api: Api, site: Site): void {
	const { now, passwords, store } = site;
	const tries = new PasswordTries(site);
	api.post(
		"/api/sign-in",
		fromPage({
			tags: ["sign-in"],
			summary: "Signs a person in by a password; the answer sets the session's cookie",
			body: Type.Object({ login: Login, password: Password }, { additionalProperties: false }),
			response: { 204: Nothing, "4xx": { $ref: "Problem#" } },
		}),
		async (request, reply) => {
			const login = request.body.login.trim().toLowerCase();
			const person = await store.administrators.byLogin(login);
			const isRight = await tries.right(request, login, () =>
				passwords.isRight(request.body.password, person?.password),
			);
			if (!isRight || person === undefined)
				throw new Problem(403, "wrong-sign-in", "name and password do not go together");
			await beginSession(site, person, request, reply);
			reply.status(204);
			return null;
		},
	);
	api.post(
		"/api/sign-out",
		needs("monitor", { tags: ["sign-in"], summary: "Ends this session", response: { 204: Nothing } }),
		async ({ caller }, reply) => {
			const { session } = caller;
			if (session === undefined) throw new Problem(409, "no-session", "a token is ended by the owner");
			await store.sessions.end(caller.id, session.id);
			takeCookie(reply, site.address);
			reply.status(204);
			return null;
		},
	);
	api.post(
		"/api/confirm",
		needs("viewer", {
			tags: ["sign-in"],
			summary: "Confirms by the password that it is this person still, before what permits",
			body: Type.Object({ password: Password }, { additionalProperties: false }),
			response: { 204: Nothing },
		}),
		async (request, reply) => {
			const { id, session } = request.caller;
			if (session === undefined) throw new Problem(409, "no-session", "a token confirms itself");
			const person = await store.administrators.find(id);
			const isRight = await tries.right(request, person?.login ?? "", () =>
				passwords.isRight(request.body.password, person?.password),
			);
			if (!isRight) throw new Problem(403, "wrong-password", "this is not your password");
			await store.sessions.confirm(session.id, now());
			reply.status(204);
			return null;
		},
	);
}
