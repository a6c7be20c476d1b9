// SPDX-License-Identifier: Apache-2.0

import { assert } from "chai";
import type { DigitalClass, DigitalOptions } from "../../../hal/contracts/io.js";
import { VirtualTime } from "../../../sim/time.js";
import { RESET_HOLD_MS, watchResetButton } from "../../../src/app/reset-button.js";

function pressed(from: number, to: number) {
	const time = new VirtualTime();
	const seen = { resets: 0, closed: false, options: undefined as DigitalOptions | undefined };
	const io = class {
		constructor(options: DigitalOptions) {
			seen.options = options;
		}
		read(): number {
			return time.now() >= from && time.now() < to ? 0 : 1;
		}
		write(): void {
			throw new Error("an input");
		}
		close(): void {
			seen.closed = true;
		}
	} as DigitalClass;
	watchResetButton(time, { io, pin: 9 }, () => seen.resets++);
	time.run(60_000);
	return seen;
}

describe("reset button", () => {
	it("resets once when held from power-up on", () => {
		const { resets, closed, options } = pressed(0, 60_000);
		assert.equal(resets, 1);
		assert.isTrue(closed);
		assert.deepInclude(options, { mode: "input-pull-up", pin: 9 });
		assert.equal(RESET_HOLD_MS, 5000, "as the installer is told");
		assert.equal(pressed(0, RESET_HOLD_MS + 100).resets, 1);
	});

	it("does nothing when let go before, not pressed, or pressed later", () => {
		for (const [from, to] of [
			[0, 0],
			[0, RESET_HOLD_MS - 100],
			[100, 60_000],
		] as const) {
			const { resets, closed } = pressed(from, to);
			assert.equal(resets, 0, `${from} to ${to}`);
			assert.isTrue(closed, "the pin is free again");
		}
	});
});
