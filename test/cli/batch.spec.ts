// SPDX-License-Identifier: Apache-2.0

import { spawn } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, rmdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { assert } from "chai";
import { toHex } from "../../protocol/bytes.js";
import { EXIT } from "../../site/lib/files/failure.js";
import { root } from "../support/host.js";
import type { Ended } from "./lintel.js";
import { type Installation, plugIn } from "./terminal.js";

type Three = [Installation, Installation, Installation];

describe("lintel apply --all, when something is wrong", () => {
	let sites: Three;
	let first: Installation;

	plugIn(3, (made) => {
		sites = made as Three;
		[first] = sites;
		first.write("bench.json", {
			readers: sites.map(({ reader }, n) => {
				first.write(`door-${n}.json`, { id: `D${n}`, door: { strikeTime: 5 + n } });
				return { port: reader.path, configuration: `door-${n}.json` };
			}),
		});
	});

	const key = (): string[] => ["--site-key", first.file("key.json")];
	const all = (...more: string[]): Promise<Ended> =>
		first.run(["apply", first.file("bench.json"), "--all", ...more]);
	const commission = async (n: number, door = `door-${n}.json`): Promise<void> => {
		const { code, err } = await sites[n]!.lintel("commission", first.file(door), ...key());
		assert.equal(code, 0, err);
	};
	const strikeTimes = () => sites.map(({ reader }) => reader.store.config?.door.strikeTime);
	const done = (): string[] =>
		readFileSync(first.file("bench.json.done"), "utf8").split("\n").filter(Boolean);
	const doors = () => done().map((line) => line.split(" ")[0]);
	const objects = (out: string) =>
		out
			.split("\n")
			.filter(Boolean)
			.map((line) => JSON.parse(line) as Record<string, unknown>);

	it("refuses another door's file tried dry as in earnest, and does the others", async () => {
		await commission(1, "door.json");
		const { path } = sites[1].reader;
		const outs: Ended[] = [];
		for (const more of [["--dry-run"], []]) outs.push(await all(...more, ...key()));
		for (const { code, err, out } of outs) {
			assert.equal(code, EXIT.partial);
			assert.match(err, new RegExp(`one reader is not done: ${path}\n`));
			assert.include(
				out,
				`${path}: this is the reader of door FRONT, not of D1; nothing was proved to it\n  Plug in the reader of that door`,
			);
		}
		assert.deepEqual(strikeTimes(), [5, 7, 7]);
		assert.deepEqual(doors(), ["D0", "D2"]);
	});

	it("says all to scripts too: an object a line for each reader, then one for the whole", async () => {
		await commission(1, "door.json");
		for (const more of [["--dry-run"], []]) {
			const { code, out } = await all("--json", ...more, ...key());
			const [one, other, third, whole, ...rest] = objects(out);
			assert.deepEqual(rest, []);
			const [port, wrong] = sites.map(({ reader }) => reader.path);
			assert.deepInclude(one, { port, door: "D0", changed: more.length === 0, dryRun: more.length > 0 });
			assert.deepInclude(one!.differences, { field: "door.strikeTime", to: "5" });
			const { error, ...rest2 } = other as { error: Record<string, unknown> };
			assert.deepEqual(rest2 as object, { port: wrong, door: "D1" });
			assert.deepInclude(error, { reason: "wrong-door", exit: EXIT.refused });
			assert.deepInclude(third, { door: "D2" });
			assert.deepInclude(whole!.error, { reason: "partial", exit: code });
			assert.equal(code, EXIT.partial);
		}
	});

	it("touches no reader where it cannot keep its list", async () => {
		mkdirSync(first.file("bench.json.done"));
		const seen = sites.map((site) => site.requests());
		const { code, err } = await all();
		assert.equal(code, EXIT.input);
		assert.match(err, /bench\.json\.done: EISDIR.*\n {2}No reader was touched\. Put the list of readers/);
		assert.deepEqual(seen, [[], [], []]);
	});

	it("goes on where the disk is full by the time, says so at the end, and makes up for it", async () => {
		// A limit on the size of files is what a full disk is: the write fails, some way in.
		const line = `trap '' XFSZ; ulimit -f 0; exec "$0" "$@"`;
		const args = [join(root, "bin/lintel.js"), "apply", first.file("bench.json"), "--all", "--json"];
		const child = spawn("bash", ["-c", line, process.execPath, ...args], {
			stdio: ["ignore", "pipe", "pipe"],
		});
		let out = "";
		child.stdout.on("data", (text) => {
			out += text;
		});
		const code = await new Promise((resolve) => child.once("close", resolve));
		assert.equal(code, EXIT.input);
		const told = objects(out);
		assert.deepEqual(
			told.slice(0, 3).map(({ changed }) => changed),
			[true, true, true],
		);
		const { error } = told[3] as { error: Record<string, string> };
		assert.equal(error.reason, "batch-progress");
		assert.match(
			error.message!,
			/^all readers are done; the list .*bench\.json\.done could not be written: EFBIG/,
		);
		assert.match(error.advice!, /same command again: it changes nothing/);
		assert.deepEqual(strikeTimes(), [5, 6, 7]);
		const seen = sites.map((site) => site.requests());
		assert.equal((await all()).code, 0);
		for (const requests of seen) assert.notInclude(requests, "apply");
		assert.deepEqual(doors(), ["D0", "D1", "D2"]);
		assert.notInclude(readdirSync(first.folder), "bench.json.done.new");
	});

	it("writes the whole list as soon as it can again", async () => {
		const list = first.file("bench.json.done");
		sites[1].requests((name) => {
			if (name !== "apply") return;
			rmSync(list);
			mkdirSync(list);
		});
		sites[2].requests((name) => {
			if (name === "apply") rmdirSync(list);
		});
		const { code, err } = await all();
		assert.equal(code, 0, err);
		assert.deepEqual(doors(), ["D0", "D1", "D2"]);
	});

	it("goes on behind a reader that it cannot make sense of", async () => {
		await commission(1);
		// A key that is no bytes.
		const keys = [{ ...sites[1].reader.store.keys![0]!, publicKey: 5 }];
		Object.defineProperty(sites[1].reader.store, "keys", { get: () => keys });
		const { code, out, err } = await all("--json", ...key());
		assert.equal(code, EXIT.partial, err);
		const told = objects(out);
		assert.deepEqual(
			told.slice(0, 3).map(({ error }) => (error as { exit?: number } | undefined)?.exit),
			[undefined, EXIT.version, undefined],
		);
		assert.deepEqual(strikeTimes(), [5, 6, 7]);
	});

	it("waits for each reader that starts again, as one alone is waited for", async () => {
		const seen = sites.map((site) => site.requests());
		for (const { reader } of sites) Object.assign(reader.facade, { configured: () => 200 });
		assert.equal((await all()).code, 0);
		for (const requests of seen)
			assert.deepEqual(requests, ["info", "challenge", "configuration", "apply", "info"]);
	});

	it("refuses a list where one port stands twice, under another name too", async () => {
		const { path } = sites[0].reader;
		symlinkSync(path, first.file("usb-Silicon_Labs"));
		const seen = first.requests();
		for (const port of [path, first.file("usb-Silicon_Labs")]) {
			const readers = [path, port].map((port, n) => ({ port, configuration: `door-${n}.json` }));
			first.write("bench.json", { readers });
			const { code, err } = await all();
			assert.equal(code, EXIT.input);
			assert.match(err, /readers\[0\] and readers\[1\] are at one port/);
		}
		assert.deepEqual(seen, []);
	});

	it("points at two readers of one door, which may be its two sides", async () => {
		const [a, b] = sites.map(({ reader }) => reader.path);
		first.write("bench.json", {
			readers: [a, b].map((port) => ({ port, configuration: "door-0.json" })),
		});
		const { code, err } = await all();
		assert.equal(code, 0);
		assert.match(err, /readers\[0\] and readers\[1\] are both to be the reader of door D0/);
		assert.deepEqual(strikeTimes(), [5, 5, undefined]);
	});

	it("touches no reader where a door's file or the key is not in order", async () => {
		const seen = sites.map((site) => site.requests());
		const none = await all("--site-key", first.file("door.json"));
		assert.equal(none.code, EXIT.input);
		assert.match(none.err, /no key file/);
		first.write("door-2.json", { id: "D2", door: { strikeTme: 5 } });
		const typo = await all();
		assert.equal(typo.code, EXIT.input);
		assert.match(typo.err, /strikeTime\?/);
		rmSync(first.file("door-1.json"));
		assert.match((await all()).err, /door-1\.json/);
		assert.deepEqual(seen, [[], [], []]);
		const input = await first.run(["apply", "-", "--all"], "{}");
		assert.equal(input.code, EXIT.usage);
	});

	it("takes from its list what is to be something else by now, and leaves people's notes there", async () => {
		await all();
		const before = done();
		writeFileSync(first.file("bench.json.done"), `cabinet 3, left\n${before.join("\n")}\n`);
		first.write("door-1.json", { id: "D1", door: { strikeTime: 9 } });
		const [, second] = sites;
		const { feed } = second.reader.provisioning;
		second.reader.provisioning.feed = () => {};
		const { code, out } = await all();
		assert.equal(code, EXIT.partial);
		assert.match(out, /nothing answers/);
		assert.deepEqual(done(), ["cabinet 3, left", before[0], before[2]]);
		second.reader.provisioning.feed = feed;
		assert.equal((await all()).code, 0);
		const after = done();
		assert.deepEqual(doors(), ["cabinet", "D0", "D2", "D1"]);
		// Somebody gave the reader another configuration since, and this time it goes before it has the right one.
		first.write("other-1.json", { id: "D1", door: { strikeTime: 4 } });
		assert.equal((await second.lintel("apply", first.file("other-1.json"))).code, 0);
		second.requests((name) => {
			if (name === "apply") second.reader.unplug();
		});
		assert.equal((await all()).code, EXIT.partial);
		assert.deepEqual(done(), after.slice(0, 3));
	});

	it("stopped by Ctrl-C: the list is right, and the same command does the rest", async () => {
		const [, second] = sites;
		const { child, ended } = first.spawn(["apply", first.file("bench.json"), "--all"]);
		// On a busy computer the reader's answer could be there before the signal.
		const { provisioning } = second.reader;
		const feed = provisioning.feed.bind(provisioning);
		let deaf = false;
		let stop = true;
		provisioning.feed = (bytes) => {
			if (!deaf) feed(bytes);
		};
		second.requests((name) => {
			if (name !== "apply" || !stop) return;
			stop = false;
			deaf = true;
			child.kill("SIGINT");
		});
		const signal = new Promise((resolve) => child.once("exit", (_code, signal) => resolve(signal)));
		const { out, err } = await ended;
		assert.equal(await signal, "SIGINT");
		assert.match(out, /applied\n$/);
		assert.match(err, /stopped: 1 of 3 readers are done; the same command goes on with the others\n$/);
		assert.deepEqual(doors(), ["D0"]);
		assert.notEqual(sites[2].reader.store.config?.id, "D2");
		deaf = false;
		const { code } = await all();
		assert.equal(code, 0);
		assert.deepEqual(strikeTimes(), [5, 6, 7]);
		assert.deepEqual(doors(), ["D0", "D1", "D2"]);
		assert.match(done()[0]!, new RegExp(`^D0 (${toHexOf(first)}|/\\S+) [0-9a-f]{16}$`));
	});
});

function toHexOf({ reader }: Installation): string {
	const key = reader.store.keys?.[0]?.publicKey;
	return key === undefined ? "none" : toHex(key);
}
