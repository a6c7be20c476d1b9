// SPDX-License-Identifier: Apache-2.0

import type { FastifyReply, FastifyRequest } from "fastify";
import type { SiteAddress } from "../address.js";
import { SESSION_LIFE_S } from "../store/sessions.js";

/** Browsers take a name with this prefix over HTTPS alone, of this very host (RFC 6265bis, section 4.1.3.2). */
const nameOf = ({ isSecure }: SiteAddress): string => (isSecure ? "__Host-lintel" : "lintel");

/** The secret of a session, where the request brings one. */
export function cookieOf({ headers }: FastifyRequest, address: SiteAddress): string | undefined {
	const name = nameOf(address);
	for (const pair of (headers.cookie ?? "").split(";")) {
		const at = pair.indexOf("=");
		if (pair.slice(0, at).trim() === name) return pair.slice(at + 1).trim();
	}
	return undefined;
}

export function giveCookie(reply: FastifyReply, address: SiteAddress, secret: string): void {
	set(reply, address, secret, SESSION_LIFE_S);
}

export function takeCookie(reply: FastifyReply, address: SiteAddress): void {
	set(reply, address, "", 0);
}

function set(reply: FastifyReply, address: SiteAddress, value: string, seconds: number): void {
	const secure = address.isSecure ? "; Secure" : "";
	reply.header(
		"set-cookie",
		`${nameOf(address)}=${value}; Path=/; Max-Age=${seconds}; HttpOnly; SameSite=Strict${secure}`,
	);
}
