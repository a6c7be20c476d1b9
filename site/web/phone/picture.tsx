// SPDX-License-Identifier: Apache-2.0

import type { JSX } from "preact";
import { pictureOf } from "./code.js";

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
