// SPDX-License-Identifier: Apache-2.0

import type { Command } from "commander";
import { MAX_SSID } from "../../protocol/provisioning/bounds.js";
import { Failure } from "../../site/lib/files/failure.js";
import { print } from "../output.js";
import { readSecret, refuseOneInput } from "../prompt.js";
import { withAuthority } from "../reader.js";
import { type ReaderOptions, readerOptions } from "../reader-options.js";

interface JoinOptions extends ReaderOptions {
	readonly password?: string;
	readonly open?: boolean;
}

/** Of a passphrase of WPA (IEEE 802.11): what a reader takes. */
function isPassphrase(password: string): boolean {
	const length = Buffer.byteLength(password);
	return length >= 8 && length <= 63;
}

/** `lintel wifi`: the site's network. A password is read from a file, standard input or a terminal, never an argument. */
export function register(program: Command): void {
	const wifi = program.command("wifi").description("the network of a reader that has Wi-Fi");
	readerOptions(wifi.command("scan"))
		.description("list the networks that the reader hears")
		.action((options: ReaderOptions, command: Command) =>
			withAuthority(options, async (reader) => {
				const networks = await reader.request("wifi-scan");
				for (const network of networks) {
					const { ssid, rssi, secured } = network;
					const lock = secured ? "password" : "open";
					print(command, network, [`${rssi} dBm  ${lock.padEnd(8)}  ${ssid}`]);
				}
				if (networks.length === 0) print(command, { networks: 0 }, ["the reader hears no network"]);
			}),
		);
	readerOptions(wifi.command("join <network>"))
		.description("join a network and keep it; the password comes from standard input or a file")
		.option("--password <file>", "its first line is the password; - or nothing: standard input or a prompt")
		.option("--open", "a network without a password")
		.action(async (ssid: string, options: JoinOptions, command: Command) => {
			if (!options.open) refuseOneInput([options.password], [options.siteKey]);
			const length = Buffer.byteLength(ssid);
			if (length < 1 || length > MAX_SSID)
				throw new Failure(
					"usage",
					"bad-network",
					`a network's name has 1 to ${MAX_SSID} bytes, this one ${length}`,
					"`lintel wifi scan` lists the names.",
				);
			const password = options.open ? "" : await readSecret(options.password, "Wi-Fi password");
			if (!options.open && !isPassphrase(password))
				throw new Failure(
					"input",
					"bad-password",
					"a Wi-Fi password has 8 to 63 bytes, this one has not",
					"Look for a letter too many or too few; --open is for a network without a password.",
				);
			await withAuthority(options, async (reader) => {
				const { joined } = await reader.request("wifi-join", { ssid, password });
				if (!joined)
					throw new Failure(
						"refused",
						"not-joined",
						`the reader could not join ${ssid}; it keeps the network it had`,
						"Check the password, and by `lintel wifi scan` that the reader hears the network.",
					);
				print(command, { joined: true, ssid }, [`joined ${ssid}`]);
			});
		});
	readerOptions(wifi.command("forget"))
		.description("forget the network; the reader restarts without it")
		.action(async (options: ReaderOptions, command: Command) => {
			let kept: boolean | undefined;
			await withAuthority(options, async (reader) => {
				// A reader that restarts may have no time to say so: what it kept at first is what it forgot.
				const reply = await reader.request("wifi-forget");
				kept ??= reply.kept;
				print(command, { forgotten: kept }, [kept ? "forgotten; the reader restarts" : "it kept no network"]);
			});
		});
}
