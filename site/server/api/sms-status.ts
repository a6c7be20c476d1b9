// SPDX-License-Identifier: Apache-2.0

import { Type } from "@fastify/type-provider-typebox";
import { callbackState } from "../messages/sms.js";
import { hashOf, SECRET_FORM } from "../secrets.js";
import type { Api } from "./app.js";
import { notFound } from "./problem.js";
import type { Site } from "./site.js";

const BODY_LIMIT = 8192;

/** What an SMS gateway says of a message: at an address that it alone was given, good for that message. */
export function smsStatus(api: Api, site: Site): void {
	api.register(async (scope) => {
		scope.addContentTypeParser(
			"application/x-www-form-urlencoded",
			{ parseAs: "string", bodyLimit: BODY_LIMIT },
			async (_: unknown, body: string) => new URLSearchParams(body),
		);
		scope.post<{ Params: { secret: string } }>(
			"/api/sms/status/:secret",
			{
				bodyLimit: BODY_LIMIT,
				schema: {
					tags: ["messages"],
					summary: "Where an SMS gateway tells what has become of a message; the address is its secret",
					params: Type.Object({ secret: Type.String({ pattern: SECRET_FORM }) }),
					response: {
						204: Type.Null({ description: "Taken" }),
						...{ "4xx": { $ref: "Problem#" }, "5xx": { $ref: "Problem#" } },
					},
				},
			},
			async (request, reply) => {
				const form = request.body instanceof URLSearchParams ? request.body : new URLSearchParams();
				const told = callbackState(form);
				const callback = hashOf(request.params.secret);
				const isKnown =
					told === undefined
						? (await site.store.invitations.findCallback(callback)) !== undefined
						: await site.messages.told(callback, told.state, told.reason);
				if (!isKnown) throw notFound("message");
				return reply.status(204).send();
			},
		);
	});
}
