// SPDX-License-Identifier: Apache-2.0

import { execFileSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { assert } from "chai";
import { EXIT } from "../../site/lib/files/failure.js";
import { needs } from "../sim/installed.js";
import { root as checkout } from "../support/host.js";
import { PASSPHRASE } from "../support/site-files.js";
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
		new Lintel(["site", "init", "ACME", "--out", out, "--json"], { input: PASSPHRASE }).ended;

	const root = (): string[] => ["--root-key", join(folder, "root-key.json")];

	function installerKey(name: string): Promise<Ended> {
		const limits = ["--role", "install", "--until", "2099-01-01", "--out", join(folder, name)];
		const words = ["site", "key", ...root(), "--site", join(folder, "site.json"), ...limits, "--json"];
		return new Lintel(words, { input: PASSPHRASE }).ended;
	}

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
			refused(await init(out), /root-key\.json is a secret[\s\S]*git[\s\S]*does not ignore it/);
			for (const name of ["root-key.json", "site-key.json", "site.json"])
				assert.notInclude(readdirSync(out), name);
		}
	});

	it("site init makes it where git ignores it, and git does not take it along", async () => {
		git("init", "--quiet");
		writeFileSync(join(folder, ".gitignore"), "root-key.json\n");
		refused(await init(), /site-key\.json is a secret/);
		writeFileSync(join(folder, ".gitignore"), "*-key.json\n");
		assert.equal((await init()).code, 0);
		git("add", "--all");
		assert.notMatch(git("ls-files"), /-key\.json/);
		assert.include(git("ls-files"), "site.json");
	});

	it("this checkout ignores the keys that README and docs/installing.md make in it", async () => {
		git("init", "--quiet");
		cpSync(join(checkout, ".gitignore"), join(folder, ".gitignore"));
		assert.equal((await init()).code, 0);
		const made = await installerKey("installer.json");
		assert.equal(made.code, 0, made.err);
		const backup = ["site", "backup", ...root(), "--code-file", join(folder, "root-code.txt")];
		const backedUp = await new Lintel([...backup, "--out", join(folder, "root-backup.json")], {
			input: PASSPHRASE,
		}).ended;
		assert.equal(backedUp.code, 0, backedUp.err);
		git("add", "--all");
		assert.notMatch(git("ls-files"), /root|site-key|installer/);
	});

	it("an installer's key is refused as the site's is", async () => {
		assert.equal((await init()).code, 0);
		git("init", "--quiet");
		const out = join(folder, "bob.json");
		refused(await installerKey("bob.json"), /bob\.json is a secret/);
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
			refused(await site.spawn(args, PASSPHRASE, { env: { PATH: empty } }).ended, /there is no git to ask/);
		} finally {
			await site.end();
		}
	});
});
