// SPDX-License-Identifier: Apache-2.0

import { chmodSync, realpathSync, statSync } from "node:fs";
import { dirname, join, parse } from "node:path";
import { assert } from "chai";
import { EXIT } from "../../site/lib/files/failure.js";
import { missing, needs } from "../sim/installed.js";
import { root } from "../support/host.js";
import type { Ended } from "./lintel.js";
import { Installation } from "./terminal.js";

/** Debian's `nobody`, in no group that may use a port. */
const NOBODY = 65_534;

/** Whether everybody may read what the CLI is made of: a checkout may lie in somebody's closed home. */
function openToAll(path: string): boolean {
	const mode = statSync(path).mode;
	const needed = statSync(path).isDirectory() ? 0o005 : 0o004;
	return (mode & needed) === needed && (path === parse(path).root || openToAll(dirname(path)));
}

describe("lintel at a port that is not allowed", () => {
	let site: Installation;
	let port = "";

	before(function () {
		needs(this, { socat: "socat" });
		// Nothing keeps root from a port, so root lets somebody else try.
		if (process.getuid?.() !== 0) return;
		const closed = [
			process.execPath,
			realpathSync(join(root, "node_modules")),
			join(root, "build/tools"),
		].filter((path) => !openToAll(realpathSync(path)));
		if (closed.length === 0) return;
		missing(this, `a checkout that everybody may read, as root (${closed.join(", ")})`);
	});

	beforeEach(async () => {
		site = new Installation();
		await site.reader.plug();
		// As /dev/ttyUSB0: its owner's and its group's.
		port = realpathSync(site.reader.path);
		chmodSync(port, process.getuid?.() === 0 ? 0o660 : 0);
	});

	afterEach(() => site.end());

	const run = (...args: string[]): Promise<Ended> =>
		site.spawn(args, undefined, process.getuid?.() === 0 ? { uid: NOBODY, gid: NOBODY } : {}).ended;

	it("says that it may not, what to do about it, and ends with 4", async () => {
		for (const command of [["show"], ["identify"], ["time", "show"], ["restart"]]) {
			const { code, err, out } = await run(...command, "--port", port);
			assert.equal(code, EXIT["no-reader"], err);
			assert.equal(out, "");
			assert.match(
				err,
				new RegExp(`^lintel: cannot open ${port}: Permission denied\\n  Give your user access`),
			);
			assert.match(err, /usermod -aG dialout/);
			assert.match(err, /log out and in again/);
		}
	});

	it("says so to scripts too", async () => {
		const { code, out } = await run("show", "--json", "--port", port);
		assert.equal(code, EXIT["no-reader"]);
		const { error } = JSON.parse(out);
		assert.deepInclude(error, { reason: "no-permission", exit: EXIT["no-reader"] });
		assert.match(error.advice, /dialout/);
	});

	it("says so in the list of readers, and in a batch", async () => {
		const listed = await run("readers", "--port", port);
		assert.equal(listed.code, 0);
		assert.match(listed.out, /not opened \(no-permission\)\n {2}Give your user access.*dialout/);
		chmodSync(site.folder, 0o777);
		site.write("bench.json", { readers: [{ port, configuration: "door.json" }] });
		const batch = await run("apply", site.file("bench.json"), "--all");
		assert.equal(batch.code, EXIT.partial, batch.err);
		assert.match(batch.out, /Permission denied\n {2}Give your user access.*dialout/);
	});

	it("touches no reader of a batch where it may not write what is done", async () => {
		chmodSync(port, 0o666);
		site.write("bench.json", { readers: [{ port, configuration: "door.json" }] });
		chmodSync(site.folder, 0o555);
		const seen = site.requests();
		const { code, err, out } = await run("apply", site.file("bench.json"), "--all");
		assert.equal(code, EXIT.input, err);
		assert.equal(out, "");
		assert.match(err, /bench\.json\.done: EACCES.*\n {2}No reader was touched.*where you may write/);
		assert.deepEqual(seen, []);
		// Nothing has to be kept where nothing is done.
		const dry = await run("apply", site.file("bench.json"), "--all", "--dry-run");
		assert.equal(dry.code, 0, dry.err);
	});
});
