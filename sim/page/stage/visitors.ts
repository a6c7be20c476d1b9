// SPDX-License-Identifier: Apache-2.0

import type { Present } from "../../scene/visitors.js";

export type Who = Present["who"];

interface Visitor {
	readonly who: Who;
	readonly name: string;
	/** What the reader should make of it. */
	readonly note: string;
	readonly isCard?: boolean;
}

/** Who may come, as the page calls them. */
export const VISITORS: readonly Visitor[] = [
	{ who: "valid", name: "Valid", note: "in the plan" },
	{ who: "revoked", name: "Revoked", note: "taken back" },
	{ who: "expired", name: "Expired", note: "ended yesterday" },
	{ who: "foreign", name: "Other site", note: "another's key" },
	{ who: "stranger", name: "Unknown", note: "not at this door" },
	{ who: "transport", name: "Bus card", note: "no credential", isCard: true },
	{ who: "bank", name: "Bank card", note: "no credential", isCard: true },
];

export function visitorOf(who: Who): Visitor {
	return VISITORS.find((one) => one.who === who)!;
}

export function nameOf(who: Who): string {
	return visitorOf(who).name;
}
