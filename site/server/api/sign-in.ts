// SPDX-License-Identifier: Apache-2.0

import { Type } from "@fastify/type-provider-typebox";
import type { FastifyReply, FastifyRequest } from "fastify";
import { takeCookie } from "../sign-in/cookie.js";
import { codeHash } from "../sign-in/recovery-codes.js";
import { beginSession } from "../sign-in/sessions.js";
import type { Administrator } from "../store/administrators.js";
import { type Api, fromPage, needs } from "./app.js";
import { confirm, Password, wrongPasskey } from "./confirm.js";
import { AuthenticationResponse, RequestOptions } from "./passkey-schemas.js";
import { PasswordTries } from "./password-tries.js";
import { Problem } from "./problem.js";
import { Nothing } from "./schemas.js";
import type { Site } from "./site.js";
import { FailedTries } from "./tries.js";

const Login = Type.String({ minLength: 1, maxLength: 200, description: "Case does not matter" });
const problems = { "4xx": { $ref: "Problem#" } } as const;

export function signIn(api: Api, site: Site): void {
	const tries = new PasswordTries(site.now);
	byPassword(api, site, tries);
	byPasskey(api, site);
	confirm(api, site, tries);
	api.post(
		"/api/sign-out",
		needs("monitor", {
			scope: "site",
			ends: true,
			tags: ["sign-in"],
			summary: "Ends this session",
			response: { 204: Nothing },
		}),
		async ({ caller }, reply) => {
			const { session } = caller;
			if (session === undefined) throw new Problem(409, "no-session", "a token is ended by the owner");
			await site.store.sessions.end(caller.id, session.id);
			takeCookie(reply, site.address);
			reply.status(204);
			return null;
		},
	);
}

/** What a person knows: the password, or in its place a recovery code. */
function byPassword(api: Api, site: Site, tries: PasswordTries): void {
	const { passwords, store } = site;
	const enter = async (
		{ login, request, reply }: { login: string; request: FastifyRequest; reply: FastifyReply },
		isRight: (person: Administrator | undefined) => Promise<boolean>,
	): Promise<null> => {
		const name = login.trim().toLowerCase();
		const found = await store.administrators.byLogin(name);
		const person = await tries.right(request, name, async () => ((await isRight(found)) ? found : undefined));
		if (person === undefined) throw new Problem(403, "wrong-sign-in", "these do not go together");
		await beginSession(site, person, request, reply);
		reply.status(204);
		return null;
	};
	api.post(
		"/api/sign-in",
		fromPage({
			tags: ["sign-in"],
			summary: "Signs a person in by a password; the answer sets the session's cookie",
			body: Type.Object({ login: Login, password: Password }, { additionalProperties: false }),
			response: { 204: Nothing, ...problems },
		}),
		async (request, reply) => {
			const { login, password } = request.body;
			return enter({ login, request, reply }, (person) => passwords.isRight(password, person?.password));
		},
	);
	api.post(
		"/api/sign-in/code",
		fromPage({
			tags: ["sign-in"],
			summary: "Signs a person in by a recovery code, which is worth nothing from then on",
			body: Type.Object(
				{ login: Login, code: Type.String({ maxLength: 40 }) },
				{ additionalProperties: false },
			),
			response: { 204: Nothing, ...problems },
		}),
		async (request, reply) => {
			const { code, login } = request.body;
			return enter({ login, request, reply }, async (person) => {
				// Of a name that nobody has likewise: how long it takes says nothing.
				const isRight = await store.administrators.useCode(person?.id ?? "", codeHash(code));
				if (isRight) await site.act({ id: person!.id }, "use-recovery-code", person!.id);
				return isRight;
			});
		},
	);
}

function byPasskey(api: Api, site: Site): void {
	const tries = new FailedTries();
	api.post(
		"/api/sign-in/passkey/options",
		fromPage({
			tags: ["sign-in"],
			summary: "What a browser signs with a passkey to sign in",
			response: { 200: RequestOptions, ...problems },
		}),
		async ({ headers }) => site.passkeys.requestOptions(headers.origin!, SIGN_IN),
	);
	api.post(
		"/api/sign-in/passkey",
		fromPage({
			tags: ["sign-in"],
			summary: "Signs a person in by a passkey; a right one is always taken",
			body: Type.Object({ response: AuthenticationResponse }, { additionalProperties: false }),
			response: { 204: Nothing, ...problems },
		}),
		async (request, reply) => {
			const passkey = await site.passkeys.signed(request.headers.origin!, SIGN_IN, request.body.response);
			const person = passkey && (await site.store.administrators.find(passkey.administrator));
			if (person === undefined) throw wrongPasskey(tries.failed(request.ip, site.now()));
			await beginSession(site, person, request, reply);
			reply.status(204);
			return null;
		},
	);
}

const SIGN_IN = "sign-in";
