// SPDX-License-Identifier: Apache-2.0

import { type Static, Type } from "@fastify/type-provider-typebox";
import { browserWords } from "../sign-in/browser.js";
import { newRecoveryCodes } from "../sign-in/recovery-codes.js";
import { beginSession } from "../sign-in/sessions.js";
import { type Api, needs } from "./app.js";
import { personOf, wrongPasskey } from "./confirm.js";
import { CreationOptions, RegistrationResponse } from "./passkey-schemas.js";
import { notFound, Problem } from "./problem.js";
import { Id16, Nothing, orNull, Seconds } from "./schemas.js";
import type { Site } from "./site.js";
import { Name, NewPassword } from "./start.js";

const PasskeyView = Type.Object({
	id: Type.String(),
	name: Type.String(),
	made: Seconds,
	used: orNull(Seconds),
});
const Ways = Type.Object({
	login: Type.String(),
	password: Type.Boolean({ description: "Whether there is one" }),
	codes: Type.Integer({ description: "Recovery codes that are left" }),
	passkeys: Type.Array(PasskeyView),
	sessions: Type.Array(
		Type.Object({
			id: Type.String(),
			browser: Type.String({ description: "In words" }),
			made: Seconds,
			seen: Seconds,
			own: Type.Boolean({ description: "The one that asks" }),
		}),
	),
});
/** A person's own ways to sign in, and where the person is signed in. */
export function account(api: Api, site: Site): void {
	ways(api, site);
	passwords(api, site);
	passkeys(api, site);
	sessions(api, site);
}

function ways(api: Api, site: Site): void {
	const { now, store } = site;
	api.get(
		"/api/me/sign-in",
		needs("viewer", {
			scope: "site",
			tags: ["account"],
			summary: "How you sign in, and where you are signed in",
			response: { 200: Ways },
		}),
		async (request): Promise<Static<typeof Ways>> => {
			const { id, session } = personOf(request);
			const person = await store.administrators.find(id);
			const passkeys = await store.passkeys.list(id);
			const sessions = await store.sessions.list(id, now());
			return {
				login: person?.login ?? "",
				password: person?.password !== undefined,
				codes: await store.administrators.codesLeft(id),
				passkeys: passkeys.map(({ id, made, name, used = null }) => ({ id, name, made, used })),
				sessions: sessions.map(({ browser, id, made, seen }) => ({
					...{ id, browser, made, seen },
					own: id === session,
				})),
			};
		},
	);
	api.post(
		"/api/me/codes",
		needs("viewer", {
			confirmed: true,
			scope: "site",
			tags: ["account"],
			summary: "Makes 8 recovery codes of one use each, in place of those of before",
			description: "The answer is the only place where they stand.",
			response: { 201: Type.Object({ codes: Type.Array(Type.String()) }) },
		}),
		async (request, reply) => {
			const { id } = personOf(request);
			const { codes, hashes } = newRecoveryCodes();
			await store.administrators.setCodes(id, hashes);
			await site.act(request.caller, "make-recovery-codes", id);
			reply.status(201);
			return { codes };
		},
	);
}

function passwords(api: Api, site: Site): void {
	const { store } = site;
	api.put(
		"/api/me/password",
		needs("viewer", {
			confirmed: true,
			scope: "site",
			ends: true,
			tags: ["account"],
			summary: "Puts your password; you stay signed in here, and nowhere else",
			body: Type.Object({ password: NewPassword }, { additionalProperties: false }),
			response: { 204: Nothing },
		}),
		async (request, reply) => {
			const { id } = personOf(request);
			const password = await site.passwords.hash(request.body.password);
			const person = (await store.administrators.find(id))!;
			await store.transaction(async (within) => {
				await within.administrators.put({ ...person, password });
				await within.sessions.endAll(id);
				await within.actions.add(site.action(request.caller, "change-password", id), site.crypto);
			});
			await beginSession(site, person, request, reply);
			reply.status(204);
			return null;
		},
	);
}

function passkeys(api: Api, site: Site): void {
	const { now, store } = site;
	api.post(
		"/api/me/passkeys/options",
		needs("viewer", {
			confirmed: true,
			scope: "site",
			tags: ["account"],
			summary: "What a browser makes a passkey of yours by",
			response: { 200: CreationOptions },
		}),
		async (request) => {
			const { id } = personOf(request);
			const { login = "", name } = (await store.administrators.find(id))!;
			return site.passkeys.creationOptions(request.headers.origin!, `passkey ${id}`, { id, login, name });
		},
	);
	api.post(
		"/api/me/passkeys",
		needs("viewer", {
			confirmed: true,
			scope: "site",
			tags: ["account"],
			summary: "Adds a passkey that your browser has made",
			body: Type.Object(
				{ name: Type.Optional(Name), response: RegistrationResponse },
				{ additionalProperties: false },
			),
			response: { 201: PasskeyView },
		}),
		async (request, reply) => {
			const { id: administrator } = personOf(request);
			const { name = browserWords(request.headers["user-agent"]), response } = request.body;
			const made = await site.passkeys.made(request.headers.origin!, `passkey ${administrator}`, response);
			if (made === undefined) throw wrongPasskey();
			const passkey = { ...made, administrator, name, made: now(), used: undefined };
			await store.passkeys.add(passkey);
			await site.act(request.caller, "add-passkey", administrator);
			reply.status(201);
			return { id: passkey.id, name, made: passkey.made, used: null };
		},
	);
	endingPasskey(api, site);
}

function endingPasskey(api: Api, site: Site): void {
	const { store } = site;
	api.delete(
		"/api/me/passkeys/:id",
		needs("viewer", {
			confirmed: true,
			scope: "site",
			tags: ["account"],
			summary: "Ends a passkey of yours; not the last way in",
			params: Type.Object({ id: Type.String({ maxLength: 1400 }) }),
			response: { 204: Nothing },
		}),
		async (request, reply) => {
			const { id } = personOf(request);
			await store.transaction(async (within) => {
				if (!(await within.passkeys.remove(id, request.params.id))) throw notFound("passkey of yours");
				const { password } = (await within.administrators.find(id))!;
				if (password === undefined && (await within.passkeys.list(id)).length === 0)
					throw new Problem(
						409,
						"last-way",
						"add another passkey or a password first: it is your last way in",
					);
				await within.actions.add(site.action(request.caller, "end-passkey", id), site.crypto);
			});
			reply.status(204);
			return null;
		},
	);
}

function sessions(api: Api, { store }: Site): void {
	api.delete(
		"/api/me/sessions/:id",
		needs("viewer", {
			scope: "site",
			ends: true,
			tags: ["account"],
			summary: "Signs you out at another browser",
			params: Type.Object({ id: Id16 }),
			response: { 204: Nothing },
		}),
		async (request, reply) => {
			const { id } = personOf(request);
			if (!(await store.sessions.end(id, request.params.id))) throw notFound("session of yours");
			reply.status(204);
			return null;
		},
	);
	api.delete(
		"/api/me/sessions",
		needs("viewer", {
			scope: "site",
			ends: true,
			tags: ["account"],
			summary: "Signs you out everywhere else",
			response: { 204: Nothing },
		}),
		async (request, reply) => {
			const { id, session } = personOf(request);
			await store.sessions.endAll(id, session);
			reply.status(204);
			return null;
		},
	);
}
