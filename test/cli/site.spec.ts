// SPDX-License-Identifier: Apache-2.0

import {
	chmodSync,
	existsSync,
	lstatSync,
	mkdirSync,
	mkdtempSync,
	readdirSync,
	readFileSync,
	renameSync,
	rmSync,
	statSync,
	symlinkSync,
	writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { stripVTControlCharacters } from "node:util";
import { assert } from "chai";
import { NodeCrypto } from "../../hal/node/crypto.js";
import { equal, fromHex, toHex } from "../../protocol/bytes.js";
import { EDDSA, signer } from "../../protocol/credential/cose.js";
import { issueCredential, verifyPhone } from "../../protocol/credential/credential.js";
import { openList } from "../../protocol/trust/envelope.js";
import { KID, type Role, type TrustList } from "../../protocol/trust/list.js";
import { EXIT } from "../../site/lib/files/failure.js";
import { listsText, readKeys, readLists, type SiteLists, writeLists } from "../../site/lib/keys.js";
import { createSite, type NewSite, newSite, siteFiles } from "../../site/lib/new-site.js";
import { isPublicKey } from "../../site/lib/public-key.js";
import { newRoot } from "../../site/lib/root/root.js";
import { createRootKey, openRootKey } from "../../site/lib/root/root-key.js";
import { MIN_N } from "../../site/lib/root/scrypt.js";
import { fingerprintOf } from "../../site/lib/trust/fingerprint.js";
import { encodeList, type KeyModel, modelOf, rootSigner, signList } from "../../site/lib/trust/model.js";
import { withKey, withoutReader } from "../../site/lib/trust/next.js";
import { signFirst, signNext } from "../../site/lib/trust/sign.js";
import { makeSite, PASSPHRASE } from "../support/site-files.js";
import { type Ended, Lintel } from "./lintel.js";
import { leaks } from "./secrets.js";

const NEW = "battery staple, new";
const DAY = 86_400;
const READER = "00112233445566aa";
const crypto = new NodeCrypto();
const now = Math.floor(Date.now() / 1000);
const day = (days: number): string => new Date((now + days * DAY) * 1000).toISOString();
const pair = (byte: number) => crypto.ed25519KeyPair(new Uint8Array(32).fill(byte));

type Answer = readonly [question: RegExp, answer: string];

describe("lintel site", () => {
	let folder: string;
	let said: string;
	const at = (name: string): string => join(folder, name);

	beforeEach(() => {
		folder = mkdtempSync(join(tmpdir(), "lintel-site-"));
		said = "";
	});

	afterEach(() => {
		assert.deepEqual(leaks(said, { passphrase: Buffer.from(PASSPHRASE), new: Buffer.from(NEW) }), []);
		rmSync(folder, { recursive: true });
	});

	/** Words with `@` in front are files of the folder; without `answers` standard input is no terminal and has `input`. */
	async function lintel(
		words: string,
		given: { input?: string; answers?: readonly Answer[] } = {},
	): Promise<Ended> {
		const args = words.split(" ").map((word) => (word.startsWith("@") ? at(word.slice(1)) : word));
		const { answers, input } = given;
		const left = [...(answers ?? [])];
		let from = 0;
		const answer = (): void => {
			const shown = stripVTControlCharacters(command.shown);
			if (left[0]?.[0].test(shown.slice(from)) !== true) return;
			from = shown.length;
			command.keys.write(left.shift()![1]);
		};
		const terminal = answers === undefined ? {} : { columns: 80, said: answer };
		const command: Lintel = new Lintel(["site", ...args], { input, ...terminal });
		const ended = await command.ended;
		said += ended.out + ended.err;
		assert.lengthOf(left, 0, `not asked: ${left[0]?.[0]}\n${ended.err}`);
		return ended;
	}

	async function done(words: string, given?: Parameters<typeof lintel>[1]): Promise<Record<string, unknown>> {
		const { code, err, out } = await lintel(`${words} --json`, given);
		assert.equal(code, 0, `${words}\n${out}${err}`);
		return JSON.parse(out);
	}

	/** The reason; files stay as they are. */
	async function refused(words: string, given?: Parameters<typeof lintel>[1]): Promise<string> {
		const before = contents();
		const { code, out } = await lintel(`${words} --json`, given);
		const { error } = JSON.parse(out);
		assert.equal(code, error.exit);
		assert.deepEqual(contents(), before, words);
		said += JSON.stringify(error);
		return error.reason;
	}

	function contents(): Record<string, string> {
		const names = readdirSync(folder).filter((name) => statSync(at(name)).isFile());
		return Object.fromEntries(names.map((name) => [name, readFileSync(at(name), "latin1")]));
	}

	const lists = (name = "site.json"): SiteLists => readLists(at(name), crypto);
	const ROOT = "--root-key @root-key.json --site @site.json";
	const typed = { input: PASSPHRASE };
	const seedOf = (file: string, n = 0): Uint8Array =>
		fromHex(JSON.parse(readFileSync(at(file), "utf8")).keys[n].seed);

	/** Another list of the site, as another computer would sign it. */
	function put(change: (trust: TrustList) => ReturnType<typeof withKey>, { root }: NewSite): SiteLists {
		const next = signNext(lists(), change(lists().trust), [root], crypto);
		writeFileSync(at("site.json"), listsText("ACME", next.lists));
		return next;
	}

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
			assert.deepEqual(readdirSync(folder), []);
			await done("init ACME --out @.", { answers: [first, [/again: $/, `${PASSPHRASE}\r`]] });
		});

		it("leaves nothing where one of its files cannot be written", () => {
			const files = siteFiles(folder);
			const made = newSite("ACME", { now, installUntil: now + DAY }, crypto);
			for (const name of ["root", "keys", "lists"] as const) {
				const broken = { ...files, [name]: at("nowhere/x") };
				assert.throws(() => createSite(broken, made, PASSPHRASE, crypto, MIN_N), /ENOENT/);
				assert.deepEqual(readdirSync(folder), [], name);
			}
		});
	});

	describe("with the root", () => {
		let site: NewSite;

		beforeEach(() => {
			site = makeSite(folder);
			writeFileSync(at("passphrase"), PASSPHRASE);
			writeFileSync(at("new-passphrase"), NEW);
		});

		afterEach(() => {
			const seeds = { root: site.root.secretKey.subarray(0, 32), office: site.seeds[0]! };
			assert.deepEqual(leaks(said, seeds), []);
		});

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
					const foreign = { ...site.root, site: "OTHER" };
					rmSync(at("root-key.json"));
					createRootKey(at("root-key.json"), foreign, PASSPHRASE, crypto, MIN_N);
					assert.equal(await refused(`${command} ${ROOT}`, { answers: [] }), "root-not-listed");
				});

				it(`refuses, before it asks, a list that two roots have to sign: ${command}`, async () => {
					const roots = [site.root, pair(2)];
					const both = { ...modelOf(site.trust), threshold: 2, roots: roots.map((root) => root.publicKey) };
					const signers = roots.map((root) => rootSigner(root, crypto));
					writeFileSync(at("site.json"), listsText("ACME", [signList(encodeList(both), signers)]));
					assert.equal(lists().trust.threshold, 2);
					assert.equal(await refused(`${command} ${ROOT}`, { answers: [] }), "threshold");
				});

				it(`needs the files that it names: ${command}`, async () => {
					assert.equal(await refused(`${command} ${ROOT} --site @no`, { answers: [] }), "unreadable");
					assert.equal(await refused(`${command} ${ROOT} --root-key @no`, { answers: [] }), "unreadable");
					const site = `${command} ${ROOT} --root-key @site.json`;
					assert.equal(await refused(site, { answers: [] }), "not-root-key");
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
				{
					test: (shown: string) => {
						if (!/root's key: $/.test(shown)) return false;
						put((trust) => withKey(trust, key, now), site);
						return true;
					},
				} as unknown as RegExp,
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

		describe("unlock", () => {
			it("says which root of which list it is, and changes nothing", async () => {
				const before = contents();
				const told = await done(`unlock ${ROOT}`, typed);
				assert.deepInclude(told, {
					fingerprint: fingerprintOf(site.root.publicKey),
					list: 1,
					changed: false,
				});
				assert.deepEqual(contents(), before);
			});

			it("puts the file under a new passphrase", async () => {
				const command = `unlock --change ${ROOT} --passphrase-file @passphrase`;
				assert.equal(await refused(command, { input: "short" }), "short-passphrase");
				await done(command, { input: NEW });
				assert.deepEqual(openRootKey(at("root-key.json"), NEW, crypto), site.root);
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
				const answers = changes.map((change): Answer => {
					const answer = [/.*/, ""] as unknown as [RegExp, string];
					answer[0] = {
						test: (shown: string) => {
							if (!/typed from the paper: $/.test(shown)) return false;
							if (code === "") code = shownCode(shown);
							answer[1] = `${change(code)}\r`;
							return true;
						},
					} as unknown as RegExp;
					return answer;
				});
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
				assert.deepEqual(openRootKey(at("root-key.json"), NEW, crypto), site.root);
				said = said.replaceAll(code(), "");
				assert.notInclude(said, code().slice(0, 11));
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
				assert.deepEqual(lists().trust.roots, [site.root.publicKey, publicKey]);
				await done(`revoke --reader ${READER} --yes ${second}`, { input: NEW });
				assert.equal(lists().trust.version, 3);

				const first = fingerprintOf(site.root.publicKey);
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
				assert.equal(await second(toHex(site.root.publicKey)), "already");
				const twin = site.trust.keys[0]!.publicKey.slice();
				do twin[20]!++;
				while (!isPublicKey({ algorithm: EDDSA, publicKey: twin }));
				assert.isTrue(equal(twin.subarray(0, KID), site.trust.keys[0]!.publicKey.subarray(0, KID)));
				assert.equal(await second(toHex(twin)), "kid-taken");
				const roots = [site.root.publicKey, ...[1, 2, 3].map((byte) => pair(byte).publicKey)];
				put((trust) => ({ ...modelOf(trust), version: 2, roots }), site);
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
					before: fingerprintOf(site.root.publicKey),
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
				// Not a file, so that it cannot be put in its place.
				mkdirSync(at("site.json.part"));
				assert.equal(await refused(ROTATE), "file");
			});
		});

		describe("key", () => {
			const key = (words: string): string => `key ${words} --out @out.json ${ROOT}`;

			it("makes a key whose file alone says what it may do, and a list that has it", async () => {
				const told = await done(key("--role install plan --door front lab front --until 2099-01-01"), typed);
				const { publicKey } = crypto.ed25519KeyPair(seedOf("out.json"));
				assert.deepInclude(told, {
					...{ list: 2, fingerprint: fingerprintOf(publicKey), state: "good" },
					...{ until: "2099-01-01T00:00Z", doors: ["front", "lab"], roles: ["plan", "install"] },
				});
				assert.equal(statSync(at("out.json")).mode & 0o077, 0);
				mkdirSync(at("laptop"));
				writeFileSync(at("laptop/installer.json"), readFileSync(at("out.json")));
				const { keys, trust } = readKeys(at("laptop/installer.json"), crypto);
				assert.deepEqual(keys[0]!.publicKey, publicKey);
				assert.deepEqual(modelOf(trust).keys.at(-1), {
					...{ publicKey, roles: ["plan", "install"] as Role[], state: "good" as const },
					...{ until: Date.UTC(2099, 0, 1) / 1000, doors: ["front", "lab"] },
				});
				assert.deepEqual(trust.payload, lists().trust.payload);
				assert.deepEqual(
					leaks(said + readFileSync(at("site.json"), "utf8"), { seed: seedOf("out.json") }),
					[],
				);
			});

			it("limits what the key signs in days", async () => {
				await done(key("--role issue --days 30"), typed);
				assert.deepInclude(modelOf(lists().trust).keys.at(-1), { roles: ["issue"], days: 30 });
			});

			for (const [words, reason] of [
				["--role install", "no-end"],
				["--role issue install", "no-end"],
				["--role sync", "no-end"],
				[`--role sync --until ${day(91)}`, "too-long"],
				["--role plan --days 30", "no-issue"],
				["--role boss", "no-such-role"],
				["--role issue --until 2020-01-01", "value"],
				["--role issue --until 2110-01-01", "value"],
				["--role issue --door ninechars", "value"],
				["--role issue --days 0", "invalid-argument"],
				[`--role issue --door ${Array.from({ length: 17 }, (_, n) => `d${n}`).join(" ")}`, "too-many-doors"],
			] as const)
				it(`makes none by ${words}: ${reason}`, async () => {
					assert.equal(await refused(key(words), { answers: [] }), reason);
				});

			it("a server's key ends within 90 days", async () => {
				await done(key(`--role sync --until ${day(89)}`), typed);
			});

			it("writes over no file", async () => {
				assert.equal(await refused(`key --role issue --out @site.json ${ROOT}`, { answers: [] }), "exists");
			});

			it("says that a list is full, and makes room of keys that nobody needs in it", async () => {
				const model = (byte: number, more: Partial<KeyModel> = {}): KeyModel => ({
					...{ publicKey: pair(byte).publicKey, roles: ["issue"] },
					...more,
				});
				const fill = (keys: KeyModel[]): void => {
					const full = signFirst({ ...modelOf(site.trust), keys }, site.root, crypto);
					rmSync(at("site.json"));
					writeLists(at("site.json"), full);
				};
				const needed = Array.from({ length: 18 }, (_, n) => model(n + 1));
				fill([
					...needed,
					model(30, { state: "ended" }),
					model(31, { roles: ["install", "plan"], until: now - 1 }),
				]);
				assert.equal(await refused(key("--role plan"), { answers: [] }), "too-many-keys");
				const spent = [model(40, { state: "stolen" }), model(41, { roles: ["install"], until: now - 1 })];
				fill([...needed, ...spent]);
				await done(key("--role plan"), typed);
				const { keys } = lists().trust;
				assert.lengthOf(keys, 19);
				for (const { publicKey } of needed) assert.isDefined(lists().trust.findKey(publicKey));
				for (const { publicKey } of spent) assert.isUndefined(lists().trust.findKey(publicKey));

				const doors = Array.from({ length: 16 }, (_, n) => `door${n}`);
				fill(Array.from({ length: 11 }, (_, n) => model(n + 1, { doors })));
				rmSync(at("out.json"));
				assert.equal(
					await refused(key(`--role plan --door ${doors.join(" ")}`), { answers: [] }),
					"list-too-large",
				);
			});
		});

		describe("revoke", () => {
			const keyOf = (n: number): string => fingerprintOf(site.trust.keys[n]!.publicKey);

			it("ends a key: what it has signed but credentials stays, which it asks about", async () => {
				const ask: Answer = [
					/issue, plan, commission[\s\S]*stops opening[\s\S]*plans in force stay[\s\S]*End it\? \[y\/N\] $/,
					"y\r",
				];
				const pass: Answer = [/root's key: $/, `${PASSPHRASE}\r`];
				const no: Answer = [ask[0], "n\r"];
				assert.equal(await refused(`revoke ${keyOf(0)} ${ROOT}`, { answers: [no] }), "not-confirmed");
				assert.equal(await refused(`revoke ${keyOf(0)} ${ROOT}`, typed), "not-confirmed");
				const { code, err } = await lintel(`revoke ${keyOf(0)} ${ROOT}`, { answers: [ask, pass] });
				assert.equal(code, 0, err);
				assert.match(err, /Issue those credentials anew/);
				assert.match(err, /No key has the role plan any more: `lintel site key --role plan` makes one/);
				assert.notMatch(err, /Commission those readers/);
				const { trust } = lists();
				assert.deepInclude({ version: trust.version, epoch: trust.epoch }, { version: 2, epoch: 1 });
				assert.deepEqual(
					trust.keys.map(({ state }) => state),
					["ended", "good"],
				);
			});

			it("voids a stolen key; where it signs plans by a new epoch, and says what is to be signed anew", async () => {
				const installer = await done(`revoke ${keyOf(1)} --stolen --yes ${ROOT}`, typed);
				assert.deepInclude(installer, { list: 2, epoch: 1, state: "stolen" });
				const { code, err, out } = await lintel(`revoke ${keyOf(0)} --stolen --yes ${ROOT}`, typed);
				assert.equal(code, 0, err);
				assert.match(out, /list 3, epoch 2, has .* as stolen/);
				assert.match(err, /Issue those[\s\S]*Sign the plan of every door[\s\S]*Commission those readers/);
				assert.equal(lists().trust.epoch, 2);
				assert.deepEqual(
					lists().trust.keys.map(({ state }) => state),
					["stolen", "stolen"],
				);
			});

			it("an ended key can be stolen yet, and nothing is said twice", async () => {
				await done(`revoke ${keyOf(0)} --yes ${ROOT}`, typed);
				assert.equal(await refused(`revoke ${keyOf(0)} --yes ${ROOT}`, { answers: [] }), "already");
				await done(`revoke ${keyOf(0)} --stolen --yes ${ROOT}`, typed);
				for (const stolen of ["", " --stolen"])
					assert.equal(
						await refused(`revoke ${keyOf(0)} --yes${stolen} ${ROOT}`, { answers: [] }),
						"already",
					);
			});

			it("revokes a reader by its credential's id, once", async () => {
				const told = await done(`revoke --reader ${READER.toUpperCase()} --yes ${ROOT}`, typed);
				assert.deepEqual(told, { list: 2, reader: READER });
				assert.isTrue(lists().trust.isRevoked(fromHex(READER)));
				assert.equal(await refused(`revoke --reader ${READER} --yes ${ROOT}`, { answers: [] }), "already");
				const revoked = Array.from({ length: 64 }, (_, n) => fromHex(n.toString(16).padStart(16, "0")));
				put((trust) => ({ ...withoutReader(trust, new Uint8Array(8).fill(1), now), revoked }), site);
				const full = `revoke --reader ${READER} --yes ${ROOT}`;
				assert.equal(await refused(full, { answers: [] }), "too-many-readers");
			});

			it("knows no other key, takes one thing at a time, and not the last root", async () => {
				const revoke = (words: string): Promise<string> =>
					refused(`revoke ${words} --yes ${ROOT}`, { answers: [] });
				assert.equal(await revoke("0000-0000-0000-0000"), "unknown-key");
				assert.equal(await revoke("3"), "unknown-key");
				assert.equal(await revoke(fingerprintOf(site.root.publicKey)), "last-root");
				assert.equal(await revoke(`${keyOf(0)} --reader ${READER}`), "what");
				assert.equal(await refused(`revoke --yes ${ROOT}`, { answers: [] }), "what");
				assert.equal(await revoke("--reader 0011"), "value");
				assert.equal(await revoke(`--reader ${READER} --stolen`), "what");
			});
		});

		describe("show", () => {
			it("says of each root and key what the newest list says", async () => {
				const doors = ["front"];
				const past = { publicKey: pair(5).publicKey, roles: ["install"] as const, until: now - 60, doors };
				const brief = { publicKey: pair(6).publicKey, roles: ["issue"] as const, days: 30 };
				for (const key of [past, brief]) put((trust) => withKey(trust, key, now), site);
				put((trust) => ({ ...withoutReader(trust, fromHex(READER), now), epoch: 2 }), site);
				const { out } = await lintel("show --site @site.json");
				assert.match(out, /^site ACME, trust list 4, epoch 2, issued 20/);
				assert.include(out, `\n  ${fingerprintOf(site.root.publicKey)}\n`);
				assert.match(out, /issue, plan, commission; good\n/);
				assert.match(out, /install; past its end; until .*Z; doors front\n/);
				assert.match(out, /issue; good; signs for 30 days at most\n/);
				assert.match(out, new RegExp(`revoked readers:\n {2}${READER}\n$`));
				const told = await done("show --site @site.json");
				assert.deepInclude(told, { version: 4, epoch: 2, threshold: 1, revoked: [READER] });
				assert.deepInclude((told.keys as object[]).at(-1), {
					...{ fingerprint: fingerprintOf(pair(6).publicKey), publicKey: toHex(pair(6).publicKey) },
					...{ roles: ["issue"], state: "good", days: 30 },
				});
			});
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
			assert.match(err, /Visit each reader[\s\S]*plan compile[\s\S]*site key --role install/);
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
			assert.deepEqual(leaks(said, { old: fromHex(OLD.seed), root: root.secretKey.subarray(0, 32) }), []);
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
});
