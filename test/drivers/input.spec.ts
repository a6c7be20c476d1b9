// SPDX-License-Identifier: Apache-2.0

import { assert } from "chai";
import { Contact, DEBOUNCE } from "../../drivers/input/debounce.js";
import { lineOf, MEASURE, READINGS, SupervisedContact } from "../../drivers/input/supervised.js";
import type { AnalogClass, Digital, DigitalClass, DigitalOptions } from "../../hal/contracts/io.js";
import { SeededRandom } from "../../sim/random.js";
import { VirtualTime } from "../../sim/time.js";

/** A pin that the test pulls. */
class Wire {
	level = 1;
	#changed: (() => void) | undefined;

	get io(): DigitalClass {
		const wire = this;
		return class implements Digital {
			constructor(options: DigitalOptions) {
				wire.#changed = options.onReadable;
			}
			read(): number {
				return wire.level;
			}
			write(): void {
				throw new Error("an input");
			}
			close(): void {
				wire.#changed = undefined;
			}
		};
	}

	set(level: number): void {
		if (level === this.level) return;
		this.level = level;
		this.#changed?.();
	}
}

function contact(normally: "closed" | "open", level = 0) {
	const time = new VirtualTime();
	const wire = new Wire();
	wire.level = level;
	const changes: [number, boolean][] = [];
	const input = new Contact({
		io: wire.io,
		clock: time,
		normally,
		onChange: (active) => changes.push([time.now(), active]),
	});
	return { time, wire, changes, input };
}

describe("contact input", () => {
	it("knows its state at start, for contacts of both kinds", () => {
		assert.isFalse(contact("closed", 0).input.active);
		assert.isTrue(contact("closed", 1).input.active);
		assert.isFalse(contact("open", 1).input.active);
		assert.isTrue(contact("open", 0).input.active);
	});

	it("reports a change once, after it has rested", () => {
		const { changes, time, wire } = contact("closed");
		wire.set(1);
		for (let i = 0; i < 10; i++) {
			time.run(2);
			wire.set(i % 2);
		}
		time.run(1000);
		assert.deepEqual(changes, [[20 + DEBOUNCE, true]]);
		wire.set(0);
		time.run(DEBOUNCE - 1);
		wire.set(1);
		time.run(1000);
		assert.lengthOf(changes, 1, "a spike is no change");
	});

	it("never alternates faster than it debounces and ends at the truth, for any bouncing", () => {
		for (let seed = 0; seed < 200; seed++) {
			const random = new SeededRandom(seed);
			const { changes, input, time, wire } = contact("open", 1);
			for (let i = 0; i < 100; i++) {
				wire.set(random.below(2));
				time.run(random.below(2 * DEBOUNCE));
			}
			time.run(DEBOUNCE);
			assert.equal(input.active, wire.level === 0);
			for (let i = 1; i < changes.length; i++) {
				assert.notEqual(changes[i]![1], changes[i - 1]![1]);
				assert.isAtLeast(changes[i]![0] - changes[i - 1]![0], DEBOUNCE);
			}
		}
	});

	it("sees where the pin is even when an edge was lost", () => {
		const { changes, time, wire } = contact("closed");
		wire.set(1);
		time.run(10);
		wire.level = 0;
		time.run(2 * DEBOUNCE + 1);
		assert.deepEqual(changes, []);
	});
});

/** Divider of a pull-up of 10 kilohms and a line: two of 4.7, an open or closed contact, a fault. Thousandths. */
function divider(line: number, pullUp = 10): number {
	return line === Number.POSITIVE_INFINITY ? 1000 : Math.floor((1000 * line) / (line + pullUp));
}

describe("supervised input", () => {
	it("tells the four states apart with parts that are off by 5 %, and what belongs to none", () => {
		// HARDWARE.md's resistors; a supply off by 3 % and the ADC's own error, 60 mV of 3.3 V.
		const errors = [0.97, 1, 1.03].flatMap((supply) => [-18, 0, 18].map((adc) => [supply, adc] as const));
		for (const series of [0.95, 1, 1.05]) {
			for (const across of [0.95, 1, 1.05]) {
				for (const pullUp of [0.95, 1, 1.05]) {
					for (const [supply, adc] of errors) {
						const seen = (ohms: number) => lineOf(divider(ohms, 10 * pullUp) * supply + adc);
						assert.equal(seen(4.7 * series), "closed");
						assert.equal(seen(4.7 * series + 4.7 * across), "open");
						assert.equal(seen(0), "short");
					}
				}
			}
		}
		// 300 ohms of thin wire and corroded terminals are a short still.
		assert.equal(lineOf(divider(0.3)), "short");
		assert.equal(lineOf(divider(Number.POSITIVE_INFINITY)), "cut");
		assert.equal(lineOf(742), "cut", "where an ESP32 measures no further, 2.45 V");
		assert.equal(lineOf(divider(50)), "cut");
		assert.equal(lineOf(divider(4.7 / 2)), "foreign", "a second resistor put across the line");
		assert.equal(lineOf(divider(15)), "foreign");
	});

	it("reports contact and faults after three equal readings, and keeps the state meanwhile", () => {
		const time = new VirtualTime();
		let line = 4.7;
		const seen: string[] = [];
		const io: AnalogClass = class {
			readonly resolution = 12;
			read(): number {
				return Math.floor((divider(line) * 4095) / 1000);
			}
			close(): void {}
		};
		const input = new SupervisedContact({
			io,
			clock: time,
			normally: "closed",
			onChange: (active) => seen.push(`active ${active}`),
			onFault: (fault) => seen.push(`fault ${fault}`),
		});
		time.run(1000);
		assert.deepEqual(seen, []);
		line = 9.4;
		time.run(MEASURE * (READINGS - 1));
		assert.deepEqual(seen, []);
		time.run(MEASURE);
		assert.deepEqual(seen, ["active true"]);
		line = Number.POSITIVE_INFINITY;
		time.run(1000);
		assert.isTrue(input.active);
		line = 0;
		time.run(1000);
		line = 2.35;
		time.run(1000);
		line = 4.7;
		time.run(1000);
		assert.deepEqual(seen, [
			"active true",
			"fault cut",
			"fault short",
			"fault foreign",
			"fault none",
			"active false",
		]);
		input.close();
	});
});
