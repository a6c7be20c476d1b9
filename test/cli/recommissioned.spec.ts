// SPDX-License-Identifier: Apache-2.0

import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { assert } from "chai";
import { EXIT } from "../../site/lib/files/failure.js";
import { needs } from "../sim/installed.js";
import { root } from "../support/host.js";
import { TrustedSite } from "../support/trusted-site.js";
import type { Ended } from "./lintel.js";
import { DeviceReader, Installation } from "./terminal.js";

describe("a reader that was made new", () => {
	let files: Installation;
	let reader: DeviceReader;

	before(function () {
		needs(this, { socat: "socat" });
	});

	beforeEach(async () => {
		files = new Installation();
		const plan = readFileSync(join(root, "examples/plan.json"), "utf8").replaceAll('"front"', '"FRONT"');
		for (const site of ["ACME", "OTHER"])
			writeFileSync(files.file(`${site}.json`), plan.replaceAll('"ACME"', `"${site}"`));
		const { crypto } = files.site;
		files.write("OTHER-key.json", new TrustedSite("OTHER", "44".repeat(32), crypto).adminFile);
		files.write("ACME-key.json", new TrustedSite("ACME", "45".repeat(32), crypto).adminFile);
		reader = new DeviceReader();
		await reader.plug();
	});

	afterEach(() => {
		reader.unplug();
		files.end();
	});

	const key = (site: string): string[] => ["--site-key", files.file(`${site}-key.json`)];
	const at = (...args: string[]): Promise<Ended> => files.at(reader.path, ...args);

	async function done(...args: string[]): Promise<void> {
		const { code, err } = await at(...args);
		assert.equal(code, 0, err);
	}

	async function install(site: string, version: number): Promise<Ended> {
		const out = files.file("front.plan");
		const compile = ["plan", "compile", files.file(`${site}.json`), "--door", "FRONT", "--out", out];
		const made = await files.run([...compile, "--plan-version", String(version), ...key(site)]);
		assert.equal(made.code, 0, made.err);
		return at("install-plan", out, ...key(site));
	}

	it("takes the plans of another site from version 1 on, and of the same site says from which on", async () => {
		await done("commission", files.file("door.json"), ...key("ACME"));
		assert.equal((await install("ACME", 20)).code, 0);
		const same = await install("ACME", 7);
		assert.equal(same.code, EXIT.refused);
		assert.match(same.err, /--plan-version 21 or higher/);
		await done("reset", "--yes", ...key("ACME"));
		const commission = ["commission", files.file("door.json"), ...key("OTHER")];
		const kept = await at(...commission);
		assert.equal(kept.code, EXIT.usage);
		assert.match(
			kept.err,
			/the log of site ACME is still in this reader\n[\s\S]*lintel log export[\s\S]*--erase-log/,
		);
		assert.equal((await at("log", "export", ...key("OTHER"))).code, EXIT.refused);
		const old = await at("log", "export", ...key("ACME"));
		assert.equal(old.code, 0, old.err);
		assert.include(old.out, "plan");
		await done(...commission, "--erase-log");
		const stranger = await at("show");
		assert.notInclude(stranger.out, "Access plan");
		assert.match(stranger.err, /--site-key/);
		assert.match((await at("show", ...key("OTHER"))).out, /Access plan +none yet/);
		assert.equal((await install("OTHER", 1)).code, 0, "ACME's versions do not count");
		assert.equal((await install("OTHER", 20)).code, 0);
		await done("reset", "--yes", ...key("OTHER"));
		await done(...commission, "--erase-log");
		const older = await install("OTHER", 1);
		assert.equal(older.code, EXIT.refused);
		assert.match(
			older.err,
			/has had this version of the plan, or a newer one[\s\S]*--plan-version 20 or higher/,
		);
		assert.notInclude(older.err, "lintel show");
		assert.equal((await install("OTHER", 20)).code, 0);
		assert.match((await at("show", ...key("OTHER"))).out, /Access plan +version 20 /);
	});
});
