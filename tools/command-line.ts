import { type ParseArgsConfig, parseArgs } from "node:util";

type Options = NonNullable<ParseArgsConfig["options"]>;

/** What the options of this process are. For `--help` it prints `usage` and ends; for what nobody knows, with `exit`. */
export function commandLine<const O extends Options>(
	usage: string,
	options: O,
	exit = 1,
): ReturnType<typeof parseArgs<{ options: O }>>["values"] {
	try {
		const { help, ...values } = parseArgs({
			options: { ...options, help: { type: "boolean", short: "h" } },
		}).values as { help?: boolean } & ReturnType<typeof parseArgs<{ options: O }>>["values"];
		if (help !== true) return values as unknown as ReturnType<typeof parseArgs<{ options: O }>>["values"];
	} catch (error) {
		const [first] = (error as Error).message.split(". ");
		const name = /npm (?:run )?(\w+)/.exec(usage)?.[1];
		process.stderr.write(`${name}: ${first}\n\n${usage}\n`);
		process.exit(exit);
	}
	process.stdout.write(`${usage}\n`);
	process.exit(0);
}
