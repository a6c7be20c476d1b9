// SPDX-License-Identifier: Apache-2.0

import type { FastifyReply, FastifyRequest } from "fastify";
import type { Site } from "../api/site.js";
import { hashOf, newSecret } from "../secrets.js";
import type { Administrator } from "../store/administrators.js";
import type { Store } from "../store/store.js";
import { browserWords } from "./browser.js";
import { cookieOf, giveCookie } from "./cookie.js";

/** Signs a person in: a session that is new, in place of the one that the browser had. */
export async function beginSession(
	{ address, now, store: whole }: Pick<Site, "address" | "now"> & { readonly store: Store },
	{ id: administrator }: Administrator,
	request: FastifyRequest,
	reply: FastifyReply,
): Promise<void> {
	const before = cookieOf(request, address);
	if (before !== undefined) await whole.sessions.drop(hashOf(before));
	const { hash, id, text } = newSecret();
	const made = now();
	const browser = browserWords(request.headers["user-agent"]);
	await whole.sessions.add({ id, administrator, made, seen: made, confirmed: made, browser }, hash);
	giveCookie(reply, address, text);
}
