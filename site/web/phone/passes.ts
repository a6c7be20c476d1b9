// SPDX-License-Identifier: Apache-2.0

/** Passes that a credential's holder lends to visitors. */
import type { HeldCredential } from "./keyring.js";
import { askSigned, type PhoneDoor } from "./site-api.js";

export interface NewPass {
	readonly name: string;
	/** Ids. */
	readonly doors: readonly string[];
	/** Seconds since 1970. */
	readonly from: number;
	readonly until: number;
	/** Absent: as often as the visitor likes. */
	readonly count?: number;
}

export interface LentPass {
	readonly id: string;
	readonly name: string;
	readonly doors: readonly PhoneDoor[];
	readonly from: number;
	readonly until: number;
	readonly count?: number;
	readonly state: "open" | "accepted" | "expired" | "withdrawn";
}

const PATH = "/api/phone/passes";

/** Gives the link, which is told this once. `request`: the same again, after an answer that was lost, makes no other pass. */
export async function lend(held: HeldCredential, pass: NewPass, request: string): Promise<string> {
	const { link } = await askSigned<{ link: string }>(held, "POST", PATH, { ...pass, request });
	return link;
}

export async function lentPasses(held: HeldCredential): Promise<readonly LentPass[]> {
	const { passes } = await askSigned<{ passes: readonly LentPass[] }>(held, "GET", PATH);
	return passes;
}

export async function withdraw(held: HeldCredential, id: string): Promise<void> {
	await askSigned(held, "DELETE", `${PATH}/${id}`);
}
