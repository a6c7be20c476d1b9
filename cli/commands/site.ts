// SPDX-License-Identifier: Apache-2.0

import { randomBytes } from "node:crypto";
import { join } from "node:path";
import type { Command } from "commander";
import { NodeCrypto } from "../../hal/node/crypto.js";
import { toHex } from "../../protocol/bytes.js";
import { EDDSA } from "../../protocol/credential/cose.js";
import { issueCredential } from "../../protocol/credential/credential.js";
import { SERVICE_SUBJECT } from "../../protocol/credential/names.js";
import { createSecret } from "../../site/lib/files/secret-file.js";
import { readSiteKey, writeSite } from "../../site/lib/keys.js";
import { orExplain, say } from "../../site/lib/plan/explain.js";
import { siteKeyOf } from "../../site/lib/site-key.js";
import { validity } from "../arguments.js";

export function register(program: Command): void {
	const site = program.command("site").description("the site's key");
	site
		.command("init")
		.description(
			"make the key that signs credentials and plans: site-key.json (secret) and site.json (for readers)",
		)
		.argument("<site>", "identifier of the site, 1 to 8 ASCII characters")
		.option("--out <folder>", "where to", ".")
		.action(
			orExplain((name: string, options: { out: string }, command: Command) => {
				const seed = new Uint8Array(randomBytes(32));
				const crypto = new NodeCrypto();
				const key = siteKeyOf(name, crypto.ed25519KeyPair(seed), crypto);
				const secret = join(options.out, "site-key.json");
				const trust = join(options.out, "site.json");
				writeSite(key, seed, secret, trust);
				say(command, `${secret}: the secret key. Keep it offline: it opens every door.`, {
					secret,
				});
				say(command, `${trust}: what readers are told to believe.`, { trust });
			}),
		);
	site
		.command("service-key")
		.description("make a key for an installer: it works on commissioned readers, and makes no new door")
		.requiredOption("--site-key <file>", "site-key.json")
		.option("--until <date>", "not valid from then on, as 2026-05-01T06:00Z; the reader's clock must be set")
		.requiredOption("--out <file>", "where the secret key goes")
		.action(
			orExplain((options: { siteKey: string; until?: string; out: string }, command: Command) => {
				const crypto = new NodeCrypto();
				const by = readSiteKey(options.siteKey, crypto);
				const { until } = validity(undefined, options.until);
				const seed = new Uint8Array(randomBytes(32));
				const { publicKey } = crypto.ed25519KeyPair(seed);
				const service = issueCredential(
					{
						issuer: by.site,
						subject: SERVICE_SUBJECT,
						id: new Uint8Array(randomBytes(8)),
						key: { algorithm: EDDSA, publicKey },
						...(until === undefined ? {} : { expires: until }),
					},
					by.signer,
					{ kid: by.kid },
				);
				const file = {
					site: by.site,
					algorithm: "Ed25519",
					seed: toHex(seed),
					service: toHex(service),
					// By which the installer's lintel knows the site's readers.
					siteKey: toHex(by.trust.keys[0]!.publicKey),
				};
				createSecret(options.out, `${JSON.stringify(file, null, "\t")}\n`);
				say(command, `${options.out}: an installer's secret key.`, {
					file: options.out,
					publicKey: toHex(publicKey),
				});
			}),
		);
}
