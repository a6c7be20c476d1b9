// SPDX-License-Identifier: Apache-2.0

import type { Row } from "./labels.js";
import { printable } from "./output.js";

const ENTITIES: { readonly [character: string]: string } = {
	"&": "&amp;",
	"<": "&lt;",
	">": "&gt;",
	'"': "&quot;",
};

export interface Section {
	readonly title: string;
	readonly rows: readonly Row[];
}

/** An installer's report as a page to print. Everything in it comes from the reader, so everything is escaped, and nothing turns what stands beside it. */
export function reportPage(date: string, sections: readonly Section[]): string {
	const tables = sections.map(
		({ rows, title }) => `<h2>${escaped(title)}</h2>
<table>
${rows.map(([label, text]) => `<tr><th>${escaped(label)}</th><td>${escaped(text)}</td></tr>`).join("\n")}
</table>`,
	);
	return `<!doctype html>
<html lang="en"><meta charset="utf-8"><title>Lintel installation report</title>
<style>body{font:11pt sans-serif;margin:2cm}h2{font-size:12pt;break-after:avoid}table{break-inside:avoid}
th{text-align:left;font-weight:normal;padding-right:1em}td{overflow-wrap:anywhere}</style>
<h1>Installation report</h1>
<p>${escaped(date)}</p>
${tables.join("\n")}
<p>Installer: ______________________ Date: ______________</p>
</html>
`;
}

function escaped(text: string): string {
	return printable(text).replace(/[&<>"]/g, (character) => ENTITIES[character]!);
}
