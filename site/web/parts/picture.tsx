// SPDX-License-Identifier: Apache-2.0

import { correction, generate, mode } from "lean-qr";
import type { JSX } from "preact";

/** Modules of light around a code that scanners need (ISO/IEC 18004 6.3.8). */
const QUIET = 4;

interface Modules {
	/** Modules to a side, the quiet zone included. */
	readonly size: number;
	/** An SVG path of the dark modules, one unit each. */
	readonly path: string;
}

/** A QR code, black on white whatever the page's colours are: scanners want it so. `label`: what it is. */
export function Picture({
	text,
	kind,
	label,
}: {
	text: string;
	kind: "code" | "link";
	label: string;
}): JSX.Element {
	const { path, size } = pictureOf(text, kind);
	return (
		<svg
			class="picture"
			role="img"
			aria-label={label}
			viewBox={`0 0 ${size} ${size}`}
			shape-rendering="crispEdges"
		>
			<rect width={size} height={size} fill="#fff" />
			<path d={path} fill="#000" />
		</svg>
	);
}

/** At level L: a screen has no dirt, and modules are as large as can be. Text of Base45 goes as alphanumeric, two characters in 11 bits. */
function pictureOf(text: string, kind: "code" | "link"): Modules {
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
