// SPDX-License-Identifier: Apache-2.0

import type { Crypto } from "../../../protocol/crypto.js";
import { Failure } from "../../lib/files/failure.js";
import { MACHINE } from "../store/actions.js";
import type { Administrator } from "../store/administrators.js";
import type { SiteStore } from "../store/store.js";
import { newStartLink } from "./start-link.js";

/** A way in for an owner who is locked out. */
export interface OwnerReset {
	readonly link: string;
	readonly until: number;
	/** What the owner signed in with; `undefined`: there was none, and the link makes one. */
	readonly login: string | undefined;
}

/**
 * Makes a link of one use for an owner, in the audit as done on the server's machine. Earlier ways to sign in as this person end when it is
 * used. `login`: which owner, where there are several. Throws `Failure`.
 */
export async function resetOwner(
	store: SiteStore,
	now: number,
	login: string | undefined,
	crypto: Crypto,
): Promise<OwnerReset> {
	const pages = await store.facts.get("pages");
	if (pages === undefined)
		throw new Failure(
			"input",
			"never-started",
			"the server has never run on this store",
			"Start it by `lintel site serve`: it says where its owner signs up.",
		);
	return store.transaction(async (within) => {
		const owner = chosen(await within.administrators.list(), login);
		const { secret, until } = await newStartLink(within, now, owner?.id);
		await within.actions.add(
			{ at: now, by: MACHINE, what: "reset-owner", to: owner?.id, details: {} },
			crypto,
		);
		return { link: `${pages}/start#${secret}`, until, login: owner?.login };
	});
}

function chosen(all: readonly Administrator[], login: string | undefined): Administrator | undefined {
	const owners = all.filter(({ login, role }) => role === "owner" && login !== undefined);
	const names = owners.map(({ login }) => login).join(", ");
	if (login !== undefined) {
		const found = owners.find((one) => one.login === login.toLowerCase());
		if (found !== undefined) return found;
		throw new Failure("input", "no-owner", `no owner signs in as ${login}`, `These do: ${names || "none"}.`);
	}
	if (owners.length > 1)
		throw new Failure("usage", "which-owner", "the site has several owners", `Name one of them: ${names}.`);
	return owners[0];
}
