// SPDX-License-Identifier: Apache-2.0

import { Type } from "@fastify/type-provider-typebox";
import type { FastifyRequest } from "fastify";
import { fromHex } from "../../../protocol/bytes.js";
import { Acceptance, type Accepted } from "../invitations/accept.js";
import { reachOf } from "../invitations/door-reach.js";
import { OfferView, offerView, PhoneView, phoneView } from "../invitations/phone-view.js";
import type { Api } from "./app.js";
import { Problem } from "./problem.js";
import { Hex } from "./schemas.js";
import type { Site } from "./site.js";
import { FailedTries } from "./tries.js";

/** Bytes of a phone's request. */
const BODY_LIMIT = 4096;

const Token = Type.String({ pattern: "^[A-Za-z0-9_-]{43}$", description: "Of the link: PUBLIC/i/TOKEN" });
const Refusals = { "4xx": { $ref: "Problem#" }, "5xx": { $ref: "Problem#" } };
const EnrolmentView = Type.Object(
	{
		invitation: Type.Integer({ description: "The format's version" }),
		site: Type.String(),
		trust: Type.String({ description: "The site's newest trust list, hexadecimal" }),
		credential: Type.String({ description: "The CWT for radios, hexadecimal" }),
	},
	{ description: "As docs/phone-app.md has it" },
);
const AcceptedView = Type.Intersect([PhoneView, Type.Object({ enrolment: EnrolmentView })]);

/** What phones ask for. Nobody signs in: a link's token, or the key of a credential, says who it is. */
export function phone(api: Api, site: Site): void {
	const acceptance = new Acceptance(site);
	const tries = new FailedTries();
	/** Guesses cost time; the holder of a good link never waits for those of others. */
	const guarded = async <T>({ ip }: FastifyRequest, work: () => Promise<T>): Promise<T> => {
		try {
			await site.catchUp();
			return await work();
		} catch (error) {
			const isGuess = error instanceof Problem && GUESSES.includes(error.reason);
			const wait = isGuess ? tries.failed(ip, site.now()) : 0;
			if (wait > 0)
				throw new Problem(
					429,
					"too-many-tries",
					"too many links that are not good came from this address",
					wait,
				);
			throw error;
		}
	};
	offer(api, site, acceptance, guarded);
	accept(api, site, acceptance, guarded);
}

const GUESSES: readonly string[] = Object.freeze(["unknown-link", "bad-proof"]);

type Guarded = <T>(request: FastifyRequest, work: () => Promise<T>) => Promise<T>;

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
				return offerView(site, user, invitation.phone === undefined, invitation.until);
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

async function acceptedView(site: Site, { enrolment, invitation, user }: Accepted) {
	const { credential, expires } = invitation.phone!;
	const reach = await reachOf(site, [user]);
	return { ...(await phoneView(site, user, credential, expires, reach.get(credential)!)), enrolment };
}
