// SPDX-License-Identifier: Apache-2.0

import { signal } from "@preact/signals";
import { asked, get, Refused } from "./api.js";

/** Each may what those before it may. */
export const ROLES = Object.freeze(["viewer", "manager", "administrator", "owner"] as const);
export type Role = (typeof ROLES)[number];

/** Who is signed in here. */
export interface Me {
	readonly id: string;
	readonly name: string;
	readonly role: Role;
	/** Of a manager; null: all. */
	readonly doors: readonly string[] | null;
}

/** `undefined`: nobody is signed in; `null`: not known yet. */
export const me = signal<Me | undefined | null>(null);

asked.signIn = () => {
	me.value = undefined;
};

/** Throws `Refused` where the server cannot say. */
export async function loadMe(): Promise<void> {
	try {
		me.value = await get<Me>("/api/me");
	} catch (error) {
		if (!(error instanceof Refused) || (error.status !== 401 && error.status !== 404)) throw error;
		me.value = undefined;
	}
}

export function may(role: Role): boolean {
	return me.value != null && ROLES.indexOf(me.value.role) >= ROLES.indexOf(role);
}
