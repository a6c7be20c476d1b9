// SPDX-License-Identifier: Apache-2.0

import { type SpawnSyncReturns, spawnSync } from "node:child_process";
import { EventEmitter } from "node:events";
import {
	mkdirSync,
	mkdtempSync,
	readdirSync,
	readFileSync,
	rmSync,
	symlinkSync,
	writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { assert } from "chai";
import { nodeGattServer } from "../../../hal/node/ble.js";
import { needsBleno } from "../../sim/installed.js";
import { root } from "../../support/host.js";
import { Visitor } from "../../support/live-visitor.js";
import { Program } from "../../support/program.js";
import { HANGS_MS } from "../../support/until.js";

const packages = join(root, "node_modules");
const { optionalDependencies } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as {
	optionalDependencies: Record<string, string>;
};
const release = optionalDependencies["@stoprocent/bleno"];
/** What is linked into a checkout is that checkout's. */
const LINKED = ["--preserve-symlinks", "--preserve-symlinks-main"];

describe("the computer's own Bluetooth", function () {
	this.timeout(2 * HANGS_MS);
	let folder: string;

	/** A checkout whose bleno is this module, or absent. */
	beforeEach(() => {
		folder = mkdtempSync(join(tmpdir(), "lintel-ble-"));
		symlinkSync(join(root, "build"), join(folder, "build"));
		symlinkSync(join(root, "package.json"), join(folder, "package.json"));
		mkdirSync(join(folder, "node_modules"));
		for (const name of readdirSync(packages))
			if (name !== "@stoprocent" && !name.startsWith("."))
				symlinkSync(join(packages, name), join(folder, "node_modules", name));
	});

	afterEach(() => rmSync(folder, { recursive: true }));

	/** The simulator of that checkout; its bleno is this module. */
	function simulator(bleno?: string): string {
		if (bleno !== undefined) {
			const at = join(folder, "node_modules/@stoprocent/bleno");
			mkdirSync(at, { recursive: true });
			writeFileSync(join(at, "package.json"), '{"type":"module","exports":"./index.js"}');
			writeFileSync(join(at, "index.js"), bleno);
		}
		return join(folder, "build/sim/start.js");
	}

	function start(bleno?: string): SpawnSyncReturns<string> {
		const options = [...LINKED, simulator(bleno), "--ble"];
		return spawnSync(process.execPath, options, { encoding: "utf8", input: "", timeout: HANGS_MS });
	}

	/** bleno over an adapter in this state. */
	const adapter = (state: string): string => `
		import { EventEmitter } from "node:events";
		export default Object.assign(new EventEmitter(), { state: "unknown" });
		import bleno from "./index.js";
		setImmediate(() => {
			console.log("Bleno warning: adapter state");
			bleno.emit("stateChange", ${JSON.stringify(state)});
		});`;

	it("says how to get bleno where npm left it out", () => {
		const { status, stdout, stderr } = start();
		assert.equal(status, 1);
		assert.equal(stdout, "");
		assert.equal(
			stderr,
			"start: @stoprocent/bleno is not installed here\n" +
				`  Install it without compiling: npm install --no-save --ignore-scripts @stoprocent/bleno@${release}\n`,
		);
	});

	it("says so where bleno does not load", () => {
		const { status, stderr } = start("throw new Error('wrong ELF class\\nmore')");
		assert.equal(status, 1);
		assert.match(stderr, /^start: @stoprocent\/bleno does not load \(wrong ELF class\)\n {2}Install it/);
		assert.lengthOf(stderr.trim().split("\n"), 2);
	});

	it("says what to do about an adapter that cannot be used", () => {
		for (const [state, advice] of [
			["unsupported", "Plug one in"],
			["poweredOff", "Switch it on."],
			["unauthorized", process.platform === "darwin" ? "System Settings" : "setcap cap_net_raw"],
		] as const) {
			const { status, stdout, stderr } = start(adapter(state));
			assert.equal(status, 1);
			assert.equal(stdout, "");
			assert.include(stderr, `start: no Bluetooth adapter that can be used (${state})\n  `);
			assert.include(stderr, advice);
			assert.lengthOf(stderr.trim().split("\n"), 2);
		}
	});

	it("shows its door on the page, as it shows one on the terminal: advertised by the computer, open to the page's phone", async () => {
		const phone = `
			const bleno = Object.assign(new EventEmitter(), {
				state: "poweredOn",
				PrimaryService: class {},
				Characteristic: class {},
				setServices: (_, done) => setImmediate(done),
				startAdvertisingWithEIRData: (advertisement, _, done) => {
					console.log("advertised " + advertisement.toString("hex"));
					done();
				},
				stopAdvertising: () => {},
				disconnect: () => {},
			});
			export default bleno;`;
		const door = new Program(
			simulator(`import { EventEmitter } from "node:events"; ${phone}`),
			["--ble", "--port", "0"],
			{ env: { ...process.env, NODE_OPTIONS: LINKED.join(" ") } },
		);
		try {
			await door.heard("?live");
			const [, address] = /(http:\/\/127\.0\.0\.1:\d+\/)\?live/.exec(door.said)!;
			// Flags: general discoverable, no BR/EDR (Core Supplement, part A, 1.3).
			await door.heard("advertised 020106");
			const page = (await new Visitor(address!).opened()) ?? assert.fail("turned away");
			page.say({ kind: "start", script: "" });
			assert.isTrue((await page.heard("state")).powered);
			page.say({ kind: "act", name: "tap", values: {} });
			await page.heard("opened");
			page.leave();
		} finally {
			door.kill();
			await door.ended;
		}
	});

	it("has bleno's types as bleno has them", function () {
		needsBleno(this);
		const file = join(root, "build/bleno-types.ts");
		writeFileSync(
			file,
			`import type bleno from "@stoprocent/bleno";
			import type { Characteristic, PrimaryService } from "@stoprocent/bleno";
			import type { Bleno } from "../hal/node/bleno.js";
			export const check = (real: typeof bleno): Bleno<Characteristic, PrimaryService> => real;`,
		);
		const tsc = join(packages, "typescript/bin/tsc");
		const options = "--noEmit --strict --skipLibCheck --target es2022 --module nodenext --types node".split(
			" ",
		);
		try {
			const { status, stdout } = spawnSync(process.execPath, [tsc, "--ignoreConfig", ...options, file], {
				encoding: "utf8",
			});
			assert.equal(status, 0, stdout);
		} finally {
			rmSync(file);
		}
	});

	it("advertises as fast as a phone in the background needs, unless told otherwise", () => {
		const tells = `process.stdout.write("every " + process.env.BLENO_ADVERTISING_INTERVAL + " ms\\n");`;
		assert.match(start(`${tells}${adapter("unsupported")}`).stdout, /every 20 ms/);
		process.env.BLENO_ADVERTISING_INTERVAL = "300";
		try {
			assert.match(start(`${tells}${adapter("unsupported")}`).stdout, /every 300 ms/);
		} finally {
			delete process.env.BLENO_ADVERTISING_INTERVAL;
		}
	});

	it("asks the adapter to advertise once, however often the driver makes sure, and again after a stop or a failure", () => {
		const asked: string[] = [];
		let error: Error | null = null;
		const fake = Object.assign(new EventEmitter(), {
			setServices: (_: unknown, done: (error: Error | null) => void) => done(null),
			startAdvertisingWithEIRData: (_: Buffer, __: Buffer, done: (error: Error | null) => void) => {
				asked.push("start");
				done(error);
			},
			stopAdvertising: () => asked.push("stop"),
			updateRssi: () => undefined,
			disconnect: () => undefined,
		});
		const warnings: string[] = [];
		const Server = nodeGattServer({ bleno: fake as never });
		const server = new Server({
			services: [],
			onReady: () => undefined,
			onConnect: () => undefined,
			onDisconnect: () => undefined,
			onWarning: (text) => warnings.push(text),
		});
		const data = new Uint8Array(3);
		error = new Error("busy");
		server.startAdvertising(data);
		assert.deepEqual(warnings, ["advertising: busy"]);
		error = null;
		for (let i = 0; i < 5; i++) server.startAdvertising(data);
		server.stopAdvertising();
		server.startAdvertising(data);
		assert.deepEqual(asked, ["start", "start", "stop", "start"]);
		server.close();
	});
});
