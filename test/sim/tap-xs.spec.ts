// SPDX-License-Identifier: Apache-2.0

import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { assert } from "chai";
import { root, skip } from "../support/host.js";
import { engineFor } from "./installed.js";

const NO_PROC = "for want of Linux's /proc, where the engine's process is found";
const TAP = join(root, "build/sim/tap.js");
/** What a tap says here when it starts another program. */
const STARTED = "another program is started";

describe("npm run tap -- --engine xs, the process", () => {
	/** Where the process makes its temporary files: what is left there was left behind. */
	let folder: string;

	before(function () {
		engineFor(this).close();
	});
	beforeEach(() => {
		folder = mkdtempSync(join(tmpdir(), "lintel-tap-spec-"));
	});
	afterEach(() => {
		if (folder) rmSync(folder, { recursive: true, force: true });
	});

	/** A tap on XS that says when it starts another program. */
	function watched(...args: string[]): { status: number | null; stderr: string } {
		const watch = `import child from "node:child_process";
			import { syncBuiltinESMExports } from "node:module";
			for (const name of ["spawn", "spawnSync", "execFile", "execFileSync"]) {
				const real = child[name];
				child[name] = (...given) => {
					console.error(${JSON.stringify(STARTED)});
					return real(...given);
				};
			}
			syncBuiltinESMExports();`;
		const options = ["--import", `data:text/javascript,${encodeURIComponent(watch)}`, TAP, "--engine", "xs"];
		return spawnSync(process.execPath, [...options, ...args], { encoding: "utf8", env: environment() });
	}

	const environment = () => ({ ...process.env, TMPDIR: folder });

	it("granted, denied: the exit codes of Node, and nothing left behind", () => {
		for (const [phone, status] of [
			["valid", 0],
			["revoked", 2],
		] as const) {
			const options = ["--engine", "xs", "--json", "--phone", phone];
			const run = spawnSync(process.execPath, [TAP, ...options], { encoding: "utf8", env: environment() });
			assert.equal(run.status, status, run.stderr);
			assert.equal(run.stderr, "");
			assert.equal(JSON.parse(run.stdout).phone, phone);
			assert.deepEqual(readdirSync(folder), []);
		}
	});

	it("a wrong option is refused before the engine starts", () => {
		assert.include(watched().stderr, STARTED);
		for (const wrong of [
			["--seed", "x"],
			["--phone", "nobody"],
			["--suite", "9"],
			["--profile", "none"],
			["--nonsense"],
		]) {
			const run = watched(...wrong);
			assert.equal(run.status, 1);
			assert.match(run.stderr, /^tap: .+\n\nnpm run tap/);
			assert.notInclude(run.stderr, STARTED);
			assert.deepEqual(readdirSync(folder), []);
		}
	});

	it("an exception in the firmware: one sentence, exit 1, nothing left behind", () => {
		// The world refuses to write the log.
		const fault = `import { SimFlash } from ${JSON.stringify(pathToFileURL(join(root, "build/sim/flash.js")).href)};
			const { write } = SimFlash.prototype;
			SimFlash.prototype.write = function (address, data) {
				if (this.size === 128 * 1024) throw new Error("worn out");
				write.call(this, address, data);
			};`;
		const options = ["--import", `data:text/javascript,${encodeURIComponent(fault)}`, TAP, "--engine", "xs"];
		const run = spawnSync(process.execPath, options, { encoding: "utf8", env: environment() });
		assert.equal(run.status, 1);
		assert.equal(run.stdout, "");
		assert.match(run.stderr, /^tap: the firmware has ended: .*worn out\n$/, "one line");
		assert.deepEqual(readdirSync(folder), []);
	});

	it("the engine's process killed in the middle: one sentence, exit 1, nothing left behind", async function () {
		if (!existsSync("/proc/self/task")) skip(this, NO_PROC);
		const run = spawn(process.execPath, [TAP, "--engine", "xs"], { env: environment() });
		let [shown, told] = ["", ""];
		run.stdout.on("data", (text) => {
			shown += text;
		});
		run.stderr.on("data", (text) => {
			told += text;
		});
		process.kill(await engineOf(run), "SIGKILL");
		const status = await new Promise((resolve) => run.on("close", resolve));
		assert.equal(status, 1, told);
		assert.equal(shown, "");
		assert.match(told, /^tap: .+\n$/, "one line");
		assert.notMatch(told, /EPIPE|at \w+/);
		assert.deepEqual(readdirSync(folder), []);
	});

	it("Ctrl-C: exit 1, nothing left behind", async function () {
		if (!existsSync("/proc/self/task")) skip(this, NO_PROC);
		const run = spawn(process.execPath, [TAP, "--engine", "xs"], {
			env: environment(),
			detached: true,
			stdio: "ignore",
		});
		await engineOf(run);
		process.kill(-run.pid!, "SIGINT");
		assert.equal(await new Promise((resolve) => run.on("close", resolve)), 1);
		assert.deepEqual(readdirSync(folder), []);
	});
});

/** The XS process that `parent` has started, once it is one. */
async function engineOf(parent: ChildProcess): Promise<number> {
	for (let tries = 0; tries < 20_000 && parent.exitCode === null; tries++) {
		for (const child of readFileSync(`/proc/${parent.pid}/task/${parent.pid}/children`, "utf8").split(" ")) {
			if (child === "") continue;
			try {
				if (readFileSync(`/proc/${child}/comm`, "utf8").trim() === "lintel-xs") return Number(child);
			} catch {
				// Gone since.
			}
		}
		await new Promise((resolve) => setTimeout(resolve, 1));
	}
	throw new Error("no engine came");
}
