// SPDX-License-Identifier: Apache-2.0

/** The people of a simulated site, by what became of their credentials. */
import type { IssuedCredential, SimSite } from "./site.js";

/**
 * `valid`: in the plan. `revoked`: was, until the site took it back. `expired`: in the plan, its own time is over.
 * `stranger`: of this site, but not allowed at this door. `foreign`: another site's, in an app that talks to any reader.
 */
export type PhoneKind = "valid" | "revoked" | "expired" | "stranger" | "foreign";

export const PHONE_KINDS: readonly PhoneKind[] = Object.freeze([
	"valid",
	"revoked",
	"expired",
	"stranger",
	"foreign",
]);

export type People = Record<PhoneKind, IssuedCredential>;

/** One credential of each kind, from the seed. */
export function people(site: SimSite, other: SimSite, suite: number): People {
	return {
		valid: site.phone(suite),
		revoked: site.phone(suite),
		expired: site.phone(suite, site.past()),
		stranger: site.phone(suite),
		foreign: other.phone(suite),
	};
}
