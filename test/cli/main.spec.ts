// SPDX-License-Identifier: Apache-2.0

import { spawnSync } from "node:child_process";
import {
	copyFileSync,
	existsSync,
	mkdirSync,
	mkdtempSync,
	readdirSync,
	readFileSync,
	rmSync,
	symlinkSync,
	writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { assert } from "chai";
import { EXIT } from "../../site/lib/files/failure.js";
import { FIRMWARE_VERSION } from "../../src/app/installer-view.js";
import { root } from "../support/host.js";
import { PASSPHRASE } from "../support/site-files.js";
import { Lintel } from "./lintel.js";

const lintel = (...args: string[]) => new Lintel(args).ended;

describe("lintel", () => {
	it("names every exit code in --help", async () => {
		const { code: ended, out } = await lintel("--help");
		assert.equal(ended, 0);
		for (const code of Object.values(EXIT)) assert.match(out, new RegExp(`^ {2}${code} `, "m"));
	});

	it("keeps the numbers of its exit codes, for scripts hold them", async () => {
		assert.deepEqual(JSON.parse((await lintel("exit-codes")).out), {
			ok: 0,
			different: 1,
			usage: 2,
			input: 3,
			"no-reader": 4,
			unplugged: 5,
			refused: 6,
			version: 7,
			partial: 8,
			"no-server": 9,
			internal: 70,
		});
	});

	it("says in docs/installing.md what --help says of them", async () => {
		const help = (await lintel("--help")).out.split("Exit codes:\n")[1]!;
		const inHelp = [...help.matchAll(/^ {2}(\d+) +(.+)$/gm)].map(([, code, text]) => `| ${code} | ${text} |`);
		const docs = readFileSync(join(root, "docs/installing.md"), "utf8");
		const inDocs = docs.match(/^\| \d+ \| .+ \|$/gm);
		assert.deepEqual(inDocs, inHelp);
		assert.lengthOf(inHelp, Object.keys(EXIT).length + 1);
	});

	it("ends with 2 on a command that it does not have, and says so", async () => {
		const { code, err } = await lintel("frobnicate");
		assert.equal(code, EXIT.usage);
		assert.match(err, /unknown command/);
	});

	it("says that it is not built, and ends with 70", () => {
		const folder = mkdtempSync(join(tmpdir(), "lintel-bin-"));
		try {
			const script = join(folder, "bin/lintel.mjs");
			mkdirSync(dirname(script));
			copyFileSync(join(root, "bin/lintel.js"), script);
			const run = (...args: string[]) => spawnSync(process.execPath, [script, ...args], { encoding: "utf8" });
			assert.deepInclude(run("show"), {
				status: EXIT.internal,
				stdout: "",
				stderr: "lintel: not built yet\n  Run `npm ci` (or `npm run build`) in the checkout first.\n",
			});
			const { status, stdout } = run("show", "--json");
			assert.equal(status, EXIT.internal);
			const { error } = JSON.parse(stdout) as { error: object };
			assert.deepInclude(error, { reason: "not-built", exit: EXIT.internal });
		} finally {
			rmSync(folder, { recursive: true });
		}
	});

	it("is the bin of the package, which has all that it needs", () => {
		const folder = mkdtempSync(join(tmpdir(), "lintel-pack-"));
		try {
			const run = (program: string, ...args: string[]): string => {
				const { status, stdout, stderr } = spawnSync(program, args, { cwd: folder, encoding: "utf8" });
				assert.equal(status, 0, `${program} ${args.join(" ")}: ${stderr}`);
				return stdout;
			};
			run("npm", "pack", "--silent", "--ignore-scripts", "--pack-destination", folder, root);
			const [packed] = readdirSync(folder);
			run("tar", "-xzf", packed!);
			for (const name of installedBy(join(root, "package-lock.json"))) {
				const at = join(folder, "node_modules", name);
				mkdirSync(dirname(at), { recursive: true });
				symlinkSync(join(root, "node_modules", name), at);
			}
			const { bin } = JSON.parse(readFileSync(join(folder, "package/package.json"), "utf8")) as {
				bin: { lintel: string };
			};
			const script = join("package", bin.lintel);
			assert.include(run(process.execPath, script, "--help"), "commission");
			assert.equal(run(process.execPath, script, "--version"), `${FIRMWARE_VERSION}\n`);
			const defect =
				'export const register = (p) => p.command("broken").action(() => { throw new Error("boom"); });';
			writeFileSync(join(folder, "package/build/cli/commands/broken.js"), defect);
			const broken = (...more: string[]) =>
				spawnSync(process.execPath, [script, "broken", ...more], { cwd: folder, encoding: "utf8" });
			assert.deepInclude(broken(), { status: EXIT.internal, stdout: "" });
			assert.match(broken().stderr, /internal error: Error: boom[\s\S]*\n {2}Report this/);
			const told = JSON.parse(broken("--json").stdout) as { error: object };
			assert.deepInclude(told.error, { reason: "internal", exit: EXIT.internal });
			writeFileSync(join(folder, "passphrase"), PASSPHRASE);
			run(process.execPath, script, "site", "init", "ACME", "--passphrase-file", "passphrase");
			const key = ["--site-key", "site-key.json"];
			const compile = [
				"plan",
				"compile",
				"package/examples/plan.json",
				"--door",
				"front",
				"--plan-version",
				"1",
			];
			run(process.execPath, script, ...compile, ...key, "--out", "front.plan");
			assert.isTrue(existsSync(join(folder, "front.plan")));
			assert.isFalse(existsSync(join(folder, "package/build/test")), "specs are not for installers");
		} finally {
			rmSync(folder, { recursive: true });
		}
	});
});

/** Names of the packages that whoever installs this one gets; what only its developers have is not among them. */
function installedBy(lock: string): string[] {
	const { packages } = JSON.parse(readFileSync(lock, "utf8")) as {
		packages: Record<string, { dev?: boolean }>;
	};
	const names = Object.entries(packages)
		.filter(([path, { dev }]) => path.lastIndexOf("node_modules/") === 0 && dev !== true)
		.map(([path]) => path.slice("node_modules/".length));
	assert.notInclude(names, "mocha");
	return names;
}
