import { randomBytes } from "node:crypto";
import { join } from "node:path";
import type { Command } from "commander";
import { NodeCrypto } from "../../../hal/node/crypto.js";
import { orExplain, say } from "../../plan/explain.js";
import { siteKey, writeSite } from "../../plan/keys.js";

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
				const key = siteKey(name, seed, new NodeCrypto());
				const secret = join(options.out, "site-key.json");
				const trust = join(options.out, "site.json");
				writeSite(key, seed, secret, trust);
				say(command, `${secret}: the secret key. Keep it offline; whoever has it opens every door.`, {
					secret,
				});
				say(command, `${trust}: what readers are told to believe.`, { trust });
			}),
		);
}
