// SPDX-License-Identifier: Apache-2.0

import type { Breach } from "../schemes/scheme.js";

/** What stopped a link before there was a decision. */
export interface LinkFailure extends Breach {
	/** False for a card or phone without an app of ours: it has not tried to open the door. */
	readonly started: boolean;
}
