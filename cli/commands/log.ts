// SPDX-License-Identifier: Apache-2.0

import { type Command, InvalidArgumentError } from "commander";
import { NodeCrypto } from "../../hal/node/crypto.js";
import { fromHex, toHex } from "../../protocol/bytes.js";
import { EVENTS } from "../../protocol/events.js";
import type { PreKeyRecords } from "../../protocol/log/checkpoint-signatures.js";
import type { Gap, LogReport, Problem } from "../../protocol/log/findings.js";
import type { LogEntry } from "../../protocol/log/record.js";
import { verifyLog } from "../../protocol/log/verify.js";
import { commandIo } from "../../site/lib/command-io.js";
import { EXIT, Failure } from "../../site/lib/files/failure.js";
import { nameOf } from "../../site/lib/files/name-of.js";
import { readText } from "../../site/lib/files/text-file.js";
import { type ActionsReport, isActions, verifyActions } from "../../site/lib/log/actions.js";
import { csvHeader, exportLine, type Format, type Named, readReported } from "../../site/lib/log/export.js";
import { LogImage } from "../../site/lib/log/image.js";
import { shapeOf, verifyLines } from "../../site/lib/log/lines.js";
import type { PlanNames } from "../../site/lib/plan/names.js";
import { fetchLog } from "../../site/lib/provisioning/fetch-log.js";
import { boundOf, serialRange } from "../log-range.js";
import { readNames } from "../names.js";
import { hint, progress } from "../output.js";
import { withAuthority } from "../reader.js";

interface Source {
	image?: string;
	port?: string;
	siteKey?: string;
	door?: string;
}

interface ExportOptions extends Source {
	format: Format;
	since?: string;
	until?: string;
	plan?: string;
}

interface VerifyOptions extends Source {
	export?: string;
	readerKey?: KeyFile;
	acknowledged?: { serial: number; link?: Uint8Array };
	json?: boolean;
}

/** What `--reader-key` gives. */
interface KeyFile {
	readonly publicKey: Uint8Array;
	/** How many events a report has seen: a log that ends earlier lacks some. */
	readonly events?: number | undefined;
}

/** Which key signatures were checked by, and whether the reader itself said so. */
interface Signer {
	readonly key: string;
	readonly from: "given" | "reader";
}

interface Opened {
	readonly image: LogImage;
	/** The Ed25519 key that the reader says it has; unknown of an image. */
	readonly readerKey?: Uint8Array | undefined;
	/** The door that the reader says it is at; of an image what `--door` says. */
	readonly door?: string | undefined;
}

/** `lintel log`: a reader's events, from the reader itself or from an image of its log partition. */
export function register(program: Command): void {
	const log = program.commands.find((command) => command.name() === "log") ?? program.command("log");
	log.description("a reader's events: export them, verify that none is changed or missing");
	source(log.command("export"))
		.description("write the events as JSON lines or CSV to the standard output")
		.option("--format <format>", "jsonl or csv", format, "jsonl")
		.option("--since <serial or date>", "leave out what comes before")
		.option("--until <serial or date>", "leave out what comes from there on")
		.option("--plan <file>", "the site's plan file: adds person, door and local time")
		.action(exportLog);
	source(log.command("verify"))
		.description(
			"check chain and signatures; exit 1 and the first bad or missing serial where they do not hold",
		)
		.addHelpText("after", VERIFY_HELP)
		.option(
			"--export <file>",
			"the JSON lines that `lintel log export` or a site's server wrote, its audit too; - for standard input",
		)
		.option(
			"--reader-key <hex or file>",
			"the reader's public key, or the JSON of `lintel report` or `commission`",
			publicKey,
		)
		.option("--acknowledged <serial[:link]>", "what the site has: finds an old image", acknowledged)
		.action(async (_options: VerifyOptions, command: Command) => {
			const options = command.optsWithGlobals<VerifyOptions>();
			const text = options.export === undefined ? undefined : readExport(options.export);
			if (text !== undefined && isActions(text)) return verifyAudit(text, options);
			const { report, signer } = await verify(options, text);
			// Without a key nothing in it is wrong: there is nothing.
			if (report.intact && report.records === 0)
				throw new Failure(
					"different",
					"no-records",
					"there is not one record in this log",
					"A reader logs each of its starts: this log was erased, or it is no reader's.",
				);
			const io = commandIo();
			const lines = options.json
				? [JSON.stringify({ ...report, ...(signer && { signer }) })]
				: reportLines(report, signer);
			for (const line of lines) io.stdout.write(`${line}\n`);
			if (!report.intact) io.exitCode = EXIT.different;
		});
}

