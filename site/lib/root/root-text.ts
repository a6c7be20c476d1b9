// SPDX-License-Identifier: Apache-2.0

/**
 * A root's seed in a file that only a secret opens: `root-key` by a passphrase, `root-backup` by a recovery code. The key of
 * ChaCha20-Poly1305 (RFC 8439) is scrypt's of the secret; everything else in the file is its associated data.
 * docs/formats/root-key.md has the format.
 */
import { equal, fromHex, toHex, utf8Encode } from "../../../protocol/bytes.js";
import { isSiteId } from "../../../protocol/credential/names.js";
import type { Crypto } from "../../../protocol/crypto.js";
import { Failure } from "../files/failure.js";
import { parseJson } from "../files/json-text.js";
import { randomBytes } from "../random.js";
import { type Root, rootOf, SEED_LENGTH, seedOf } from "./root.js";
import { isN, P, R, type Scrypt } from "./scrypt-cost.js";

export const VERSION = 1;
const SALT_LENGTH = 16;
const TAG_LENGTH = 16;
const CHECK_LENGTH = 8;
/** Zeros: the salt is new for each file, so that a key seals once. */
const NONCE = new Uint8Array(12);

export type RootFileKind = "root-key" | "root-backup";

/** What each is, in words. */
export const ROOT_FILES: Readonly<Record<RootFileKind, readonly [what: string, advice: string]>> =
	Object.freeze({
		"root-key": ["a root's key", "Give the root-key.json that `lintel site init` wrote."],
		"root-backup": ["a root's backup", "Give the root-backup.json that `lintel site backup` wrote."],
	});

/** What stands in the clear. */
export interface RootHeader {
	readonly kind: RootFileKind;
	readonly site: string;
	readonly publicKey: Uint8Array;
	readonly scrypt: Scrypt;
}

/** A file as it was read: whole, and not yet opened. */
export interface RootFile extends RootHeader {
	/** Ciphertext and tag. */
	readonly sealed: Uint8Array;
}

/** Of a new file, with a salt of its own. */
export function newHeader(kind: RootFileKind, { publicKey, site }: Root, N: number): RootHeader {
	return { kind, site, publicKey, scrypt: { N, salt: randomBytes(SALT_LENGTH) } };
}

/** The file's text. `key`: scrypt's of the secret, by the header; it is wiped. */
export function sealedText(header: RootHeader, key: Uint8Array, root: Root, crypto: Crypto): string {
	const sealed = crypto.chacha20Poly1305Seal(key, NONCE, associatedData(header), seedOf(root));
	crypto.wipe(key);
	const check = checkOf({ ...header, sealed }, crypto);
	const file = { ...jsonOf(header), sealed: toHex(sealed), check: toHex(check) };
	return `${JSON.stringify(file, null, "\t")}\n`;
}

/** `undefined` where `key`, which is wiped, is that of another secret. */
export function openedRoot(file: RootFile, key: Uint8Array, crypto: Crypto): Root | undefined {
	const seed = crypto.chacha20Poly1305Open(key, NONCE, associatedData(file), file.sealed);
	crypto.wipe(key);
	if (seed === undefined) return undefined;
	const root = rootOf(file.site, seed, crypto);
	return equal(root.publicKey, file.publicKey) ? root : undefined;
}

/** The file whose text this is, not opened yet; `name` is its name for people. Throws as `readRootFile`. */
export function rootFileIn(kind: RootFileKind, text: string, name: string, crypto: Crypto): RootFile {
	const read = parseJson(text, ROOT_FILES[kind][0], name);
	if (read.kind !== kind)
		throw new Failure("input", `not-${kind}`, `${name} is not ${ROOT_FILES[kind][0]}`, ROOT_FILES[kind][1]);
	if (typeof read.version === "number" && read.version > VERSION)
		throw new Failure(
			"input",
			"newer-file",
			`${name} was written by a newer lintel`,
			"Update lintel on this computer.",
		);
	const file = fileOf(kind, read);
	if (file === undefined || !isHex(read.check, CHECK_LENGTH) || read.check !== toHex(checkOf(file, crypto)))
		throw new Failure(
			"input",
			"changed-file",
			`${name} is damaged, or was changed after lintel had written it`,
			"Bring it back from a copy. Where there is none, another root or a backup of this one is needed.",
		);
	return file;
}

function fileOf(
	kind: RootFileKind,
	{ version, site, algorithm, publicKey, scrypt, sealed }: Record<string, unknown>,
): RootFile | undefined {
	const { N, r, p, salt } = (scrypt ?? {}) as Record<string, unknown>;
	if (version !== VERSION || algorithm !== "Ed25519" || r !== R || p !== P) return undefined;
	if (!isSiteId(site) || !isN(N)) return undefined;
	if (!isHex(publicKey, 32) || !isHex(salt, SALT_LENGTH) || !isHex(sealed, SEED_LENGTH + TAG_LENGTH))
		return undefined;
	return {
		kind,
		site,
		publicKey: fromHex(publicKey),
		scrypt: { N, salt: fromHex(salt) },
		sealed: fromHex(sealed),
	};
}

function jsonOf({ kind, site, publicKey, scrypt: { N, salt } }: RootHeader): object {
	return {
		kind,
		version: VERSION,
		site,
		algorithm: "Ed25519",
		publicKey: toHex(publicKey),
		scrypt: { N, r: R, p: P, salt: toHex(salt) },
	};
}

function associatedData(header: RootHeader): Uint8Array {
	return utf8Encode(JSON.stringify(jsonOf(header)));
}

/**
 * Tells a damaged file from a wrong secret. It needs no key, so a change on purpose can bring its own: against that the tag
 * stands.
 */
function checkOf(file: RootFile, crypto: Crypto): Uint8Array {
	return crypto.hash().update(associatedData(file)).update(file.sealed).digest().subarray(0, CHECK_LENGTH);
}

function isHex(value: unknown, bytes: number): value is string {
	return typeof value === "string" && value.length === 2 * bytes && /^[0-9a-f]*$/.test(value);
}
