// SPDX-License-Identifier: Apache-2.0

import type { native as functions } from "../../hal/crypto/native/binding.js";

/** What C puts at JavaScript's hand on the desktop's XS; Node has none of it, so its specs skip themselves there. */
export interface NativeSide {
	readonly native: typeof functions;
	/** All functions of the host, those of `native` among them. */
	readonly host: Readonly<Record<string, (...args: unknown[]) => unknown>>;
}

export const side: NativeSide | undefined = undefined;