async function exportLog(options: ExportOptions): Promise<void> {
	const { format } = options;
	const plan = options.plan === undefined ? undefined : readNames(options.plan);
	// Before the minutes that a log takes.
	const since = options.since === undefined ? undefined : boundOf("--since", options.since, plan);
	const until = options.until === undefined ? undefined : boundOf("--until", options.until, plan);
	const { door = "", image } = await openSource(options);
	const crypto = new NodeCrypto();
	const all = readReported(image, crypto);
	const range = serialRange(
		all.entries.map(({ entry }) => entry),
		since,
		until,
	);
	const { stdout } = commandIo();
	if (format === "csv") stdout.write(csvHeader(plan !== undefined));
	// Standard output is for the records that hold.
	if (!all.report.intact)
		hint("this log is not intact: what does not hold is left out, and `lintel log verify` says what");
	if (range === undefined) return;
	// The first line of an export that begins later carries what its link is checked by: read again for that.
	const whole = range.first === all.entries[0]!.entry.serial;
	for (const exported of (whole ? all : readReported(image, crypto, range.first)).entries) {
		if (exported.entry.serial > range.last) break;
		stdout.write(exportLine(exported, format, plan && named(exported.entry, door, plan)));
	}
}

function named({ kind, subject, time, trust }: LogEntry, door: string, plan: PlanNames): Named {
	return {
		local: trust === "unset" ? "" : plan.local(time),
		door,
		person: kind === EVENTS.decision ? (plan.person(toHex(subject)) ?? "") : "",
	};
}

/** Bytes. The records of 4 MB are 60 MB in UTF-8. */
const MAX_EXPORT = 256 * 1024 * 1024;
/** Bytes of a report. */
const MAX_KEY = 1_000_000;

const VERIFY_HELP = `
Without --reader-key a log over the cable is checked by the key that the reader itself gives: that shows the log to be
consistent, not whose it is. Give the key that commissioning printed, or the file that it or a report was kept in:
  lintel report --site-key site-key.json --json > report.json
  lintel log verify --site-key site-key.json --reader-key report.json
Records from before the reader had its key are named; its first signed checkpoint vouches for them.
`;

async function verify(
	options: VerifyOptions,
	text: string | undefined,
): Promise<{ report: LogReport; signer?: Signer | undefined }> {
	const { image: path, port } = options;
	const key = options.readerKey?.publicKey;
	const { events } = options.readerKey ?? {};
	const site = options.acknowledged ?? (events === undefined ? undefined : { serial: events });
	const crypto = new NodeCrypto();
	const given: Signer | undefined = key && { key: toHex(key), from: "given" };
	if (text === undefined) {
		const { image, readerKey } = await openSource(options);
		const signer: Signer | undefined = given ?? (readerKey && { key: toHex(readerKey), from: "reader" });
		return { report: verifyLog(image, crypto, { publicKey: key ?? readerKey, site }), signer };
	}
	if (path !== undefined || port !== undefined) throw twoSources("--export");
	return { report: verifyLines(text, crypto, { publicKey: key, site }), signer: given };
}

/** Of a server's audit. It has no signatures: who keeps serial and link of its last record shows later what has changed. */
function verifyAudit(text: string, { acknowledged, image, json, port, readerKey }: VerifyOptions): void {
	if (image !== undefined || port !== undefined) throw twoSources("--export");
	if (readerKey !== undefined)
		throw new Failure(
			"usage",
			"no-reader",
			"this is the audit of a site's server, which no reader signs",
			"Leave --reader-key out; --acknowledged SERIAL:LINK compares with what was kept before.",
		);
	const report = verifyActions(text, new NodeCrypto(), acknowledged);
	const io = commandIo();
	const lines = json ? [JSON.stringify(report)] : auditLines(report);
	for (const line of lines) io.stdout.write(`${line}\n`);
	if (!report.intact) io.exitCode = EXIT.different;
}

function auditLines({ first, intact, last, link, problems, records }: ActionsReport): string[] {
	const worst = Math.min(...problems.map(({ from }) => from));
	return [
		intact ? "intact" : `NOT INTACT: first bad or missing serial ${worst}`,
		`${records} actions, serials ${first} to ${last}`,
		...problems.map(({ from, reason, to }) => `  ${reason}: serials ${from} to ${to}`),
		...(first > 1
			? [`  those before ${first} are not in it: the site keeps them for a time, or they were left out`]
			: []),
		`  keep ${last}:${link} apart: --acknowledged shows by it later whether anything up to here was changed`,
	];
}

/** Refuses another kind of file as what it is: it is no log that was tampered with. */
function readExport(path: string): string {
	const name = nameOf(path);
	let text: string;
	try {
		text = readText(path, "the export", MAX_EXPORT);
	} catch (error) {
		if (!(error instanceof Failure && error.reason === "not-text")) throw error;
		throw new Failure(error.exit, error.reason, error.message, "If it is an image, give it as --image.");
	}
	const shape = shapeOf(text);
	if (shape === "lines" || isActions(text)) return text;
	const csv = shape === "csv";
	throw new Failure(
		"input",
		"no-export",
		`${name} is ${csv ? "an export as CSV, which has no signatures" : "no export of a log"}`,
		`Give what \`lintel log export\` wrote as JSON lines${csv ? ", its default" : "; an image is for --image"}.`,
	);
}

