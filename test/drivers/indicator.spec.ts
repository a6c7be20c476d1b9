// SPDX-License-Identifier: Apache-2.0

import { assert } from "chai";
import { Indicator } from "../../drivers/indicator/indicator.js";
import type { Digital, DigitalClass, DigitalOptions } from "../../hal/contracts/io.js";
import { VirtualTime } from "../../sim/time.js";
import { SIGNALS, type Signal } from "../../src/door/feedback.js";

function rig(sounds: "all" | "alarms-only" | "none" = "all", activeLow = false) {
	const time = new VirtualTime();
	const levels = [-1, -1, -1];
	const io: DigitalClass = class implements Digital {
		readonly #channel: number;
		constructor(options: DigitalOptions) {
			this.#channel = options.pin as number;
			levels[this.#channel] = options.initialValue!;
		}
		read(): number {
			return levels[this.#channel]!;
		}
		write(level: number): void {
			levels[this.#channel] = level;
		}
		close(): void {}
	};
	const heard: [number, number][] = [];
	const indicator = new Indicator({
		clock: time,
		patterns: SIGNALS,
		light: { io, red: { pin: 0 }, green: { pin: 1 }, blue: { pin: 2 }, activeLow },
		sounder: { tone: (hertz) => heard.push([time.now(), hertz]), close: () => {} },
		sounds,
	});
	return { time, levels, heard, indicator };
}

describe("indicator", () => {
	it("plays light and sound as the table says, milliseconds exact", () => {
		const { heard, indicator, levels, time } = rig();
		indicator.show("denied");
		const lit: string[] = [];
		for (let ms = 0; ms < 480; ms += 60) {
			lit.push(levels.join(""));
			time.run(60);
		}
		assert.deepEqual(lit, ["100", "100", "000", "000", "100", "100", "000", "000"]);
		const tones = heard.filter(([, hertz], i) => hertz !== (heard[i - 1]?.[1] ?? 0));
		assert.deepEqual(tones, [
			[0, 1200],
			[90, 0],
			[180, 1200],
			[270, 0],
			[360, 1200],
			[450, 0],
		]);
		indicator.show("granted");
		assert.deepEqual(levels, [0, 1, 0]);
		time.run(10_000);
		assert.deepEqual(levels, [0, 1, 0], "steady");
		assert.deepEqual(heard.at(-1)![1], 0);
	});

	it("repeats an alarm's sound for as long as it lasts, and stops with it", () => {
		const { heard, indicator, time } = rig("alarms-only");
		indicator.show("granted");
		time.run(1000);
		assert.isFalse(heard.some(([, hertz]) => hertz > 0));
		indicator.show("forced");
		time.run(60_000);
		assert.isAbove(heard.filter(([, hertz]) => hertz > 0).length, 70);
		indicator.show("ready");
		const count = heard.length;
		time.run(60_000);
		assert.equal(heard.length, count);
	});

	it("is silent where it has to be, and dark when closed", () => {
		const { heard, indicator, levels } = rig("none", true);
		assert.deepEqual(levels, [1, 1, 1], "dark");
		for (const signal of Object.keys(SIGNALS)) indicator.show(signal as Signal);
		assert.isFalse(heard.some(([, hertz]) => hertz > 0));
		indicator.close();
		assert.deepEqual(levels, [1, 1, 1]);
	});

	it("no two signals differ by colour alone", () => {
		const seen = new Map<string, string>();
		for (const [signal, { light, sound }] of Object.entries(SIGNALS)) {
			const shape = `${light} ${sound}`;
			assert.isUndefined(seen.get(shape), `${signal} is like ${seen.get(shape)}`);
			seen.set(shape, signal);
		}
	});
});
