// SPDX-License-Identifier: Apache-2.0

import { Type } from "@fastify/type-provider-typebox";
import type { FastifyRequest } from "fastify";
import { fromHex, toHex } from "../../../protocol/bytes.js";
import { Acceptance, type Accepted } from "../invitations/accept.js";
import { reachOf } from "../invitations/door-reach.js";
import type { Cwts } from "../invitations/issue.js";
import { Passes } from "../invitations/passes.js";
import { OfferView, offerView, PhoneView, phoneView } from "../invitations/phone-view.js";
import type { Invitation } from "../store/invitations.js";
import type { User } from "../store/users.js";
import type { Api } from "./app.js";
import { type PhoneCaller, signedScope } from "./phone-caller.js";
import { phoneLost, phoneMove } from "./phone-move.js";
import { phonePasses } from "./phone-passes.js";
import { Problem } from "./problem.js";
import { Hex } from "./schemas.js";
import type { Site } from "./site.js";
import { FailedTries } from "./tries.js";

/** Bytes of a phone's request. */
const BODY_LIMIT = 4096;
/** Trust lists in one answer. */
const MAX_LISTS = 20;

const Token = Type.String({ pattern: "^[A-Za-z0-9_-]{43}$", description: "Of the link: PUBLIC/i/TOKEN" });
export const Refusals = { "4xx": { $ref: "Problem#" }, "5xx": { $ref: "Problem#" } };
const EnrolmentView = Type.Object(
	{
		invitation: Type.Integer({ description: "The format's version" }),
		site: Type.String(),
		trust: Type.String({ description: "The site's newest trust list, hexadecimal" }),
		credential: Type.String({ description: "The CWT for radios, hexadecimal" }),
	},
	{ description: "As docs/phone-app.md has it" },
);
const Code = Type.String({ description: "The CWT for scanners, hexadecimal" });
const AcceptedView = Type.Intersect([
	PhoneView,
	Type.Object({ enrolment: EnrolmentView, code: Type.Optional(Code) }),
]);
const StateView = Type.Intersect([
	PhoneView,
	Type.Object({
		lists: Type.Array(Type.String(), {
			description: "Trust lists after the phone's, oldest first, hexadecimal; ask again where there are 20",
		}),
		renewed: Type.Optional(Type.String({ description: "A newer CWT for radios, hexadecimal" })),
		code: Type.Optional(Code),
	}),
]);

/** What phones ask for. Nobody signs in: a link's token, or the key of a credential, says who it is. */
export function phone(api: Api, site: Site): void {
	const acceptance = new Acceptance(site);
	// Pages of other sites' servers ask, too, as one phone holds several sites. There is no cookie to be misused.
	api.addHook("onRequest", async (request, reply) => {
		if (request.url.startsWith("/api/phone/")) reply.headers(TO_ANY_PAGE);
	});
	api.options("/api/phone/*", { schema: { hide: true } }, async (_, reply) =>
		reply
			.header("access-control-allow-methods", "GET, POST, DELETE")
			.header("access-control-allow-headers", ALLOWED_HEADERS)
			.header("access-control-max-age", 86_400)
			.status(204)
			.send(),
	);
	const guarded = guard(site);
	offer(api, site, acceptance, guarded);
	phoneLost(api, site);
	accept(api, site, acceptance, guarded);
	const passes = new Passes(site);
	signedScope(api, site, guarded, (scope, callerOf) => {
		state(scope, site, acceptance, callerOf);
		phonePasses(scope, site, passes, callerOf);
		phoneMove(scope, site, callerOf);
	});
}

/** `Date`: a phone whose clock is wrong learns the time. */
const TO_ANY_PAGE = Object.freeze({
	"access-control-allow-origin": "*",
	"access-control-expose-headers": "date",
});
const ALLOWED_HEADERS = "content-type, lintel-page, lintel-credential, lintel-time, lintel-signature";
const GUESSES: readonly string[] = Object.freeze(["unknown-link", "unknown-credential", "bad-proof"]);

export type Guarded = <T>(request: FastifyRequest, work: () => Promise<T>) => Promise<T>;

