// SPDX-License-Identifier: Apache-2.0

import type { Command } from "commander";
import { NodeCrypto } from "../../hal/node/crypto.js";
import { toHex } from "../../protocol/bytes.js";
import type { CborMap } from "../../protocol/cbor/value.js";
import { EVENTS, type EventName } from "../../protocol/events.js";
import { TESTS, type TestName } from "../../protocol/provisioning/tests.js";
import { commandIo } from "../../site/lib/command-io.js";
import { AtomicFile } from "../../site/lib/files/atomic-file.js";
import { EXIT, Failure } from "../../site/lib/files/failure.js";
import { words } from "../../site/lib/log/describe.js";
import type { PlanNames } from "../../site/lib/plan/names.js";
import { fetchLog } from "../../site/lib/provisioning/fetch-log.js";
import { KEEP_MS, watchEvents } from "../../site/lib/provisioning/watch.js";
import { wholeNumber } from "../arguments.js";
import { columns, configurationRows, readerRows, stateRows } from "../labels.js";
import { readNames } from "../names.js";
import { fieldLines, hint, print, progress } from "../output.js";
import { withAuthority } from "../reader.js";
import { type ReaderOptions, readerOptions } from "../reader-options.js";
import { reportPage } from "../report.js";
import { byName, runTests, type Tested, wiredTests } from "../tests.js";
import { describeTrusted, trustedBy, trustRows } from "../trust.js";

/** `lintel test`, `watch`, `report`, `restart`, `fetch-log`: work at the door. */
export function register(program: Command): void {
	readerOptions(program.command("test <what>"))
		.description(`try a part: ${TESTS.join(", ")} or all that the door has; exit 1 where one fails`)
		.action(test);
	readerOptions(program.command("watch"))
		.description("show events as they happen, until Ctrl-C")
		.option("--seconds <n>", "end after this time", wholeNumber(1, 1_000_000))
		.option("--plan <file>", "the site's plan file: adds person, door and local time")
		.action(watch);
	readerOptions(program.command("report"))
		.description("what was installed, for the file: JSON with --json, a printable page with --out")
		.option("--out <file>", "write an HTML page there")
		.option("--test", "run all tests first and put their results in")
		.action(report);
	readerOptions(program.command("restart")).description("restart the reader").action(restart);
	readerOptions(program.command("fetch-log <file>"))
		.description("copy the reader's log into a file for `lintel log export` and `verify` (--image)")
		.action(copyLog);
}

async function test(what: string, options: ReaderOptions, command: Command): Promise<void> {
	if (what !== "all" && !isTest(what))
		throw new Failure(
			"usage",
			"no-such-test",
			`there is no test "${what}"`,
			`Tests: ${TESTS.join(", ")}, all.`,
		);
	const results: Tested[] = [];
	await withAuthority(options, async (reader, info) => {
		const names = what === "all" ? await wiredTests(reader, info) : [what];
		await runTests(reader, names, results, (result) =>
			print(command, result, [`${result.passed ? "ok  " : "FAIL"} ${result.test}: ${result.detail}`]),
		);
		if (results.some(({ passed }) => !passed)) commandIo().exitCode = EXIT.different;
	});
}

function isTest(what: string): what is TestName {
	return (TESTS as readonly string[]).includes(what);
}

interface WatchOptions extends ReaderOptions {
	readonly seconds?: number;
	readonly plan?: string;
}

async function watch(options: WatchOptions, command: Command): Promise<void> {
	const plan = options.plan === undefined ? undefined : readNames(options.plan);
	await withAuthority(options, async (reader, { door }) => {
		const { signals, stdout } = commandIo();
		const until = new Promise<void>((resolve) => {
			signals.once("SIGINT", resolve);
			// The output's reader has gone, as after `| head`.
			stdout.once("error", resolve);
			// The open port keeps the process here; what ends it sooner, as Ctrl-C, waits for no timer.
			if (options.seconds !== undefined) setTimeout(resolve, options.seconds * 1000).unref();
		});
		const show = (event: CborMap): void => {
			const named = plan === undefined ? {} : namedEvent(event, door, plan);
			print(command, { ...event, ...named }, [fieldLines({ ...told(event), ...named }).join("  ")]);
		};
		const end = options.seconds === undefined ? "until Ctrl-C" : `for ${options.seconds} s`;
		await watchEvents(reader, show, until, KEEP_MS, () =>
			hint(`watches ${door === undefined ? "the reader" : `door ${door}`} ${end}`),
		);
	});
}

