// SPDX-License-Identifier: Apache-2.0

import type { Role, TrustKey, TrustList } from "../../../protocol/trust/list.js";
import { fingerprintOf } from "./fingerprint.js";
import { modelOf } from "./model.js";

/** A list as data, for people and scripts. */
export interface Described {
	readonly site: string;
	readonly version: number;
	readonly epoch: number;
	/** As ISO 8601 has it. */
	readonly issued: string;
	readonly threshold: number;
	readonly roots: readonly { readonly fingerprint: string; readonly publicKey: Uint8Array }[];
	readonly keys: readonly DescribedKey[];
	/** Ids of revoked readers. */
	readonly revoked: readonly Uint8Array[];
}

export interface DescribedKey {
	readonly fingerprint: string;
	readonly publicKey: Uint8Array;
	readonly roles: readonly Role[];
	/** `past`: good but for its end. */
	readonly state: TrustKey["state"] | "past";
	readonly days?: number;
	readonly until?: string;
	readonly doors?: readonly string[];
}

/** `now`: seconds since 1970. */
export function describeList(trust: TrustList, now: number): Described {
	const { epoch, issued, revoked, roots, site, threshold, version } = trust;
	return {
		...{ site, version, epoch, issued: dateOf(issued), threshold },
		roots: roots.map((publicKey) => ({ fingerprint: fingerprintOf(publicKey), publicKey })),
		keys: modelOf(trust).keys.map(({ days, doors, publicKey, roles, state = "good", until }) => ({
			...{ fingerprint: fingerprintOf(publicKey), publicKey, roles },
			state: state === "good" && until !== undefined && until <= now ? "past" : state,
			...(days !== undefined && { days }),
			...(until !== undefined && { until: dateOf(until) }),
			...(doors !== undefined && { doors }),
		})),
		revoked,
	};
}

/** `issue, plan; good; until 2030-01-01T00:00Z; doors FRONT, BACK`. */
export function keyWords({ days, doors, roles, state, until }: DescribedKey): string {
	return [
		roles.join(", "),
		state === "past" ? "past its end" : state,
		until !== undefined && `until ${until}`,
		days !== undefined && `signs for ${days} days at most`,
		doors !== undefined && `doors ${doors.join(", ")}`,
	]
		.filter((part) => part !== false)
		.join("; ");
}

function dateOf(seconds: number): string {
	return new Date(seconds * 1000).toISOString().replace(/:\d\d\.000Z$/, "Z");
}
