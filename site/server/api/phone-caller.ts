// SPDX-License-Identifier: Apache-2.0

import type { TypeBoxTypeProvider } from "@fastify/type-provider-typebox";
import type { FastifyRequest } from "fastify";
import { fromHex } from "../../../protocol/bytes.js";
import { MAX_OFF_S, PHONE_HEADERS, requestMessage } from "../../lib/phone-request.js";
import type { Invitation } from "../store/invitations.js";
import type { User } from "../store/users.js";
import type { Api } from "./app.js";
import type { Guarded } from "./phone.js";
import { Problem } from "./problem.js";
import type { Site } from "./site.js";
import { FailedTries } from "./tries.js";

/** A phone that has signed its request. */
export interface PhoneCaller {
	readonly invitation: Invitation;
	readonly user: User;
}

/** So often a phone may ask at a time, and then once in so many seconds. */
const FREE = 60;
const EVERY_S = 1;
/** That a phone was heard of is written down once in so many seconds. */
const SEEN_S = 60;

const NOTHING = new Uint8Array(0);

/**
 * Routes whose requests a credential's key signs. Their bodies are kept as they came, since that is what is signed; the routes get their
 * caller by `callerOf`.
 */
export function signedScope(
	api: Api,
	site: Site,
	guarded: Guarded,
	routes: (scope: Api, callerOf: (request: FastifyRequest) => PhoneCaller) => void,
): void {
	const bodies = new WeakMap<FastifyRequest, Uint8Array>();
	const callers = new WeakMap<FastifyRequest, PhoneCaller>();
	const pace = new FailedTries(FREE, EVERY_S);
	api.register(async (plain) => {
		const scope = plain.withTypeProvider<TypeBoxTypeProvider>() as Api;
		scope.removeContentTypeParser("application/json");
		scope.addContentTypeParser(
			"application/json",
			{ parseAs: "buffer" },
			async (request: FastifyRequest, body: Buffer) => {
				bodies.set(request, body);
				try {
					return JSON.parse(body.toString("utf8")) as unknown;
				} catch {
					throw new Problem(400, "malformed", "the body is no JSON");
				}
			},
		);
		scope.addHook("preValidation", async (request) => {
			const caller = await guarded(request, () => callerOf(site, request, bodies.get(request) ?? NOTHING));
			const { credential, seen } = caller.invitation.phone!;
			const wait = pace.failed(credential, site.now());
			if (wait > 0) throw new Problem(429, "too-often", "this phone asks too often", wait);
			if (site.now() - seen >= SEEN_S) await site.store.invitations.seen(caller.invitation.id, site.now());
			callers.set(request, caller);
		});
		routes(scope, (request) => callers.get(request)!);
	});
}

/** Throws `Problem`. */
async function callerOf(site: Site, request: FastifyRequest, body: Uint8Array): Promise<PhoneCaller> {
	const { credential, signature, time } = signedHeaders(request);
	const invitation = await site.store.invitations.findCredential(credential);
	if (invitation?.phone === undefined)
		throw new Problem(404, "unknown-credential", "the site has issued no such credential to a phone");
	const signed = { site: site.id, credential, path: request.url, time };
	const message = requestMessage(signed, site.crypto.sha256(body));
	if (!site.crypto.ed25519Verify(signature, message, invitation.phone.publicKey))
		throw new Problem(403, "bad-proof", "the request is not signed by the credential's key");
	if (Math.abs(time - site.now()) > MAX_OFF_S)
		throw new Problem(
			403,
			"clock-off",
			`the phone's clock is off by ${Math.abs(time - site.now())} s: it has to be set, at most ${MAX_OFF_S} are taken`,
		);
	const user = site.planner.content.users.find(({ id }) => id === invitation.user);
	const own = user?.credentials.find(({ id }) => id === credential);
	if (user === undefined || own === undefined || own.entry.revoked)
		throw new Problem(410, "revoked", "the site has revoked this credential: no door opens by it any more");
	return { invitation, user };
}

function signedHeaders({ headers }: FastifyRequest): {
	credential: string;
	signature: Uint8Array;
	time: number;
} {
	const [credential, signature, time] = [
		PHONE_HEADERS.credential,
		PHONE_HEADERS.signature,
		PHONE_HEADERS.time,
	].map((name) => (typeof headers[name] === "string" ? headers[name] : ""));
	if (!/^[0-9a-f]{16}$/.test(credential!) || !/^[0-9a-f]{128}$/.test(signature!) || !/^\d{1,12}$/.test(time!))
		throw new Problem(401, "not-signed", "a phone signs its request: docs/formats/phone-api.md");
	return { credential: credential!, signature: fromHex(signature!), time: Number(time) };
}
