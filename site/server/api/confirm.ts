// SPDX-License-Identifier: Apache-2.0

import { Type } from "@fastify/type-provider-typebox";
import type { FastifyRequest } from "fastify";
import { MAX_PASSWORD } from "../sign-in/passwords.js";
import { type Api, needs } from "./app.js";
import { AuthenticationResponse, RequestOptions } from "./passkey-schemas.js";
import type { PasswordTries } from "./password-tries.js";
import { Problem } from "./problem.js";
import { Nothing } from "./schemas.js";
import type { Site } from "./site.js";

/** One that is too short was never set; it is compared like any other. */
export const Password = Type.String({ maxLength: MAX_PASSWORD });

/** Confirming again who a person is, before what permits. */
export function confirm(api: Api, site: Site, tries: PasswordTries): void {
	const { now, passwords, store } = site;
	api.post(
		"/api/confirm",
		needs("viewer", {
			scope: "site",
			tags: ["sign-in"],
			summary: "Confirms by the password that it is this person still, before what permits",
			body: Type.Object({ password: Password }, { additionalProperties: false }),
			response: { 204: Nothing },
		}),
		async (request, reply) => {
			const { id, session } = personOf(request);
			const person = await store.administrators.find(id);
			const right = await tries.right(request, person?.login ?? "", async () =>
				(await passwords.isRight(request.body.password, person?.password)) ? true : undefined,
			);
			if (!right) throw new Problem(403, "wrong-password", "this is not your password");
			await store.sessions.confirm(session, now());
			reply.status(204);
			return null;
		},
	);
	api.post(
		"/api/confirm/passkey/options",
		needs("viewer", {
			scope: "site",
			tags: ["sign-in"],
			summary: "What a browser signs with a passkey of this person's to confirm",
			response: { 200: RequestOptions },
		}),
		async (request) => {
			const { id, session } = personOf(request);
			return site.passkeys.requestOptions(request.headers.origin!, `confirm ${session}`, id);
		},
	);
	api.post(
		"/api/confirm/passkey",
		needs("viewer", {
			scope: "site",
			tags: ["sign-in"],
			summary: "Confirms by a passkey that it is this person still",
			body: Type.Object({ response: AuthenticationResponse }, { additionalProperties: false }),
			response: { 204: Nothing },
		}),
		async (request, reply) => {
			const { id, session } = personOf(request);
			const { origin } = request.headers;
			const passkey = await site.passkeys.signed(origin!, `confirm ${session}`, request.body.response);
			if (passkey?.administrator !== id) throw wrongPasskey();
			await store.sessions.confirm(session, now());
			reply.status(204);
			return null;
		},
	);
}

/** The person who calls, and the id of the session. Throws `Problem` of a token. */
export function personOf({ caller }: FastifyRequest): { readonly id: string; readonly session: string } {
	const { id, session } = caller;
	if (session === undefined) throw new Problem(409, "no-person", "this is for people who have signed in");
	return { id, session: session.id };
}

/** `wait`: seconds, where there were too many. */
export function wrongPasskey(wait = 0): Problem {
	return wait > 0
		? new Problem(429, "too-many-tries", "too many passkeys were refused", wait)
		: new Problem(
				403,
				"wrong-passkey",
				"this passkey is not known here, or its answer came too late: try again",
			);
}
