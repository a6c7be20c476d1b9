// SPDX-License-Identifier: Apache-2.0

import { toHex } from "../../protocol/bytes.js";
import type { SiteLists } from "./keys-text.js";

/** The format's version. */
export const ENROLMENT_VERSION = 2;

/**
 * What a site gives a phone's app so that it may open doors, as JSON; byte fields are hexadecimal. Nothing in it is secret: the
 * phone has the key that the credential is about. `docs/phone-app.md` describes it.
 */
export interface Enrolment {
	/** The format's version. */
	readonly invitation: typeof ENROLMENT_VERSION;
	readonly site: string;
	/** The site's newest trust list as its roots signed it: the phone's anchor, from which it takes later ones singly. */
	readonly trust: string;
	/** The CWT that the site signed over the phone's public key. */
	readonly credential: string;
}

export function enrolmentOf({ lists, trust }: SiteLists, credential: Uint8Array): Enrolment {
	return {
		invitation: ENROLMENT_VERSION,
		site: trust.site,
		trust: toHex(lists.at(-1)!),
		credential: toHex(credential),
	};
}
