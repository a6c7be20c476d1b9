// SPDX-License-Identifier: Apache-2.0

import { Type } from "@fastify/type-provider-typebox";
import { equal, fromHex, toHex } from "../../../protocol/bytes.js";
import { EDDSA } from "../../../protocol/credential/cose.js";
import { isPublicKey } from "../../lib/public-key.js";
import type { DoorRegistration, Registered, Registration } from "../../lib/registration.js";
import { brokerPassword } from "../broker/passwords.js";
import type { Reader } from "../store/doors.js";
import type { Store } from "../store/store.js";
import { type Api, needs } from "./app.js";
import type { Caller } from "./caller.js";
import { Problem } from "./problem.js";
import { DoorId, Hex, Id16, orNull, Seconds } from "./schemas.js";
import type { Site } from "./site.js";

const Server = Type.Object({
	host: Type.String(),
	port: Type.Integer(),
	password: Type.String(),
	spread: Type.Integer(),
});

/** How a reader is made known to the server: `site/lib/registration.ts` says what the routes mean. */
export function registration(api: Api, site: Site): void {
	api.get(
		"/api/doors/:door/registration",
		needs("administrator", {
			tags: ["doors"],
			summary: "Which reader is registered for a door, and what a reader of that door is told of its broker",
			description: "Also of a door that the site does not have yet; it changes nothing.",
			params: Type.Object({ door: DoorId }),
			response: {
				200: Type.Object({
					reader: orNull(
						Type.Object({
							key: Type.String(),
							readerId: Type.String(),
							since: Seconds,
							events: Type.Integer(),
						}),
					),
					server: Server,
				}),
			},
		}),
		async ({ params }): Promise<DoorRegistration> => {
			const reader = await readerOf(site.store, params.door);
			return {
				reader: reader === undefined ? null : registered(reader),
				server: await serverOf(site, params.door),
			};
		},
	);
	api.post(
		"/api/doors",
		needs("administrator", {
			tags: ["doors"],
			summary: "Registers a reader for a door, and the door where the site has none of that name",
			description:
				"The same again changes nothing. In the place of another reader only where `replaces` is that one's key.",
			body: Type.Object(
				{
					door: DoorId,
					name: Type.String({ maxLength: 200 }),
					key: Hex(32),
					readerId: Id16,
					replaces: Type.Optional(Hex(32)),
				},
				{ additionalProperties: false },
			),
			response: { 200: Type.Object({ registered: Type.Enum(["new", "same", "replaced"]), server: Server }) },
		}),
		async (request): Promise<Registered> => ({
			registered: await register(site, request.caller, request.body),
			server: await serverOf(site, request.body.door),
		}),
	);
}

function registered({ credential, cursor, publicKey, registered }: Reader): DoorRegistration["reader"] {
	const { serial } = cursor;
	return { key: toHex(publicKey), readerId: toHex(credential), since: registered, events: serial };
}

async function serverOf({ books, broker }: Site, door: string): Promise<Registered["server"]> {
	const { host, port, secret } = broker;
	const spread = await books.spreadOf(door);
	return { host, port, password: brokerPassword(secret, door, secret.epoch), spread };
}

async function register(site: Site, caller: Caller, wanted: Registration): Promise<Registered["registered"]> {
	const { door, key, name, readerId } = wanted;
	const reader = { publicKey: fromHex(key), credential: fromHex(readerId) };
	checkReader(site, reader);
	// Before a door is made for it.
	const before = await check(site.store, wanted, reader);
	const isThere = Object.hasOwn(site.planner.content.document.doors, door);
	if (isThere && before !== undefined && isSame(before, reader)) return "same";
	if (!isThere) {
		await site.planner.edit([{ kind: "door", id: door, entry: {} }]);
		await site.store.doors.rename(door, name);
	}
	let registered: Registered["registered"] = "new";
	await site.books.register(door, reader, async (tx) => {
		// Another may have been registered meanwhile.
		const now = await check(tx, wanted, reader);
		if (now !== undefined) registered = equal(now.publicKey, reader.publicKey) ? "same" : "replaced";
		await tx.actions.add(site.action(caller, "register-reader", door, { key, readerId }), site.crypto);
	});
	await site.doorChanged(door);
	return registered;
}

type NewReader = Pick<Reader, "publicKey" | "credential">;

function isSame(one: NewReader, other: NewReader): boolean {
	return equal(one.publicKey, other.publicKey) && equal(one.credential, other.credential);
}

/** Throws `Problem` where no door may have this reader. */
function checkReader({ keys }: Site, { credential, publicKey }: NewReader): void {
	if (!isPublicKey({ algorithm: EDDSA, publicKey }))
		throw new Problem(422, "bad-key", "key is no public key of Ed25519");
	if (keys.trust.isRevoked(credential))
		throw new Problem(409, "revoked", "the site's trust list has revoked this reader");
}

/** Also of a door that was removed: it comes back with its reader. */
async function readerOf({ doors }: Store, door: string): Promise<Reader | undefined> {
	return (await doors.readers(door)).find(({ replaced }) => replaced === undefined);
}

/** The reader that the door has. Throws `Problem` where this one may not take its place. */
async function check(
	store: Store,
	{ door, replaces }: Registration,
	{ publicKey }: NewReader,
): Promise<Reader | undefined> {
	const known = await store.doors.readerWith(publicKey);
	if (known !== undefined && known.door !== door)
		throw new Problem(
			409,
			"other-door",
			`this reader is, or was, at door ${known.door}: commission it anew, so that it draws other keys`,
		);
	const before = await readerOf(store, door);
	if (before !== undefined && !equal(before.publicKey, publicKey) && toHex(before.publicKey) !== replaces)
		throw new Problem(409, "other-reader", `door ${door} has another reader`);
	return before;
}
