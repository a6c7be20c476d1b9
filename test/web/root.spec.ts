// SPDX-License-Identifier: Apache-2.0

/** What a page makes of a root is what `lintel` makes: the command line opens the files, and goes on from them. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { assert } from "chai";
import { NodeCrypto } from "../../hal/node/crypto.js";
import { Failure } from "../../site/lib/files/failure.js";
import { keyWith, readKeys, readLists } from "../../site/lib/keys.js";
import { newSeed } from "../../site/lib/new-site.js";
import { openBackup } from "../../site/lib/root/root-backup.js";
import { openRootKey } from "../../site/lib/root/root-key.js";
import { fingerprintOf } from "../../site/lib/trust/fingerprint.js";
import { withKey } from "../../site/lib/trust/next.js";
import {
	listsFile,
	type MadeSite,
	makeSite,
	type NamedText,
	openRoot,
	signList,
} from "../../site/web/keys/root.js";
import { Lintel } from "../cli/lintel.js";

const PASSPHRASE = "five words drawn by dice";

describe("a root that a page makes", () => {
	const crypto = new NodeCrypto();
	const server = crypto.ed25519KeyPair(newSeed()).publicKey;
	const now = Math.floor(Date.now() / 1000);
	let folder: string;
	let made: MadeSite;
	const at = (name: string): string => join(folder, name);
	const keep = ({ name, text }: NamedText): void => writeFileSync(at(name), text, { mode: 0o600 });
	const lintel = async (...args: string[]): Promise<string> => {
		const { code, err, out } = await new Lintel(args).ended;
		assert.equal(code, 0, err);
		return out;
	};

	before(async () => {
		folder = mkdtempSync(join(tmpdir(), "lintel-page-root-"));
		made = await makeSite({ site: "SCHOOL", passphrase: PASSPHRASE, serverKey: server, now });
		for (const file of [...Object.values(made.files), listsFile(made)]) keep(file);
		writeFileSync(at("pass"), `${PASSPHRASE}\n`, { mode: 0o600 });
	});
	after(() => rmSync(folder, { recursive: true }));

	it("opens by its passphrase, and its backup by the code, to one root, which has signed the first list", () => {
		const root = openRootKey(at("root-key.json"), PASSPHRASE, crypto);
		assert.deepEqual(openBackup(at("root-backup.json"), made.code, crypto), root);
		const { trust } = readLists(at("site.json"), crypto);
		assert.deepEqual(trust.roots, [root.publicKey]);
		assert.equal(trust.version, 1);
		const seed = Buffer.from(root.secretKey.subarray(0, 32)).toString("hex");
		for (const { name, text } of Object.values(made.files)) assert.notInclude(text, seed, name);
	});

	it("lets the command line go on: it looks at the root, makes an installer's key, recovers the root", async () => {
		const root = [
			"--root-key",
			at("root-key.json"),
			"--site",
			at("site.json"),
			"--passphrase-file",
			at("pass"),
		];
		assert.include(await lintel("site", "unlock", ...root), "a root of list 1 of site SCHOOL");
		await lintel(
			"site",
			"key",
			"--role",
			"install",
			"--until",
			"2099-01-01",
			"--out",
			at("bob.json"),
			...root,
		);
		assert.equal(readLists(at("site.json"), crypto).trust.version, 2);
		writeFileSync(at("code"), `${made.code}\n`, { mode: 0o600 });
		const more = ["--code-file", at("code"), "--passphrase-file", at("pass"), "--out", at("again.json")];
		await lintel("site", "recover", at("root-backup.json"), ...more);
		assert.deepEqual(
			openRootKey(at("again.json"), PASSPHRASE, crypto),
			openRootKey(at("root-key.json"), PASSPHRASE, crypto),
		);
	});

	it("has keys beside it that make readers doors and work on them, and do nothing else", () => {
		const keys = readKeys(at("site-key.json"), crypto);
		for (const role of ["commission", "install"] as const) keyWith(keys, role, "FRONT", "the file", crypto);
		for (const role of ["issue", "plan", "sync"] as const)
			assert.throws(() => keyWith(keys, role, "FRONT", "the file", crypto), Failure);
	});

	it("names the server's key: to sign plans, to speak with doors, to issue for 30 days, for 90 days", () => {
		const key = made.trust.findKey(server)!;
		assert.deepEqual(
			(["issue", "plan", "sync", "commission", "install", "release"] as const).filter((role) =>
				key.has(role),
			),
			["issue", "plan", "sync"],
		);
		assert.equal(key.days, 30);
		assert.approximately(key.until, now + 90 * 86_400, 3600);
	});

	it("opens what the command line has written, refuses another passphrase, and signs the next list", async () => {
		const file = (name: string): NamedText => ({ name, text: readFileSync(at(name), "utf8") });
		const reasonOf = (work: Promise<unknown>): Promise<unknown> =>
			work.then(
				() => "none",
				(error: unknown) => (error as Failure).reason,
			);
		assert.equal(await reasonOf(openRoot(file("root-key.json"), "another passphrase")), "wrong-passphrase");
		assert.equal(await reasonOf(openRoot(file("site-key.json"), PASSPHRASE)), "not-root-key");
		await lintel("site", "root", "SCHOOL", "--out", at("second.json"), "--passphrase-file", at("pass"));
		const lists = readLists(at("site.json"), crypto);
		const next = crypto.ed25519KeyPair(newSeed()).publicKey;
		const change = () => withKey(lists.trust, { publicKey: next, roles: ["plan"] }, now);
		assert.equal(await reasonOf(signList(lists, file("second.json"), PASSPHRASE, change)), "root-not-listed");
		const signed = await signList(lists, file("root-key.json"), PASSPHRASE, change);
		writeFileSync(at("site.json"), listsFile({ ...lists, lists: [...lists.lists, signed] }).text);
		const shown = await lintel("site", "show", "--site", at("site.json"), "--json");
		assert.include(shown, fingerprintOf(next));
	});

	it("is not made by a passphrase that is guessed soon", async () => {
		const short = await makeSite({ site: "SCHOOL", passphrase: "123456789", serverKey: server, now }).catch(
			(error: unknown) => error,
		);
		assert.instanceOf(short, Failure);
		assert.equal((short as Failure).reason, "short-passphrase");
	});
});
