// SPDX-License-Identifier: Apache-2.0

import { timingSafeEqual } from "node:crypto";
import { hashOf, idOf, newSecret, type Secret } from "../secrets.js";
import type { Store } from "../store/store.js";
import type { Caller } from "./caller.js";
import { isRole } from "./roles.js";

/** What it begins with, so that programs which look for secrets in files find it. */
const PREFIX = "lintel_";
const FORM = /^lintel_[A-Za-z0-9_-]{43}$/;

export const OWNER_TOKEN = "owner's token";

export function newToken(): Secret {
	return newSecret(PREFIX);
}

/** Makes the owner's token anew: the one before is worth nothing from then on. */
export async function newOwnerToken(store: Store): Promise<string> {
	const { hash, text } = newToken();
	await store.facts.set("adminTokenHash", Buffer.from(hash).toString("hex"));
	return text;
}

/** The owner's token of a store that has none yet. */
export async function firstOwnerToken(store: Store): Promise<string | undefined> {
	return (await store.facts.get("adminTokenHash")) === undefined ? newOwnerToken(store) : undefined;
}

/** Id of the owner's token; `undefined`: there is none yet. */
export async function ownerTokenId(store: Store): Promise<string | undefined> {
	return (await store.facts.get("adminTokenHash"))?.slice(0, 16);
}

/** Whose token it is now. Only hashes are compared, the owner's in constant time: how long it takes says nothing of a token. */
export async function tokenCaller(store: Store, token: string, now: number): Promise<Caller | undefined> {
	if (!FORM.test(token)) return undefined;
	const hash = hashOf(token);
	const owner = Buffer.from((await store.facts.get("adminTokenHash")) ?? "", "hex");
	if (owner.length === hash.length && timingSafeEqual(owner, hash))
		return { ...TOKEN, id: idOf(hash), name: OWNER_TOKEN, role: "owner", until: undefined };
	const found = await store.tokens.find(hash, now);
	if (found === undefined || !isRole(found.role)) return undefined;
	return { ...TOKEN, id: found.id, name: found.name, role: found.role, until: found.until };
}

const TOKEN = { kind: "token", doors: undefined, session: undefined, confirmed: undefined } as const;
