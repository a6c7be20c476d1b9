// SPDX-License-Identifier: Apache-2.0

import { newSecret } from "../secrets.js";
import type { Store } from "../store/store.js";

/** A link to sign up is good for so long, s. */
const LINK_LIFE_S = 7 * 86_400;

/** Makes the secret of a link of one use: for an administrator, or for a new owner. */
export async function newStartLink(
	store: Store,
	now: number,
	administrator?: string,
): Promise<{ secret: string; until: number }> {
	const { hash, text } = newSecret();
	const until = now + LINK_LIFE_S;
	await store.startLinks.add({ administrator, made: now, until }, hash);
	return { secret: text, until };
}

/** Of a site that no owner has signed up at yet. Each start makes it anew, since nothing has the secret of the one before. */
export async function firstStartLink(store: Store, now: number): Promise<string | undefined> {
	const owners = (await store.administrators.list()).filter(({ login, role }) => role === "owner" && login);
	return owners.length > 0 ? undefined : (await newStartLink(store, now)).secret;
}
