import { rmSync } from "node:fs";
import { fromHex, toHex } from "../../../protocol/bytes.js";
import { EDDSA, type Signer, signer } from "../../../protocol/credential/cose.js";
import type { Trust } from "../../../protocol/credential/credential.js";
import { isSiteId } from "../../../protocol/credential/names.js";
import type { Crypto } from "../../../protocol/crypto.js";
import { createFile } from "../files/create-file.js";
import { refuseInline } from "../files/inline-key.js";
import { readJson } from "../files/json-file.js";

/**
 * A site's key as files: `site-key.json` signs and stays with the administrator; `site.json` is what readers are told
 * to believe. Ed25519; `kid` is the beginning of the public key.
 */

export interface SiteKey {
	readonly site: string;
	readonly kid: Uint8Array;
	readonly signer: Signer;
	readonly trust: Trust;
}

export class KeyFileError extends Error {
	override name = "KeyFileError";
}

const KID = 4;

/** From 32 random bytes. */
export function siteKey(site: string, seed: Uint8Array, crypto: Crypto): SiteKey {
	if (!isSiteId(site)) throw new RangeError("a site is 1 to 8 ASCII characters without spaces");
	const pair = crypto.ed25519KeyPair(seed);
	const kid = pair.publicKey.slice(0, KID);
	return {
		site,
		kid,
		signer: signer(crypto, EDDSA, pair.secretKey),
		trust: { site, keys: [{ kid, algorithm: EDDSA, publicKey: pair.publicKey }] },
	};
}

/** Writes both files; neither may exist. The secret one is for its owner alone. */
export function writeSite(key: SiteKey, seed: Uint8Array, secretPath: string, trustPath: string): void {
	const secret = { site: key.site, algorithm: "Ed25519", seed: toHex(seed) };
	createFile(secretPath, `${JSON.stringify(secret, null, "\t")}\n`, 0o600);
	const keys = key.trust.keys.map((k) => ({
		kid: toHex(k.kid!),
		algorithm: "Ed25519",
		publicKey: toHex(k.publicKey),
	}));
	try {
		createFile(trustPath, `${JSON.stringify({ site: key.site, keys }, null, "\t")}\n`);
	} catch (error) {
		// A key that nothing believes would only be in the way of the next attempt.
		rmSync(secretPath);
		throw error;
	}
}

export function readSiteKey(path: string, crypto: Crypto): SiteKey {
	refuseInline(path);
	const file = readJson(path, "the site's key");
	const { site, algorithm, seed } = file;
	if ("service" in file)
		throw new KeyFileError(`${path} is an installer's key; only the site's own key signs`);
	if (
		typeof site !== "string" ||
		algorithm !== "Ed25519" ||
		typeof seed !== "string" ||
		!/^[0-9a-f]{64}$/.test(seed)
	) {
		throw new KeyFileError(`${path} is no site key; make one with "lintel site init"`);
	}
	return siteKey(site, fromHex(seed), crypto);
}

export function readTrust(path: string): Trust {
	const { site, keys } = readJson(path, "what readers are to believe");
	if (typeof site !== "string" || !Array.isArray(keys)) throw new KeyFileError(`${path} is no site.json`);
	return {
		site,
		keys: keys.map((key: { kid?: unknown; publicKey?: unknown } | null) => {
			const { kid, publicKey } = key ?? {};
			if (
				typeof kid !== "string" ||
				!/^([0-9a-f]{2})+$/.test(kid) ||
				typeof publicKey !== "string" ||
				!/^[0-9a-f]{64}$/.test(publicKey)
			) {
				throw new KeyFileError(`${path} has a key that is not Ed25519`);
			}
			return { kid: fromHex(kid), algorithm: EDDSA, publicKey: fromHex(publicKey) };
		}),
	};
}
