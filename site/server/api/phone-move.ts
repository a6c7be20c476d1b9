// SPDX-License-Identifier: Apache-2.0

import { Type } from "@fastify/type-provider-typebox";
import type { FastifyRequest } from "fastify";
import { Invitations } from "../invitations/invitations.js";
import { phoneSettings } from "../invitations/phone-settings.js";
import type { User } from "../store/users.js";
import type { Api } from "./app.js";
import type { PhoneCaller } from "./phone-caller.js";
import { Problem } from "./problem.js";
import { Nothing } from "./schemas.js";
import type { Site } from "./site.js";
import { FailedTries } from "./tries.js";

const BODY_LIMIT = 4096;
const Refusals = { "4xx": { $ref: "Problem#" }, "5xx": { $ref: "Problem#" } };
/** Mails that an address may ask for at a time, and then one in so many seconds. */
const FREE = 5;
const EVERY_S = 600;
/** People with one address at most, such as a family's. */
const MAX_SHARED = 5;

/** A new phone in the place of the one before, by the phone that is still there. */
export function phoneMove(api: Api, site: Site, callerOf: (request: FastifyRequest) => PhoneCaller): void {
	const invitations = new Invitations(site);
	api.post(
		"/api/phone/move",
		{
			bodyLimit: BODY_LIMIT,
			schema: {
				tags: ["phone"],
				summary: "A link for another phone of the same person; accepting it revokes this phone's credential",
				body: Type.Object({}, { additionalProperties: false }),
				response: { 201: Type.Object({ link: Type.String() }), ...Refusals },
			},
		},
		async (request, reply) => {
			const { invitation, user } = callerOf(request);
			const { credential } = invitation.phone!;
			if ((await site.store.passes.find(user.id)) !== undefined)
				throw new Problem(403, "visitor", "a visitor's pass stays on its phone: ask for another");
			const { link } = await invitations.make({ id: credential }, user, "link", { replaces: credential });
			reply.status(201);
			return { link: link! };
		},
	);
}

/** The same where the phone is lost: by a mail to the address that the site has. What is answered says nothing of who is known. */
export function phoneLost(api: Api, site: Site): void {
	const tries = new FailedTries(FREE, EVERY_S);
	const invitations = new Invitations(site);
	api.post(
		"/api/phone/lost",
		{
			bodyLimit: BODY_LIMIT,
			schema: {
				tags: ["phone"],
				summary: "Sends a link for a new phone to a person's own address, if the site knows it",
				description:
					"Answered alike whoever asks. The link revokes the credential of the phone before when it is accepted. Of people with several phones an administrator has to know which.",
				body: Type.Object(
					{ email: Type.String({ minLength: 3, maxLength: 254 }) },
					{ additionalProperties: false },
				),
				response: { 204: Nothing, ...Refusals },
			},
		},
		async ({ body, ip }, reply) => {
			if (!(await phoneSettings(site.store)).lostByMail)
				throw new Problem(
					403,
					"not-by-mail",
					"ask an administrator of the site for a link for your new phone",
				);
			const wait = tries.failed(ip, site.now());
			if (wait > 0) throw new Problem(429, "too-many-tries", "too many mails were asked for from here", wait);
			site.outbox.run(async () => {
				await site.catchUp();
				for (const user of usersOf(site, body.email)) await send(site, invitations, user);
			});
			reply.status(204);
			return null;
		},
	);
}

function usersOf({ planner }: Site, address: string): User[] {
	const wanted = address.trim().toLowerCase();
	return planner.content.users.filter(({ email }) => email?.toLowerCase() === wanted).slice(0, MAX_SHARED);
}

async function send({ store }: Site, invitations: Invitations, user: User): Promise<void> {
	const live = user.credentials.filter(({ entry, publicKey }) => !entry.revoked && publicKey !== undefined);
	const [credential, ...others] = live;
	if (credential === undefined || others.length > 0 || (await store.passes.find(user.id)) !== undefined)
		return;
	try {
		await invitations.make({ id: credential.id }, user, "email", { replaces: credential.id });
	} catch (error) {
		// That it is refused is nothing that whoever asks is to know.
		if (!(error instanceof Problem)) throw error;
	}
}
