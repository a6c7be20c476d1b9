/** What specs of `lintel` over a real tty share: a reader on a pty, the CLI as a child process, an installer's files. */
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { NodeCrypto } from "../../../hal/node/crypto.js";
import { type BenchOptions, BenchReader } from "../../../sim/provisioning/bench.js";
import { SeededRandom } from "../../../sim/random.js";
import { Splitter } from "../../../src/provisioning/splitter.js";
import { decodeValue } from "../../../src/provisioning/value.js";
import { root } from "../../support/host.js";

export const SEED = "42".repeat(32);

export interface Ended {
	readonly code: number | null;
	readonly out: string;
	readonly err: string;
}

/** False where the computer has no socat; in CI that fails. */
export function hasTerminals(): boolean {
	const absent = spawnSync("socat", ["-V"]).error !== undefined;
	if (absent && process.env.CI) throw new Error("socat is missing in CI");
	return !absent;
}

export class Installation {
	readonly folder = mkdtempSync(join(tmpdir(), "lintel-cli-"));
	reader: BenchReader;

	constructor(options: Partial<BenchOptions> = {}) {
		this.reader = Installation.#reader(options);
		this.write("door.json", { id: "FRONT", name: "Front door", door: { strikeTime: 7 } });
		this.write("key.json", { site: "ACME", algorithm: "Ed25519", seed: SEED });
		this.write("other.json", { site: "ACME", algorithm: "Ed25519", seed: "43".repeat(32) });
	}

	static #reader(options: Partial<BenchOptions>): BenchReader {
		return new BenchReader({ crypto: new NodeCrypto(), random: new SeededRandom(7), ...options });
	}

	/** The unplugged reader had its power from the cable: another life of the firmware on the same flash. */
	powerCycle(): void {
		this.reader = Installation.#reader({ contents: this.reader.flash.snapshot() });
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
		const splitter = new Splitter({
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

	start(args: readonly string[], input?: string): { child: ChildProcess; ended: Promise<Ended> } {
		const child = spawn(process.execPath, [join(root, "bin/lintel.js"), ...args], {
			stdio: [input === undefined ? "ignore" : "pipe", "pipe", "pipe"],
		});
		child.stdin?.end(input);
		let out = "";
		let err = "";
		child.stdout!.on("data", (text) => {
			out += text;
		});
		child.stderr!.on("data", (text) => {
			err += text;
		});
		const ended = new Promise<Ended>((resolve) => child.once("close", (code) => resolve({ code, out, err })));
		return { child, ended };
	}

	/** At this reader's port. */
	lintel(...args: string[]): Promise<Ended> {
		return this.start([...args, "--port", this.reader.path]).ended;
	}

	/** As a person at a terminal: answers the question when it has been asked. `out` is all that the terminal showed. */
	atTerminal(
		args: readonly string[],
		[question, answer]: readonly [RegExp, string],
	): Promise<{ code: number | null; out: string }> {
		const line = [process.execPath, join(root, "bin/lintel.js"), ...args].join(" ");
		const child = spawn("script", ["-qec", line, "/dev/null"], { stdio: ["pipe", "pipe", "inherit"] });
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
		rmSync(this.folder, { recursive: true, force: true });
	}
}