interface ReportOptions extends ReaderOptions {
	readonly out?: string;
	readonly test?: boolean;
}

async function report(options: ReportOptions, command: Command): Promise<void> {
	// Before the tests, for which the installer goes to the door.
	const page = options.out === undefined ? undefined : new AtomicFile(options.out);
	const tests: Tested[] = [];
	try {
		await withAuthority(options, async (reader, info) => {
			if (options.test)
				await runTests(reader, await wiredTests(reader, info), tests, ({ test, passed, detail }) =>
					hint(`${passed ? "ok  " : "FAIL"} ${test}: ${detail}`),
				);
			const state = await reader.request("state");
			const configuration = await reader.request("configuration");
			const date = new Date().toISOString();
			const found = await trustedBy(reader, info);
			const trusted = found && describeTrusted(found);
			const report = {
				...{ date, info, ...(trusted && { trusted }), state, configuration },
				...(options.test && { tests: byName(tests) }),
			};
			if (tests.some(({ passed }) => !passed)) commandIo().exitCode = EXIT.different;
			const sections = [
				{ title: "Reader", rows: readerRows(info) },
				...(trusted ? [{ title: "Trust", rows: trustRows(trusted) }] : []),
				{ title: "State", rows: stateRows(state, Date.parse(date) / 1000) },
				{ title: "Configuration", rows: configurationRows(configuration) },
				...(options.test ? [{ title: "Tests", rows: Object.entries(byName(tests)) }] : []),
			];
			page?.write(Buffer.from(reportPage(date, sections)));
			print(command, report, [date, ...columns(sections.flatMap(({ rows }) => rows))]);
		});
	} finally {
		page?.close();
	}
}

async function restart(options: ReaderOptions, command: Command): Promise<void> {
	let asked = false;
	await withAuthority(options, async (reader) => {
		// Where it has started already and could not say so, once is enough.
		if (!asked) {
			asked = true;
			await reader.request("restart");
		}
		print(command, { restarted: true }, ["restarts"]);
	});
}

async function copyLog(path: string, options: ReaderOptions, command: Command): Promise<void> {
	// Before the minutes that a log takes.
	const file = new AtomicFile(path);
	try {
		await withAuthority({ ...options, log: true }, async (reader) => {
			const bytes = await fetchLog(reader, new NodeCrypto(), (done, of) => progress("log", done, of));
			file.write(bytes);
			print(command, { file: path, bytes: bytes.length }, [`${bytes.length} bytes in ${path}`]);
		});
	} finally {
		file.close();
	}
}

/** What the plan file says of an event that has just come. */
function namedEvent({ event, subject }: CborMap, door: string | undefined, plan: PlanNames): CborMap {
	const person =
		event === "decision" && subject instanceof Uint8Array ? plan.person(toHex(subject)) : undefined;
	const local = plan.local(Math.floor(Date.now() / 1000));
	return { ...(person !== undefined && { person }), ...(door !== undefined && { door }), local };
}

/** An event with what its numbers mean, for people. */
function told(event: CborMap): CborMap {
	const { event: name, detail, subject, value } = event;
	const kind =
		typeof name === "string" && Object.hasOwn(EVENTS, name) ? EVENTS[name as EventName] : undefined;
	if (kind === undefined || typeof detail !== "number" || typeof value !== "number") return event;
	const known = subject instanceof Uint8Array && subject.length === 8;
	const what = words({ kind, detail, value, subject: known ? subject : new Uint8Array(8) });
	if (what === "") return event;
	return { event: name!, what, ...(name === "decision" && known && { credential: subject }) };
}
