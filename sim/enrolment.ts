// SPDX-License-Identifier: Apache-2.0

import { toHex } from "../protocol/bytes.js";
import { type Enrolment, enrolmentOf } from "../site/lib/enrolment.js";
import type { PhoneKind } from "./people.js";
import type { World } from "./world.js";

/** An enrolment with the phone's own key, which the simulated site made too. */
export interface PracticeEnrolment extends Enrolment {
	/** Ed25519, 64 bytes: seed and public key. */
	readonly secretKey: string;
}

/** The enrolment of one of the world's people; an app of suite 4. */
export function enrolment({ site, people }: World, kind: PhoneKind): PracticeEnrolment {
	const { cwt, secretKey } = people[kind];
	return { ...enrolmentOf(site.keys, cwt), secretKey: toHex(secretKey) };
}
