import { fieldLines } from "./output.js";

const ENTITIES: { readonly [character: string]: string } = {
	"&": "&amp;",
	"<": "&lt;",
	">": "&gt;",
	'"': "&quot;",
};

const TITLES: { readonly [section: string]: string } = {
	info: "Reader",
	state: "State",
	configuration: "Configuration",
	tests: "Tests",
};

/** An installer's report as a page to print. Everything in it comes from the reader, so everything is escaped. */
export function reportPage(report: object): string {
	const { date, ...sections } = report as Record<string, unknown>;
	const tables = Object.entries(sections).map(
		([name, section]) => `<h2>${escaped(TITLES[name] ?? name)}</h2>
<table>
${rows(section)}
</table>`,
	);
	return `<!doctype html>
<html lang="en"><meta charset="utf-8"><title>Lintel installation report</title>
<style>body{font:11pt sans-serif;margin:2cm}h2{font-size:12pt;break-after:avoid}table{break-inside:avoid}
th{text-align:left;font-weight:normal;padding-right:1em}td{overflow-wrap:anywhere}</style>
<h1>Installation report</h1>
<p>${escaped(String(date))}</p>
${tables.join("\n")}
<p>Installer: ______________________ Date: ______________</p>
</html>
`;
}

function rows(section: unknown): string {
	return fieldLines(section)
		.map((line) => {
			const at = line.indexOf(": ");
			return `<tr><th>${escaped(line.slice(0, at))}</th><td>${escaped(line.slice(at + 2))}</td></tr>`;
		})
		.join("\n");
}

function escaped(text: string): string {
	return text.replace(/[&<>"]/g, (character) => ENTITIES[character]!);
}
