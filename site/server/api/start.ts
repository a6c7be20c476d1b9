// SPDX-License-Identifier: Apache-2.0

import { Type } from "@fastify/type-provider-typebox";
import { hashOf, idOf, SECRET_FORM } from "../secrets.js";
import { browserWords } from "../sign-in/browser.js";
import type { MadePasskey } from "../sign-in/passkeys.js";
import { MAX_PASSWORD, MIN_PASSWORD } from "../sign-in/passwords.js";
import { beginSession } from "../sign-in/sessions.js";
import type { Administrator } from "../store/administrators.js";
import type { StartLink } from "../store/start-links.js";
import type { Store } from "../store/store.js";
import { type Api, fromPage } from "./app.js";
import { wrongPasskey } from "./confirm.js";
import { PersonRole } from "./me.js";
import { CreationOptions, RegistrationResponse } from "./passkey-schemas.js";
import { Problem } from "./problem.js";
import { Nothing, Seconds } from "./schemas.js";
import type { Site } from "./site.js";

const Secret = Type.String({ pattern: SECRET_FORM, description: "What stands behind # in the link" });
export const Name = Type.String({ minLength: 1, maxLength: 100, pattern: "\\S" });
export const Login = Type.String({
	minLength: 1,
	maxLength: 200,
	pattern: "^\\S+$",
	description: "What the person signs in with: a name or an e-mail address, without spaces",
});
export const NewPassword = Type.String({ minLength: MIN_PASSWORD, maxLength: MAX_PASSWORD });

const problems = { "4xx": { $ref: "Problem#" } } as const;

/** A person who was given a link makes a way to sign in. */
export function start(api: Api, site: Site): void {
	api.post(
		"/api/start/look",
		fromPage({
			tags: ["sign-in"],
			summary: "For whom a link is, which stays good",
			body: Type.Object({ secret: Secret }, { additionalProperties: false }),
			response: {
				200: Type.Object({
					kind: Type.Enum(["owner", "join", "again"], {
						description: "The first owner, an administrator who was invited, or one who was locked out",
					}),
					name: Type.String(),
					login: Type.String(),
					role: PersonRole,
					until: Seconds,
				}),
				...problems,
			},
		}),
		async ({ body }) => {
			const { link, person } = await found(site.store, body.secret, site.now());
			const kind = link.administrator === undefined ? "owner" : person.login === undefined ? "join" : "again";
			const { login = "", name, role } = person;
			return { kind, name, login, role: role as "owner", until: link.until };
		},
	);
	api.post(
		"/api/start/passkey/options",
		fromPage({
			tags: ["sign-in"],
			summary: "What a browser makes a passkey by, for the person of a link",
			body: Type.Object({ secret: Secret, name: Name, login: Login }, { additionalProperties: false }),
			response: { 200: CreationOptions, ...problems },
		}),
		async ({ body, headers }) => {
			const { login, name, secret } = body;
			const { id } = (await found(site.store, secret, site.now())).person;
			return site.passkeys.creationOptions(headers.origin!, `start ${secret}`, { id, login, name });
		},
	);
	signUps(api, site);
}

function signUps(api: Api, site: Site): void {
	api.post(
		"/api/start",
		fromPage({
			tags: ["sign-in"],
			summary: "Signs a person up by a link of one use, and in; earlier ways to sign in as this person end",
			description: "By a passkey, a password, or both.",
			body: Type.Object(
				{
					...{ secret: Secret, name: Name, login: Login },
					password: Type.Optional(NewPassword),
					passkey: Type.Optional(RegistrationResponse),
				},
				{ additionalProperties: false },
			),
			response: { 204: Nothing, ...problems },
		}),
		async (request, reply) => {
			const { login, name, passkey, password, secret } = request.body;
			if (passkey === undefined && password === undefined)
				throw new Problem(422, "no-way-in", "a passkey or a password is needed");
			// Before work is spent on it.
			await found(site.store, secret, site.now());
			const made = passkey && (await site.passkeys.made(request.headers.origin!, `start ${secret}`, passkey));
			if (passkey !== undefined && made === undefined) throw wrongPasskey();
			const ways = {
				...{ name: name.trim(), login: login.toLowerCase() },
				password: password && (await site.passwords.hash(password)),
			};
			const person = await site.store.transaction((within) =>
				signUp(
					within,
					site,
					secret,
					ways,
					made && { ...made, name: browserWords(request.headers["user-agent"]) },
				),
			);
			await beginSession(site, person, request, reply);
			reply.status(204);
			return null;
		},
	);
}

/** The link's person: one who is not there yet has the link's id. Throws `Problem`. */
async function found(
	store: Store,
	secret: string,
	now: number,
): Promise<{ link: StartLink; person: Administrator }> {
	const link = await store.startLinks.find(hashOf(secret), now);
	if (link !== undefined) {
		const { administrator: id } = link;
		const person =
			id === undefined ? newOwner(idOf(hashOf(secret)), now) : await store.administrators.find(id);
		if (person !== undefined) return { link, person };
	}
	throw new Problem(404, "no-link", "this link was used or has ended: ask for another");
}

function newOwner(id: string, now: number): Administrator {
	return { id, name: "", login: undefined, role: "owner", doors: undefined, password: undefined, made: now };
}

async function signUp(
	within: Store,
	{ crypto, now }: Site,
	secret: string,
	ways: Pick<Administrator, "name" | "login" | "password">,
	passkey: (MadePasskey & { readonly name: string }) | undefined,
): Promise<Administrator> {
	const { person } = await found(within, secret, now());
	const other = await within.administrators.byLogin(ways.login!);
	if (other !== undefined && other.id !== person.id)
		throw new Problem(409, "login-taken", "someone else signs in by this name: choose another");
	await within.startLinks.use(hashOf(secret));
	await within.administrators.shutOut(person.id);
	const signedUp: Administrator = { ...person, ...ways };
	await within.administrators.put(signedUp);
	if (passkey !== undefined)
		await within.passkeys.add({
			...passkey,
			...{ administrator: person.id, made: now(), used: undefined },
		});
	const action = { at: now(), by: person.id, what: "sign-up", to: person.id, details: { role: person.role } };
	await within.actions.add(action, crypto);
	return signedUp;
}
