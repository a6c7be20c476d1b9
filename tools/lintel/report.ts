import { fieldLines } from "./output.js";

const ENTITIES: { readonly [character: string]: string } = {
	"&": "&amp;",
	"<": "&lt;",
	">": "&gt;",
	'"': "&quot;",
};

/** An installer's report as a page to print. Everything in it comes from the reader, so everything is escaped. */
export function reportPage(report: object): string {
	const rows = fieldLines(report).map((line) => {
		const at = line.indexOf(": ");
		return `<tr><th>${escaped(line.slice(0, at))}</th><td>${escaped(line.slice(at + 2))}</td></tr>`;
	});
	return `<!doctype html>
<html lang="en"><meta charset="utf-8"><title>Lintel installation report</title>
<style>body{font:11pt sans-serif;margin:2cm}th{text-align:left;font-weight:normal;padding-right:1em}</style>
<h1>Installation report</h1>
<table>
${rows.join("\n")}
</table>
<p>Installer: ______________________ Date: ______________</p>
</html>
`;
}

function escaped(text: string): string {
	return text.replace(/[&<>"]/g, (character) => ENTITIES[character]!);
}
