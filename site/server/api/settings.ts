// SPDX-License-Identifier: Apache-2.0

import { type Static, Type } from "@fastify/type-provider-typebox";
import { toHex, utf8Encode } from "../../../protocol/bytes.js";
import { MAX_SPREAD } from "../../../protocol/config/server.js";
import { openConfiguration } from "../../../protocol/config/signed.js";
import { MAX_PASSWORD, MAX_SSID, MIN_PASSWORD } from "../../../protocol/provisioning/bounds.js";
import { MAX_WHOLE } from "../../../protocol/sync/bounds.js";
import { SOUNDS } from "../../../protocol/sync/messages.js";
import type { Settings } from "../../lib/sync/books.js";
import { numberIn, shownSettings } from "../door-settings.js";
import type { Door } from "../store/doors.js";
import { type Api, needs } from "./app.js";
import { notFound, Problem } from "./problem.js";
import { DoorId, Nothing, orNull } from "./schemas.js";
import type { Site } from "./site.js";

const Params = Type.Object({ door: DoorId });
const Sounds = Type.Enum([...SOUNDS]);
/** Characters of base64. */
const MAX_ENVELOPE = 4 * Math.ceil(MAX_WHOLE / 3);

const STATES = ["waiting", "taken", "refused"] as const;
const state = {
	state: Type.Enum([...STATES], { description: "What the reader has said of it" }),
	reason: orNull(Type.String({ description: "Why the reader has refused it" })),
	at: orNull(Type.Integer({ description: "When it said so, seconds since 1970; null: not yet" })),
};

export const SettingsView = Type.Object({
	...state,
	sounds: orNull(Sounds),
	spread: orNull(Type.Integer()),
	ssid: orNull(Type.String()),
});
export const ConfigurationView = Type.Object({ ...state, number: Type.Integer() });

/** What the site has given a door last, and what has become of it; null: nothing. */
export function settingsOf(site: Site, { id, settings }: Door): Static<typeof SettingsView> | null {
	if (settings !== undefined) return { ...WAITING, ...shownSettings(settings) };
	const answer = site.report(id).settings;
	return answer === undefined ? null : answered(answer.at, answer.says);
}

export function configurationOf(
	site: Site,
	{ configuration, id }: Door,
): Static<typeof ConfigurationView> | null {
	if (configuration !== undefined) return { ...WAITING, number: numberIn(configuration) };
	const answer = site.report(id).configuration;
	return answer === undefined ? null : answered(answer.at, answer.says);
}

const WAITING = { state: "waiting", reason: null, at: null } as const;

function answered<S extends { readonly refusal: string | null }>(
	at: number,
	{ refusal, ...says }: S,
): Omit<S, "refusal"> & { state: (typeof STATES)[number]; reason: string | null; at: number } {
	return { state: refusal === null ? "taken" : "refused", reason: refusal, at, ...says };
}

export function settings(api: Api, site: Site): void {
	giving(api, site);
	configuring(api, site);
}

async function found(site: Site, id: string): Promise<Door> {
	const door = await site.store.doors.find(id);
	if (door === undefined) throw notFound("door");
	return door;
}

