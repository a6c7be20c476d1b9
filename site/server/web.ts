// SPDX-License-Identifier: Apache-2.0

import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import type { FastifyReply, FastifyRequest } from "fastify";
import type { Api } from "./api/app.js";
import { Problem } from "./api/problem.js";
import { encoded, PAGE_HEADERS, type WebFile, webFiles } from "./web-files.js";

const FOLDER = dirname(fileURLToPath(new URL("../../web/index.html", import.meta.url)));

/** A phone may hold keys of other sites beside this one's, and asks those; its worker keeps the pages of links, too. */
const PHONE_HEADERS = Object.freeze({
	...PAGE_HEADERS,
	"content-security-policy": `${PAGE_HEADERS["content-security-policy"]}; connect-src 'self' https: http://localhost:*`,
	"service-worker-allowed": "/",
});

/** Paths whose answers are the API's or a file's alone; any other is a page's, which the page itself finds. */
const NO_PAGE = /^\/(api|assets|metrics|healthz)(\/|$)|\.[a-z]+$/;
const OF_PHONE = /^\/(phone|i)(\/|$)/;

/** Serves the pages: of administrators, and of phones. */
export function web(api: Api): void {
	const files = webFiles(FOLDER);
	api.get("/*", { schema: { hide: true } }, async (request, reply) => {
		const path = request.url.replace(/[?#].*$/s, "");
		const page = OF_PHONE.test(path) ? "/phone/index.html" : "/index.html";
		const file = files.get(path) ?? (NO_PAGE.test(path) ? undefined : files.get(page));
		if (file === undefined) throw new Problem(404, "not-found", "there is no such route");
		return send(file, request, reply);
	});
}

function send(file: WebFile, request: FastifyRequest, reply: FastifyReply): FastifyReply {
	const { headers } = request;
	reply
		.headers(OF_PHONE.test(request.url) ? PHONE_HEADERS : PAGE_HEADERS)
		.header("etag", file.etag)
		.header("cache-control", file.isHashed ? "public, max-age=31536000, immutable" : "no-cache");
	if (headers["if-none-match"] === file.etag) return reply.status(304).send();
	const { body, headers: coding } = encoded(file, headers);
	return reply.type(file.type).headers(coding).send(body);
}
