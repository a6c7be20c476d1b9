// SPDX-License-Identifier: Apache-2.0

import {
	chmodSync,
	existsSync,
	lstatSync,
	mkdirSync,
	readdirSync,
	readFileSync,
	renameSync,
	rmSync,
	statSync,
	symlinkSync,
	writeFileSync,
} from "node:fs";
import { assert } from "chai";
import { fromHex, toHex } from "../../protocol/bytes.js";
import { EDDSA, signer } from "../../protocol/credential/cose.js";
import { verifyPhone } from "../../protocol/credential/credential.js";
import { issueCredential } from "../../protocol/credential/issue.js";
import { KID, type Role } from "../../protocol/trust/list.js";
import { EXIT } from "../../site/lib/files/failure.js";
import { readKeys } from "../../site/lib/keys.js";
import { listsText } from "../../site/lib/keys-text.js";
import { newSite } from "../../site/lib/new-site.js";
import { newRoot } from "../../site/lib/root/root.js";
import { createRootKey, openRootKey } from "../../site/lib/root/root-key.js";
import { MIN_N } from "../../site/lib/root/scrypt-cost.js";
import { createSite, siteFiles } from "../../site/lib/site-files.js";
import { encodeList, modelOf, rootSigner, signList } from "../../site/lib/trust/model.js";
import { withKey } from "../../site/lib/trust/next.js";
import { PASSPHRASE } from "../support/site-files.js";
import { Lintel } from "./lintel.js";
import { leaks } from "./secrets.js";
import {
	type Answer,
	crypto,
	DAY,
	madeSite,
	NEW,
	now,
	pair,
	READER,
	ROOT,
	siteFolder,
	typed,
} from "./site-folder.js";

