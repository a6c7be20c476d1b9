// SPDX-License-Identifier: Apache-2.0

import type { Command } from "commander";
import type { ReaderInfo } from "../../protocol/provisioning/messages.js";
import { Failure } from "../../site/lib/files/failure.js";
import type { ProvisioningClient, Requester } from "../../site/lib/provisioning/client.js";
import { wholeNumber } from "../arguments.js";
import { columns, readerRows, stateRows, text } from "../labels.js";
import { hint, print } from "../output.js";
import { withReader, withReaderOrAuthority } from "../reader.js";
import { type ReaderOptions, readerOptions } from "../reader-options.js";
import { type PortName, usbPorts } from "../serial-port.js";
import { type DescribedTrust, describeTrusted, trustedBy, trustRows } from "../trust.js";

/** `lintel readers`, `identify`, `show`: what needs no authority. */
export function register(program: Command): void {
	program
		.command("readers")
		.description("list serial ports, and what answers there")
		.option("--port <path...>", "look at these ports instead of all USB ones")
		.action(async (options: { port?: string[] }, command: Command) => {
			const list: readonly PortName[] = options.port?.map((path) => ({ path })) ?? (await usbPorts());
			// All at once: a port where no reader answers takes seconds.
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
		.description("show what the reader is and how it is; door, plan and log with --site-key alone")
		.action((options: ReaderOptions, command: Command) =>
			withReaderOrAuthority(options, async (reader, info) => {
				const state = await reader.request("state");
				if (info.commissioned === true && options.siteKey === undefined)
					hint("a reader tells of its door, plan and log with --site-key alone");
				const found = await trustedBy(reader, info);
				const trusted = found && describeTrusted(found);
				const rows = [...readerRows(info), ...trustRows(trusted), ...stateRows(state, Date.now() / 1000)];
				print(command, { info, ...(trusted && { trusted }), state }, columns(rows));
			}),
		);
}

function usb({ vendorId, productId }: PortName): string {
	return vendorId === undefined ? "" : `USB ${vendorId}:${productId ?? "?"}  `;
}

/** What answers at a port: a reader, or why there is none; `message` where something answers that does not fit. */
type Found =
	| { readonly info: ReaderInfo; readonly trusted?: DescribedTrust }
	| { readonly error: string; readonly message?: string; readonly advice?: string };

async function look(path: string): Promise<Found> {
	try {
		// Asked once: a list of ports must not wait for each where there is none.
		const greet = (reader: Requester): Promise<ReaderInfo> => reader.request("info");
		const looked = async (reader: ProvisioningClient, info: ReaderInfo): Promise<Found> => {
			const trusted = await trustedBy(reader, info);
			return { info, ...(trusted && { trusted: describeTrusted(trusted) }) };
		};
		return await withReader({ port: path }, looked, greet);
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

function summary(found: Found): string {
	if ("error" in found)
		return found.message ?? `${found.advice === undefined ? "no reader" : "not opened"} (${found.error})`;
	const { info, trusted } = found;
	const which = `Lintel ${text(info.firmware)} on ${text(info.chip)}`;
	if (info.damaged === true) return `${which}, damaged: reset it by its button`;
	if (info.commissioned !== true) return `${which}, not commissioned`;
	const door = `${which}, door ${info.door} of site ${info.site}`;
	if (trusted === undefined) return `${door}, which knows no trust lists: update its firmware`;
	const roots = trusted.roots.map(({ fingerprint }) => fingerprint).join(", ");
	return `${door}, trust list ${trusted.version}, root ${roots}`;
}
