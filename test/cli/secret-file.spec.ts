// SPDX-License-Identifier: Apache-2.0

import { execFileSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { assert } from "chai";
import { EXIT } from "../../site/lib/files/failure.js";
import { needs } from "../sim/installed.js";
import { root } from "../support/host.js";
import { type Ended, Lintel } from "./lintel.js";
import { Installation } from "./terminal.js";

describe("a secret key's file in a folder under version control", () => {
	let folder = "";

	before(function () {
		needs(this, { git: "git" });
	});

	beforeEach(() => {
		folder = mkdtempSync(join(tmpdir(), "lintel-secret-"));
	});

	afterEach(() => rmSync(folder, { recursive: true }));

	function git(...args: string[]): string {
		const env = { PATH: process.env.PATH, HOME: folder, GIT_CONFIG_NOSYSTEM: "1" };
		return execFileSync("git", args, { cwd: folder, env, encoding: "utf8" });
	}

	const init = (out = folder): Promise<Ended> =>
		new Lintel(["site", "init", "ACME", "--out", out, "--json"]).ended;

	function refused({ code, out }: Ended, why: RegExp): void {
		assert.equal(code, EXIT.input);
		const { error } = JSON.parse(out);
		assert.equal(error.reason, "version-control");
		assert.match(error.message, why);
	}

	it("site init refuses it where git does not ignore the key, at the top and below, and leaves nothing", async () => {
		git("init", "--quiet");
		const below = join(folder, "keys/acme");
		mkdirSync(below, { recursive: true });
		for (const out of [folder, below]) {
			refused(await init(out), /site-key\.json is a secret[\s\S]*git[\s\S]*does not ignore it/);
			assert.notInclude(readdirSync(out), "site-key.json");
			assert.notInclude(readdirSync(out), "site.json");
		}
	});

	it("site init makes it where git ignores it, and git does not take it along", async () => {
		git("init", "--quiet");
		writeFileSync(join(folder, ".gitignore"), "site-key.json\n");
		assert.equal((await init()).code, 0);
		git("add", "--all");
		assert.notInclude(git("ls-files"), "site-key.json");
		assert.include(git("ls-files"), "site.json");
	});

	it("this checkout ignores the keys that README and docs/installing.md make in it", async () => {
		git("init", "--quiet");
		cpSync(join(root, ".gitignore"), join(folder, ".gitignore"));
		assert.equal((await init()).code, 0);
		const key = join(folder, "site-key.json");
		const made = await new Lintel([
			"site",
			"service-key",
			"--site-key",
			key,
			"--out",
			join(folder, "installer.json"),
		]).ended;
		assert.equal(made.code, 0, made.err);
		git("add", "--all");
		assert.notMatch(git("ls-files"), /site-key|installer/);
	});

	it("an installer's key is refused as the site's is", async () => {
		const key = join(folder, "site-key.json");
		assert.equal((await init()).code, 0);
		git("init", "--quiet");
		const out = join(folder, "bob.json");
		const command = ["site", "service-key", "--site-key", key, "--out", out, "--json"];
		refused(await new Lintel(command).ended, /bob\.json is a secret/);
		assert.isFalse(existsSync(out));
	});

	it("a folder of another system, and git's where there is no git to ask, are refused", async () => {
		mkdirSync(join(folder, ".hg"));
		refused(await init(), /under version control \(hg\)/);
		rmSync(join(folder, ".hg"), { recursive: true });
		// As a work tree has it: a file.
		writeFileSync(join(folder, ".git"), "gitdir: elsewhere\n");
		refused(await init(), /git does not say/);
		const site = new Installation();
		try {
			const empty = join(folder, "bin");
			mkdirSync(empty);
			const args = ["site", "init", "ACME", "--out", folder, "--json"];
			refused(await site.spawn(args, undefined, { env: { PATH: empty } }).ended, /there is no git to ask/);
		} finally {
			await site.end();
		}
	});
});