describe("lintel site", () => {
	const folder = siteFolder();
	const { at, contents, done, lintel, lists, refused, seedOf } = folder;

	describe("init", () => {
		it("makes a root under a passphrase, its list, and an administrator's keys, of which one ends in a year", async () => {
			const { code, err, out } = await lintel("init ACME --out @.", typed);
			assert.equal(code, 0, err);
			assert.match(out, /root-key\.json: .*\n.*site-key\.json: .*\n.*site\.json: /);
			assert.match(err, /lintel site backup/);
			const root = openRootKey(at("root-key.json"), PASSPHRASE, crypto);
			const { trust } = lists();
			assert.deepInclude(modelOf(trust), { version: 1, epoch: 1, threshold: 1, site: "ACME", revoked: [] });
			assert.deepEqual(trust.roots, [root.publicKey]);
			const [office, install] = modelOf(trust).keys;
			assert.deepEqual(office!.roles, ["issue", "plan", "commission"]);
			assert.isUndefined(office!.until);
			assert.deepEqual(install!.roles, ["install"]);
			assert.closeTo(install!.until!, now + 366 * DAY, 600);
			const keys = readKeys(at("site-key.json"), crypto).keys.map(({ publicKey }) => publicKey);
			assert.deepEqual(keys, [office!.publicKey, install!.publicKey]);
			const seeds = { root: root.secretKey.subarray(0, 32), office: seedOf("site-key.json") };
			assert.deepEqual(leaks(out + err + readFileSync(at("site.json"), "utf8"), seeds), []);
			assert.deepEqual(leaks(readFileSync(at("site-key.json")), { root: seeds.root }), []);
			for (const name of ["root-key.json", "site-key.json"])
				assert.equal(statSync(at(name)).mode & 0o077, 0, name);
		});

		it("ends the key for readers when it is told to, and takes no end that is past or none", async () => {
			await done(`init ACME --out @. --install-until 2099-01-01`, typed);
			assert.equal(lists().trust.keys[1]!.until, Date.UTC(2099, 0, 1) / 1000);
			mkdirSync(at("b"));
			for (const date of ["2020-01-01", "2099-02-30", "2110-01-01"])
				assert.equal(await refused(`init ACME --out @b --install-until ${date}`, typed), "value", date);
		});

		it("writes over none of its names, and asks for nothing first", async () => {
			for (const name of ["root-key.json", "site-key.json", "site.json"]) {
				writeFileSync(at(name), "mine");
				assert.equal(await refused("init ACME --out @.", { answers: [] }), "exists", name);
				rmSync(at(name));
			}
			assert.equal(await refused("init ACME --out @nowhere", { answers: [] }), "file");
			assert.equal(await refused("init NINECHARS --out @.", { answers: [] }), "value");
		});

		it("leaves nothing where the passphrase is not taken", async () => {
			const first: Answer = [/root's key: $/, `${PASSPHRASE}\r`];
			const again: Answer = [/again: $/, "another passphrase\r"];
			assert.equal(await refused("init ACME --out @.", { answers: [first, again] }), "typed-differently");
			assert.equal(await refused("init ACME --out @.", { input: "short" }), "short-passphrase");
			assert.deepEqual(readdirSync(folder.folder), []);
			await done("init ACME --out @.", { answers: [first, [/again: $/, `${PASSPHRASE}\r`]] });
		});

		it("leaves nothing where one of its files cannot be written", () => {
			const files = siteFiles(folder.folder);
			const made = newSite("ACME", { now, installUntil: now + DAY }, crypto);
			for (const name of ["root", "keys", "lists"] as const) {
				const broken = { ...files, [name]: at("nowhere/x") };
				assert.throws(() => createSite(broken, made, PASSPHRASE, crypto, MIN_N), /ENOENT/);
				assert.deepEqual(readdirSync(folder.folder), [], name);
			}
		});
	});

	describe("upgrade", () => {
		const OLD = { site: "ACME", algorithm: "Ed25519", seed: "07".repeat(32) };
		const old = pair(7);

		beforeEach(() => {
			writeFileSync(at("site-key.json"), JSON.stringify(OLD));
			const keys = [{ kid: "00000000", algorithm: "Ed25519", publicKey: toHex(old.publicKey) }];
			writeFileSync(at("site.json"), JSON.stringify({ site: "ACME", keys }));
			writeFileSync(at("issued.jsonl"), "{}\n");
			mkdirSync(at("new"));
		});

		it("makes root, list and keys of the one key, by which phones' credentials go on, and leaves the old files", async () => {
			const key = { algorithm: EDDSA, publicKey: pair(8).publicKey } as const;
			const cwt = issueCredential(
				{ issuer: "ACME", id: new Uint8Array(8).fill(1), key },
				signer(crypto, EDDSA, old.secretKey),
				{ kid: old.publicKey.slice(0, KID) },
			);
			const before = contents();
			const { code, err } = await lintel("upgrade @site-key.json --out @new", typed);
			assert.equal(code, 0, err);
			assert.match(
				err,
				/credential invite[\s\S]*Visit each reader[\s\S]*plan compile[\s\S]*site key --role install/,
			);
			assert.deepEqual(contents(), before);
			assert.equal(readFileSync(at("new/issued.jsonl"), "utf8"), "{}\n");

			const { trust } = lists("new/site.json");
			const root = openRootKey(at("new/root-key.json"), PASSPHRASE, crypto);
			assert.deepEqual(trust.roots, [root.publicKey]);
			assert.deepEqual(modelOf(trust).keys[0], {
				...{ publicKey: old.publicKey, roles: ["issue", "plan", "commission"] as Role[] },
				state: "good",
			});
			assert.deepEqual(verifyPhone(cwt, trust, "front", crypto).key, key);
			const [office, install] = readKeys(at("new/site-key.json"), crypto).keys;
			assert.deepEqual(office, old);
			assert.isTrue(trust.findKey(install!.publicKey)!.has("install"));
			assert.deepEqual(
				leaks(folder.said, { old: fromHex(OLD.seed), root: root.secretKey.subarray(0, 32) }),
				[],
			);
		});

		it("is what the other commands say of the old files", async () => {
			assert.equal(await refused("show --site @site.json"), "old-site-file");
			const issue = [
				"credential",
				"issue",
				"--site-key",
				at("site-key.json"),
				"--public-key",
				"00",
				"--json",
			];
			const { out } = await new Lintel([...issue, "--out", at("x")]).ended;
			const { error } = JSON.parse(out);
			assert.equal(error.reason, "old-key-file");
			assert.match(error.advice, /lintel site upgrade/);
		});

		it("takes no file of another kind, and writes over none", async () => {
			assert.equal(await refused("upgrade @site-key.json --out @.", { answers: [] }), "exists");
			writeFileSync(at("installer.json"), JSON.stringify({ ...OLD, service: "d2", siteKey: "00" }));
			assert.equal(await refused("upgrade @installer.json --out @new", { answers: [] }), "not-old");
			assert.equal(await refused("upgrade @site.json --out @new", { answers: [] }), "not-old");
			await done("upgrade @site-key.json --out @new", typed);
			mkdirSync(at("newer"));
			assert.equal(await refused("upgrade @new/site-key.json --out @newer", { answers: [] }), "not-old");
			assert.equal(await refused(`upgrade ${OLD.seed} --out @newer`, { answers: [] }), "key-on-command-line");
		});
	});

	describe("with the root", () => {
		const { put, site } = madeSite(folder);

		const COMMANDS: readonly string[] = [
			"unlock",
			"unlock --change --new-passphrase-file @new-passphrase",
			`second ${toHex(pair(1).publicKey)} --yes`,
			"rotate --out @out.json --new-passphrase-file @new-passphrase",
			"key --role issue --out @out.json",
			`revoke --reader ${READER} --yes`,
		];

		for (const command of COMMANDS)
			describe(command.split(" --")[0]!.split(" ")[0]!, () => {
				it(`refuses another passphrase, and changes nothing: ${command}`, async () => {
					assert.equal(await refused(`${command} ${ROOT}`, { input: NEW }), "wrong-passphrase");
				});

				it(`refuses, before it asks, a root that the newest list does not have: ${command}`, async () => {
					const other = newRoot("ACME", crypto);
					rmSync(at("root-key.json"));
					createRootKey(at("root-key.json"), other, PASSPHRASE, crypto, MIN_N);
					assert.equal(await refused(`${command} ${ROOT}`, { answers: [] }), "root-not-listed");
					const foreign = { ...site().root, site: "OTHER" };
					rmSync(at("root-key.json"));
					createRootKey(at("root-key.json"), foreign, PASSPHRASE, crypto, MIN_N);
					assert.equal(await refused(`${command} ${ROOT}`, { answers: [] }), "root-not-listed");
				});

				it(`refuses, before it asks, a list that two roots have to sign: ${command}`, async () => {
					const roots = [site().root, pair(2)];
					const both = { ...modelOf(site().trust), threshold: 2, roots: roots.map((root) => root.publicKey) };
					const signers = roots.map((root) => rootSigner(root, crypto));
					writeFileSync(at("site.json"), listsText("ACME", [signList(encodeList(both), signers)]));
					assert.equal(lists().trust.threshold, 2);
					assert.equal(await refused(`${command} ${ROOT}`, { answers: [] }), "threshold");
				});

				it(`needs the files that it names: ${command}`, async () => {
					assert.equal(await refused(`${command} ${ROOT} --site @no`, { answers: [] }), "unreadable");
					assert.equal(await refused(`${command} ${ROOT} --root-key @no`, { answers: [] }), "unreadable");
					const noRoot = `${command} ${ROOT} --root-key @site.json`;
					assert.equal(await refused(noRoot, { answers: [] }), "not-root-key");
				});
			});

		it("takes the passphrase from a file, a pipe or a terminal", async () => {
			await done(`unlock ${ROOT} --passphrase-file @passphrase`, { answers: [] });
			await done(`unlock ${ROOT} --passphrase-file -`, typed);
			await done(`unlock ${ROOT}`, { answers: [[/passphrase of the root's key: $/, `${PASSPHRASE}\r`]] });
		});

		it("reads no two secrets from one standard input", async () => {
			writeFileSync(
				at("old.json"),
				JSON.stringify({ site: "ACME", algorithm: "Ed25519", seed: "07".repeat(32) }),
			);
			mkdirSync(at("b"));
			for (const words of [
				`unlock --change ${ROOT}`,
				`unlock ${ROOT} --root-key -`,
				`rotate --out @out.json ${ROOT}`,
				`key --role issue --out @out.json ${ROOT} --root-key -`,
				`revoke ${READER} ${ROOT} --root-key -`,
				`second ${READER} ${ROOT} --root-key -`,
				"backup --root-key - --code-file @code",
				"recover @backup.json --out @out.json",
				"upgrade - --out @b",
			])
				assert.equal(await refused(words, typed), "one-input", words);
			assert.equal(await refused("upgrade - --out @b", { answers: [] }), "one-input", "also at a terminal");
		});

		it("does not write over a list that another process has signed while the passphrase was typed", async () => {
			const key = { publicKey: pair(3).publicKey, roles: ["issue"] as const };
			const type: Answer = [
				(shown) => {
					if (!/root's key: $/.test(shown)) return false;
					put((trust) => withKey(trust, key, now));
					return true;
				},
				`${PASSPHRASE}\r`,
			];
			const { code, out } = await lintel(`key --role plan --out @out.json ${ROOT} --json`, {
				answers: [type],
			});
			assert.equal(code, EXIT.input);
			assert.equal(JSON.parse(out).error.reason, "changed-lists");
			assert.isFalse(existsSync(at("out.json")), "no key that no list has");
			assert.equal(lists().trust.version, 2);
			assert.isDefined(lists().trust.findKey(key.publicKey));
		});

		it("puts the new list in the place of the file that a link names, and keeps its mode", async () => {
			mkdirSync(at("share"));
			renameSync(at("site.json"), at("share/site.json"));
			chmodSync(at("share/site.json"), 0o640);
			symlinkSync(at("share/site.json"), at("site.json"));
			await done(`revoke --reader ${READER} --yes ${ROOT}`, typed);
			assert.equal(lists("share/site.json").trust.version, 2);
			assert.isTrue(lstatSync(at("site.json")).isSymbolicLink());
			assert.equal(statSync(at("share/site.json")).mode & 0o777, 0o640);
			assert.deepEqual(readdirSync(at("share")), ["site.json"]);
		});
	});
});
