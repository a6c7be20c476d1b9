// SPDX-License-Identifier: Apache-2.0

import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { assert } from "chai";
import { toHex } from "../../protocol/bytes.js";
import type { KeyPair } from "../../protocol/crypto.js";
import { EXIT } from "../../site/lib/files/failure.js";
import { needs } from "../sim/installed.js";
import { root } from "../support/host.js";
import type { Ended } from "./lintel.js";
import { DeviceReader, Installation } from "./terminal.js";

describe("a trust list that voids the plan in force", () => {
	let files: Installation;
	let reader: DeviceReader;
	const key = (): string[] => ["--site-key", files.file("key.json")];
	const at = (...args: string[]): Promise<Ended> => files.at(reader.path, ...args);

	async function done(...args: string[]): Promise<string> {
		const { code, err, out } = await at(...args);
		assert.equal(code, 0, `${args.join(" ")}: ${err}${out}`);
		return out;
	}

	/** A plan by one of the site's keys, for the epoch of its newest list. */
	async function plan(name: string, signer: KeyPair, version: number): Promise<string> {
		const { site } = files;
		files.write("signer.json", site.keyFile(signer));
		const door = readFileSync(join(root, "examples/plan.json"), "utf8").replaceAll('"front"', '"FRONT"');
		writeFileSync(files.file("plan.json"), door);
		const out = files.file(name);
		const compile = ["plan", "compile", files.file("plan.json"), "--door", "FRONT", "--out", out];
		const args = [...compile, "--plan-version", `${version}`, "--site-key", files.file("signer.json")];
		const { code, err } = await files.run(args);
		assert.equal(code, 0, err);
		return out;
	}

	before(function () {
		needs(this, { socat: "socat" });
	});

	beforeEach(async () => {
		files = new Installation();
		reader = new DeviceReader();
		await reader.plug();
		const { site } = files;
		const planner = site.pair("71".repeat(32));
		site.next(({ keys }) => ({ keys: [...keys, { publicKey: planner.publicKey, roles: ["plan"] }] }));
		files.write("key.json", site.adminFile);
		await done("commission", files.file("door.json"), ...key());
		await done("install-plan", await plan("first.plan", planner, 7), ...key());
		site.revoke(planner, "stolen");
		files.write("key.json", site.adminFile);
		files.write("site.json", { site: "ACME", lists: site.lists.map(toHex) });
	});

	afterEach(() => {
		reader.unplug();
		files.end();
	});

	it("is held back until the plan in its place comes; lintel says so, and what to do", async () => {
		const shown = await at("show", ...key());
		assert.equal(shown.code, 0, shown.err);
		assert.match(shown.err, /holds trust list 3 back[\s\S]*`lintel install-plan`/);
		assert.match(shown.out, /Trusts list +2 [\s\S]*Access plan +version 7/);
		assert.match(shown.out, /^Trust list held +3, waits for a plan$/m);
		const verified = await at("verify", files.file("door.json"), ...key(), "--json");
		assert.equal(verified.code, EXIT.different);
		assert.deepEqual(
			JSON.parse(verified.out).trust.map(({ reason }: { reason: string }) => reason),
			["older-list", "held-list", "other-key"],
		);
		const { site } = files;
		await done("install-plan", await plan("second.plan", site.office, 1), ...key());
		const after = await at("verify", files.file("door.json"), ...key(), "--json");
		assert.equal(after.code, 0, after.out);
		assert.deepInclude(JSON.parse(after.out), { same: true, trust: [] });
		assert.match(await done("show", ...key()), /Trusts list +3 [\s\S]*Access plan +version 1 /);
	});

	it("is put in force alone where that is meant, and only then", async () => {
		const install = ["trust", "install", files.file("site.json")];
		const held = await at(...install, "--json");
		assert.equal(held.code, EXIT.different);
		assert.deepEqual(JSON.parse(held.out), { version: 3, changed: true, held: true });
		const unproven = await at(...install, "--alone", "--yes");
		assert.equal(unproven.code, EXIT.refused);
		assert.match(unproven.err, /--site-key/);
		const unasked = await at(...install, "--alone", ...key());
		assert.equal(unasked.code, EXIT.usage);
		assert.match(unasked.err, /opens for no phone until there is another plan[\s\S]*--yes/);
		const alone = [...install, "--alone", ...key(), "--port", reader.path];
		const no = await files.answer(alone, [/Put it in force\?/, "n\n"]);
		assert.equal(no.code, EXIT.usage);
		assert.match(no.out, /nothing was changed/);
		assert.match(await done("show", ...key()), /Trusts list +2 /);
		const yes = await files.answer(alone, [/Put it in force\?/, "y\n"]);
		assert.equal(yes.code, 0, yes.out);
		assert.match(yes.out, /trust list 3 is in force, and the plan that it voids is gone/);
		assert.match(await done("show", ...key()), /Trusts list +3 [\s\S]*Access plan +none/);
	});
});