function giving(api: Api, site: Site): void {
	api.patch(
		"/api/doors/:door/settings",
		needs("administrator", {
			tags: ["doors"],
			summary: "Gives a reader what a site may set by itself: sounds, spread, Wi-Fi",
			description:
				"With what it has not taken yet. It goes to the reader in its session; the door's `settings` say what has become of it. A network is tried: one in which the reader finds no session is given up again, and the door's log says so.",
			params: Params,
			body: Type.Object(
				{
					sounds: Type.Optional(Sounds),
					spread: Type.Optional(Type.Integer({ minimum: 0, maximum: MAX_SPREAD, description: "s" })),
					wifi: Type.Optional(
						Type.Object(
							{
								ssid: Type.String({ minLength: 1, maxLength: MAX_SSID }),
								password: Type.String({
									maxLength: MAX_PASSWORD,
									description: "Empty: an open network. No answer has it",
								}),
							},
							{ additionalProperties: false },
						),
					),
				},
				{ additionalProperties: false, minProperties: 1 },
			),
			response: { 204: Nothing },
		}),
		async (request, reply) => {
			const { sounds, spread, wifi } = request.body;
			const { id } = await found(site, request.params.door);
			if (wifi !== undefined) checkNetwork(wifi);
			const given: Partial<Settings> = {
				...(sounds !== undefined && { sounds: SOUNDS.indexOf(sounds) }),
				...(spread !== undefined && { spread }),
				...wifi,
			};
			// A network's password is in no log.
			const { password: _, ...shown } = given;
			await site.act(request.caller, "give-settings", id, { ...shown, ...(sounds && { sounds }) });
			await site.books.setSettings(id, given);
			reply.status(204);
			return null;
		},
	);
	api.delete(
		"/api/doors/:door/settings",
		needs("administrator", {
			tags: ["doors"],
			summary: "Withdraws settings that the reader has not taken yet",
			params: Params,
			response: { 204: Nothing },
		}),
		async (request, reply) => {
			const { id } = await found(site, request.params.door);
			await site.act(request.caller, "withdraw-settings", id);
			await site.books.setSettings(id, undefined);
			reply.status(204);
			return null;
		},
	);
}

/** In bytes, as a reader counts. Throws `Problem`. */
function checkNetwork({ password, ssid }: { readonly password: string; readonly ssid: string }): void {
	const secret = utf8Encode(password).length;
	if (utf8Encode(ssid).length > MAX_SSID)
		throw new Problem(422, "bad-network", `the name of a network has ${MAX_SSID} bytes at most`);
	if (secret > MAX_PASSWORD || (secret > 0 && secret < MIN_PASSWORD))
		throw new Problem(
			422,
			"bad-network",
			`a network's password has ${MIN_PASSWORD} to ${MAX_PASSWORD} bytes, or none`,
		);
}

function configuring(api: Api, site: Site): void {
	api.put(
		"/api/doors/:door/configuration",
		needs("administrator", {
			tags: ["doors"],
			summary: "Brings a reader a configuration that an installer's key has signed",
			description:
				"The signature authorizes, not the token; `lintel configuration sign` makes it. It goes to the reader in its session, in the place of one that it has not taken yet; the door's `configuration` says what has become of it.",
			params: Params,
			body: Type.Object(
				{
					envelope: Type.String({
						pattern: "^([A-Za-z0-9+/]{4})*([A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$",
						minLength: 4,
						maxLength: MAX_ENVELOPE,
						description: "As it is signed (docs/formats/configuration.md), base64",
					}),
				},
				{ additionalProperties: false },
			),
			response: { 200: ConfigurationView },
		}),
		async (request) => {
			const door = await found(site, request.params.door);
			const envelope = new Uint8Array(Buffer.from(request.body.envelope, "base64"));
			const { by, number } = opened(site, door, envelope);
			await site.act(request.caller, "give-configuration", door.id, { by: toHex(by), number });
			await site.books.setConfiguration(door.id, envelope);
			return { ...WAITING, number };
		},
	);
	api.delete(
		"/api/doors/:door/configuration",
		needs("administrator", {
			tags: ["doors"],
			summary: "Withdraws a signed configuration that the reader has not taken yet",
			params: Params,
			response: { 204: Nothing },
		}),
		async (request, reply) => {
			const { id } = await found(site, request.params.door);
			await site.act(request.caller, "withdraw-configuration", id);
			await site.books.setConfiguration(id, undefined);
			reply.status(204);
			return null;
		},
	);
}

/** Throws `Problem` where the reader would refuse it, as far as the site can tell: the document is the reader's to judge. */
function opened(site: Site, door: Door, envelope: Uint8Array): { by: Uint8Array; number: number } {
	const { crypto, keys, now } = site;
	const result = openConfiguration(envelope, keys.trust, door.id, now(), crypto);
	if (typeof result === "string")
		throw new Problem(
			result === "malformed" ? 422 : 409,
			result,
			"the door's reader would refuse this configuration",
		);
	const last = configurationOf(site, door);
	if (last !== null && last.state !== "refused" && result.number < last.number)
		throw new Problem(
			409,
			"not-newer",
			`the door was given configuration ${last.number} since; this one is ${result.number}: sign it anew`,
		);
	return result;
}
