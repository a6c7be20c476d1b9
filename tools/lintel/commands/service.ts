import { writeFileSync } from "node:fs";
import type { Command } from "commander";
import { TESTS } from "../../../src/provisioning/facade.js";
import type { Fields } from "../../../src/provisioning/value.js";
import { SLOW_MS } from "../client.js";
import { EXIT, Failure } from "../failure.js";
import { fetchLog } from "../fetch-log.js";
import { fieldLines, plain, print, progress } from "../output.js";
import { type ReaderOptions, readerOptions, withAuthority } from "../reader-options.js";
import { reportPage } from "../report.js";

/** `lintel test`, `watch`, `report`, `restart`, `fetch-log`: work at the door. */
export function register(program: Command): void {
	readerOptions(program.command("test <what>"))
		.description(`try a part: ${TESTS.join(", ")} or all; exit 1 where one fails`)
		.action((what: string, options: ReaderOptions, command: Command) => {
			const names = what === "all" ? TESTS : TESTS.filter((name) => name === what);
			if (names.length === 0)
				throw new Failure(
					"usage",
					"no-such-test",
					`there is no test "${what}"`,
					`Tests: ${TESTS.join(", ")}, all.`,
				);
			return withAuthority(options, async (reader) => {
				let n = 0;
				for (const name of names) {
					progress("test", n++, names.length);
					const result = (await reader.request("test", { name }, SLOW_MS)) as Fields;
					print(command, { test: name, ...result }, [
						`${result.passed === true ? "ok  " : "FAIL"} ${name}: ${String(result.detail)}`,
					]);
					if (result.passed !== true) process.exitCode = EXIT.different;
				}
				progress("test", n, names.length);
			});
		});
	readerOptions(program.command("watch"))
		.description("show events as they happen, until Ctrl-C")
		.option("--seconds <n>", "end after this time")
		.action((options: ReaderOptions & { seconds?: string }, command: Command) =>
			withAuthority(options, async (reader) => {
				reader.onEvent = (event) => print(command, event, [fieldLines(event).join("  ")]);
				await reader.request("watch", { on: true });
				await new Promise<void>((resolve, reject) => {
					reader.onGone = reject;
					process.once("SIGINT", resolve);
					if (options.seconds !== undefined) setTimeout(resolve, Number(options.seconds) * 1000);
				});
				await reader.request("watch", { on: false });
			}),
		);
	readerOptions(program.command("report"))
		.description("what was installed, for the file: JSON with --json, a printable page with --out")
		.option("--out <file>", "write an HTML page there")
		.action((options: ReaderOptions & { out?: string }, command: Command) =>
			withAuthority(options, async (reader, info) => {
				const state = await reader.request("state");
				const configuration = await reader.request("configuration");
				const report = { date: new Date().toISOString(), info, state, configuration };
				if (options.out !== undefined) writeFileSync(options.out, reportPage(plain(report) as object));
				print(command, report, fieldLines(report));
			}),
		);
	readerOptions(program.command("restart"))
		.description("restart the reader")
		.action((options: ReaderOptions, command: Command) =>
			withAuthority(options, async (reader) => {
				await reader.request("restart");
				print(command, { restarted: true }, ["restarts"]);
			}),
		);
	readerOptions(program.command("fetch-log <file>"))
		.description("copy the reader's log into a file for `lintel log export` and `verify` (--image)")
		.action((file: string, options: ReaderOptions, command: Command) =>
			withAuthority(options, async (reader) => {
				const bytes = await fetchLog(reader);
				writeFileSync(file, bytes);
				print(command, { file, bytes: bytes.length }, [`${bytes.length} bytes in ${file}`]);
			}),
		);
}
