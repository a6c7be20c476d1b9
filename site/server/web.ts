// SPDX-License-Identifier: Apache-2.0

import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, extname, join } from "node:path";
import { fileURLToPath } from "node:url";
import type { FastifyReply, FastifyRequest } from "fastify";
import type { Api } from "./api/app.js";
import { Problem } from "./api/problem.js";

const FOLDER = dirname(fileURLToPath(new URL("../../web/index.html", import.meta.url)));

const TYPES: Readonly<Record<string, string>> = {
	".css": "text/css; charset=utf-8",
	".html": "text/html; charset=utf-8",
	".js": "text/javascript; charset=utf-8",
	".png": "image/png",
	".svg": "image/svg+xml",
	".webmanifest": "application/manifest+json",
};

/** Nothing of others, no script or style in a page itself, in no frame of others, and no address told to others. */
const HEADERS = Object.freeze({
	"content-security-policy":
		"default-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'; object-src 'none'",
	"cross-origin-opener-policy": "same-origin",
	"referrer-policy": "no-referrer",
	vary: "accept-encoding",
});

/** A phone may hold keys of other sites beside this one's, and asks those; its worker keeps the pages of links, too. */
const PHONE_HEADERS = Object.freeze({
	...HEADERS,
	"content-security-policy": `${HEADERS["content-security-policy"]}; connect-src 'self' https: http://localhost:*`,
	"service-worker-allowed": "/",
});

/** A file that is served from memory. */
interface WebFile {
	readonly type: string;
	readonly etag: string;
	readonly bytes: Buffer;
	readonly compressed: Buffer;
	/** Its name changes with what is in it. */
	readonly isHashed: boolean;
}

/** The build's files by their path. */
function webFiles(): ReadonlyMap<string, WebFile> {
	const files = new Map<string, WebFile>();
	if (!existsSync(FOLDER)) return files;
	for (const name of readdirSync(FOLDER, { recursive: true, encoding: "utf8" })) {
		const type = TYPES[extname(name)];
		if (type === undefined) continue;
		const path = name.replaceAll("\\", "/");
		const bytes = readFileSync(join(FOLDER, name));
		files.set(`/${path}`, {
			...{ type, bytes },
			compressed: readFileSync(join(FOLDER, `${name}.gz`)),
			etag: `W/"${createHash("sha256").update(bytes).digest("base64url").slice(0, 22)}"`,
			isHashed: path.startsWith("assets/"),
		});
	}
	return files;
}

/** Paths whose answers are the API's or a file's alone; any other is a page's, which the page itself finds. */
const NO_PAGE = /^\/(api|assets|metrics|healthz)(\/|$)|\.[a-z]+$/;
const OF_PHONE = /^\/(phone|i)(\/|$)/;

/** Serves the pages: of administrators, and of phones. */
export function web(api: Api): void {
	const files = webFiles();
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
		.headers(OF_PHONE.test(request.url) ? PHONE_HEADERS : HEADERS)
		.header("etag", file.etag)
		.header("cache-control", file.isHashed ? "public, max-age=31536000, immutable" : "no-cache");
	if (headers["if-none-match"] === file.etag) return reply.status(304).send();
	reply.type(file.type);
	if (!/\bgzip\b/.test(headers["accept-encoding"] ?? "")) return reply.send(file.bytes);
	return reply.header("content-encoding", "gzip").send(file.compressed);
}
