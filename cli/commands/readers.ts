import type { Command } from "commander";
import type { CborMap } from "../../protocol/cbor/value.js";
import { Failure } from "../../site/lib/files/failure.js";
import { wholeNumber } from "../arguments.js";
import { columns, readerRows, stateRows, text } from "../labels.js";
import { print } from "../output.js";
import { type Port, ports, type ReaderOptions, readerOptions, withReader } from "../reader-options.js";

/** `lintel readers`, `identify`, `show`: what anybody with a cable may see. */
export function register(program: Command): void {
	program
		.command("readers")
		.description("list serial ports, and what answers there")
		.option("--port <path...>", "look at these ports instead of all USB ones")
		.action(async (options: { port?: string[] }, command: Command) => {
			const list: readonly Port[] = options.port?.map((path) => ({ path })) ?? (await ports());
			// All at once: a port where nobody answers takes seconds.
			const looks = list.map(({ path }) => look(path));
			for (const [n, port] of list.entries()) {
				const found = await looks[n]!;
				const advice = "advice" in found ? [`  ${found.advice}`] : [];
				print(command, { ...port, ...found }, [`${port.path}  ${usb(port)}${summary(found)}`, ...advice]);
			}
			if (list.length === 0)
				throw new Failure("no-reader", "no-port", "no USB serial port found", "Plug a reader in.");
		});
	readerOptions(program.command("identify"))
		.description("let the reader blink and beep")
		.option("--seconds <n>", "how long, 1 to 60", wholeNumber(1, 60), 10)
		.action(async (options: ReaderOptions & { seconds: number }, command: Command) => {
			const { seconds } = options;
			await withReader(options, (reader) => reader.request("identify", { ms: seconds * 1000 }));
			print(command, { identified: true, seconds }, [`blinks for ${seconds} s`]);
		});
	readerOptions(program.command("show"))
		.description("show what the reader is and how it is")
		.action((options: ReaderOptions, command: Command) =>
			withReader(options, async (reader, info) => {
				const state = (await reader.request("state")) as CborMap;
				const rows = [...readerRows(info), ...stateRows(state, Date.now() / 1000)];
				print(command, { info, state }, columns(rows));
			}),
		);
}

function usb({ vendorId, productId }: Port): string {
	return vendorId === undefined ? "" : `USB ${vendorId}:${productId ?? "?"}  `;
}

async function look(path: string): Promise<object> {
	try {
		return { info: await withReader({ port: path }, async (_, info) => info) };
	} catch (error) {
		if (!(error instanceof Failure)) throw error;
		const { advice, exit, message, reason } = error;
		// That no reader is at a port is nothing to mend.
		if (exit === "unplugged") return { error: reason };
		// It answers.
		if (exit === "version" || exit === "refused") return { error: reason, message, advice };
		return { error: reason, advice };
	}
}

function summary(found: object): string {
	if ("message" in found) return String(found.message);
	if ("advice" in found && "error" in found) return `not opened (${String(found.error)})`;
	if ("error" in found) return `no reader (${String(found.error)})`;
	const { info } = found as { info: Record<string, unknown> };
	const which = `Lintel ${text(info.firmware)} on ${text(info.chip)}`;
	if (info.damaged === true) return `${which}, damaged: reset it by its button`;
	if (info.commissioned !== true) return `${which}, not commissioned`;
	return `${which}, door ${text(info.door)} of site ${text(info.site)}`;
}
