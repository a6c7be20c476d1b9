import { readFileSync } from "node:fs";
import { type Command, InvalidArgumentError } from "commander";
import { NodeCrypto } from "../../../hal/node/crypto.js";
import { type LogReport, type Problem, verifyLog } from "../../../src/audit/verify.js";
import { fromHex } from "../../../src/bytes.js";
import { csvHeader, exportLine, type Format, readImage } from "../../log/export.js";
import { LogImage } from "../../log/image.js";
import { verifyLines } from "../../log/lines.js";
import { EXIT, Failure } from "../failure.js";
import { fetchLog } from "../fetch-log.js";
import { withAuthority } from "../reader-options.js";

interface Source {
	image?: string;
	port?: string;
	siteKey?: string;
}

interface ExportOptions extends Source {
	format: Format;
	since: number;
}

interface VerifyOptions extends Source {
	export?: string;
	key?: Uint8Array;
	acknowledged?: { serial: number; link?: Uint8Array };
	json?: boolean;
}

/** `lintel log`: a reader's events, from the reader itself or from an image of its log partition. */
export function register(program: Command): void {
	const log = program.commands.find((command) => command.name() === "log") ?? program.command("log");
	log.description("a reader's events: export them, verify that none is changed or missing");
	source(log.command("export"))
		.description("write the events as JSON lines or CSV to the standard output")
		.option("--format <format>", "jsonl or csv", format, "jsonl")
		.option("--since <serial>", "leave out what comes before", serial, 0)
		.action(async (options: ExportOptions) => {
			const { format } = options;
			const image = await openSource(options);
			if (format === "csv") process.stdout.write(csvHeader());
			for (const exported of readImage(image, new NodeCrypto(), options.since)) {
				process.stdout.write(exportLine(exported, format));
			}
		});
	source(log.command("verify"))
		.description("check the chain; exit 1 and the first bad or missing serial where it does not hold")
		.option("--export <file>", "the JSON lines that `lintel log export` wrote, or - for standard input")
		.option("--key <hex or file>", "the reader's public key, to check signatures", publicKey)
		.option("--acknowledged <serial[:link]>", "what the site has: finds an old image", acknowledged)
		.action(async (_options: VerifyOptions, command: Command) => {
			const options = command.optsWithGlobals<VerifyOptions>();
			const report = await verify(options);
			if (options.json) console.log(JSON.stringify(report));
			else for (const line of reportLines(report, options.key !== undefined)) console.log(line);
			if (!report.intact) process.exitCode = EXIT.different;
		});
}

async function verify(options: VerifyOptions): Promise<LogReport> {
	const { acknowledged: site, export: lines, image, key: publicKey, port } = options;
	const crypto = new NodeCrypto();
	if (lines === undefined) return verifyLog(await openSource(options), crypto, { publicKey, site });
	if (image !== undefined || port !== undefined) throw twoSources("--export");
	let text: string;
	try {
		text = readFileSync(lines === "-" ? 0 : lines, "utf8");
	} catch (error) {
		throw new Failure("input", "unreadable", (error as Error).message, "Check its name.");
	}
	return verifyLines(text, crypto, { publicKey, site });
}

function twoSources(option: string): Failure {
	return new Failure("usage", "two-sources", `${option} and --port are two logs`, "Give one of them.");
}

function source(command: Command): Command {
	return command
		.option("--image <file>", "the log partition as read out of the reader (`lintel fetch-log`)")
		.option("--port <path>", "read it from the reader at this port; without --image from the only one")
		.option("--site-key <file>", "the site's key file, for a commissioned reader, or - for standard input");
}

async function openSource({ image, port, siteKey }: Source): Promise<LogImage> {
	if (image === undefined)
		return new LogImage(await withAuthority({ port, key: siteKey }, (reader) => fetchLog(reader)));
	if (port !== undefined) throw twoSources("--image");
	return openImage(image);
}

function openImage(path: string): LogImage {
	try {
		return LogImage.fromFile(path);
	} catch (error) {
		throw new Failure(
			"input",
			"log-image",
			`${path}: ${error instanceof Error ? error.message : String(error)}`,
			"Give the whole log partition as it was read out of the reader.",
		);
	}
}

/** The report for people. The first line of a log that does not hold names the first serial concerned. */
export function reportLines(report: LogReport, signatures: boolean): string[] {
	const lines: string[] = [];
	const first = report.problems.reduce<Problem | undefined>(
		(least, problem) => (least === undefined || problem.from < least.from ? problem : least),
		undefined,
	);
	if (first) lines.push(`NOT INTACT: first bad or missing serial ${first.from} (${first.reason})`);
	else lines.push("intact");
	lines.push(
		`${report.records} records, serials ${report.first} to ${report.last}, in ${report.sectors} sectors`,
	);
	for (const { from, reason, sector, to } of report.problems) {
		lines.push(`  ${reason}: serials ${from} to ${to}${sector >= 0 ? `, sector ${sector}` : ""}`);
	}
	for (const { from, to } of report.gaps) lines.push(`  declared gap: serials ${from} to ${to}`);
	if (report.torn > 0) lines.push(`  ${report.torn} slots torn by power cuts, nothing lost in them`);
	lines.push(`  ${report.unsealed} records since the last signed checkpoint`);
	if (!signatures) lines.push("  signatures not checked: give --key");
	return lines;
}

function format(text: string): Format {
	if (text !== "jsonl" && text !== "csv") throw new InvalidArgumentError("jsonl or csv");
	return text;
}

function serial(text: string): number {
	if (!/^\d{1,10}$/.test(text)) throw new InvalidArgumentError("a serial number");
	return Number(text);
}

function hex(text: string, length: number): Uint8Array {
	if (!new RegExp(`^[0-9a-fA-F]{${2 * length}}$`).test(text)) {
		throw new InvalidArgumentError(`${length} bytes in hexadecimal`);
	}
	return fromHex(text);
}

function publicKey(text: string): Uint8Array {
	if (/^[0-9a-fA-F]{64}$/.test(text)) return fromHex(text);
	try {
		const content = readFileSync(text, "utf8").trim();
		if (content.startsWith("{"))
			throw new InvalidArgumentError("That is a site's key file: give it as --site-key.");
		return hex(content, 32);
	} catch (error) {
		if (error instanceof InvalidArgumentError && error.message.startsWith("That")) throw error;
		throw new InvalidArgumentError("32 bytes in hexadecimal, or a file that holds them");
	}
}

function acknowledged(text: string): { serial: number; link?: Uint8Array } {
	const [number, link] = text.split(":");
	const parsed = { serial: serial(number ?? "") };
	return link === undefined ? parsed : { ...parsed, link: hex(link, 8) };
}
