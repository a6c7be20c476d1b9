// SPDX-License-Identifier: Apache-2.0

/** The rotating code that a scanner reads. */
import { correction, generate, mode } from "lean-qr";
import { codeToSign, encodeCode, STEP_S, stepAt } from "../../../protocol/qr/code.js";
import { siteNow } from "./clock.js";
import type { HeldCredential } from "./keyring.js";
import { signBy } from "./own-key.js";

/** Modules of light around a code that scanners need (ISO/IEC 18004 6.3.8). */
const QUIET = 4;

export interface Picture {
	/** Modules to a side, the quiet zone included. */
	readonly size: number;
	/** An SVG path of the dark modules, one unit each. */
	readonly path: string;
}

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

/** At level L: a screen has no dirt, and modules are as large as can be. Text of Base45 goes as alphanumeric, two characters in 11 bits. */
export function pictureOf(text: string, kind: "code" | "link"): Picture {
	const modes = kind === "code" ? [mode.alphaNumeric] : [mode.alphaNumeric, mode.ascii];
	const level = { minCorrectionLevel: correction.L, maxCorrectionLevel: correction.L };
	const code = generate(mode.auto(text, { modes }), level);
	let path = "";
	for (let y = 0; y < code.size; y++)
		for (let x = 0; x < code.size; x++) {
			const from = x;
			while (x < code.size && code.get(x, y)) x++;
			if (x > from) path += `M${from + QUIET} ${y + QUIET}h${x - from}v1h-${x - from}z`;
		}
	return { size: code.size + 2 * QUIET, path };
}
