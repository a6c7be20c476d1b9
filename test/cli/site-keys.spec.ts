// SPDX-License-Identifier: Apache-2.0

import { mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { assert } from "chai";
import { fromHex, toHex } from "../../protocol/bytes.js";
import { openList } from "../../protocol/trust/envelope.js";
import { listHash, type Role, type TrustList } from "../../protocol/trust/list.js";
import { readKeys, writeLists } from "../../site/lib/keys.js";
import { fingerprintOf } from "../../site/lib/trust/fingerprint.js";
import { type KeyModel, modelOf } from "../../site/lib/trust/model.js";
import { withKey, withoutReader } from "../../site/lib/trust/next.js";
import { signFirst } from "../../site/lib/trust/sign.js";
import { makeSite, PASSPHRASE } from "../support/site-files.js";
import { leaks } from "./secrets.js";
import {
	type Answer,
	crypto,
	DAY,
	madeSite,
	now,
	pair,
	READER,
	ROOT,
	siteFolder,
	typed,
} from "./site-folder.js";

const day = (days: number): string => new Date((now + days * DAY) * 1000).toISOString();

describe("lintel site: keys and the list", () => {
	const folder = siteFolder();
	const { at, done, lintel, lists, refused, seedOf } = folder;
	const { put, site } = madeSite(folder);

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
				leaks(folder.said + readFileSync(at("site.json"), "utf8"), { seed: seedOf("out.json") }),
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

		it("tells of a list that was signed after this computer's time, as by a wrong clock", async () => {
			const { err: none } = await lintel(key("--role issue"), typed);
			assert.notMatch(none, /clock/);
			rmSync(at("out.json"));
			put((trust) => ({ ...withoutReader(trust, fromHex(READER), now), issued: now + 2 * DAY }));
			const { code, err } = await lintel(key("--role issue"), typed);
			assert.equal(code, 0, err);
			assert.match(err, /List 3 was signed at 20.*this computer's clock says 20.*one of them is wrong/);
		});

		it("says what a door's name is", async () => {
			const { err } = await lintel(key("--role issue --door ninechars"), { answers: [] });
			assert.match(err, /"ninechars" is no door's name: 1 to 8 letters, digits/);
		});

		it("writes over no file", async () => {
			assert.equal(await refused(`key --role issue --out @site.json ${ROOT}`, { answers: [] }), "exists");
		});

		it("puts the new key into a file that is there, besides those that it has", async () => {
			const before = JSON.parse(readFileSync(at("site-key.json"), "utf8"));
			const add = "key --role issue commission --add @site-key.json";
			const told = await done(`${add} ${ROOT}`, typed);
			assert.deepInclude(told, { file: at("site-key.json"), list: 2, roles: ["issue", "commission"] });
			const { keys, ...after } = JSON.parse(readFileSync(at("site-key.json"), "utf8"));
			assert.deepEqual(keys.slice(0, 2), before.keys);
			assert.lengthOf(keys, 3);
			const { publicKey } = crypto.ed25519KeyPair(fromHex(keys[2].seed));
			assert.equal(told.fingerprint, fingerprintOf(publicKey));
			assert.deepEqual(after, { site: "ACME", lists: lists().lists.map(toHex) });
			assert.equal(statSync(at("site-key.json")).mode & 0o777, 0o600);
			assert.deepEqual(leaks(folder.said, { seed: fromHex(keys[2].seed) }), []);
		});

		it("leaves the file as it was where the list cannot be written", async () => {
			const before = folder.contents();
			const other = (): string => {
				put((trust) => withoutReader(trust, fromHex(READER), now));
				return `${PASSPHRASE}\r`;
			};
			const words = `key --role issue --add @site-key.json ${ROOT} --json`;
			const { out } = await lintel(words, { answers: [[/root's key: $/, other]] });
			assert.equal(JSON.parse(out).error.reason, "changed-lists");
			assert.equal(folder.contents()["site-key.json"], before["site-key.json"]);
		});

		it("adds to no file of another site, no full one and none that is not there, and takes one of --out and --add", async () => {
			const adds = (words: string): Promise<string> =>
				refused(`key --role issue${words} ${ROOT}`, { answers: [] });
			mkdirSync(at("other"));
			makeSite(at("other"), "ACME");
			assert.equal(await adds(" --add @other/site-key.json"), "other-lists");
			assert.equal(await adds(" --add @nowhere.json"), "unreadable");
			assert.equal(await adds(" --add @site.json"), "bad-key");
			assert.equal(await adds(" --add @site-key.json --out @new.json"), "which-file");
			assert.equal(await adds(""), "which-file");
			assert.equal(await adds(" --add -"), "which-file");
			const file = JSON.parse(readFileSync(at("site-key.json"), "utf8"));
			const full = Array.from({ length: 16 }, () => file.keys[0]);
			writeFileSync(at("full.json"), JSON.stringify({ ...file, keys: full }));
			assert.equal(await adds(" --add @full.json"), "too-many-keys");
		});

		it("says that a list is full, and makes room of keys that nobody needs in it", async () => {
			const model = (byte: number, more: Partial<KeyModel> = {}): KeyModel => ({
				...{ publicKey: pair(byte).publicKey, roles: ["issue"] },
				...more,
			});
			const fill = (keys: KeyModel[]): void => {
				const full = signFirst({ ...modelOf(site().trust), keys }, site().root, crypto);
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
			const { code, err } = await lintel(key("--role plan"), typed);
			assert.equal(code, 0, err);
			for (const { publicKey } of spent)
				assert.include(err, `${fingerprintOf(publicKey)} (`, "it is said which keys left the list");
			assert.lengthOf(err.match(/has left the list/g)!, spent.length);
			const { keys } = lists().trust;
			assert.lengthOf(keys, 19);
			for (const { publicKey } of needed) assert.isDefined(lists().trust.findKey(publicKey));
			for (const { publicKey } of spent) assert.isUndefined(lists().trust.findKey(publicKey));

			const doors = Array.from({ length: 16 }, (_, n) => `door${n}`);
			fill(Array.from({ length: 5 }, (_, n) => model(n + 1, { doors })));
			rmSync(at("out.json"));
			assert.equal(
				await refused(key(`--role plan --door ${doors.join(" ")}`), { answers: [] }),
				"list-too-large",
			);
		});
	});

	describe("revoke", () => {
		const keyOf = (n: number): string => fingerprintOf(site().trust.keys[n]!.publicKey);

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
			assert.notMatch(err, /Sign for those readers/);
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
			assert.match(err, /Issue those[\s\S]*Sign the plan of every door[\s\S]*Sign for those readers/);
			assert.equal(lists().trust.epoch, 2);
			assert.deepEqual(
				lists().trust.keys.map(({ state }) => state),
				["stolen", "stolen"],
			);
		});

		it("an ended key can be stolen yet, and nothing is revoked twice", async () => {
			await done(`revoke ${keyOf(0)} --yes ${ROOT}`, typed);
			assert.equal(await refused(`revoke ${keyOf(0)} --yes ${ROOT}`, { answers: [] }), "already");
			await done(`revoke ${keyOf(0)} --stolen --yes ${ROOT}`, typed);
			for (const stolen of ["", " --stolen"])
				assert.equal(await refused(`revoke ${keyOf(0)} --yes${stolen} ${ROOT}`, { answers: [] }), "already");
		});

		it("revokes a reader by its credential's id, once", async () => {
			const told = await done(`revoke --reader ${READER.toUpperCase()} --yes ${ROOT}`, typed);
			assert.deepEqual(told, { list: 2, reader: READER });
			assert.isTrue(lists().trust.isRevoked(fromHex(READER)));
			assert.equal(await refused(`revoke --reader ${READER} --yes ${ROOT}`, { answers: [] }), "already");
			const revoked = Array.from({ length: 64 }, (_, n) => fromHex(n.toString(16).padStart(16, "0")));
			put((trust) => ({ ...withoutReader(trust, new Uint8Array(8).fill(1), now), revoked }));
			const full = `revoke --reader ${READER} --yes ${ROOT}`;
			assert.equal(await refused(full, { answers: [] }), "too-many-readers");
		});

		it("makes room for readers' ids where the keys are stolen that readers were commissioned by", async () => {
			const revoked = Array.from({ length: 64 }, (_, n) => fromHex(n.toString(16).padStart(16, "0")));
			put((trust) => ({ ...withoutReader(trust, new Uint8Array(8).fill(1), now), revoked }));
			const commission = { publicKey: pair(7).publicKey, roles: ["commission"] as const };
			put((trust) => withKey(trust, commission, now));
			await done(`revoke ${keyOf(0)} --stolen --yes ${ROOT}`, typed);
			assert.lengthOf(lists().trust.revoked, 64, "another key's readers may be among them");
			await done(`revoke ${fingerprintOf(commission.publicKey)} --yes ${ROOT}`, typed);
			assert.lengthOf(lists().trust.revoked, 64, "a key that only ended leaves its readers what they are");
			await done(`revoke ${fingerprintOf(commission.publicKey)} --stolen --yes ${ROOT}`, typed);
			assert.lengthOf(lists().trust.revoked, 0);
			await done(`revoke --reader ${READER} --yes ${ROOT}`, typed);
		});

		it("knows no other key, takes one thing at a time, and not the last root", async () => {
			const revoke = (words: string): Promise<string> =>
				refused(`revoke ${words} --yes ${ROOT}`, { answers: [] });
			assert.equal(await revoke("0000-0000-0000-0000"), "unknown-key");
			assert.equal(await revoke("3"), "unknown-key");
			assert.equal(await revoke(fingerprintOf(site().root.publicKey)), "last-root");
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
			for (const key of [past, brief]) put((trust) => withKey(trust, key, now));
			put((trust) => ({ ...withoutReader(trust, fromHex(READER), now), epoch: 2 }));
			const { out } = await lintel("show --site @site.json");
			const [first, newest] = [lists().lists[0]!, lists().trust];
			const hashes = [
				listHash(newest, crypto),
				listHash(openList(first, undefined, crypto) as TrustList, crypto),
			];
			const [hash, anchor] = hashes.map(toHex);
			assert.match(
				out,
				new RegExp(`^site ACME, trust list 4 \\(${hash}\\), epoch 2, issued 20.*\nanchor ${anchor}\n`),
			);
			assert.include(out, `\n  ${fingerprintOf(site().root.publicKey)}\n`);
			assert.match(out, /issue, plan, commission; good\n/);
			assert.match(out, /install; past its end; until .*Z; doors front\n/);
			assert.match(out, /issue; good; signs for 30 days at most\n/);
			assert.match(out, new RegExp(`revoked readers:\n {2}${READER}\n$`));
			const told = await done("show --site @site.json");
			assert.deepInclude(told, { version: 4, epoch: 2, threshold: 1, revoked: [READER], hash, anchor });
			assert.deepInclude((told.keys as object[]).at(-1), {
				...{ fingerprint: fingerprintOf(pair(6).publicKey), publicKey: toHex(pair(6).publicKey) },
				...{ roles: ["issue"], state: "good", days: 30 },
			});
		});
	});
});
