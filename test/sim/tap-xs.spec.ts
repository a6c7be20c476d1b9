import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { assert } from "chai";
import { build, MissingTool } from "../../tools/xs/build.js";
import { root } from "../support/host.js";

const TAP = join(root, "build/sim/tap.js");

describe("npm run tap -- --engine xs, the process", function () {
	this.timeout(60_000);
	/** Where the process makes its temporary files: what is left there was left behind. */
	let folder: string;

	before(function () {
		try {
			build("host");
		} catch (error) {
			if (!(error instanceof MissingTool) || process.env.CI) throw error;
			this.skip();
		}
	});
	beforeEach(() => {
		folder = mkdtempSync(join(tmpdir(), "lintel-tap-spec-"));
	});
	afterEach(() => {
		if (folder) rmSync(folder, { recursive: true, force: true });
	});

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
		for (const wrong of [
			["--seed", "x"],
			["--phone", "nobody"],
			["--suite", "9"],
			["--profile", "none"],
			["--nonsense"],
		]) {
			const started = Date.now();
			const run = spawnSync(process.execPath, [TAP, "--engine", "xs", ...wrong], {
				encoding: "utf8",
				env: environment(),
			});
			assert.equal(run.status, 1);
			assert.match(run.stderr, /^tap: .+\n\nnpm run tap/);
			assert.isBelow(Date.now() - started, 10_000);
			assert.deepEqual(readdirSync(folder), []);
		}
	});
});
