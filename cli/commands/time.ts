// SPDX-License-Identifier: Apache-2.0

import type { Command } from "commander";
import { MAX_TIME, MIN_TIME } from "../../protocol/provisioning/bounds.js";
import { Failure } from "../../site/lib/files/failure.js";
import { dateSeconds } from "../arguments.js";
import { clockWords, confirmClock, isoTime } from "../clock.js";
import { print } from "../output.js";
import { withAuthority, withReader } from "../reader.js";
import { type ReaderOptions, readerOptions } from "../reader-options.js";

/** `lintel time`: the reader's clock, which `commission` has set already. */
export function register(program: Command): void {
	const time = program.command("time").description("the reader's clock: show it, set it");
	readerOptions(time.command("show"))
		.description("show the reader's time, and how far it is from this computer's")
		.action((options: ReaderOptions, command: Command) =>
			withReader(options, async (reader) => {
				const state = await reader.request("state");
				const { time = null, trust } = state;
				const now = Math.floor(Date.now() / 1000);
				const behind = time === null ? null : now - time;
				print(command, { time: time === null ? null : isoTime(time), trust, behind }, [
					clockWords(state, now),
				]);
			}),
		);
	readerOptions(time.command("set"))
		.description("set the reader's clock to this computer's")
		.option("--at <date>", "to this time instead, as 2026-05-01T06:00Z")
		.option("--yes", "do not ask, however far this computer's clock is from the reader's")
		.action((options: ReaderOptions & { at?: string; yes?: boolean }, command: Command) => {
			const given = options.at === undefined ? undefined : givenTime(options.at);
			if (given === undefined && Date.now() / 1000 < MIN_TIME)
				throw new Failure(
					"input",
					"wrong-clock",
					`this computer's clock is wrong: ${isoTime(Math.floor(Date.now() / 1000))}`,
					"Set it, or give the time by --at.",
				);
			return withAuthority(options, async (reader) => {
				const now = Math.floor(Date.now() / 1000);
				if (given === undefined) await confirmClock(now, await reader.request("state"), options);
				const seconds = given ?? Math.floor(Date.now() / 1000);
				await reader.request("time", { seconds });
				print(command, { time: isoTime(seconds) }, [`set to ${isoTime(seconds)}`]);
			});
		});
}

function givenTime(at: string): number {
	try {
		const seconds = dateSeconds("--at", at);
		if (seconds < MIN_TIME || seconds > MAX_TIME)
			throw new RangeError("--at: a reader's time is from 2020 to 2106-02-07");
		return seconds;
	} catch (error) {
		throw new Failure("usage", "not-a-date", (error as Error).message, "Or leave --at out.");
	}
}
