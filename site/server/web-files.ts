// SPDX-License-Identifier: Apache-2.0

import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import type { IncomingHttpHeaders } from "node:http";
import { extname, join } from "node:path";

const TYPES: Readonly<Record<string, string>> = {
	".css": "text/css; charset=utf-8",
	".html": "text/html; charset=utf-8",
	".js": "text/javascript; charset=utf-8",
	".png": "image/png",
	".svg": "image/svg+xml",
	".webmanifest": "application/manifest+json",
};

/** Nothing of others, no script or style in a page itself, in no frame of others, and no address told to others. */
export const PAGE_HEADERS = Object.freeze({
	"content-security-policy":
		"default-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'; object-src 'none'",
	"cross-origin-opener-policy": "same-origin",
	"referrer-policy": "no-referrer",
	vary: "accept-encoding",
});

/** A file that is served from memory. */
export interface WebFile {
	readonly type: string;
	readonly etag: string;
	readonly bytes: Buffer;
	readonly brotli: Buffer;
	readonly gzip: Buffer;
	/** Its name changes with what is in it. */
	readonly isHashed: boolean;
}

/** A build's files by their path; none where it was not built. */
export function webFiles(folder: string): ReadonlyMap<string, WebFile> {
	const files = new Map<string, WebFile>();
	if (!existsSync(folder)) return files;
	for (const name of readdirSync(folder, { recursive: true, encoding: "utf8" })) {
		const type = TYPES[extname(name)];
		if (type === undefined) continue;
		const path = name.replaceAll("\\", "/");
		const bytes = readFileSync(join(folder, name));
		files.set(`/${path}`, {
			...{ type, bytes },
			brotli: readFileSync(join(folder, `${name}.br`)),
			gzip: readFileSync(join(folder, `${name}.gz`)),
			etag: `W/"${createHash("sha256").update(bytes).digest("base64url").slice(0, 22)}"`,
			isHashed: path.startsWith("assets/"),
		});
	}
	return files;
}

/** What an answer to a request with these headers has of a file, and the header for that (RFC 9110, 12.5.3). */
export function encoded(
	file: WebFile,
	headers: IncomingHttpHeaders,
): { body: Buffer; headers: Record<string, string> } {
	const accepted = String(headers["accept-encoding"]);
	if (/\bbr\b/.test(accepted)) return { body: file.brotli, headers: { "content-encoding": "br" } };
	if (/\bgzip\b/.test(accepted)) return { body: file.gzip, headers: { "content-encoding": "gzip" } };
	return { body: file.bytes, headers: {} };
}
