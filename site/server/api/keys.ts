// SPDX-License-Identifier: Apache-2.0

import { type Static, Type } from "@fastify/type-provider-typebox";
import { toHex } from "../../../protocol/bytes.js";
import { serverKey } from "../../lib/server-key.js";
import { fingerprintOf } from "../../lib/trust/fingerprint.js";
import { type Api, needs } from "./app.js";
import { Seconds } from "./schemas.js";
import type { Site } from "./site.js";

export const ServerKey = Type.Object({
	publicKey: Type.String(),
	fingerprint: Type.String(),
	roles: Type.Array(Type.String()),
	days: Type.Integer({ description: "Longest life of a credential that it issues" }),
	until: Seconds,
});

/** A key that no list names yet, as the server asks for it. */
export function serverKeyView(publicKey: Uint8Array, now: number): Static<typeof ServerKey> {
	const { days = 0, roles, until = 0 } = serverKey(publicKey, now);
	return {
		publicKey: toHex(publicKey),
		fingerprint: fingerprintOf(publicKey),
		roles: [...roles],
		days,
		until,
	};
}

export function keys(api: Api, site: Site): void {
	api.post(
		"/api/keys/next",
		needs("administrator", {
			tags: ["site"],
			summary: "The key that the next trust list is to name for this server",
			description:
				"The server makes it where it has none that waits, and works with it from the list on that names it. Its secret half stays on the server.",
			response: { 201: ServerKey },
		}),
		async (request, reply) => {
			const publicKey = site.keys.next();
			await site.act(request.caller, "next-key", fingerprintOf(publicKey));
			reply.status(201);
			return serverKeyView(publicKey, site.now());
		},
	);
}
