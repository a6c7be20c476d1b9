// SPDX-License-Identifier: Apache-2.0

import { createDecipheriv, createPrivateKey, createPublicKey, scryptSync } from "node:crypto";
import {
	existsSync,
	mkdtempSync,
	readdirSync,
	readFileSync,
	rmSync,
	statSync,
	utimesSync,
	writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { assert } from "chai";
import { NodeCrypto } from "../../../hal/node/crypto.js";
import { Failure } from "../../../site/lib/files/failure.js";
import { newRoot, type Root } from "../../../site/lib/root/root.js";
import { createBackup, openBackup } from "../../../site/lib/root/root-backup.js";
import { changePassphrase, createRootKey, openRootKey } from "../../../site/lib/root/root-key.js";
import { leaks } from "../../cli/secrets.js";
import { root as repository } from "../../support/host.js";

const N = 2 ** 10;
const PASSPHRASE = "correct horse battery";
const crypto = new NodeCrypto();

/** Of a file, as Node takes it. */
interface Cost {
	readonly N: number;
	readonly r: number;
	readonly p: number;
	readonly salt: string;
}

/** The reason; the failure's whole text goes to `said`, where no secret may be. */
function reasonOf(work: () => unknown, said: string[] = []): string {
	try {
		work();
	} catch (error) {
		if (!(error instanceof Failure)) throw error;
		said.push(error.message, error.advice, String(error.stack));
		return error.reason;
	}
	return "none";
}

describe("docs/formats/root-key.md", () => {
	it("has a root key and a backup that open to the seed that it names", () => {
		const page = readFileSync(join(repository, "docs/formats/root-key.md"), "utf8");
		const [key, backup] = [...page.matchAll(/^```json\n([\s\S]+?)^```$/gm)].map(([, text]) => text!);
		const seed = /the seed `([0-9a-f]{64})`/.exec(page)![1]!;
		const [passphrase, code] = [...page.matchAll(/opens? by\s`(.+)`:$|^And this by `(.+)`:$/gm)].map(
			([, one, other]) => one ?? other!,
		);
		const folder = mkdtempSync(join(tmpdir(), "lintel-root-"));
		try {
			writeFileSync(join(folder, "key"), key!);
			writeFileSync(join(folder, "backup"), backup!);
			for (const root of [
				openRootKey(join(folder, "key"), passphrase!, crypto),
				openBackup(join(folder, "backup"), code!, crypto),
			]) {
				assert.equal(root.site, "ACME");
				assert.equal(Buffer.from(root.secretKey).toString("hex").slice(0, 64), seed);
			}
		} finally {
			rmSync(folder, { recursive: true });
		}
	});
});

describe("a root's key at rest", () => {
	let folder: string;
	let path: string;
	let backup: string;
	let root: Root;

	beforeEach(() => {
		folder = mkdtempSync(join(tmpdir(), "lintel-root-"));
		path = join(folder, "root-key.json");
		backup = join(folder, "root-backup.json");
		root = newRoot("ACME", crypto);
	});

	afterEach(() => rmSync(folder, { recursive: true }));

	const create = (n?: number): void => createRootKey(path, root, PASSPHRASE, crypto, n ?? N);
	const json = (file = path): Record<string, unknown> => JSON.parse(readFileSync(file, "utf8"));

	it("comes back by its passphrase, as that of its site, and signs as before", () => {
		create();
		const opened = openRootKey(path, PASSPHRASE, crypto);
		assert.deepEqual(opened, root);
		const message = new Uint8Array([1, 2, 3]);
		const signature = crypto.ed25519Sign(message, opened.secretKey);
		assert.isTrue(crypto.ed25519Verify(signature, message, root.publicKey));
	});

	it("is scrypt of RFC 7914 and ChaCha20-Poly1305 of RFC 8439 over the seed of the public key that it names", () => {
		create();
		const { sealed, check, ...header } = json() as Record<string, string>;
		const { N, r, p, salt } = header.scrypt as unknown as Cost;
		const key = scryptSync(PASSPHRASE, Buffer.from(salt, "hex"), 32, { N, r, p });
		const bytes = Buffer.from(sealed!, "hex");
		const decipher = createDecipheriv("chacha20-poly1305", key, Buffer.alloc(12), { authTagLength: 16 });
		decipher.setAAD(Buffer.from(JSON.stringify(header)), { plaintextLength: 32 });
		decipher.setAuthTag(bytes.subarray(32));
		const seed = Buffer.concat([decipher.update(bytes.subarray(0, 32)), decipher.final()]);
		// RFC 8410 section 7.
		const der = Buffer.concat([Buffer.from("302e020100300506032b657004220420", "hex"), seed]);
		const { x } = createPublicKey(createPrivateKey({ key: der, format: "der", type: "pkcs8" })).export({
			format: "jwk",
		});
		assert.equal(Buffer.from(x!, "base64url").toString("hex"), header.publicKey);
	});

	it("costs a guess what OWASP asks for, where nothing else is said", () => {
		createRootKey(path, root, PASSPHRASE, crypto);
		assert.deepInclude(json().scrypt as object, { N: 131_072, r: 8, p: 1 });
		assert.deepEqual(openRootKey(path, PASSPHRASE, crypto), root);
	});

	it("is its owner's alone, holds the seed in no form, and is never written over", () => {
		create();
		createBackup(backup, root, crypto);
		for (const file of [path, backup]) {
			const text = readFileSync(file);
			assert.deepEqual(leaks(text, { seed: root.secretKey.subarray(0, 32) }), []);
			assert.notInclude(text.toString(), PASSPHRASE);
			if (process.platform !== "win32") assert.equal(statSync(file).mode & 0o777, 0o600);
		}
		const before = readFileSync(path);
		assert.equal(reasonOf(create), "exists");
		assert.equal(
			reasonOf(() => createBackup(path, root, crypto)),
			"exists",
		);
		assert.deepEqual(readFileSync(path), before);
	});

	it("two files of one root and passphrase have nothing in common that is secret", () => {
		create();
		const other = join(folder, "other.json");
		createRootKey(other, root, PASSPHRASE, crypto, N);
		assert.notEqual(json().sealed, json(other).sealed);
		assert.notDeepEqual(json().scrypt, json(other).scrypt);
	});

	it("does not open by another passphrase, and says neither", () => {
		create();
		const said: string[] = [];
		for (const wrong of ["correct horse batterY", `${PASSPHRASE} `, "", "x".repeat(5000)])
			assert.equal(
				reasonOf(() => openRootKey(path, wrong, crypto), said),
				"wrong-passphrase",
				wrong,
			);
		assert.notMatch(said.join("\n"), /horse|xxx/);
	});

	it("opens by a passphrase as each system types it", () => {
		// é as one character, with a space; e and an accent, with a no-break space.
		createRootKey(path, root, "caf\u00e9 au lait", crypto, N);
		assert.deepEqual(openRootKey(path, "cafe\u0301\u00a0au lait", crypto), root);
	});

	it("takes no new passphrase below 10 characters, and then leaves no file", () => {
		const said: string[] = [];
		for (const short of ["", "ninechars", "🔑".repeat(9)])
			assert.equal(
				reasonOf(() => createRootKey(path, root, short, crypto, N), said),
				"short-passphrase",
			);
		assert.notInclude(said.join("\n"), "ninechars");
		assert.isFalse(existsSync(path));
		createRootKey(path, root, "ten chars!", crypto, N);
	});

	describe("changed, each field", () => {
		const flip = (hex: unknown): string =>
			String(hex).replace(/^./, (digit) => (Number.parseInt(digit, 16) ^ 1).toString(16));

		const scrypt = (change: object) => (file: Record<string, unknown>) => ({
			scrypt: { ...(file.scrypt as object), ...change },
		});

		const CHANGES: Readonly<Record<string, (file: Record<string, unknown>) => object>> = {
			"the site": () => ({ site: "OTHER" }),
			"no site": () => ({ site: "two words" }),
			"the algorithm": () => ({ algorithm: "ES256" }),
			"the version": () => ({ version: 0 }),
			"the version as text": () => ({ version: "1" }),
			"the public key": ({ publicKey }) => ({ publicKey: flip(publicKey) }),
			"a public key too short": ({ publicKey }) => ({ publicKey: String(publicKey).slice(2) }),
			"the ciphertext": ({ sealed }) => ({ sealed: flip(sealed) }),
			"the tag": ({ sealed }) => ({ sealed: `${String(sealed).slice(0, -1)}g` }),
			"no ciphertext": () => ({ sealed: undefined }),
			"a ciphertext of another length": ({ sealed }) => ({ sealed: `${sealed}00` }),
			"the check": ({ check }) => ({ check: flip(check) }),
			"no check": () => ({ check: undefined }),
			"the salt": (file) => scrypt({ salt: flip((file.scrypt as { salt: string }).salt) })(file),
			"a salt as a number": scrypt({ salt: 12 }),
			"another N": scrypt({ N: 2 * N }),
			"an N that would take all memory": scrypt({ N: 2 ** 40 }),
			"an N that is no power of two": scrypt({ N: N + 1 }),
			"an N that costs nothing": scrypt({ N: 2 }),
			"an N of no size": scrypt({ N: null }),
			"another r": scrypt({ r: 2 ** 20 }),
			"another p": scrypt({ p: 2 ** 20 }),
			"no scrypt": () => ({ scrypt: null }),
			"scrypt as text": () => ({ scrypt: "N=1024" }),
		};

		for (const [what, change] of Object.entries(CHANGES))
			it(`${what}: is refused as changed`, () => {
				create();
				const file = json();
				writeFileSync(path, JSON.stringify({ ...file, ...change(file) }));
				assert.equal(
					reasonOf(() => openRootKey(path, PASSPHRASE, crypto)),
					"changed-file",
				);
			});

		it("with a check that fits it, made without the passphrase, still does not open, nor takes more of the computer than a file may", () => {
			create();
			const file = json();
			const resealed = (change: object): void => {
				const { check: _, sealed, ...header } = { ...file, ...change } as Record<string, unknown>;
				const bytes = [Buffer.from(JSON.stringify(header)), Buffer.from(String(sealed), "hex")];
				const check = Buffer.from(crypto.sha256(Buffer.concat(bytes)))
					.toString("hex")
					.slice(0, 16);
				writeFileSync(path, JSON.stringify({ ...header, sealed, check }));
			};
			resealed({});
			assert.deepEqual(openRootKey(path, PASSPHRASE, crypto), root, "the check is as it was");
			for (const change of [
				{ site: "OTHER" },
				{ publicKey: flip(file.publicKey) },
				{ sealed: flip(file.sealed) },
				scrypt({ N: 2 * N })(file),
			]) {
				resealed(change);
				assert.equal(
					reasonOf(() => openRootKey(path, PASSPHRASE, crypto)),
					"wrong-passphrase",
					JSON.stringify(change),
				);
			}
			for (const cost of [{ N: 2 ** 40 }, { N: 2 ** 21 }, { N: 2 }, { N: N + 1 }, { r: 9 }, { p: 2 }]) {
				resealed(scrypt(cost)(file));
				assert.equal(
					reasonOf(() => openRootKey(path, PASSPHRASE, crypto)),
					"changed-file",
					JSON.stringify(cost),
				);
			}
		});
	});

	it("another file is none, a newer lintel's is told from a changed one", () => {
		create();
		createBackup(backup, root, crypto);
		const open = (): string => reasonOf(() => openRootKey(path, PASSPHRASE, crypto));
		const file = json();
		for (const other of [{}, { ...file, kind: "root-backup" }, { site: "ACME", algorithm: "Ed25519" }]) {
			writeFileSync(path, JSON.stringify(other));
			assert.equal(open(), "not-root-key");
		}
		assert.equal(
			reasonOf(() => openRootKey(backup, PASSPHRASE, crypto)),
			"not-root-key",
		);
		writeFileSync(path, JSON.stringify({ ...file, version: 2, scrypt: undefined }));
		assert.equal(open(), "newer-file");
		for (const [text, reason] of [
			["[]", "not-json"],
			["", "empty"],
			[`${JSON.stringify(file).slice(0, -1)},"site":"B"}`, "twice"],
			["x".repeat(2_000_000), "too-large"],
		] as const) {
			writeFileSync(path, text);
			assert.equal(open(), reason);
		}
		rmSync(path);
		assert.equal(open(), "unreadable");
	});

	describe("whose passphrase changes", () => {
		const NEW = "battery staple, new";

		it("opens by the new one alone, in the same place, its owner's alone", () => {
			create();
			changePassphrase(path, PASSPHRASE, NEW, crypto, N);
			assert.deepEqual(openRootKey(path, NEW, crypto), root);
			assert.equal(
				reasonOf(() => openRootKey(path, PASSPHRASE, crypto)),
				"wrong-passphrase",
			);
			if (process.platform !== "win32") assert.equal(statSync(path).mode & 0o777, 0o600);
			assert.deepEqual(readdirSync(folder), ["root-key.json"]);
		});

		it("stays as it is where the old one is wrong or the new one too short", () => {
			create();
			const before = readFileSync(path);
			assert.equal(
				reasonOf(() => changePassphrase(path, NEW, NEW, crypto, N)),
				"wrong-passphrase",
			);
			assert.equal(
				reasonOf(() => changePassphrase(path, PASSPHRASE, "short", crypto, N)),
				"short-passphrase",
			);
			assert.deepEqual(readFileSync(path), before);
			assert.deepEqual(readdirSync(folder), ["root-key.json"]);
		});

		it("is not held up by what a power cut left of an earlier change, and leaves a file for its owner alone", () => {
			create();
			writeFileSync(`${path}.part`, "half a f", { mode: 0o644 });
			const aMinuteAgo = Date.now() / 1000 - 60;
			utimesSync(`${path}.part`, aMinuteAgo, aMinuteAgo);
			changePassphrase(path, PASSPHRASE, NEW, crypto, N);
			assert.deepEqual(openRootKey(path, NEW, crypto), root);
			if (process.platform !== "win32") assert.equal(statSync(path).mode & 0o777, 0o600);
			assert.deepEqual(readdirSync(folder), ["root-key.json"]);
		});
	});

	describe("and its backup", () => {
		it("makes the root anew under another passphrase, without the old file", () => {
			create();
			const code = createBackup(backup, openRootKey(path, PASSPHRASE, crypto), crypto);
			rmSync(path);
			createRootKey(path, openBackup(backup, code, crypto), "another passphrase", crypto, N);
			assert.deepEqual(openRootKey(path, "another passphrase", crypto), root);
		});

		it("does not open by another backup's code, nor by the passphrase", () => {
			createBackup(backup, root, crypto);
			const code = createBackup(join(folder, "other.json"), root, crypto);
			const said: string[] = [];
			const open = (typed: string): string => reasonOf(() => openBackup(backup, typed, crypto), said);
			assert.equal(open(code), "wrong-code");
			assert.equal(open(PASSPHRASE), "mistyped-code");
			assert.notInclude(said.join("\n"), code.slice(0, 5));
			assert.notInclude(said.join("\n"), "horse");
		});

		it("holds its code in no file and is refused where it was changed", () => {
			const code = createBackup(backup, root, crypto);
			assert.notInclude(readFileSync(backup, "utf8"), code.slice(0, 5));
			writeFileSync(backup, JSON.stringify({ ...json(backup), site: "OTHER" }));
			assert.equal(
				reasonOf(() => openBackup(backup, code, crypto)),
				"changed-file",
			);
			create();
			assert.equal(
				reasonOf(() => openBackup(path, code, crypto)),
				"not-root-backup",
			);
		});
	});
});
