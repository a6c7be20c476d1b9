// SPDX-License-Identifier: Apache-2.0

import { type Command, InvalidArgumentError } from "commander";
import { COMMANDS, type DoorCommand } from "../../protocol/events.js";
import { Failure } from "../../site/lib/files/failure.js";
import { hint, print } from "../output.js";
import { withAuthority } from "../reader.js";
import { type ReaderOptions, readerOptions } from "../reader-options.js";

/** What the door does then, for people. */
const DONE: Readonly<Record<DoorCommand, string>> = {
	open: "released once, for its strike time",
	unlock: "unlocked until `lintel door normal`",
	lock: "locked until `lintel door normal`; phones that may enter do",
	normal: "as its plan says",
	lockdown: "locked down until `lintel door release`",
	release: "no lockdown by command any more",
};

/** `lintel door`: a command to the door, as from the site. */
export function register(program: Command): void {
	readerOptions(program.command("door"))
		.description(`order the door: ${Object.keys(COMMANDS).join(", ")}; in its log as a command`)
		.argument("<command>", "which", doorCommand)
		.action(door);
}

async function door(name: DoorCommand, options: ReaderOptions, command: Command): Promise<void> {
	let asked = false;
	await withAuthority(options, async (reader, info) => {
		// A release whose reply was lost is not given again: it was heard, or somebody stands there and asks once more.
		if (asked && name === "open") {
			hint("the reader has started again; give the command again where the door did not open");
			return;
		}
		asked = true;
		const { done, mode, unlocked } = await reader.request("door", { command: name });
		if (!done)
			throw new Failure(
				"refused",
				"lockdown",
				`door ${info.door} is locked down`,
				"`lintel door release` ends a lockdown by command; one by the plan or by its switch ends there.",
			);
		// A lockdown, or what people need to get out, may say otherwise.
		const now = unlocked ? "unlocked now" : "locked now";
		print(command, { door: info.door, command: name, mode, unlocked }, [
			`door ${info.door}: ${DONE[name]}; mode ${mode}, ${now}`,
		]);
	});
}

function doorCommand(text: string): DoorCommand {
	if (Object.hasOwn(COMMANDS, text)) return text as DoorCommand;
	throw new InvalidArgumentError(`It is ${Object.keys(COMMANDS).join(", ")}.`);
}
