// SPDX-License-Identifier: Apache-2.0

import { spawnSync } from "node:child_process";
import { readdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { assert } from "chai";
import { Command } from "commander";
import { toHex } from "../../protocol/bytes.js";
import { EXIT } from "../../site/lib/files/failure.js";
import { needs } from "../sim/installed.js";
import { root, skip } from "../support/host.js";
import { RegistrationServer, TOKEN } from "../support/registration-server.js";
import type { Ended } from "./lintel.js";
import { autoReset, type Deed, follow, ModemLines, type Step } from "./modem-lines.js";
import { Installation } from "./terminal.js";

const O_NONBLOCK = 0o4000;

/** Names of all commands that take the `--port` of a reader, as `lintel --help` would list them. */
async function commandsWithPort(): Promise<string[]> {
	const program = new Command();
	const folder = join(root, "build/cli/commands");
	for (const file of readdirSync(folder).filter((name) => name.endsWith(".js")))
		((await import(join(folder, file))) as { register(program: Command): void }).register(program);
	const names = (command: Command, before: string): string[] =>
		command.commands.flatMap((each) => [
			...(each.options.some(({ flags }) => flags.startsWith("--port <path"))
				? [`${before}${each.name()}`]
				: []),
			...names(each, `${before}${each.name()} `),
		]);
	return names(program, "");
}

/** The board runs on, whatever moment one looks at. */
function assertRunsOn(steps: readonly Step[], what: string): void {
	for (const step of steps) {
		const { en, io0 } = autoReset(step);
		const where = `${what}: ${step.deed.what} ${step.deed.number}`;
		assert.isTrue(en, `EN low at ${where}`);
		assert.isTrue(io0, `IO0 low at ${where}`);
		// So boards that look at one line alone and at its edges have nothing to see but the open itself.
		assert.equal(step.dtr, step.rts, where);
	}
}

/** One undisturbed use of a port: raised by the kernel, lowered once before the first byte, low from then on. */
function assertLeftAlone(deeds: readonly Deed[], what: string): void {
	const steps = follow(deeds);
	assertRunsOn(steps, what);
	assert.equal(deeds[0]?.what, "open", what);
	// A blocking open would wait for a carrier that no board has.
	assert.notEqual(deeds[0]!.number & O_NONBLOCK, 0, what);
	const lowered = steps.findIndex(({ dtr }) => !dtr);
	assert.deepInclude(steps[lowered]?.deed, { what: "TIOCMSET", number: 0 }, what);
	assert.isTrue(
		steps.slice(lowered).every(({ dtr }) => !dtr),
		`${what}: they stay low`,
	);
	const written = deeds.findIndex((deed) => deed.what === "write");
	assert.isAbove(written, lowered, `${what}: nothing is sent before`);
	assert.equal(deeds.filter((deed) => deed.what.startsWith("TIOCMB")).length, 0, what);
	// HUPCL is left set, so whoever dies with the lines up leaves them down, both at once.
	assert.deepInclude(deeds.at(-1), { what: "close", number: 1 }, what);
}

/** From each open of the port to its close: `selftest` opens it a second time, to see whether that resets the board. */
function eachOpen(deeds: readonly Deed[]): readonly (readonly Deed[])[] {
	const opens = deeds.flatMap(({ what }, i) => (what === "open" ? [i] : []));
	return opens.map((from, i) => deeds.slice(from, opens[i + 1]));
}

describe("lintel and the modem lines of a port", () => {
	// Each command is a process here.
	let lines: ModemLines;
	let site: Installation;

	before(function () {
		if (process.platform !== "linux") skip(this, "LD_PRELOAD and the lines' rules here are Linux's");
		needs(this, { gcc: "gcc", socat: "socat" });
		lines = new ModemLines();
	});

	beforeEach(async () => {
		lines.clear();
		site = new Installation();
		await site.reader.plug();
	});

	afterEach(() => site.end());
	after(() => lines?.end());

	const run = (args: readonly string[], more?: Record<string, string>): Promise<Ended> =>
		site.spawn(args, undefined, { env: lines.environment(dirname(site.reader.path), more) }).ended;
	const at = (...args: string[]): string[] => [...args, "--port", site.reader.path];
	const key = (): string[] => ["--site-key", site.file("key.json")];

	it("the two transistors reset a board by RTS alone, and hold IO0 by DTR alone", () => {
		const table = [
			{ dtr: false, rts: false, en: true, io0: true },
			{ dtr: true, rts: true, en: true, io0: true },
			{ dtr: false, rts: true, en: false, io0: true },
			{ dtr: true, rts: false, en: true, io0: false },
		];
		for (const { dtr, rts, en, io0 } of table) assert.deepEqual(autoReset({ dtr, rts }), { en, io0 });
	});

	it("a program that names one line alone resets the board, and this sees it", async () => {
		const program = `
			const { autoDetect } = await import("@serialport/bindings-cpp");
			const { SerialPortStream } = await import("@serialport/stream");
			const [path, set] = process.argv.slice(1);
			const port = new SerialPortStream({ binding: autoDetect(), path, baudRate: 115200, autoOpen: false });
			port.open(() => port.set(JSON.parse(set), () => port.close()));`;
		const resets = (set: object): boolean => {
			lines.clear();
			const env = lines.environment(dirname(site.reader.path));
			const args = ["--input-type=module", "-e", program, site.reader.path, JSON.stringify(set)];
			const { status, stderr } = spawnSync(process.execPath, args, { cwd: root, env, encoding: "utf8" });
			assert.equal(status, 0, stderr);
			const deeds = lines.deeds(site.reader.path);
			assert.includeMembers(
				deeds.map(({ what }) => what),
				["open", "TIOCMSET", "close"],
			);
			return follow(deeds).some((step) => !autoReset(step).en);
		};
		// The library raises RTS where it is not named.
		assert.isTrue(resets({ dtr: false }));
		assert.isFalse(resets({ dtr: true, rts: true }));
		assert.isFalse(resets({ dtr: false, rts: false }));
	});

	it("no command that opens a port moves EN or IO0", async () => {
		writeFileSync(site.file("password"), "correct horse");
		site.write("site.json", { site: "ACME", lists: site.site.lists.map(toHex) });
		const [door, log, plan, password] = ["door.json", "log.bin", "front.plan", "password"].map((name) =>
			site.file(name),
		) as [string, string, string, string];
		const compile = ["--door", "front", "--plan-version", "1", ...key(), "--out", plan];
		const compiled = await site.run(["plan", "compile", join(root, "examples/plan.json"), ...compile]);
		assert.equal(compiled.code, 0, compiled.err);
		writeFileSync(site.file("token"), TOKEN);
		const server = await new RegistrationServer().open();
		const uses: Record<string, readonly string[]> = {
			readers: [],
			commission: [door, ...key()],
			certify: key(),
			identify: ["--seconds", "1"],
			show: [],
			apply: [door, ...key()],
			verify: [door, ...key()],
			selftest: key(),
			test: ["relay", ...key()],
			watch: ["--seconds", "1", ...key()],
			"log export": ["--site-key", site.file("key.json")],
			"log verify": ["--site-key", site.file("key.json")],
			report: key(),
			"fetch-log": [log, ...key()],
			"install-plan": [plan, ...key()],
			door: ["normal", ...key()],
			"time show": key(),
			"trust install": [site.file("site.json")],
			"time set": key(),
			"wifi scan": key(),
			"wifi join": ["Building", "--password", password, ...key()],
			"wifi forget": key(),
			"server set": ["broker.example", "--password", password, ...key()],
			"server register": ["--site", server.url, "--token-file", site.file("token"), ...key()],
			"server show": key(),
			"server forget": key(),
			restart: key(),
			reset: ["--yes", ...key()],
		};
		assert.sameMembers(Object.keys(uses), await commandsWithPort(), "each command is tried here");
		const left = Object.entries(uses);
		/** From the open to low lines, ms. */
		const lowered: number[] = [];
		const other = new Installation();
		try {
			await other.reader.plug();
			await Promise.all(
				[site, other].map(async ({ reader: { path } }) => {
					const env = lines.environment(dirname(path));
					const start = ["commission", door, ...key(), "--port", path];
					assert.equal((await site.spawn(start, undefined, { env }).ended).code, 0);
					for (let use = left.shift(); use !== undefined; use = left.shift()) {
						const [name, args] = use;
						const before = lines.deeds(path).length;
						const line = [...name.split(" "), ...args, "--port", path];
						const { err } = await site.spawn(line, undefined, { env }).ended;
						const deeds = lines.deeds(path).slice(before);
						assert.isNotEmpty(deeds, `${name}: ${err}`);
						for (const opened of eachOpen(deeds)) assertLeftAlone(opened, name);
						const low = deeds.find(({ what }) => what === "TIOCMSET")!;
						lowered.push(Number(low.at - deeds[0]!.at) / 1e6);
					}
				}),
			);
			// What a board sees whose EN hangs on one line alone. The quickest, for a busy computer may be late with any of them.
			assert.isBelow(Math.min(...lowered), 1000, "ms");
		} finally {
			server.close();
			other.end();
		}
	});

	it("`readers` and `apply --all` move no line of the ports where they look, whoever is there", async () => {
		const second = new Installation();
		try {
			await second.reader.plug();
			const env = lines.environment(dirname(dirname(site.reader.path)));
			const ports = [site.reader.path, second.reader.path];
			site.write("bench.json", { readers: ports.map((port) => ({ port, configuration: "door.json" })) });
			const batch = await site.spawn(["apply", site.file("bench.json"), "--all"], undefined, { env }).ended;
			assert.equal(batch.code, 0, batch.err);
			for (const path of ports) assertLeftAlone(lines.deeds(path), path);
			lines.clear();
			second.reader.provisioning.feed = () => undefined;
			const { code, out } = await site.spawn(["readers", "--port", ...ports], undefined, { env }).ended;
			assert.equal(code, 0);
			assert.match(out, /not commissioned[\s\S]*no reader \(no-answer\)/);
			for (const path of ports) assertLeftAlone(lines.deeds(path), path);
		} finally {
			second.end();
		}
	});

	it("dying at any of its steps leaves both lines down, and nothing was reset", async () => {
		let last = 0;
		for (let alive = false; !alive; ) {
			lines.clear();
			const { code } = await run(at("show"), { MODEM_LINES_KILL: `${++last}` });
			alive = code === 0;
			const steps = follow(lines.buried(site.reader.path));
			assertRunsOn(steps, `killed behind ${last}`);
			assert.deepInclude(steps.at(-1), { dtr: false, rts: false });
		}
		// Open, rates, each of the calls that set lines, a request, a second one, close.
		assert.isAtLeast(last, 10);
	});

	it("a port whose lines cannot be set is closed again, both lines at once", async () => {
		const { code, err } = await run(at("show"), { MODEM_LINES_REFUSE: "1" });
		assert.equal(code, EXIT["no-reader"], err);
		const deeds = lines.deeds(site.reader.path);
		assert.isFalse(deeds.some(({ what }) => what === "write"));
		const steps = follow(deeds);
		assertRunsOn(steps, "refused");
		assert.deepInclude(steps.at(-1), { dtr: false, rts: false });
	});

	it("a second program at a port in use raises both lines, is turned away, and resets nothing", async () => {
		const env = lines.environment(dirname(site.reader.path));
		const first = site.spawn(at("watch"), undefined, { env });
		while (!lines.deeds(site.reader.path).some(({ what }) => what === "write"))
			await new Promise((resolve) => setTimeout(resolve, 20));
		const second = await run(at("show", "--json"));
		assert.equal(second.code, EXIT["no-reader"]);
		assert.equal(JSON.parse(second.out).error.reason, "port-busy");
		first.child.kill("SIGINT");
		await first.ended;
		const deeds = lines.buried(site.reader.path);
		assert.equal(deeds.filter(({ what }) => what === "open").length, 2);
		const steps = follow(deeds);
		assertRunsOn(steps, "two");
		assert.deepInclude(steps.at(-1), { dtr: false, rts: false });
	});
});
