// SPDX-License-Identifier: Apache-2.0

import { readFileSync, rmSync } from "node:fs";
import { assert } from "chai";
import { NodeCrypto } from "../../hal/node/crypto.js";
import { toHex } from "../../protocol/bytes.js";
import { type CborMap, decodeValue, encodeValue } from "../../protocol/cbor/value.js";
import { verifyReader } from "../../protocol/credential/credential.js";
import { MAX_LIST_PIECE } from "../../protocol/provisioning/bounds.js";
import { encodeFrame, parseFrame } from "../../protocol/provisioning/frame.js";
import { rootOf } from "../../sim/practice-keys.js";
import { EXIT } from "../../site/lib/files/failure.js";
import { hashOf } from "../../site/lib/provisioning/bring-lists.js";
import { fingerprintOf } from "../../site/lib/trust/fingerprint.js";
import { type KeyModel, modelOf, type TrustModel } from "../../site/lib/trust/model.js";
import { needs } from "../sim/installed.js";
import type { TrustedSite } from "../support/trusted-site.js";
import type { Ended } from "./lintel.js";
import { Installation, plugIn } from "./terminal.js";

describe("a site's trust lists over the cable", () => {
	let files: Installation;
	let site: TrustedSite;
	const ANN = "a1".repeat(32);
	const BOB = "b0".repeat(32);

	plugIn(1, ([made]) => {
		files = made!;
		site = files.site;
	});

	const by = (name: string): string[] => ["--site-key", files.file(name)];
	const lists = (): number => files.reader.store.trust.version;

	async function done(...args: string[]): Promise<Ended> {
		const ended = await files.lintel(...args);
		assert.equal(ended.code, 0, ended.err);
		return ended;
	}

	const commission = (): Promise<Ended> => done("commission", files.file("door.json"), ...by("key.json"));

	/** Nothing was proved with these. */
	async function refused(reason: string, words: RegExp, ...args: string[]): Promise<void> {
		const seen = files.requests();
		const { code, out } = await files.lintel(...args, "--json");
		assert.equal(code, EXIT.refused, out);
		const { error } = JSON.parse(out);
		assert.equal(error.reason, reason);
		assert.match(`${error.message}\n${error.advice}`, words);
		assert.notInclude(seen, "prove");
	}

	it("a new reader gets all of them, from the first on", async () => {
		site.next(() => ({}));
		const doors = ["FRONT", "BACK", "SIDE"];
		// More than one request has room for.
		const many = Array.from({ length: 8 }, (_, n) =>
			site.installer(site.pair(`${10 + n}`.repeat(32)), { doors }),
		);
		site.next(({ keys }) => ({ keys: [...keys, ...many] }));
		assert.isAbove(site.trust.payload.length, MAX_LIST_PIECE);
		files.write("key.json", site.adminFile);
		await commission();
		assert.equal(lists(), 3);
		assert.lengthOf((await done("show")).out.match(/^Key +.*install.*SIDE$/gm) ?? [], 8);
		assert.equal(toHex(files.reader.store.trust.payload), toHex(site.trust.payload));
	});

	it("come before the proof: an installer whose key only the newest names is let in", async () => {
		await commission();
		const ann = site.pair(ANN);
		site.next(() => ({}));
		site.next(({ keys }) => ({ keys: [...keys, site.installer(ann, { doors: ["FRONT"] })] }));
		files.write("ann.json", site.keyFile(ann));
		const first = await done("verify", files.file("door.json"), ...by("ann.json"));
		assert.match(first.err, /the reader has taken trust lists 2 to 3/);
		assert.equal(lists(), 3);
		const again = await done("verify", files.file("door.json"), ...by("ann.json"));
		assert.equal(again.err, "", "it is said once");
	});

	it("shut out a revoked installer as soon as anybody else has been there, and say why", async () => {
		const [ann, bob] = [site.pair(ANN), site.pair(BOB)];
		site.next(({ keys }) => ({ keys: [...keys, site.installer(ann), site.installer(bob)] }));
		files.write("key.json", site.adminFile);
		await commission();
		files.write("ann.json", site.keyFile(ann));
		files.write("bob.json", site.keyFile(bob));
		await done("test", "relay", ...by("ann.json"));
		await done("test", "relay", ...by("bob.json"));

		site.revoke(ann, "stolen");
		files.write("key.json", site.adminFile);
		await done("test", "relay", ...by("ann.json"));
		await done("show", ...by("key.json"));
		assert.equal(lists(), 3);
		const stolen =
			/reader's trust list 3, newer than list 2 here, this key was revoked as stolen; nothing was proved[\s\S]*newest site.json/;
		await refused("key-stolen", stolen, "test", "relay", ...by("ann.json"));
		const other = await done("test", "relay", ...by("bob.json"));
		assert.match(other.err, /trust list 3, and the files here end with 2: put the site's newest site.json/);

		site.revoke(bob, "ended");
		files.write("key.json", site.adminFile);
		await done("show", ...by("key.json"));
		await refused("key-ended", /this key has ended/, "reset", "--yes", ...by("bob.json"));
		assert.isDefined(files.reader.store.membership);
	});

	it("say what a newer one took from an installer: the role, or the door", async () => {
		const ann = site.pair(ANN);
		site.next(({ keys }) => ({ keys: [...keys, site.installer(ann)] }));
		files.write("key.json", site.adminFile);
		await commission();
		files.write("ann.json", site.keyFile(ann));
		const all = site.trust;
		site.next(({ keys }) => ({ keys: [...keys.slice(0, -1), site.installer(ann, { doors: ["BACK"] })] }));
		files.write("key.json", site.adminFile);
		await done("show", ...by("key.json"));
		await refused("beyond-limits", /is not for this door/, "show", ...by("ann.json"));
		site.next(({ keys }) => ({ keys: keys.slice(0, -1) }));
		files.write("key.json", site.adminFile);
		await done("show", ...by("key.json"));
		await refused("wrong-role", /has not the role "install"/, "show", ...by("ann.json"));
		assert.equal(all.version, 2);
	});

	it("that fork, or are another site's of the same name, are told apart; nothing is proved", async () => {
		const before = site.lists.length;
		await commission();
		const { trust } = site;
		site.next(() => ({ issued: trust.issued + 1 }));
		files.write("key.json", site.adminFile);
		await done("show", ...by("key.json"));
		// The same root has signed another second list.
		site.lists.length = before;
		site.trust = trust;
		site.next(() => ({ issued: trust.issued + 2 }));
		files.write("key.json", site.adminFile);
		await refused(
			"fork",
			/trust list 2 of site ACME is another than the one here[\s\S]*fingerprints/,
			"show",
			...by("key.json"),
		);
		await refused("other-site", /another site with the name ACME/, "show", ...by("other.json"));
		assert.equal(lists(), 2);
	});

	it("say of a reader why it is none any more: revoked, or by a key that was stolen or has not the role or the door", async () => {
		await commission();
		const credential = files.reader.store.membership!.credentials[0]!;
		const { id } = verifyReader(credential, site.trust, site.crypto);
		const [office, ...others] = modelOf(site.trust).keys;
		const only = (limits: Partial<KeyModel>) => () => ({ keys: [{ ...office!, ...limits }, ...others] });
		const cases: readonly [string, RegExp, (now: TrustModel) => Partial<TrustModel>][] = [
			["reader-wrong-role", /has not the role "commission"/, only({ roles: ["issue", "plan"] })],
			["reader-beyond-limits", /is not for that door/, only({ doors: ["BACK"] })],
			[
				"reader-revoked",
				/the site has revoked this reader \(trust list 4 of site ACME\)/,
				() => ({ ...only({})(), revoked: [id] }),
			],
			[
				"reader-key-stolen",
				/door was stolen[\s\S]*look who has put it there/,
				() => ({ ...only({ state: "stolen" })(), revoked: [] }),
			],
		];
		for (const [reason, words, change] of cases) {
			site.next(change);
			files.write("key.json", site.adminFile);
			await refused(reason, words, "show", ...by("key.json"));
		}
		site.next(only({ state: "ended" }));
		files.write("key.json", site.adminFile);
		await done("show", ...by("key.json"));
	});

	it("that another root has signed come no further than the file: no reader is asked", async () => {
		await commission();
		const thief = rootOf(new NodeCrypto(), new Uint8Array(32).fill(9));
		site.next(() => ({ roots: [thief.publicKey] }), [thief]);
		files.write("key.json", site.adminFile);
		const seen = files.requests();
		const { code, err } = await files.lintel("show", ...by("key.json"));
		assert.notInclude(seen, "trust");
		assert.equal(code, EXIT.input);
		assert.match(err, /place 2: the roots of the list before it have not signed it/);
		assert.equal(lists(), 1);
	});

	it("are given without a key as well, and only to a door of their site", async () => {
		files.write("site.json", { site: "ACME", lists: site.lists.map(toHex) });
		const install = ["trust", "install", files.file("site.json")];
		await refused("not-commissioned", /when it is commissioned/, ...install);
		await commission();
		assert.match((await done(...install)).out, /has trust list 1 already/);
		site.next(() => ({}));
		files.write("site.json", { site: "ACME", lists: site.lists.map(toHex) });
		const { out } = await done(...install, "--json");
		assert.deepEqual(JSON.parse(out), { version: 2, changed: true, held: false });
		assert.equal(lists(), 2);
		const { out: same } = await done(...install, "--json");
		assert.deepEqual(JSON.parse(same), { version: 2, changed: false, held: false });
	});

	it("are shown: by readers, show, verify and report, with roots, keys, roles, doors, ends and fingerprints", async () => {
		const ann = site.pair(ANN);
		site.next(({ keys }) => ({
			keys: [...keys, site.installer(ann, { doors: ["FRONT", "BACK"] })],
			revoked: [new Uint8Array(8).fill(0xab)],
		}));
		site.revoke(site.install, "ended");
		files.write("key.json", site.keyFile(site.office, ann));
		await commission();
		const [root, office, install, own] = [site.root, site.office, site.install, ann].map(({ publicKey }) =>
			fingerprintOf(publicKey),
		);
		const first = site.lists[0]!;
		const anchor = toHex(hashOf(first, site.crypto));
		const hash = toHex(hashOf(site.lists[2]!, site.crypto));
		const page = files.file("report.html");
		const verify = ["verify", files.file("door.json"), ...by("key.json")];
		for (const args of [
			["show"],
			["show", ...by("key.json")],
			verify,
			["report", "--out", page, ...by("key.json")],
		]) {
			const { out } = await done(...args);
			for (const row of [
				`Trusts list +3 \\(${hash}\\), epoch 1, issued 2020-01-01T00:00Z`,
				`Anchor +${anchor}`,
				`Root +${root}`,
				`Key +${office} +issue, plan, commission; good`,
				`Key +${install} +install; ended; until 2096-10-02T07:06Z`,
				`Key +${own} +install; good; until 2096-10-02T07:06Z; doors FRONT, BACK`,
				"Revoked reader +abababababababab",
			])
				assert.match(out, new RegExp(`^${row}$`, "m"), args[0]);
			const { out: json } = await files.lintel(...args, "--json");
			const { trusted } = JSON.parse(json);
			assert.include(trusted, { site: "ACME", version: 3, epoch: 1, hash, anchor, threshold: 1 });
			assert.deepEqual(
				trusted.keys.map((key: { fingerprint: string; state: string }) => [key.fingerprint, key.state]),
				[
					[office, "good"],
					[install, "ended"],
					[own, "good"],
				],
			);
		}
		assert.include(readFileSync(page, "utf8"), `<tr><th>Root</th><td>${root}</td></tr>`);
		const port = ["readers", "--port", files.reader.path];
		assert.match(
			(await files.run(port)).out,
			new RegExp(`door FRONT of site ACME, trust list 3, root ${root}\n`),
		);
		assert.equal(JSON.parse((await files.run([...port, "--json"])).out).trusted.hash, hash);
	});

	it("fail verify where they are not those of the person's files", async () => {
		await commission();
		const verify = ["verify", files.file("door.json"), ...by("key.json")];
		const good = await done(...verify, "--json");
		assert.deepEqual(JSON.parse(good.out).trust, []);
		const mine = site.keyFile(site.office, site.install);
		site.next(({ keys }) => ({ keys: [...keys, site.installer(site.pair(ANN))] }));
		files.write("site.json", { site: "ACME", lists: site.lists.map(toHex) });
		await done("trust", "install", files.file("site.json"));
		rmSync(files.file("site.json"));
		files.write("key.json", mine);
		const { code, out } = await files.lintel(...verify, "--json");
		assert.equal(code, EXIT.different);
		assert.isTrue(JSON.parse(out).same, "the configuration is");
		assert.deepEqual(
			JSON.parse(out).trust.map(({ reason }: { reason: string }) => reason),
			["newer-list", "unexpected-key"],
		);
		const own = fingerprintOf(site.pair(ANN).publicKey);
		const words = await files.lintel(...verify);
		assert.match(
			words.out,
			/as in the file[\s\S]*trust: trust list 2 is one list newer than the newest here/,
		);
		assert.match(words.out, new RegExp(`trust: ${own} \\(install; good; .*\\) is trusted, and not in`));
	});
});

describe("a cable that keeps a newer trust list from a reader", () => {
	it("is found by verify: what it says of the reader is not what the reader says under its seal", async function () {
		needs(this, { socat: "socat" });
		let told: CborMap | undefined;
		const files = new Installation({
			instead: (bytes) => {
				const frame = parseFrame(bytes.slice());
				if (typeof frame === "string" || told === undefined) return bytes;
				const value = decodeValue(frame.payload) as CborMap | null;
				if (value?.trust === undefined || value.commissioned !== true) return bytes;
				return encodeFrame({ ...frame, payload: encodeValue({ ...value, trust: told }) });
			},
		});
		try {
			await files.reader.plug();
			const { site } = files;
			const key = ["--site-key", files.file("key.json")];
			const commissioned = await files.lintel("commission", files.file("door.json"), ...key);
			assert.equal(commissioned.code, 0, commissioned.err);
			site.next(() => ({}));
			files.write("key.json", site.adminFile);
			told = { version: 2, hash: hashOf(site.lists[1]!, site.crypto) };
			const { code, out } = await files.lintel("verify", files.file("door.json"), ...key, "--json");
			assert.equal(code, EXIT.different, out);
			assert.equal(JSON.parse(out).trust[0].reason, "older-list");
			assert.equal(files.reader.store.trust.version, 1);
		} finally {
			files.end();
		}
	});
});

describe("a reader of the firmware before trust lists", () => {
	it("is told apart and left alone: nothing is asked of it but what it is, and what to do is said", async function () {
		needs(this, { socat: "socat" });
		const before = new Installation();
		await before.reader.plug();
		await before.lintel("commission", before.file("door.json"), "--site-key", before.file("key.json"));
		before.end();
		const files = new Installation({ versions: [2, 2], contents: before.reader.self.snapshot() });
		try {
			await files.reader.plug();
			const listed = await files.run(["readers", "--port", files.reader.path]);
			assert.match(listed.out, /door FRONT of site ACME, which knows no trust lists: update its firmware/);
			const seen = files.requests();
			const key = ["--site-key", files.file("key.json")];
			files.write("site.json", { site: "ACME", lists: files.site.lists.map(toHex) });
			for (const args of [
				["commission", files.file("door.json"), ...key],
				["verify", files.file("door.json"), ...key],
				["reset", "--yes", ...key],
				["trust", "install", files.file("site.json")],
			]) {
				const { code, out } = await files.lintel(...args, "--json");
				assert.equal(code, EXIT.version, out);
				const { error } = JSON.parse(out);
				assert.equal(error.reason, "older-reader");
				assert.match(error.message, /protocol version 2, which knows no trust lists; nothing was proved/);
				assert.match(
					error.advice,
					/update its firmware, reset it by its button, and commission it anew .*site upgrade/,
				);
			}
			assert.deepEqual([...new Set(seen)], ["info"]);
			const shown = await files.lintel("show");
			assert.equal(shown.code, 0, "it can be looked at");
			assert.notMatch(shown.out, /Trusts list/);
		} finally {
			files.end();
		}
	});
});
