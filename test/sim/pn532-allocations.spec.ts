// SPDX-License-Identifier: Apache-2.0

import { Session } from "node:inspector";
import { setFlagsFromString } from "node:v8";
import { assert } from "chai";
import { PN532 } from "../../drivers/pn532/pn532.js";
import type { Serial, SerialOptions } from "../../hal/contracts/io.js";
import type { Alarm, Clock } from "../../hal/contracts/time.js";
import { BUSES, Pn532World } from "../drivers/pn532/world.js";

/**
 * A clock and a serial line that allocate nothing themselves, so that whatever the profiler sees is the driver's. The line
 * answers each command with the ordinary reply of a chip that sees nobody.
 */
class Bench implements Clock {
	#now = 0;
	readonly #alarms: { due: number; callback: () => void }[] = [];

	now(): number {
		return this.#now;
	}

	alarm(callback: () => void): Alarm {
		const entry = { due: -1, callback };
		this.#alarms.push(entry);
		return {
			set: (ms) => {
				entry.due = this.#now + ms;
			},
			clear: () => {
				entry.due = -1;
			},
			close: () => {
				entry.due = -1;
			},
		};
	}

	/** The next alarm. */
	step(): void {
		let next = this.#alarms[0]!;
		for (let i = 1; i < this.#alarms.length; i++) {
			const entry = this.#alarms[i]!;
			if (entry.due >= 0 && (next.due < 0 || entry.due < next.due)) next = entry;
		}
		this.#now = Math.max(this.#now, next.due);
		next.due = -1;
		next.callback();
	}
}

const ANSWERS = new Map<number, Uint8Array>();
for (const [code, hex] of [
	[0x14, "0000ff00ff000000ff02fed5151600"],
	[0x02, "0000ff00ff000000ff06fad50332010607e800"],
	[0x12, "0000ff00ff000000ff02fed5131800"],
	[0x32, "0000ff00ff000000ff02fed533f800"],
	[0x4a, "0000ff00ff000000ff03fdd54b00e000"],
	[0x08, "0000ff00ff000000ff02fed5092200"],
	[0x42, "0000ff00ff000000ff03fdd54301e700"],
] as const)
	ANSWERS.set(code, Uint8Array.from(Buffer.from(hex, "hex")));

class Line implements Serial {
	format = "buffer" as const;
	readonly #options: SerialOptions;
	readonly #ring: Alarm;
	#answer: Uint8Array | undefined;

	constructor(options: SerialOptions) {
		this.#options = options;
		this.#ring = bench.alarm(() => this.#options.onReadable?.(1));
	}

	write(data: Uint8Array): void {
		this.#answer = ANSWERS.get(data[6]!);
		if (this.#answer) this.#ring.set(5);
	}

	read(into: Uint8Array): number | undefined {
		const answer = this.#answer;
		if (answer === undefined) return undefined;
		into.set(answer);
		this.#answer = undefined;
		return answer.length;
	}

	close(): void {}
}

let bench: Bench;

interface Node {
	callFrame: { functionName: string; url: string; lineNumber: number };
	selfSize: number;
	children: Node[];
}

/** Bytes that the driver's own code allocated while `work` ran, by function. */
function allocations(work: () => void): Map<string, number> {
	const session = new Session();
	session.connect();
	const found = new Map<string, number>();
	try {
		session.post("HeapProfiler.startSampling", {
			samplingInterval: 1,
			includeObjectsCollectedByMajorGC: true,
			includeObjectsCollectedByMinorGC: true,
		} as object);
		work();
		session.post("HeapProfiler.stopSampling", (error, result) => {
			if (error) throw error;
			const visit = (node: Node): void => {
				const { url, functionName, lineNumber } = node.callFrame;
				if (url.includes("drivers/pn532") && node.selfSize > 0) {
					const key = `${functionName} ${url.split("/").pop()}:${lineNumber + 1}`;
					found.set(key, (found.get(key) ?? 0) + node.selfSize);
				}
				for (const child of node.children) visit(child);
			};
			visit(result.profile.head as Node);
		});
	} finally {
		session.disconnect();
	}
	return found;
}

/** The smallest object that V8 makes, bytes. */
const OBJECT = 12;

/** One is enough where nothing is allocated; under load the engine is late with its own work and comes into several. */
const WINDOWS = 12;

/**
 * Functions of the driver that allocate at each poll. The engine itself allocates in their name now and then, as it
 * compiles them; what is done at each poll is at least an object a poll, in every window.
 */
function atEachPoll(polls: (count: number) => void, count: number): string[] {
	let always: string[] | undefined;
	for (let window = 0; window < WINDOWS && always?.length !== 0; window++) {
		const found = allocations(() => polls(count));
		const much = [...found].filter(([, bytes]) => bytes >= count * OBJECT).map(([key]) => key);
		always = always === undefined ? much : always.filter((key) => much.includes(key));
	}
	return always ?? [];
}

describe("PN532 poll loop", () => {
	// Only interpreted: a compiler puts what it inlines, the model's work, down to the driver that called it.
	before(() => {
		for (const compiler of ["opt", "maglev", "sparkplug"]) setFlagsFromString(`--no-${compiler}`);
	});
	// Not maglev: whether it was on is the release's choice.
	after(() => {
		for (const compiler of ["opt", "sparkplug"]) setFlagsFromString(`--${compiler}`);
	});

	for (const ecp of [undefined, Uint8Array.of(0x6a, 0x02, 0xcb, 0x02, 0x06, 0x02, 0x11, 0x00)]) {
		it(`allocates nothing, health checks included${ecp ? ", with ECP" : ""}`, () => {
			bench = new Bench();
			const driver = new PN532({ clock: bench, serial: { io: Line }, ...(ecp ? { ecp } : {}) });
			const polls = (count: number): void => {
				const end = driver.counters.polls + count;
				while (driver.counters.polls < end) bench.step();
			};
			polls(2000);
			assert.isTrue(driver.ready);
			assert.deepEqual(atEachPoll(polls, 2000), []);
			assert.equal(driver.counters.restarts, 0);
			driver.close();
		});
	}

	for (const bus of BUSES) {
		// The second on one bus only: it takes the profiler seconds.
		for (const lingering of bus === "spi" ? [false, true] : [false]) {
			const name = `${bus}, chip model, ${lingering ? "a phone that stays after its tap" : "nobody there"}`;
			it(`allocates nothing: ${name}`, () => {
				const world = new Pn532World({ bus });
				if (lingering) world.tap();
				const polls = (count: number): void => {
					const end = world.driver.counters.polls + count;
					while (world.driver.counters.polls < end) world.time.step();
				};
				polls(60);
				assert.deepEqual(atEachPoll(polls, 40), []);
				assert.equal(world.driver.counters.restarts, 0);
				assert.lengthOf(world.answers, lingering ? 1 : 0);
			});
		}
	}

	it("and the profiler sees one small object a call where there is one", () => {
		bench = new Bench();
		const driver = new PN532({ clock: bench, serial: { io: Line } });
		const apdu = new Uint8Array(4);
		const ignore = (): void => undefined;
		const found = allocations(() => {
			// No target: each refusal is remembered until the event loop tells it.
			for (let i = 0; i < 2000; i++) driver.exchange(apdu, 100, ignore);
		});
		driver.close();
		assert.isAtLeast(Math.max(...found.values()), 2000 * OBJECT);
	});
});
