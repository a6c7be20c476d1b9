// SPDX-License-Identifier: Apache-2.0

import { toHex } from "../protocol/bytes.js";
import { type Invitation, invitationOf } from "../site/lib/invitation.js";
import type { PhoneKind } from "./people.js";
import type { World } from "./world.js";

/** An invitation with the phone's own key, which the simulated site made too. */
export interface PracticeInvitation extends Invitation {
	/** Ed25519, 64 bytes: seed and public key. */
	readonly secretKey: string;
}

/** The invitation of one of the world's people; an app of suite 4. */
export function invitation({ site, people }: World, kind: PhoneKind): PracticeInvitation {
	const { cwt, secretKey } = people[kind];
	return { ...invitationOf(site.keys, cwt), secretKey: toHex(secretKey) };
}
