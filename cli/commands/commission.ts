import { randomBytes } from "node:crypto";
import { isDeepStrictEqual } from "node:util";
import type { Command } from "commander";
import { NodeCrypto } from "../../hal/node/crypto.js";
import { toHex } from "../../protocol/bytes.js";
import type { CborMap } from "../../protocol/cbor/value.js";
import type { ReaderConfig } from "../../protocol/config/document.js";
import { EDDSA, type SignatureAlgorithm, signer } from "../../protocol/credential/cose.js";
import { issueCredential } from "../../protocol/credential/credential.js";
import { Failure } from "../../site/lib/files/failure.js";
import { UnknownSettings } from "../advice.js";
import type { ReaderClient } from "../client.js";
import { differenceLines, differences, readConfiguration } from "../configuration.js";
import { hint, print } from "../output.js";
import { ask, isAttended } from "../prompt.js";
import { type ReaderOptions, readerOptions, readKey, restarted, withAuthority } from "../reader-options.js";
import { fitted, without } from "../version-skew.js";

/** `lintel commission`, `reset`: a new reader becomes a door of a site, and the way back. */
export function register(program: Command): void {
	readerOptions(program.command("commission <file>"))
		.description("make a new reader the one of the door in the file, signed by the site's key (--site-key)")
		.action((file: string, options: ReaderOptions, command: Command) => {
			const configuration = readConfiguration(file);
			if (options.siteKey === undefined)
				throw new Failure("usage", "no-key", "the site's key is needed", "Give --site-key site-key.json.");
			const site = readKey(options.siteKey);
			const crypto = new NodeCrypto();
			if (site.service !== undefined)
				throw new Failure(
					"input",
					"service-key",
					"an installer's key makes no door of the site",
					"Commission with the site's own key, then work with this one.",
				);
			const done = (key: string): void =>
				print(command, { commissioned: true, changed: true, site: site.site, door: configuration.id, key }, [
					`door ${configuration.id} of site ${site.site}`,
					`reader's key ${key}`,
				]);
			/** The key of the reader that was last asked to finish, which it may have done without a word. */
			let finishing = "";
			return withAuthority(options, async (reader, info) => {
				if (info.commissioned === true) {
					// The reader has taken the proof, so it trusts this very key.
					await checkSame(reader, info, site.site, configuration);
					if (toHex(info.key as Uint8Array) === finishing) done(finishing);
					else
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
				finishing = toHex(keys[0]!.publicKey);
				const finished = await finish(reader, member as unknown as CborMap, configuration);
				done(finishing);
				await restarted(reader, finished);
			});
		});
	readerOptions(program.command("reset"))
		.description("back to the factory: configuration, trust and the reader's keys are erased")
		.option("--yes", "do not ask")
		.action((options: ReaderOptions & { yes?: boolean }, command: Command) => {
			if (!options.yes && !isAttended())
				throw new Failure("usage", "not-confirmed", "this erases the reader", "Give --yes if that is meant.");
			return withAuthority(options, async (reader, info) => {
				if (!options.yes && !(await confirmed(info)))
					throw new Failure("usage", "not-confirmed", "nothing was erased", "Answer yes if that is meant.");
				await reader.request("reset");
				print(command, { reset: true }, ["reset to the factory state"]);
			});
		});
}

async function confirmed({ commissioned, door, site }: CborMap): Promise<boolean> {
	const which = commissioned === true ? `of door ${String(door)} of site ${String(site)}` : "without a site";
	return /^y(es)?$/i.test(await ask(`Erase this reader ${which}, its keys too? [y/N] `));
}

/** A reader without a configuration tells which settings it does not know by refusing them, and changes nothing. */
async function finish(reader: ReaderClient, member: CborMap, wanted: ReaderConfig): Promise<unknown> {
	const unknown: string[] = [];
	let configuration = wanted as unknown as CborMap;
	for (;;) {
		try {
			return await reader.request("finish", { member, configuration });
		} catch (error) {
			if (!(error instanceof UnknownSettings)) throw error;
			unknown.push(...error.settings);
			const less = without(wanted, unknown);
			// A reader that names what it was not sent is none that this helps.
			if (less === undefined || isDeepStrictEqual(less, configuration)) throw error;
			configuration = less;
		}
	}
}

/** An earlier run that lost its cable after the last step has done it all; anything else is another job. */
async function checkSame(
	reader: ReaderClient,
	info: CborMap,
	site: string,
	configuration: ReaderConfig,
): Promise<void> {
	if (info.site !== site || info.door !== configuration.id)
		throw new Failure(
			"refused",
			"already-commissioned",
			`this is the reader of door ${String(info.door)} of site ${String(info.site)}`,
			"Plug in the reader of the door in the file; or make this one new by `lintel reset`.",
		);
	const now = await reader.request("configuration");
	const list = differences(now, fitted(configuration, now));
	if (list.length > 0)
		throw new Failure(
			"different",
			"already-commissioned",
			`commissioned already, with another configuration: ${differenceLines(list).join("; ")}`,
			"Bring it to what the file says by `lintel apply`.",
		);
}

/** The reader's clock is a help, not a condition: what refuses shows at the next step. */
function refusedTime(error: unknown): void {
	if (!(error instanceof Failure) || error.exit !== "refused") throw error;
	hint(`the reader's clock is not set: ${error.message}; \`lintel time set\` sets it`);
}
