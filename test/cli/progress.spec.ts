// SPDX-License-Identifier: Apache-2.0

import { spawn } from "node:child_process";
import { join } from "node:path";
import { assert } from "chai";
import fc from "fast-check";
import { barLine } from "../../cli/output.js";
import { needs } from "../sim/installed.js";
import { root } from "../support/host.js";
import { Lintel } from "./lintel.js";
import { type Installation, plugIn } from "./terminal.js";

describe("the line of a job that goes on", () => {
	const job = { what: "log", done: 1_048_576, of: 4_194_304, left: ", 3 min left" };

	it("gives up what tells least first, as the terminal gets narrow", () => {
		const lines = [undefined, 0, 80, 47, 46, 41, 40, 29, 28, 20, 19, 16, 15, 4, 3, 1].map((columns) =>
			barLine(job, columns),
		);
		const whole = "log [#####...............] 1048576/4194304, 3 min left";
		assert.deepEqual(lines, [
			whole,
			whole,
			whole,
			"log [###.........] 1048576/4194304, 3 min left",
			"log [###........] 1048576/4194304, 3 min left",
			"log [##....] 1048576/4194304, 3 min left",
			"log [#....] 1048576/4194304, 3 min left",
			"log [##....] 1048576/4194304",
			"log [#....] 1048576/4194304",
			"log 1048576/4194304",
			"1048576/4194304",
			"1048576/4194304",
			"25%",
			"25%",
			"",
			"",
		]);
	});

	it("always leaves the last column free, and loses no count that would fit", () => {
		const natural = fc.nat(10_000_000);
		fc.assert(
			fc.property(natural, natural, fc.integer({ min: 1, max: 200 }), (a, b, columns) => {
				const [done, of] = a < b ? [a, b] : [b, a];
				const line = barLine({ what: "readers", done, of, left: ", 99 s left" }, columns);
				assert.isBelow(line.length, columns);
				assert.match(line, /^(readers \[#*\.*\] \d+\/\d+(, 99 s left)?|(readers )?\d+\/\d+|\d+%|)$/);
				if (`${done}/${of}`.length < columns) assert.include(line, `${done}/${of}`);
			}),
		);
	});
});

describe("lintel's progress", () => {
	let site: Installation;

	plugIn(1, ([made]) => {
		site = made!;
	});

	const port = (): string[] => ["--port", site.reader.path];

	/** All that a terminal of so many columns is sent. */
	async function shown(columns: number, ...args: string[]): Promise<string> {
		return (await new Lintel(args, { columns }).ended).err;
	}

	/** The same of a real one, which says itself how wide it is. */
	function reallyShown(columns: number, ...args: string[]): Promise<string> {
		const line = [process.execPath, join(root, "bin/lintel.js"), ...args].join(" ");
		const child = spawn("script", ["-qec", `stty cols ${columns} rows 24; exec ${line}`, "/dev/null"], {
			stdio: ["ignore", "pipe", "ignore"],
		});
		let out = "";
		child.stdout.on("data", (text) => {
			out += text;
		});
		return new Promise((resolve) => child.once("close", () => resolve(out)));
	}

	/** The lines that are written over. */
	function bars(out: string): string[] {
		return out
			.split("\r\u001b[K")
			.map((text) => text.split(/[\r\n]/)[0]!)
			.filter((text) => /\d\/\d/.test(text));
	}

	for (const [columns, bar, log] of [
		[0, "test [##########..........] 2/4", "log [####################] 16384/16384"],
		[80, "test [##########..........] 2/4", "log [####################] 16384/16384"],
		[40, "test [##########..........] 2/4", "log [####################] 16384/16384"],
		[30, "test [#########.........] 2/4", "log [###########] 16384/16384"],
		[20, "test [####....] 2/4", "log 16384/16384"],
	] as const)
		it(`fits a terminal of ${columns} columns`, async () => {
			const tests = bars(await shown(columns, "test", "all", ...port()));
			assert.include(tests, bar);
			assert.lengthOf(tests, 5);
			const copied = bars(await shown(columns, "fetch-log", site.file("log.bin"), ...port()));
			assert.equal(copied.at(-1), log);
			for (const text of [...tests, ...copied]) assert.isBelow(text.length, columns || 80, text);
		});

	it("is told by a terminal how wide that is", async function () {
		needs(this, { script: "bsdutils" });
		const tests = bars(await reallyShown(30, "test", "all", ...port()));
		assert.include(tests, "test [#########.........] 2/4");
		assert.lengthOf(tests, 5);
	});

	it("is of the readers of a bench, done or not", async () => {
		const readers = [site.reader.path, site.file("nowhere"), site.file("gone")].map((port) => ({
			port,
			configuration: "door.json",
		}));
		site.write("bench.json", { readers });
		const out = await shown(40, "apply", site.file("bench.json"), "--all");
		assert.deepEqual(bars(out), [
			"readers [....................] 0/3",
			"readers [#######.............] 1/3",
			"readers [#############.......] 2/3",
			"readers [####################] 3/3",
		]);
	});

	it("is plain lines where there is no terminal, some seconds apart", async () => {
		const { now } = Date;
		let time = now();
		site.requests((name) => {
			if (name === "test") time += 2600;
		});
		Date.now = () => time;
		try {
			const { code, err, out } = await site.lintel("test", "all", "--json");
			assert.equal(code, 0, err);
			assert.lengthOf(out.trim().split("\n"), 4);
			assert.deepEqual(
				err.split("\n").filter((line) => line.startsWith("test ")),
				["test 2/4, 5 s left", "test 4/4"],
			);
			for (const control of ["[", "\r", "\u001b"]) assert.notInclude(err, control);
		} finally {
			Date.now = now;
		}
	});
});
