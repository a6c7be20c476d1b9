// SPDX-License-Identifier: Apache-2.0

/** The picture of the simulator in the README: the first tap's timeline as it is printed, drawn as SVG. */
import { NodeCrypto } from "../../hal/node/crypto.js";
import { runTap } from "../../sim/scenario.js";
import { formatTimeline } from "../../sim/timeline.js";

const FONT = 13;
const LINE = 18;
const WIDTH = 8;
const COLOURS: Readonly<Record<string, string>> = {
	"": "#d7dae0",
	"31": "#f07178",
	"32": "#8fd477",
	"33": "#e6c06a",
	"34": "#7fb4ff",
	"36": "#6fd3d3",
	"90": "#7a8290",
};

function xml(text: string): string {
	return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}

/** One line with its colour codes as text spans. */
function spans(line: string): string {
	let colour = "";
	return line
		.split("\u001b[")
		.map((part, i) => {
			let text = part;
			if (i > 0) {
				const end = part.indexOf("m");
				colour = part.slice(0, end) === "0" ? "" : part.slice(0, end);
				text = part.slice(end + 1);
			}
			return text === "" ? "" : `<tspan fill="${COLOURS[colour] ?? COLOURS[""]}">${xml(text)}</tspan>`;
		})
		.join("");
}

export function picture(): string {
	const result = runTap({ crypto: new NodeCrypto(), link: "nfc", phone: "valid", suite: 4, seed: 1 });
	const lines = ["$ npm start -- --bytes", "", ...formatTimeline(result, true).split("\n")];
	const width = 118 * WIDTH + 40;
	const height = lines.length * LINE + 40;
	const rows = lines.map(
		(line, i) => `<text x="20" y="${32 + i * LINE}" xml:space="preserve">${spans(line)}</text>`,
	);
	return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-label="A tap in the simulator, from the phone in the field to the relay">
<rect width="100%" height="100%" rx="8" fill="#1b1e24"/>
<g font-family="ui-monospace, SFMono-Regular, Menlo, Consolas, monospace" font-size="${FONT}" fill="#d7dae0">
${rows.join("\n")}
</g>
</svg>
`;
}
