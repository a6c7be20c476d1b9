// SPDX-License-Identifier: Apache-2.0

/** The rotating code that a scanner reads. */
import { STEP_S, stepAt } from "../../../protocol/qr/code.js";
import { codeToSign, encodeCode } from "../../../protocol/qr/encode.js";
import { siteNow } from "./clock.js";
import type { HeldCredential } from "./keyring.js";
import { signBy } from "./own-key.js";

/** The text of the code of this step. */
export async function codeText(held: HeldCredential, step: number): Promise<string> {
	const fields = { credential: held.code!, step };
	return encodeCode(fields, await signBy(held.privateKey, codeToSign(fields)));
}

/** The present step of the site's time, and the milliseconds until the next. */
export function stepNow(held: HeldCredential): { step: number; left: number } {
	const now = siteNow(held);
	const step = stepAt(now);
	return { step, left: Math.max(1, Math.ceil(((step + 1) * STEP_S - now) * 1000)) };
}
