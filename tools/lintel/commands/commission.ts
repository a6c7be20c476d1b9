import { randomBytes } from "node:crypto";
import type { Command } from "commander";
import { NodeCrypto } from "../../../hal/node/crypto.js";
import { toHex } from "../../../src/bytes.js";
import { EDDSA, type SignatureAlgorithm, signer } from "../../../src/credential/cose.js";
import { issueCredential } from "../../../src/credential/credential.js";
import type { Fields } from "../../../src/provisioning/value.js";
import { readConfiguration } from "../configuration.js";
import { Failure } from "../failure.js";
import { print } from "../output.js";
import { type ReaderOptions, readerOptions, readKey, withAuthority, withReader } from "../reader-options.js";

/** `lintel commission`, `reset`: a new reader becomes a door of a site, and the way back. */
export function register(program: Command): void {
	readerOptions(program.command("commission <file>"))
		.description("make a new reader the one of the door in the file, signed by the site's key (--key)")
		.action((file: string, options: ReaderOptions, command: Command) => {
			const configuration = readConfiguration(file);
			if (options.key === undefined)
				throw new Failure("usage", "no-key", "the site's key is needed", "Give --key site-key.json.");
			const site = readKey(options.key);
			const crypto = new NodeCrypto();
			return withReader(options, async (reader, info) => {
				// An earlier run that lost its cable after the last step has done it all.
				if (info.commissioned === true && info.site === site.site && info.door === configuration.id) {
					print(command, { commissioned: true, changed: false, key: info.key }, ["commissioned already"]);
					return;
				}
				await reader.request("time", { seconds: Math.floor(Date.now() / 1000) }).catch(refusedTime);
				const { keys } = (await reader.request("begin")) as unknown as {
					keys: { algorithm: SignatureAlgorithm; publicKey: Uint8Array }[];
				};
				const kid = site.publicKey.slice(0, 4);
				const by = signer(crypto, EDDSA, site.secretKey);
				const credentials = keys.map((key) =>
					issueCredential(
						{ issuer: site.site, subject: configuration.id, id: new Uint8Array(randomBytes(8)), key },
						by,
						{ kid },
					),
				);
				const member = {
					site: site.site,
					door: configuration.id,
					keys: [{ algorithm: EDDSA, publicKey: site.publicKey, kid }],
					credentials,
				};
				await reader.request("finish", { member, configuration: configuration as unknown as Fields });
				const key = toHex(keys[0]!.publicKey);
				print(command, { commissioned: true, changed: true, site: site.site, door: configuration.id, key }, [
					`door ${configuration.id} of site ${site.site}`,
					`reader's key ${key}`,
				]);
			});
		});
	readerOptions(program.command("reset"))
		.description("back to the factory: configuration, trust and the reader's keys are erased")
		.option("--yes", "do not ask")
		.action((options: ReaderOptions & { yes?: boolean }, command: Command) => {
			if (!options.yes)
				throw new Failure("usage", "not-confirmed", "this erases the reader", "Give --yes if that is meant.");
			return withAuthority(options, async (reader) => {
				await reader.request("reset");
				print(command, { reset: true }, ["reset to the factory state"]);
			});
		});
}

/** The reader's clock is a help, not a condition: what refuses shows at the next step. */
function refusedTime(error: unknown): void {
	if (!(error instanceof Failure) || error.exit !== "refused") throw error;
}
