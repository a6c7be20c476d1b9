// SPDX-License-Identifier: Apache-2.0

import { randomBytes } from "node:crypto";
import type { Command } from "commander";
import { NodeCrypto } from "../../hal/node/crypto.js";
import { equal } from "../../protocol/bytes.js";
import { ID_LENGTH } from "../../protocol/credential/credential.js";
import { Failure } from "../../site/lib/files/failure.js";
import { keyWith, readKeys } from "../../site/lib/keys.js";
import { memberOf } from "../../site/lib/provisioning/commission.js";
import { ClientError } from "../../site/lib/provisioning/errors.js";
import { type ClockOptions, setClock } from "../clock.js";
import { text } from "../labels.js";
import { print } from "../output.js";
import { confirm } from "../prompt.js";
import { restarted, withAuthority } from "../reader.js";
import { type ReaderOptions, readerOptions } from "../reader-options.js";

/** `lintel certify`: a reader whose credentials are not good any more gets others, and keeps all else. */
export function register(program: Command): void {
	readerOptions(program.command("certify"))
		.description(
			"sign anew for a door's reader that the site believes no more, as after a stolen key: its keys, plan and log stay (keys with the roles install and commission)",
		)
		.option("--yes", "do not ask: the reader's key was compared, and this computer's clock is right")
		.action(certify);
}

async function certify(options: ReaderOptions & ClockOptions, command: Command): Promise<void> {
	/** The key that a person has taken for the right one. */
	let believed: Uint8Array | undefined;
	await withAuthority({ ...options, certifies: true }, async (reader, info) => {
		const { commissioned, door = "", doubt, site } = info;
		if (commissioned !== true)
			throw new Failure(
				"refused",
				"not-commissioned",
				"this reader has no door yet",
				"Make it one of your site: `lintel commission`.",
			);
		const key = info.key!;
		const say = (readerId: Uint8Array | undefined, changed: boolean, words: string): void =>
			print(command, { ...{ certified: true, changed, site, door }, key, readerId }, [
				`door ${door} of site ${site}, ${words}`,
				`reader's key ${text(key)}`,
				`reader's id ${text(readerId)}`,
			]);
		// Or the reply was lost, and it has started again with them.
		if (doubt === undefined)
			return say(info.readerId, believed !== undefined, believed ? "certified anew" : "certified already");
		const crypto = new NodeCrypto();
		const siteKey = options.siteKey!;
		const own = readKeys(siteKey, crypto);
		const by = keyWith(own, "commission", door, siteKey, crypto);
		if (believed === undefined || !equal(believed, key))
			await confirm(
				[
					`the reader says that it is door ${door}'s, and does not prove it (${doubt})`,
					`its key is ${text(key)}: compare it with the report that was kept of this door (\`lintel report\`)`,
				],
				"Is that the key of this door's reader?",
				options.yes === true,
			);
		believed = key;
		await setClock(reader, options, [siteKey]);
		const { keys } = await reader.request("begin");
		if (!equal(keys[0]!.publicKey, key))
			throw new ClientError("false-reader", "what answers gives another key than the one that it has proved");
		const id = new Uint8Array(randomBytes(ID_LENGTH));
		const { credentials } = memberOf(own.site, by, door, keys, id);
		const certified = await reader.request("certify", { credentials });
		say(id, true, "certified anew");
		await restarted(reader, certified);
	});
}