/** Guesses cost time; who has a good link or key never waits for those of others. */
function guard(site: Site): Guarded {
	const tries = new FailedTries();
	return async ({ ip }, work) => {
		try {
			await site.catchUp();
			return await work();
		} catch (error) {
			const isGuess = error instanceof Problem && GUESSES.includes(error.reason);
			const wait = isGuess ? tries.failed(ip, site.now()) : 0;
			if (wait === 0) throw error;
			throw new Problem(
				429,
				"too-many-tries",
				"too many links that are not good came from this address",
				wait,
			);
		}
	};
}

function offer(api: Api, site: Site, acceptance: Acceptance, guarded: Guarded): void {
	api.get(
		"/api/phone/invitations/:token",
		{
			schema: {
				tags: ["phone"],
				summary: "What an invitation is about; it accepts nothing",
				description:
					"With the header `Lintel-Page: 1`, which the page sends and a scanner of mails does not, the invitation is noted as opened.",
				params: Type.Object({ token: Token }),
				response: { 200: OfferView, ...Refusals },
			},
		},
		(request) =>
			guarded(request, async () => {
				const { invitation, user } = await acceptance.find(request.params.token);
				if (request.headers["lintel-page"] === "1") await acceptance.opened(invitation);
				return offerView(site, user, invitation);
			}),
	);
}

function accept(api: Api, site: Site, acceptance: Acceptance, guarded: Guarded): void {
	api.post(
		"/api/phone/accept",
		{
			bodyLimit: BODY_LIMIT,
			schema: {
				tags: ["phone"],
				summary: "Accepts an invitation on the phone that has this key",
				description:
					"The same phone gets the same answer again; another one is refused with `used`. docs/formats/phone-api.md has what is signed.",
				body: Type.Object(
					{ token: Token, publicKey: Hex(32), signature: Hex(64) },
					{ additionalProperties: false },
				),
				response: { 200: AcceptedView, ...Refusals },
			},
		},
		(request) =>
			guarded(request, async () => {
				const { publicKey, signature, token } = request.body;
				return acceptedView(site, await acceptance.accept(token, fromHex(publicKey), fromHex(signature)));
			}),
	);
}

async function acceptedView(site: Site, { code, enrolment, invitation, user }: Accepted) {
	return { ...(await viewOf(site, invitation, user)), enrolment, ...(code && { code: toHex(code) }) };
}

async function viewOf(site: Site, { phone }: Invitation, user: User): Promise<PhoneView> {
	const { credential, expires } = phone!;
	const reach = await reachOf(site, [user]);
	return phoneView(site, user, credential, expires, reach.get(credential)!);
}

/** That of a visitor is for scanners alone, and in the place of both. */
function cwtsView({ code, radio }: Cwts): { renewed: string; code?: string } {
	return { renewed: toHex((radio ?? code)!), ...(code && { code: toHex(code) }) };
}

function state(
	api: Api,
	site: Site,
	acceptance: Acceptance,
	callerOf: (request: FastifyRequest) => PhoneCaller,
): void {
	api.post(
		"/api/phone/state",
		{
			bodyLimit: BODY_LIMIT,
			schema: {
				tags: ["phone"],
				summary: "What the site has of a phone's credential, what is new to the phone, renewed CWTs",
				description: "Signed by the credential's key: docs/formats/phone-api.md.",
				body: Type.Object(
					{
						list: Type.Integer({ minimum: 0, description: "Version of the trust list that the phone has" }),
						expires: Type.Optional(
							Type.Integer({ minimum: 0, description: "When the CWTs end that the phone has" }),
						),
					},
					{ additionalProperties: false },
				),
				response: { 200: StateView, ...Refusals },
			},
		},
		async (request) => {
			const { invitation, user } = callerOf(request);
			const { expires, list } = request.body;
			const renewed = await acceptance.renew(invitation, expires);
			const now = renewed === undefined ? invitation : { ...invitation, phone: renewed.phone };
			return {
				...(await viewOf(site, now, user)),
				lists: site.keys.lists.slice(list, list + MAX_LISTS).map(toHex),
				...(renewed && cwtsView(renewed.cwts)),
			};
		},
	);
}
