// SPDX-License-Identifier: Apache-2.0

/**
 * A site's key as files: `site-key.json` signs and stays with the administrator, or is an installer's with the site's
 * credential for it; `site.json` is what readers are told to believe.
 */
import { rmSync } from "node:fs";
import { fromHex, toHex } from "../../protocol/bytes.js";
import { EDDSA } from "../../protocol/credential/cose.js";
import type { Trust } from "../../protocol/credential/credential.js";
import { isSiteId } from "../../protocol/credential/names.js";
import type { Crypto } from "../../protocol/crypto.js";
import { createFile } from "./files/create-file.js";
import { Failure } from "./files/failure.js";
import { refuseInline } from "./files/inline-key.js";
import { readJson } from "./files/json-file.js";
import { createSecret } from "./files/secret-file.js";
import { nameOf } from "./files/text-file.js";
import type { AuthorityKey } from "./provisioning/introduction.js";
import { isPublicKey } from "./public-key.js";
import { type SiteKey, siteKeyOf } from "./site-key.js";

/** A seed or a public key of Ed25519, in hexadecimal. */
const KEY = /^[0-9a-f]{64}$/;
/** A credential or `kid`, in hexadecimal. */
const BYTES = /^([0-9a-f]{2}){1,256}$/;
const MAX_KEYS = 16;

/** The key in a file, the site's own or an installer's. */
export interface KeyFile extends AuthorityKey {
	readonly site: string;
}

/** Writes both files; neither may exist. The secret one is for its owner alone. */
export function writeSite(key: SiteKey, seed: Uint8Array, secretPath: string, trustPath: string): void {
	const secret = { site: key.site, algorithm: "Ed25519", seed: toHex(seed) };
	createSecret(secretPath, `${JSON.stringify(secret, null, "\t")}\n`);
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

/**
 * A secret key from a file or standard input (`-`), never from the command line. Throws `Failure`, in which nothing of the
 * file's text is.
 */
export function readKey(path: string, crypto: Crypto): KeyFile {
	refuseInline(path);
	const { site, algorithm, seed, service, siteKey } = readJson(path, "the key file");
	if (
		!isSiteId(site) ||
		algorithm !== "Ed25519" ||
		!isHex(seed, KEY) ||
		!(service === undefined || isHex(service, BYTES))
	)
		throw new Failure(
			"input",
			"bad-key",
			`${nameOf(path)} is no key file`,
			"Make one with `lintel site init`.",
		);
	const pair = crypto.ed25519KeyPair(fromHex(seed));
	const trust = (publicKey: Uint8Array): Trust => ({ site, keys: [{ algorithm: EDDSA, publicKey }] });
	if (service === undefined) return { site, ...pair, service, trust: trust(pair.publicKey) };
	if (!isHex(siteKey, KEY))
		throw new Failure(
			"input",
			"old-key-file",
			`${nameOf(path)} is an installer's key of an older lintel: it does not say by which key the site's readers are known`,
			"Make one anew by `lintel site service-key`; or write the `publicKey` of site.json into the file as `siteKey`.",
		);
	return { site, ...pair, service: fromHex(service), trust: trust(fromHex(siteKey)) };
}

/** The site's own key: an installer's signs nothing. Throws `Failure`. */
export function readSiteKey(path: string, crypto: Crypto): SiteKey {
	const { site, service, trust: _, ...pair } = readKey(path, crypto);
	if (service !== undefined)
		throw new Failure(
			"input",
			"service-key",
			`${nameOf(path)} is an installer's key; only the site's own key signs and makes doors`,
			"Give the site's own key, then work with this one.",
		);
	return siteKeyOf(site, pair, crypto);
}

/** What readers of a site are told to believe. Throws `Failure`. */
export function readTrust(path: string): Trust {
	const { site, keys } = readJson(path, "what readers are to believe");
	const bad = (what: string): Failure =>
		new Failure(
			"input",
			"bad-trust",
			`${nameOf(path)} ${what}`,
			"Give the site.json that `lintel site init` wrote.",
		);
	if (!isSiteId(site) || !Array.isArray(keys) || keys.length === 0 || keys.length > MAX_KEYS)
		throw bad("is no site.json");
	return {
		site,
		keys: keys.map((key: { kid?: unknown; publicKey?: unknown } | null) => {
			const { kid, publicKey } = key ?? {};
			if (!isHex(kid, BYTES) || !isHex(publicKey, KEY)) throw bad("has a key that is not Ed25519");
			const trusted = { kid: fromHex(kid), algorithm: EDDSA, publicKey: fromHex(publicKey) } as const;
			if (!isPublicKey(trusted)) throw bad("has a key that is not Ed25519");
			return trusted;
		}),
	};
}

function isHex(value: unknown, form: RegExp): value is string {
	return typeof value === "string" && form.test(value);
}
