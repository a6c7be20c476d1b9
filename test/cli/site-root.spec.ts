// SPDX-License-Identifier: Apache-2.0

import { mkdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { assert } from "chai";
import { equal, toHex } from "../../protocol/bytes.js";
import { EDDSA } from "../../protocol/credential/cose.js";
import { openList } from "../../protocol/trust/envelope.js";
import { KID, type TrustList } from "../../protocol/trust/list.js";
import { isPublicKey } from "../../site/lib/public-key.js";
import { openRootKey } from "../../site/lib/root/root-key.js";
import { fingerprintOf } from "../../site/lib/trust/fingerprint.js";
import { modelOf } from "../../site/lib/trust/model.js";
import { PASSPHRASE } from "../support/site-files.js";
import { type Answer, crypto, madeSite, NEW, pair, READER, ROOT, siteFolder, typed } from "./site-folder.js";

describe("lintel site: a root", () => {
	const folder = siteFolder();
	const { at, contents, done, lintel, lists, refused } = folder;
	const { put, site } = madeSite(folder);

	describe("unlock", () => {
		it("says which root of which list it is, and changes nothing", async () => {
			const before = contents();
			const told = await done(`unlock ${ROOT}`, typed);
			assert.deepInclude(told, {
				fingerprint: fingerprintOf(site().root.publicKey),
				list: 1,
				changed: false,
			});
			assert.deepEqual(contents(), before);
		});

		it("puts the file under a new passphrase", async () => {
			const command = `unlock --change ${ROOT} --passphrase-file @passphrase`;
			assert.equal(await refused(command, { input: "short" }), "short-passphrase");
			await done(command, { input: NEW });
			assert.deepEqual(openRootKey(at("root-key.json"), NEW, crypto), site().root);
			assert.equal(await refused(`unlock ${ROOT}`, typed), "wrong-passphrase");
		});
	});

	describe("backup and recover", () => {
		const PASS = "--passphrase-file @passphrase";
		const BACKUP = `backup --root-key @root-key.json --out @backup.json ${PASS}`;
		const shownCode = (shown: string): string => /^ {4}((?:\w{5}-){6}\w{5})$/m.exec(shown)![1]!;

		/** Types what `change` makes of the code that is shown. */
		function typing(...changes: ((code: string) => string)[]): { answers: Answer[]; code: () => string } {
			let code = "";
			const answers = changes.map(
				(change): Answer => [
					(shown) => {
						if (!/typed from the paper: $/.test(shown)) return false;
						if (code === "") code = shownCode(shown);
						return true;
					},
					() => `${change(code)}\r`,
				],
			);
			return { answers, code: () => code };
		}

		it("shows the code once, has it typed back, and the backup makes the root anew by another passphrase", async () => {
			const { answers, code } = typing(
				(shown) => shown.replace(/^./, (first) => (first === "A" ? "B" : "A")),
				(shown) => shown.toLowerCase().replaceAll("-", " "),
			);
			const { err, out } = await lintel(BACKUP, { answers });
			assert.match(err, /not as it was given out: group 1/);
			assert.notInclude(out, code().slice(0, 5));
			assert.notInclude(readFileSync(at("backup.json"), "utf8"), code().slice(0, 5));
			assert.equal(statSync(at("backup.json")).mode & 0o077, 0);

			rmSync(at("root-key.json"));
			const recover = "recover @backup.json --out @root-key.json --passphrase-file @new-passphrase";
			await done(recover, { answers: [[/recovery code: $/, `${code()}\r`]] });
			assert.deepEqual(openRootKey(at("root-key.json"), NEW, crypto), site().root);
			folder.said = folder.said.replaceAll(code(), "");
			assert.notInclude(folder.said, code().slice(0, 11));
		});

		it("writes nothing where the code is not typed back", async () => {
			const wrong = (): string => "A";
			assert.equal(await refused(BACKUP, typing(wrong, wrong, wrong)), "mistyped-code");
		});

		it("without a terminal the code goes into a file, else there is no backup", async () => {
			assert.equal(await refused(BACKUP), "no-terminal");
			const told = await done(`${BACKUP} --code-file @code`);
			assert.equal(told.codeFile, at("code"));
			assert.equal(statSync(at("code")).mode & 0o077, 0);
			const code = readFileSync(at("code"), "utf8").trim();
			assert.notInclude(JSON.stringify(told), code.slice(0, 5));
			assert.equal(await refused(`${BACKUP} --code-file @other`), "exists");
			rmSync(at("backup.json"));
			assert.equal(await refused(`${BACKUP} --code-file @code`), "exists");
			assert.equal(await refused(`${BACKUP} --code-file @nowhere/x`), "file");
		});

		it("recover writes over no root, and takes no other code or file", async () => {
			await done(`${BACKUP} --code-file @code`);
			const recover = "recover @backup.json --passphrase-file @new-passphrase";
			const code = "--code-file @code";
			assert.equal(await refused(`${recover} ${code} --out @root-key.json`), "exists");
			assert.equal(await refused(`${recover} --code-file @passphrase --out @out.json`), "mistyped-code");
			rmSync(at("backup.json"));
			await done(`${BACKUP} --code-file @other`);
			assert.equal(await refused(`${recover} ${code} --out @out.json`), "wrong-code");
			const key = `recover @root-key.json ${code} --out @out.json --passphrase-file @new-passphrase`;
			assert.equal(await refused(key), "not-root-backup");
			assert.equal(
				await refused("backup --root-key @root-key.json --out @x --code-file @y", { input: NEW }),
				"wrong-passphrase",
			);
		});
	});

	describe("root and second", () => {
		it("a second administrator's root signs lists alone from then on", async () => {
			const made = await done("root ACME --out @second.json", { input: NEW });
			const { publicKey } = openRootKey(at("second.json"), NEW, crypto);
			assert.equal(made.publicKey, toHex(publicKey));
			const second = `${ROOT} --root-key @second.json`;
			assert.equal(await refused(`unlock ${second}`, { input: NEW }), "root-not-listed");

			const fingerprint = fingerprintOf(publicKey);
			const ask = new RegExp(`Take ${fingerprint} for a root\\? \\[y/N\\] $`);
			const pass: Answer = [/root's key: $/, `${PASSPHRASE}\r`];
			const command = `second ${made.publicKey} ${ROOT}`;
			assert.equal(await refused(command, { answers: [[ask, "\r"]] }), "not-confirmed");
			assert.equal(await refused(command, typed), "not-confirmed");
			await done(command, { answers: [[ask, "y\r"], pass] });
			assert.deepEqual(lists().trust.roots, [site().root.publicKey, publicKey]);
			await done(`revoke --reader ${READER} --yes ${second}`, { input: NEW });
			assert.equal(lists().trust.version, 3);

			const first = fingerprintOf(site().root.publicKey);
			assert.equal(await refused(`revoke ${fingerprint} --yes ${second}`, { input: NEW }), "own-root");
			await done(`revoke ${first} --yes ${second}`, { input: NEW });
			assert.deepEqual(lists().trust.roots, [publicKey]);
			assert.equal(await refused(`unlock ${ROOT}`, typed), "root-not-listed");
			assert.equal(await refused(`revoke ${fingerprint} --yes ${second}`, { input: NEW }), "last-root");
		});

		it("second refuses what is no key, one that is there, one that begins as another, and a fifth root", async () => {
			const second = (key: string): Promise<string> =>
				refused(`second ${key} --yes ${ROOT}`, { answers: [] });
			assert.equal(await second("hunter2"), "value");
			assert.equal(await second("ff".repeat(32)), "bad-key");
			assert.equal(await second(toHex(site().root.publicKey)), "already");
			const twin = site().trust.keys[0]!.publicKey.slice();
			do twin[20]!++;
			while (!isPublicKey({ algorithm: EDDSA, publicKey: twin }));
			assert.isTrue(equal(twin.subarray(0, KID), site().trust.keys[0]!.publicKey.subarray(0, KID)));
			assert.equal(await second(toHex(twin)), "kid-taken");
			const roots = [site().root.publicKey, ...[1, 2, 3].map((byte) => pair(byte).publicKey)];
			put((trust) => ({ ...modelOf(trust), version: 2, roots }));
			assert.equal(await second(toHex(pair(4).publicKey)), "too-many-roots");
		});

		it("root writes over no file, and takes no name that is no site's", async () => {
			assert.equal(await refused("root ACME --out @root-key.json", { answers: [] }), "exists");
			assert.equal(await refused("root NINECHARS --out @x", { answers: [] }), "value");
		});
	});

	describe("rotate", () => {
		const ROTATE = `rotate --out @new-root.json ${ROOT} --passphrase-file @passphrase --new-passphrase-file @new-passphrase`;

		it("puts a new root in the old one's place by a list that both have signed", async () => {
			const told = await done(ROTATE);
			const { publicKey } = openRootKey(at("new-root.json"), NEW, crypto);
			assert.deepInclude(told, {
				...{ list: 2, fingerprint: fingerprintOf(publicKey) },
				before: fingerprintOf(site().root.publicKey),
			});
			const [first, second] = lists().lists;
			const one = openList(first!, undefined, crypto) as TrustList;
			const two = openList(second!, one, crypto) as TrustList;
			assert.deepEqual(two.roots, [publicKey]);
			assert.deepEqual(modelOf(two).keys, modelOf(one).keys);

			assert.equal(await refused(`unlock ${ROOT}`, typed), "root-not-listed");
			await done(`key --role issue --out @out.json ${ROOT} --root-key @new-root.json`, { input: NEW });
			assert.equal(lists().trust.version, 3);
		});

		it("writes over no file, and leaves no root where the list cannot be written", async () => {
			assert.equal(await refused(ROTATE.replace("@new-root.json", "@site-key.json")), "exists");
			assert.equal(await refused(ROTATE.replace("@new-root.json", "@nowhere/x")), "file");
			// As another command that writes lists would leave it for a moment.
			mkdirSync(at("site.json.part"));
			assert.equal(await refused(ROTATE), "busy");
		});
	});
});
