// SPDX-License-Identifier: Apache-2.0

import { randomBytes } from "node:crypto";
import { join } from "node:path";
import type { Command } from "commander";
import { NodeCrypto } from "../../hal/node/crypto.js";
import { EDDSA, signer } from "../../protocol/credential/cose.js";
import { decodeList } from "../../protocol/trust/list.js";
import { withdraw, writeKeys, writeLists } from "../../site/lib/keys.js";
import { orExplain, say } from "../../site/lib/plan/explain.js";
import { encodeList, signList } from "../../site/lib/trust/model.js";

/** Life of the key with which an administrator works on readers, s. */
const INSTALL_LIFE = 366 * 86_400;

export function register(program: Command): void {
	const site = program.command("site").description("the site's keys and what each may do");
	site
		.command("init")
		.description("make a site: its trust list (site.json) and the keys of its first administrator")
		.argument("<site>", "identifier of the site, 1 to 8 ASCII characters")
		.option("--out <folder>", "where to", ".")
		.action(
			orExplain((name: string, options: { out: string }, command: Command) => {
				const crypto = new NodeCrypto();
				const pairOf = (seed: Uint8Array) => crypto.ed25519KeyPair(seed);
				const seeds = [0, 1, 2].map(() => new Uint8Array(randomBytes(32)));
				const [root, office, install] = seeds.map(pairOf);
				const issued = Math.floor(Date.now() / 1000);
				const payload = encodeList({
					...{ site: name, version: 1, epoch: 1, issued, threshold: 1 },
					...{ roots: [root!.publicKey], revoked: [] },
					keys: [
						{ publicKey: office!.publicKey, roles: ["issue", "plan", "commission"] },
						{ publicKey: install!.publicKey, roles: ["install"], until: issued + INSTALL_LIFE },
					],
				});
				const signed = signList(payload, [{ ...root!, ...signer(crypto, EDDSA, root!.secretKey) }]);
				const lists = { lists: [signed], trust: decodeList(payload)! };
				const secret = join(options.out, "site-key.json");
				const trust = join(options.out, "site.json");
				writeKeys(secret, seeds.slice(1), lists);
				try {
					writeLists(trust, lists);
				} catch (error) {
					withdraw(secret);
					throw error;
				}
				say(command, `${secret}: the administrator's secret keys.`, { secret });
				say(command, `${trust}: what readers and phones are told to believe.`, { trust });
			}),
		);
}
