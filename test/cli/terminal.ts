// SPDX-License-Identifier: Apache-2.0

import { type ChildProcess, type SpawnOptions, spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { stripVTControlCharacters } from "node:util";
import { NodeCrypto } from "../../hal/node/crypto.js";
import { decodeValue } from "../../protocol/cbor/value.js";
import { FrameDemux } from "../../protocol/provisioning/demux.js";
import type { XsEngine } from "../../sim/engine/xs.js";
import { type BenchOptions, BenchReader } from "../../sim/provisioning/bench.js";
import { plugInConsole } from "../../sim/pty/console.js";
import type { PseudoTerminal } from "../../sim/pty/pty.js";
import { SeededRandom } from "../../sim/random.js";
import { RealTime } from "../../sim/realtime.js";
/** What specs of `lintel` over a real tty share: a reader on a pty, the CLI as a child process, an installer's files. */
import type { SelfContents, SimSelf } from "../../sim/self.js";
import { World } from "../../sim/world.js";
import { ENDED_BY, type EndingSignal } from "../../site/lib/command-io.js";
import { needs } from "../sim/installed.js";
import { root } from "../support/host.js";
import { TrustedSite } from "../support/trusted-site.js";
import { HANGS_MS } from "../support/until.js";
import { type Ended, Lintel } from "./lintel.js";

export const SEED = "42".repeat(32);

/** Seconds of a whole device in one here: its cable, its radio and its starts take their time. XS has not the pace. */
const SPEED = { Node: 8, XS: 1 };

/** A whole simulated device at a terminal, as `BenchReader` is its provisioning alone. */
export class DeviceReader {
	readonly world: World;
	/** What comes from the terminal goes through `feed`. */
	readonly provisioning: { feed: (bytes: Uint8Array) => void };
	onSent: (() => void) | undefined;
	readonly #real: RealTime;
	#terminal: PseudoTerminal | undefined;

	/** `contents`: what its flash keeps of site and configuration; nothing, as from the factory, where it is not given. */
	constructor(engine?: XsEngine, contents?: SelfContents) {
		this.world = new World({
			seed: 7,
			crypto: new NodeCrypto(),
			factory: true,
			...(engine && { start: engine.start }),
		});
		this.#real = new RealTime(this.world.time, engine ? SPEED.XS : SPEED.Node);
		const { console } = this.world;
		this.provisioning = { feed: console.send.bind(console) };
		console.send = (bytes) => this.provisioning.feed(bytes);
		if (contents !== undefined) {
			this.self.restore(contents);
			this.world.setClock();
		}
		this.world.powerOn();
	}

	get path(): string {
		return this.#terminal!.path;
	}

	get self(): SimSelf {
		return this.world.self;
	}

	async plug(): Promise<void> {
		this.#terminal = await plugInConsole(this.world, this.#real);
		const { console } = this.world;
		const { onHost } = console;
		const frames = new FrameDemux({ onFrame: () => this.onSent?.() });
		console.onHost = (...args) => {
			// Away is away, also for what the device had begun to say.
			if (this.#terminal !== undefined) onHost?.(...args);
			frames.feed(args[0]);
		};
		this.#real.start();
	}

	unplug(): void {
		this.#real.stop();
		this.#terminal?.close();
		this.#terminal = undefined;
	}

	/** What has arrived is dealt with, then the power goes and comes. */
	powerCycle(): void {
		this.world.time.run(1000);
		this.world.powerOff();
		this.world.powerOn();
	}
}

export class Installation {
	readonly folder = mkdtempSync(join(tmpdir(), "lintel-cli-"));
	/** Of `key.json`. */
	readonly site = new TrustedSite("ACME", SEED, new NodeCrypto());
	reader: BenchReader;
	readonly #children: ChildProcess[] = [];

	constructor(options: Partial<BenchOptions> = {}) {
		this.reader = Installation.#reader(options);
		this.write("door.json", { id: "FRONT", name: "Front door", door: { strikeTime: 7 } });
		this.write("key.json", this.site.adminFile);
		this.write("other.json", new TrustedSite("ACME", "43".repeat(32), this.site.crypto).adminFile);
	}

	static #reader(options: Partial<BenchOptions>): BenchReader {
		const reader = new BenchReader({ crypto: new NodeCrypto(), random: new SeededRandom(7), ...options });
		// One that is a door already has its time from a clock chip.
		if (options.contents !== undefined) reader.facade.setTime(Math.floor(Date.now() / 1000));
		return reader;
	}

	/** The unplugged reader had its power from the cable: another life of the firmware on the same flash. */
	powerCycle(): void {
		this.reader = Installation.#reader({ contents: this.reader.self.snapshot() });
	}

	file(name: string): string {
		return join(this.folder, name);
	}

	write(name: string, value: object): void {
		writeFileSync(this.file(name), JSON.stringify(value));
	}

	/** Names of the requests that reach the reader from now on; `seen` runs before the reader gets the bytes. */
	requests(seen?: (name: string) => void): string[] {
		const names: string[] = [];
		const splitter = new FrameDemux({
			onFrame: ({ payload }) => {
				const name = String((decodeValue(payload) as string[])[0]);
				names.push(name);
				seen?.(name);
			},
		});
		const { provisioning } = this.reader;
		const feed = provisioning.feed.bind(provisioning);
		provisioning.feed = (bytes) => {
			splitter.feed(bytes);
			feed(bytes);
		};
		return names;
	}

	/** In this process. */
	run(args: readonly string[], input?: string): Promise<Ended> {
		return new Lintel(args, { input }).ended;
	}

	/** In a process of its own: for what is between a process and others. */
	spawn(
		args: readonly string[],
		input?: string,
		options: Pick<SpawnOptions, "env" | "uid" | "gid"> = {},
	): { child: ChildProcess; ended: Promise<Ended> } {
		const child = spawn(process.execPath, [join(root, "bin/lintel.js"), ...args], {
			...options,
			stdio: [input === undefined ? "ignore" : "pipe", "pipe", "pipe"],
		});
		this.#children.push(child);
		child.stdin?.end(input);
		let out = "";
		let err = "";
		child.stdout!.on("data", (text) => {
			out += text;
		});
		child.stderr!.on("data", (text) => {
			err += text;
		});
		const ended = new Promise<Ended>((resolve) =>
			// As a shell says it.
			child.once("close", (code, signal) =>
				resolve({ code: code ?? ENDED_BY[signal as EndingSignal], out, err }),
			),
		);
		return { child, ended };
	}

	/** At this reader's port, or another's. */
	lintel(...args: string[]): Promise<Ended> {
		return this.at(this.reader.path, ...args);
	}

	at(port: string, ...args: string[]): Promise<Ended> {
		return this.run([...args, "--port", port]);
	}

	/** As a person at a terminal: answers the question when it has been asked. `out` is all that the terminal showed. */
	async answer(
		args: readonly string[],
		[question, answer]: readonly [RegExp, string],
	): Promise<{ code: number | null; out: string }> {
		const said = (): void => {
			if (asked || !question.test(lintel.shown)) return;
			asked = true;
			lintel.keys.write(answer);
		};
		let asked = false;
		const lintel: Lintel = new Lintel(args, { columns: 80, said });
		const { code } = await lintel.ended;
		return { code, out: stripVTControlCharacters(lintel.shown) };
	}

	/** The same at a real one, in a process of its own: answers the question when it has been asked. `out` is all that the terminal showed. */
	atTerminal(
		args: readonly string[],
		[question, answer]: readonly [RegExp, string],
	): Promise<{ code: number | null; out: string }> {
		const line = [process.execPath, join(root, "bin/lintel.js"), ...args].join(" ");
		// Whoever is asked what no spec expects waits for ever.
		const child = spawn("script", ["-qec", line, "/dev/null"], {
			stdio: ["pipe", "pipe", "inherit"],
			timeout: HANGS_MS,
		});
		let out = "";
		let asked = false;
		child.stdout!.on("data", (text) => {
			out += text;
			if (asked || !question.test(out)) return;
			asked = true;
			child.stdin!.write(answer);
		});
		return new Promise((resolve) => child.once("close", (code) => resolve({ code, out })));
	}

	end(): void {
		this.reader.unplug();
		for (const child of this.#children) child.kill("SIGKILL");
		rmSync(this.folder, { recursive: true, force: true });
	}
}

/** In a suite: `use` gets so many new installations before each spec, with their readers plugged in. */
export function plugIn(count: number, use: (sites: Installation[]) => void): void {
	let sites: Installation[] = [];

	before(function () {
		needs(this, { socat: "socat" });
	});

	beforeEach(async () => {
		sites = Array.from({ length: count }, () => new Installation());
		for (const site of sites) await site.reader.plug();
		use(sites);
	});

	afterEach(() => {
		for (const site of sites) site.end();
	});
}
