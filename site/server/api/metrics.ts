// SPDX-License-Identifier: Apache-2.0

import { Type } from "@fastify/type-provider-typebox";
import { type Api, needs } from "./app.js";
import type { Site } from "./site.js";

export function metrics(api: Api, { metrics }: Site): void {
	api.get(
		"/metrics",
		needs("monitor", {
			tags: ["health"],
			summary: "For Prometheus",
			response: { 200: Type.String({ description: "Prometheus' text format" }) },
		}),
		async (_, reply) => {
			reply.type(metrics.registry.contentType);
			return metrics.registry.metrics();
		},
	);
}