function twoSources(option: string): Failure {
	return new Failure("usage", "two-sources", `${option} and --port are two logs`, "Give one of them.");
}

function source(command: Command): Command {
	return command
		.option("--image <file>", "the log partition as read out of the reader (`lintel fetch-log`)")
		.option("--port <path>", "read it from the reader at this port; without --image from the only one")
		.option("--site-key <file>", "your keys of the site, for a commissioned reader, or - for standard input")
		.option("--door <name>", "the door whose log it is; the reader of another is refused");
}

async function openSource({ door, image, port, siteKey }: Source): Promise<Opened> {
	if (image === undefined)
		return withAuthority({ port, siteKey, door, log: true }, async (reader, { commissioned, door, key }) => ({
			door,
			image: new LogImage(await fetchLog(reader, new NodeCrypto(), (done, of) => progress("log", done, of))),
			// Keys that no site has signed for yet sign no log either.
			readerKey: commissioned === true ? key : undefined,
		}));
	if (port !== undefined) throw twoSources("--image");
	return { door, image: openImage(image) };
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
function reportLines(report: LogReport, signer: Signer | undefined): string[] {
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
	lines.push(...report.earlier.map(earlierLine));
	if (signer !== undefined && report.signed === 0) lines.push("  no checkpoint signed by the key in it");
	else lines.push(`  ${report.sinceCheckpoint} records since the last signed checkpoint`);
	if (report.unsignedAtRestart.length > 0) lines.push(unsignedLine(report.unsignedAtRestart));
	if (report.copies.length > 0) lines.push(copiesLine(report.copies));
	if (signer === undefined) lines.push("  signatures not checked: give --reader-key");
	else if (signer.from === "reader")
		lines.push(
			"  checked by the key that the reader itself gave: the log is consistent, but whose it is only --reader-key shows",
		);
	return lines;
}

/** Stretches that are named singly. */
const NAMED = 5;

function unsignedLine(stretches: LogReport["unsignedAtRestart"]): string {
	return `  ${counted(stretches)} records were not signed yet when the reader was off (${serials(stretches)}): what was changed in its flash then cannot be known, but by --acknowledged`;
}

function copiesLine(stretches: LogReport["copies"]): string {
	return `  ${counted(stretches)} records are copies (${serials(stretches)}): as the reader found them when it copied, not proof that it wrote them`;
}

function counted(stretches: readonly Gap[]): number {
	return stretches.reduce((sum, { from, to }) => sum + to - from + 1, 0);
}

function serials(stretches: readonly Gap[]): string {
	const named = stretches.slice(-NAMED).map(({ from, to }) => (from === to ? `${from}` : `${from} to ${to}`));
	return `${stretches.length > NAMED ? "the last: " : ""}serials ${named.join(", ")}`;
}

function earlierLine({ from, reader, to, vouchedAt }: PreKeyRecords): string {
	const which = from === to ? `record ${from} is` : `records ${from} to ${to} are`;
	const when = vouchedAt === 0 ? "" : `, signed ${new Date(1000 * vouchedAt).toISOString().slice(0, 16)}Z,`;
	const those = from === to ? "it" : "them";
	const whose = reader === undefined ? "" : ` (reader ${reader}, whose signatures are not checked)`;
	return `  ${which} from before this reader had its key${whose}; its first signed checkpoint${when} vouches for ${those}`;
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

function publicKey(text: string): KeyFile {
	const hex = /^[0-9a-fA-F]{64}$/;
	if (hex.test(text)) return { publicKey: fromHex(text) };
	let content: string;
	try {
		content = readText(text, "the key", MAX_KEY).trim();
	} catch (error) {
		throw error instanceof Failure && error.reason === "unreadable" ? noKey() : error;
	}
	return hex.test(content) ? { publicKey: fromHex(content) } : keyFile(content);
}

/** What `lintel report --json` or `lintel commission --json` wrote. */
function keyFile(content: string): KeyFile {
	let value: unknown;
	try {
		value = JSON.parse(content);
	} catch {
		throw noKey();
	}
	const { info, key, keys, seed, state } = (value ?? {}) as {
		info?: { key?: unknown };
		key?: unknown;
		keys?: unknown;
		seed?: unknown;
		state?: { events?: unknown };
	};
	if (keys !== undefined || seed !== undefined)
		throw new InvalidArgumentError("That is a site's key file: give it as --site-key.");
	const found = info?.key ?? key;
	if (typeof found !== "string" || !/^[0-9a-f]{64}$/.test(found)) throw noKey();
	const events = state?.events;
	return { publicKey: fromHex(found), events: typeof events === "number" ? events : undefined };
}

function noKey(): InvalidArgumentError {
	return new InvalidArgumentError("32 bytes in hexadecimal, or a file that holds them, or a report in JSON");
}

function acknowledged(text: string): { serial: number; link?: Uint8Array } {
	const [number, link] = text.split(":");
	const parsed = { serial: serial(number ?? "") };
	return link === undefined ? parsed : { ...parsed, link: hex(link, 8) };
}
