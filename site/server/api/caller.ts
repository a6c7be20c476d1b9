// SPDX-License-Identifier: Apache-2.0

import type { FastifyRequest } from "fastify";
import { hashOf } from "../secrets.js";
import { cookieOf } from "../sign-in/cookie.js";
import { SESSION_LIFE_S, type Session } from "../store/sessions.js";
import { Problem } from "./problem.js";
import { isRole, mayAct, type Role } from "./roles.js";
import type { Site } from "./site.js";
import { tokenCaller } from "./token.js";

/** Who calls the API. */
export interface Caller {
	/** A program by its token, or a person by a browser's session. */
	readonly kind: "token" | "person";
	/** 16 hexadecimal digits: what the doors' logs have of a command. */
	readonly id: string;
	readonly name: string;
	readonly role: Role;
	/** Of a manager: the doors that are this person's; else `undefined`: all. */
	readonly doors: ReadonlySet<string> | undefined;
	/** Of a person. */
	readonly session: Session | undefined;
	/** When a person has shown last who it is, seconds since 1970. */
	readonly confirmed: number | undefined;
	/** Seconds since 1970; `undefined`: the owner's token has no end. */
	readonly until: number | undefined;
}

/** A person confirms again what permits after so long, s. */
export const CONFIRMED_S = 300;

/** A token in `Authorization`, where that is there, and no cookie then; else a session's cookie. */
export async function callerOf(
	{ address, now, store }: Pick<Site, "address" | "now" | "store">,
	request: FastifyRequest,
): Promise<Caller | undefined> {
	const { authorization } = request.headers;
	if (authorization !== undefined) return tokenCaller(store, bearerIn(authorization), now());
	const secret = cookieOf(request, address);
	const session = secret === undefined ? undefined : await store.sessions.find(hashOf(secret), now());
	const person = session && (await store.administrators.find(session.administrator));
	if (session === undefined || person === undefined || !isRole(person.role)) return undefined;
	const { doors, id, name, role } = person;
	return {
		...{ kind: "person", id, name, role, session },
		doors: role === "manager" ? new Set(doors) : undefined,
		confirmed: session.confirmed,
		until: session.made + SESSION_LIFE_S,
	};
}

function bearerIn(authorization: string): string {
	const [, token] = /^Bearer +(\S+)$/i.exec(authorization) ?? [];
	return token ?? "";
}

/** Throws `Problem` where this caller is below the role. */
export function checkRole(caller: Caller, role: Role): void {
	if (!mayAct(caller.role, role))
		throw new Problem(403, "wrong-role", `this needs the role ${role}; yours is ${caller.role}`);
}

/** Throws `Problem` where a person has not shown lately who it is. A token shows it with each request. */
export function checkConfirmed({ confirmed, kind }: Caller, now: number): void {
	if (kind === "person" && !(confirmed !== undefined && now < confirmed + CONFIRMED_S))
		throw new Problem(403, "confirm-first", "confirm that it is you: by your passkey or your password");
}

/** Throws `Problem` where what lets somebody in is not this caller's: a person's who has confirmed it, or the owner's token's. */
export function checkPermits(caller: Caller, role: Role, now: number): void {
	if (caller.kind === "token" && caller.role !== "owner")
		throw new Problem(
			403,
			"wrong-role",
			"this is a person's, or the owner's token's: no other token opens a door",
		);
	checkRole(caller, role);
	checkConfirmed(caller, now);
}
