// SPDX-License-Identifier: Apache-2.0

import { generateKeyPairSync } from "node:crypto";
import {
	copyFileSync,
	existsSync,
	mkdirSync,
	mkdtempSync,
	readFileSync,
	rmSync,
	statSync,
	writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { assert } from "chai";
import { Command, CommanderError } from "commander";
import { register as credential } from "../../../cli/commands/credential.js";
import { register as plan } from "../../../cli/commands/plan.js";
import { NodeCrypto } from "../../../hal/node/crypto.js";
import { fromHex } from "../../../protocol/bytes.js";
import { EDDSA } from "../../../protocol/credential/cose.js";
import { verifyPhone } from "../../../protocol/credential/credential.js";
import { openList } from "../../../protocol/trust/envelope.js";
import type { TrustList } from "../../../protocol/trust/list.js";
import { EXIT, Failure } from "../../../site/lib/files/failure.js";
import { readLists, writeKeys } from "../../../site/lib/keys.js";
import { listsText } from "../../../site/lib/keys-text.js";
import { signSnapshot, snapshotFile } from "../../../site/lib/plan/encode.js";
import { parsePlanFile } from "../../../site/lib/plan/files.js";
import { type KeyModel, modelOf } from "../../../site/lib/trust/model.js";
import { signFirst } from "../../../site/lib/trust/sign.js";
import { decide } from "../../../src/access/decide.js";
import { emptyEntry } from "../../../src/access/plan-entry.js";
import { DISPUTED, NOT_CANONICAL, OFF_CURVE } from "../../support/ed25519-vectors.js";
import { root } from "../../support/host.js";
import { device, start, testSite } from "../../support/plans.js";
import { makeSite } from "../../support/site-files.js";

/** The public key of the phone in docs/credential.md. */
const PHONE = "ed4928c628d1c2c6eae90338905995612959273a5c63f93636c14614ac8737d1";
const OTHER_PHONE = "8139770ea87d175f56a35466c34c7ecccb8d8a91b4ee37a25df60f5b8fc9b394";

describe("lintel credential, plan", () => {
	let folder = "";
	const at = (name: string): string => join(folder, name);

	beforeEach(() => {
		folder = mkdtempSync(join(tmpdir(), "lintel-plan-"));
		copyFileSync(join(root, "examples/plan.json"), at("plan.json"));
	});

	afterEach(() => {
		rmSync(folder, { recursive: true });
	});

	/** Runs one command: what it printed and its exit code. */
	function lintel(...words: string[]): { out: string; err: string; exit: number } {
		let out = "";
		let err = "";
		const program = new Command("lintel")
			.option("--json")
			.exitOverride()
			.configureOutput({
				writeOut: (text) => {
					out += text;
				},
				writeErr: (text) => {
					err += text;
				},
			});
		for (const register of [credential, plan]) register(program);
		// Settings are inherited only by commands made after them, so by hand for those two levels down.
		for (const group of program.commands) {
			for (const command of [group, ...group.commands]) command.copyInheritedSettings(program);
		}
		try {
			program.parse(words, { from: "user" });
			return { out, err, exit: 0 };
		} catch (error) {
			if (error instanceof Failure) return { out, err: error.message, exit: EXIT[error.exit] };
			if (error instanceof CommanderError) return { out, err, exit: EXIT.usage };
			throw error;
		}
	}

	function ok(...words: string[]): string {
		const { out, err, exit } = lintel(...words);
		assert.equal(exit, 0, err);
		return out;
	}

	/** Words that compile the front door's plan; where to is still to come. */
	const toCompile = (version: string): string[] => [
		"plan",
		"compile",
		at("plan.json"),
		"--door",
		"front",
		"--plan-version",
		version,
	];

	function edit(from: string, to: string): void {
		const text = readFileSync(at("plan.json"), "utf8");
		assert.include(text, from);
		writeFileSync(at("plan.json"), text.replace(from, to));
	}

	it("a plan says which notice it includes, compiled, signed and changed; never less than the one before it", () => {
		makeSite(folder);
		const key = ["--site-key", at("site-key.json")];
		const noticeOf = (file: string) => JSON.parse(ok("plan", "inspect", at(file))).notice as unknown;
		ok(...toCompile("1"), ...key, "--out", at("n1.plan"));
		ok(...toCompile("2"), "--notice", "70000", "--out", at("unsigned.plan"));
		ok("plan", "sign", at("unsigned.plan"), ...key, "--out", at("n2.plan"));
		ok("plan", "diff", at("n1.plan"), at("n2.plan"), ...key, "--out", at("n12.delta"));
		assert.deepEqual(
			["n1.plan", "unsigned.plan", "n2.plan", "n12.delta"].map(noticeOf),
			[0, 70_000, 70_000, 70_000],
		);
		ok(...toCompile("3"), "--notice", "69999", ...key, "--out", at("n3.plan"));
		const back = lintel("plan", "diff", at("n2.plan"), at("n3.plan"), ...key, "--out", at("n23.delta"));
		assert.match(back.err, /the notice may not fall/);
		assert.notEqual(lintel(...toCompile("4"), "--notice", "-1", "--out", at("n4.plan")).exit, 0);
	});

	it("from nothing to a plan that a reader takes, a delta, and a decision", () => {
		makeSite(folder);
		assert.equal(statSync(at("site-key.json")).mode & 0o077, 0, "the secret key is for its owner alone");
		const key = ["--site-key", at("site-key.json")];
		ok(...toCompile("1"), ...key, "--out", at("1.plan"));
		edit('"2b7d9ce0114f6685"', '"2b7d9ce0114f6685", "revoked": true');
		ok(...toCompile("2"), "--out", at("2.plan"));
		ok("plan", "sign", at("2.plan"), ...key, "--out", at("2s.plan"));
		const changes = ok("plan", "diff", at("1.plan"), at("2s.plan"), ...key, "--out", at("12.delta"));
		assert.match(changes, /^revoked 2b7d9ce0114f6685\ndelta 1 to 2: \d+ bytes\n$/);
		assert.isAtMost(statSync(at("12.delta")).size, 200);
		for (const [file, kind] of [
			["1.plan", "snapshot"],
			["2s.plan", "snapshot"],
			["12.delta", "delta"],
		] as const) {
			const shown = JSON.parse(ok("plan", "inspect", at(file), "--site", at("site.json")));
			assert.deepInclude(shown, { kind, site: "ACME", door: "front", signature: "good" });
		}

		const crypto = new NodeCrypto();
		const store = start(device(crypto, readLists(at("site.json"), crypto).trust));
		const { envelope, body } = parsePlanFile(new Uint8Array(readFileSync(at("1.plan"))), crypto);
		assert.isUndefined(store.begin(envelope!));
		assert.isUndefined(store.write(body.subarray(0, 4096)));
		let result = store.commit();
		while (result === "more") result = store.commit();
		assert.equal(result, "done");
		const into = emptyEntry();
		const ask = (): string => {
			store.lookup(fromHex("2b7d9ce0114f6685"), into);
			const door = { lockdown: true, awaitingFirstPerson: false };
			return decide(store, into, {}, door, store.issued + 60, "synced", 0).reason;
		};
		assert.equal(ask(), "granted");
		assert.equal(store.applyDelta(new Uint8Array(readFileSync(at("12.delta")))), "applied");
		assert.equal(ask(), "revoked");
	});

	it("issues a credential and says what is in it", () => {
		makeSite(folder);
		const { publicKey } = generateKeyPairSync("ed25519");
		const raw = publicKey.export({ format: "der", type: "spki" }).subarray(12).toString("hex");
		const key = ["--site-key", at("site-key.json"), "--public-key", raw];
		const id = ok(
			"credential",
			"issue",
			...key,
			"--until",
			"2099-01-01T00:00Z",
			"--out",
			at("ada.cwt"),
		).trim();
		assert.match(id, /^[0-9a-f]{16}$/);
		const shown = JSON.parse(ok("credential", "inspect", at("ada.cwt"), "--site", at("site.json")));
		assert.deepInclude(shown, { site: "ACME", id, publicKey: raw, expires: "2099-01-01T00:00:00.000Z" });
		const line = ok("--json", "credential", "inspect", at("ada.cwt"), "--site", at("site.json"));
		assert.lengthOf(line.split("\n"), 2, "one line");
		assert.deepEqual(JSON.parse(line), shown);
		writeFileSync(at("bad.cwt"), readFileSync(at("ada.cwt")).fill(0, 30, 31));
		assert.equal(lintel("credential", "inspect", at("bad.cwt"), "--site", at("site.json")).exit, EXIT.input);
	});

	it("issues a credential for a P-256 key, whole or compressed, and for no other point", () => {
		makeSite(folder);
		const { x, y } = generateKeyPairSync("ec", { namedCurve: "P-256" }).publicKey.export({ format: "jwk" });
		const [across, up] = [x, y].map((text) => Buffer.from(text!, "base64url")) as [Buffer, Buffer];
		const whole = Buffer.concat([Buffer.of(4), across, up]);
		const compressed = Buffer.concat([Buffer.of(2 + (up.at(-1)! & 1)), across]);
		const issue = (point: Buffer, name: string) =>
			lintel(
				"credential",
				"issue",
				"--site-key",
				at("site-key.json"),
				"--out",
				at(name),
				"--public-key",
				point.toString("hex"),
			);
		assert.equal(issue(whole, "whole.cwt").exit, 0);
		assert.equal(issue(compressed, "compressed.cwt").exit, 0);
		const off = Buffer.from(whole);
		off[64]! ^= 1;
		const service = ["--public-key", whole.toString("hex"), "--door", "+service"];
		const role = lintel(
			"credential",
			"issue",
			"--site-key",
			at("site-key.json"),
			"--out",
			at("wrong.cwt"),
			...service,
		);
		assert.match(role.err, /no door's name/);
		for (const wrong of [
			off,
			Buffer.alloc(65, 4),
			Buffer.alloc(33, 0xff),
			Buffer.concat([Buffer.of(5), across]),
		]) {
			const { err, exit } = issue(wrong, "wrong.cwt");
			assert.equal(exit, EXIT.input);
			assert.match(err, /no point of P-256/);
			assert.isFalse(existsSync(at("wrong.cwt")));
		}
	});

	it("issues no credential for a key of Ed25519 that is of small order or no point, and believes none", () => {
		const { root: by, trust } = makeSite(folder);
		const weak = DISPUTED.filter(([name]) => name.startsWith("A ")).map(([, key]) => key);
		const crypto = new NodeCrypto();
		for (const key of [...weak, ...NOT_CANONICAL, ...OFF_CURVE]) {
			const issue = ["credential", "issue", "--site-key", at("site-key.json"), "--out", at("wrong.cwt")];
			const { err, exit } = lintel(...issue, "--public-key", key);
			assert.equal(exit, EXIT.input, key);
			assert.match(err, /no point of Ed25519/);
			assert.isFalse(existsSync(at("wrong.cwt")));
			const keys = [{ publicKey: fromHex(key), roles: ["issue"] as const }];
			const { lists } = signFirst({ ...modelOf(trust), keys }, by, crypto);
			writeFileSync(at("weak.json"), listsText("ACME", lists));
			assert.throws(() => readLists(at("weak.json"), crypto), Failure, "a key that is not Ed25519");
		}
	});

	it("gives an id a second key only with --replace, and says what becomes of the first", () => {
		makeSite(folder);
		const id = "2b7d9ce0114f6685";
		const issue = (file: string, key: string, ...more: string[]) =>
			lintel(
				"credential",
				"issue",
				"--site-key",
				at("site-key.json"),
				"--id",
				id,
				"--public-key",
				key,
				"--out",
				at(file),
				...more,
			);
		assert.equal(issue("1.cwt", PHONE).exit, 0);
		assert.equal(issue("again.cwt", PHONE).exit, 0, "the same phone, with other dates");
		const refused = issue("2.cwt", OTHER_PHONE);
		assert.equal(refused.exit, EXIT.input);
		assert.include(refused.err, `${id} has the key ${PHONE}`);
		assert.isFalse(existsSync(at("2.cwt")));
		const replaced = issue("2.cwt", OTHER_PHONE, "--replace");
		assert.equal(replaced.exit, 0);
		assert.match(replaced.err, /that phone goes on opening/);
		assert.equal(issue("3.cwt", PHONE).exit, EXIT.input, "the last one counts");
		assert.equal(issue("3.cwt", OTHER_PHONE).exit, 0);
		const { exit } = lintel("credential", "issue", "--site-key", at("site-key.json"), "--public-key", PHONE);
		assert.equal(exit, EXIT.usage);
		writeFileSync(at("issued.jsonl"), "{");
		assert.equal(issue("4.cwt", OTHER_PHONE).exit, EXIT.input);
		assert.isFalse(existsSync(at("4.cwt")));
	});

	describe("by a key with limits", () => {
		const YEAR = 366 * 86_400;
		const now = Math.floor(Date.now() / 1000);
		const day = (seconds: number): string => new Date((now + seconds) * 1000).toISOString();

		/** A person's key file with one key of these limits. */
		function withLimits(limits: Omit<KeyModel, "publicKey">): string[] {
			const crypto = new NodeCrypto();
			const { root: by, trust } = makeSite(folder);
			const seed = new Uint8Array(32).fill(7);
			const { publicKey } = crypto.ed25519KeyPair(seed);
			const lists = signFirst({ ...modelOf(trust), keys: [{ ...limits, publicKey }] }, by, crypto);
			writeFileSync(at("lists.json"), listsText("ACME", lists.lists));
			// Another would be taken for a fork.
			writeFileSync(at("site.json"), listsText("ACME", lists.lists));
			writeKeys(at("key.json"), [seed], lists);
			return ["--site-key", at("key.json")];
		}

		const issue = (key: string[], ...more: string[]) =>
			lintel("credential", "issue", ...key, "--public-key", PHONE, ...more, "--out", at("phone.cwt"));

		it("no credential lives longer than the key may sign for, and the one that does not opens", () => {
			const key = withLimits({ roles: ["issue"], days: 30, doors: ["front"] });
			for (const more of [
				[],
				["--until", day(31 * 86_400)],
				["--from", day(86_400), "--until", day(31 * 86_400 + 60)],
			]) {
				const { err, exit } = issue(key, ...more);
				assert.equal(exit, EXIT.refused, more.join(" "));
				assert.match(err, /30 days at most/);
				assert.isFalse(existsSync(at("phone.cwt")));
			}
			assert.equal(issue(key, "--from", day(86_400), "--until", day(31 * 86_400)).exit, 0);
			const crypto = new NodeCrypto();
			const cwt = new Uint8Array(readFileSync(at("phone.cwt")));
			verifyPhone(cwt, readLists(at("lists.json"), crypto).trust, "front", crypto);
		});

		it("no plan is signed for another door than the key's, by plan compile, sign or diff", () => {
			const key = withLimits({ roles: ["plan"], doors: ["lab"], until: now + YEAR });
			ok(...toCompile("1"), "--out", at("1.plan"));
			ok(...toCompile("2"), "--out", at("2.plan"));
			for (const words of [
				toCompile("3"),
				["plan", "sign", at("1.plan")],
				["plan", "diff", at("1.plan"), at("2.plan")],
			]) {
				const { err, exit } = lintel(...words, ...key, "--out", at("x"));
				assert.equal(exit, EXIT.refused, err);
				assert.match(err, /role "plan", but not for this door/);
				assert.isFalse(existsSync(at("x")));
			}
			const lab = toCompile("1").map((word) => (word === "front" ? "lab" : word));
			ok(...lab, ...key, "--out", at("lab.plan"));
		});

		it("no reader's credential is signed for another door, and none by a key without the role", () => {
			const key = withLimits({ roles: ["commission"], doors: ["lab"] });
			assert.equal(issue(key, "--door", "front").exit, EXIT.refused);
			assert.match(issue(key).err, /no key with the role "issue"/);
			assert.equal(issue(key, "--door", "lab").exit, 0);
		});
	});

	it("makes an enrolment that a phone opens a door with", () => {
		makeSite(folder);
		const key = ["--site-key", at("site-key.json"), "--public-key", PHONE];
		ok("credential", "issue", ...key, "--out", at("phone.cwt"));
		ok("credential", "issue", ...key, "--door", "FRONT", "--out", at("door.cwt"));
		const invite = ["credential", "invite", at("phone.cwt"), "--site", at("site.json")];
		const given = JSON.parse(ok(...invite));
		assert.hasAllKeys(given, ["invitation", "site", "trust", "credential"]);
		assert.equal(given.invitation, 2);
		const crypto = new NodeCrypto();
		const trust = openList(fromHex(given.trust), undefined, crypto) as TrustList;
		const { key: holder } = verifyPhone(fromHex(given.credential), trust, "FRONT", crypto);
		assert.deepEqual(holder, { algorithm: EDDSA, publicKey: fromHex(PHONE) });
		ok(...invite, "--out", at("enrolment.json"));
		assert.deepEqual(JSON.parse(readFileSync(at("enrolment.json"), "utf8")), given);
		assert.notInclude(JSON.stringify(given), "seed");
		const door = lintel("credential", "invite", at("door.cwt"), "--site", at("site.json"));
		assert.equal(door.exit, EXIT.input);
		assert.match(door.err, /not of a phone/);
	});

	it("takes no date that is none, and makes nothing that is never valid", () => {
		makeSite(folder);
		const key = ["--site-key", at("site-key.json"), "--out", at("out")];
		const credential = ["credential", "issue", ...key, "--public-key", PHONE];
		for (const [words, said] of [
			[[...credential, "--until", "1"], /--until: "1" is no date; write 2026-05-01T06:00Z/],
			[[...credential, "--until", "2099-02-30"], /is no date/],
			[[...credential, "--until", "2099-06-31T12:00Z"], /is no date/],
			[[...credential, "--from", "2099-01-01", "--until", "2098-01-01"], /is not after --from/],
			[[...credential, "--until", "2020-01-01"], /is past/],
			[[...credential, "--until", "2099-13-01"], /is no date/],
		] as const) {
			const { err, exit } = lintel(...words);
			assert.equal(exit, EXIT.input, err);
			assert.match(err, said);
			assert.isFalse(existsSync(at("out")));
		}
		ok(...credential, "--from", "2096-02-29", "--until", "2099-12-31T23:59:59Z");
	});

	it("ends with 1 where what is inspected is not signed by the site that was given", () => {
		makeSite(folder);
		mkdirSync(at("other"));
		makeSite(at("other"));
		ok(...toCompile("1"), "--out", at("none.plan"));
		ok(...toCompile("1"), "--site-key", at("site-key.json"), "--out", at("1.plan"));
		ok(...toCompile("2"), "--out", at("2.plan"));
		ok("plan", "diff", at("1.plan"), at("2.plan"), "--site-key", at("site-key.json"), "--out", at("2.delta"));
		const changed = readFileSync(at("1.plan"));
		changed[changed.indexOf("front")]! ^= 1;
		writeFileSync(at("changed.plan"), changed);
		const inspect = (file: string, site: string) =>
			lintel("plan", "inspect", at(file), "--site", at(site)).exit;
		assert.equal(inspect("1.plan", "site.json"), EXIT.ok);
		assert.equal(inspect("2.delta", "site.json"), EXIT.ok);
		assert.equal(inspect("1.plan", "other/site.json"), EXIT.different);
		assert.equal(inspect("2.delta", "other/site.json"), EXIT.different);
		assert.equal(inspect("none.plan", "site.json"), EXIT.different);
		assert.equal(inspect("changed.plan", "site.json"), EXIT.different);
		ok("plan", "inspect", at("none.plan"));
	});

	it("makes no change from a plan of another epoch, and says of a plan of the former format what to do", () => {
		makeSite(folder);
		const key = ["--site-key", at("site-key.json")];
		ok(...toCompile("1"), ...key, "--out", at("1.plan"));
		ok(...toCompile("2"), "--out", at("2.plan"));
		const bytes = new Uint8Array(readFileSync(at("1.plan")));
		const { image } = parsePlanFile(bytes, new NodeCrypto());
		const later = signSnapshot(image, testSite(new NodeCrypto(), "ACME", 1, 2).signing);
		writeFileSync(at("later.plan"), snapshotFile(later));
		assert.equal(JSON.parse(ok("plan", "inspect", at("later.plan"))).epoch, 2);
		assert.notProperty(JSON.parse(ok("plan", "inspect", at("2.plan"))), "epoch", "not signed yet");
		const change = lintel("plan", "diff", at("later.plan"), at("2.plan"), ...key, "--out", at("2.delta"));
		assert.equal(change.exit, EXIT.input);
		assert.match(change.err, /of epoch 2, the key of 1: install a whole plan/);
		assert.isFalse(existsSync(at("2.delta")));

		bytes[Buffer.from(bytes).indexOf("LPS") + 3] = 1;
		writeFileSync(at("old.plan"), bytes);
		for (const words of [
			["inspect", at("old.plan")],
			["sign", at("old.plan"), ...key, "--out", at("out")],
		]) {
			const { err, exit } = lintel("plan", ...words);
			assert.equal(exit, EXIT.input);
			assert.match(err, /older lintel: compile and sign the plan anew/);
		}
	});

	it("takes for a plan's version a number as people write it", () => {
		for (const version of ["0", "0x10", "1e3", "1.5", "-1", "", " 1", "4294967296"]) {
			const { err, exit } = lintel(...toCompile(version), "--out", at("x.plan"));
			assert.equal(exit, EXIT.input, version);
			assert.match(err, /--plan-version: 1 to 2\^32-1/);
		}
	});

	it("writes no plan over a key or over what it is made of, and a plan over a plan", () => {
		makeSite(folder);
		ok(...toCompile("1"), "--out", at("1.plan"));
		ok(...toCompile("2"), "--out", at("1.plan"));
		ok(...toCompile("3"), "--out", at("3.plan"));
		const wide = readFileSync(at("site.json"), "utf8");
		writeFileSync(at("wide.json"), Buffer.from(`\ufeff ${wide}`, "utf16le"));
		const key = ["--site-key", at("site-key.json")];
		for (const name of ["site-key.json", "site.json", "plan.json", "wide.json"]) {
			const before = readFileSync(at(name));
			for (const words of [
				toCompile("4"),
				["plan", "sign", at("1.plan"), ...key],
				["plan", "diff", at("1.plan"), at("3.plan"), ...key],
			]) {
				const { err, exit } = lintel(...words, "--out", at(name));
				assert.equal(exit, EXIT.input, err);
				assert.match(err, /holds JSON.*not written over/);
				assert.deepEqual(readFileSync(at(name)), before);
			}
		}
	});

	const compile = (): ReturnType<typeof lintel> => lintel(...toCompile("1"), "--out", at("x.plan"));

	for (const [from, to, message] of [
		['"site": "ACME",', '"site": "ACME"', /plan\.json:4:\d+: not JSON: a comma is missing before this/],
		[
			'"timeZone": "Europe/Vienna"',
			'"timeZone": "Europe/Wien"',
			/:4:14: timeZone: "Europe\/Wien" is no time zone; use/,
		],
		[
			'"accessPlans": ["staff"]',
			'"accessPlans": ["Staff"]',
			/:\d+:\d+: users\.0\.accessPlans\.0: "Staff" is not among "accessPlans"; did you mean "staff"\?/,
		],
		[
			'"schedule": "cleaning"',
			'"schedule": "clean"',
			/"clean" is not among "schedules"; did you mean "cleaning"\?/,
		],
		['"doors": ["lab"]', '"doors": ["labs"]', /"labs" is not among "doors"; did you mean "lab"\?/],
		[
			'"07:00", "to": "18:30"',
			'"7:00", "to": "18:30"',
			/schedules\.office\.0\.from is not as it has to be: A time of day as 07:30/,
		],
		['"to": "18:30"', '"to": "07:00"', /a whole day is "00:00" to "24:00"/],
		['"mon-fri"', '"mon-fry"', /"mon-fry" is no day/],
		['"holidays": ["short"]', '"holidays": ["long"]', /"long" is not among "holidays"/],
		['"2026-04-06"', '"2026-02-30"', /is a day that does not exist/],
		['"c3d410f8a5527be1"', '"8F0C21A95D7E4403"', /is already at users\.0\.credentials\.0/],
		[
			'"c3d410f8a5527be1"',
			'"c3d4"',
			/users\.2\.credentials\.0\.id is not as it has to be: .*16 hexadecimal digits/,
		],
		['"firstPerson"', '"first"', /users\.0 has "first", which means nothing here; remove it/],
		['"users": [', '"user": [', /the plan lacks "users"; add it|has "user"/],
		['"until": "2027-06-30"', '"until": "2027-06-30T12:03"', /is not at 5 minutes; round it/],
		['"until": "2027-06-30"', '"from": "2027-07-01", "until": "2027-06-30"', /is not after its beginning/],
		['"front": { "modes"', '"frontdoor": { "modes"', /frontdoor|doors/],
	] as const) {
		it(`says where to change ${to}`, () => {
			edit(from, to);
			const { exit, err } = compile();
			assert.equal(exit, EXIT.input);
			assert.match(err, message);
			assert.match(err, /plan\.json:\d+:\d+: /);
			assert.throws(() => statSync(at("x.plan")), /ENOENT/);
		});
	}

	it("refuses more credentials than the module holds, and a key of another site", () => {
		const credentials = Array.from(
			{ length: 30_682 },
			(_, n) => `{ "id": "${n.toString(16).padStart(16, "0")}" }`,
		);
		edit('[{ "id": "c3d410f8a5527be1" }]', `[${credentials.join()}]`);
		const words = [...toCompile("1"), "--out", at("x.plan")];
		const { exit, err } = lintel(...words, "--module", "4");
		assert.equal(exit, EXIT.input);
		assert.match(err, /30685 credentials; a reader with 4 MB of flash holds 30681/);
		ok(...words, "--module", "8");
		makeSite(folder, "OTHER");
		assert.match(
			lintel(...words, "--site-key", at("site-key.json")).err,
			/the plan is of site "ACME", the key of "OTHER"/,
		);
	});
});
