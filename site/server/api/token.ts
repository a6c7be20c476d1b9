// SPDX-License-Identifier: Apache-2.0

import { createHash, randomBytes, timingSafeEqual } from "node:crypto";
import type { Store } from "../store/store.js";
import { isTokenRole, type TokenRole } from "./roles.js";

/** Who calls the API. */
export interface Caller {
	/** 16 hexadecimal digits: what the doors' logs have of a command. */
	readonly id: string;
	readonly role: TokenRole;
	/** Seconds since 1970; `undefined`: the owner's has no end. */
	readonly until: number | undefined;
}

export interface NewToken {
	/** Shown once: the store has its hash alone. */
	readonly token: string;
	readonly hash: Uint8Array;
	readonly id: string;
}

/** What it begins with, so that programs which look for secrets in files find it. */
const PREFIX = "lintel_";
const FORM = /^lintel_[A-Za-z0-9_-]{43}$/;

export function newToken(): NewToken {
	const token = `${PREFIX}${randomBytes(32).toString("base64url")}`;
	const hash = hashOf(token);
	return { token, hash, id: idOf(hash) };
}

/** Makes the owner's token anew: the one before is worth nothing from then on. */
export async function newOwnerToken(store: Store): Promise<string> {
	const { hash, token } = newToken();
	await store.facts.set("adminTokenHash", Buffer.from(hash).toString("hex"));
	return token;
}

/** The owner's token of a store that has none yet. */
export async function firstOwnerToken(store: Store): Promise<string | undefined> {
	return (await store.facts.get("adminTokenHash")) === undefined ? newOwnerToken(store) : undefined;
}

/** Whose token it is now. Only hashes are compared, the owner's in constant time: how long it takes says nothing of a token. */
export async function callerOf(store: Store, token: string, now: number): Promise<Caller | undefined> {
	if (!FORM.test(token)) return undefined;
	const hash = hashOf(token);
	const owner = Buffer.from((await store.facts.get("adminTokenHash")) ?? "", "hex");
	if (owner.length === hash.length && timingSafeEqual(owner, hash))
		return { id: idOf(hash), role: "owner", until: undefined };
	const found = await store.tokens.find(hash, now);
	if (found === undefined || !isTokenRole(found.role)) return undefined;
	return { id: found.id, role: found.role, until: found.until };
}

function hashOf(token: string): Uint8Array {
	return createHash("sha256").update(token).digest();
}

function idOf(hash: Uint8Array): string {
	return Buffer.from(hash.subarray(0, 8)).toString("hex");
}
