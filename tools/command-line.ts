// SPDX-License-Identifier: Apache-2.0

import { type ParseArgsConfig, parseArgs } from "node:util";

type Options = NonNullable<ParseArgsConfig["options"]>;
type Values<O extends Options> = ReturnType<typeof parseArgs<{ options: O }>>["values"];

/** What the options of this process are. For `--help` it prints `usage` and ends; for an unknown option, with `exit`. */
export function commandLine<const O extends Options>(usage: string, options: O, exit = 1): Values<O> {
	let given: { help?: boolean } & Values<O>;
	try {
		const all = { ...options, help: { type: "boolean", short: "h" } } as const;
		given = parseArgs({ options: all }).values as typeof given;
	} catch (error) {
		fail(usage, (error as Error).message.split(". ")[0]!, exit);
	}
	const { help, ...values } = given;
	if (help !== true) return values as Values<O>;
	process.stdout.write(`${usage}\n`);
	process.exit(0);
}

/** Ends this process with what is wrong about its options, and its usage. */
export function fail(usage: string, message: string, exit = 1): never {
	const name = /npm (?:run )?(\w+)/.exec(usage)?.[1];
	process.stderr.write(`${name}: ${message}\n\n${usage}\n`);
	process.exit(exit);
}
