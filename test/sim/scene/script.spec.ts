// SPDX-License-Identifier: Apache-2.0

import { assert } from "chai";
import fc from "fast-check";
import { ScriptError } from "../../../sim/scene/act.js";
import { ACTS } from "../../../sim/scene/acts.js";
import { formatScript, parseScript, type Script, type Step } from "../../../sim/scene/script.js";

describe("a script as text", () => {
	it("is what a link has, with what is usual left out", () => {
		const text =
			"seed=7&starts=1780000000&lock=magnet&do=0.tap~900.pull~2000.tap.revoked.ble~3000.near.valid.30";
		const script = parseScript(text);
		assert.equal(formatScript(script), text);
		assert.deepEqual(script.steps[2], { at: 2000, act: "tap", values: { who: "revoked", by: "ble" } });
		assert.deepEqual(script.steps[3]!.values, { who: "valid", distance: 30, user: "walks" });
		assert.equal(formatScript(parseScript("do=0.tap.valid.nfc")), "seed=1&do=0.tap");
		assert.deepEqual(parseScript(""), { seed: 1, steps: [] });
	});

	it("comes back as it went, whatever acts it has", () => {
		const step = fc.constantFrom(...ACTS).chain((act) =>
			fc.record({
				at: fc.nat(86_400_000),
				act: fc.constant(act.name),
				values: fc.record(
					Object.fromEntries(
						act.parameters.map((parameter) => [
							parameter.name,
							"choices" in parameter
								? fc.constantFrom(...parameter.choices)
								: "min" in parameter
									? fc.integer(parameter)
									: fc.string({ unit: "grapheme", maxLength: 5 }),
						]),
					),
				),
			}),
		);
		fc.assert(
			fc.property(fc.nat(999_999_999), fc.array(step, { maxLength: 8 }), (seed, steps) => {
				const script = { seed, steps: (steps as Step[]).sort((a, b) => a.at - b.at) } as Script;
				assert.deepEqual(parseScript(formatScript(script)), script);
			}),
		);
	});

	const REFUSED: Readonly<Record<string, RegExp>> = {
		"seed=x": /seed must be a whole number/,
		"seed=1e3": /seed must be/,
		"starts=5": /starts must be/,
		"lock=chain": /lock must be one of strike, magnet/,
		"__proto__=1": /a script has no __proto__/,
		"do=0.fly": /there is no act fly/,
		"do=tap": /instant of a step/,
		"do=90000000.tap": /instant of a step/,
		"do=0.tap.nobody": /who of tap must be one of valid/,
		"do=0.tap.valid.nfc.more": /tap takes 2 values/,
		"do=0.near.valid.4": /distance must be a whole number from 5/,
		"do=0.tap.%E0%A4%A": /percent-encoded/,
		"do=10.tap~9.tap": /the step at 9 ms comes after one at 10 ms/,
		[`do=${"0.tap~".repeat(501)}0.tap`]: /more than 500 steps/,
		["x".repeat(20_000)]: /longer than/,
	};
	for (const [text, reason] of Object.entries(REFUSED))
		it(`refuses ${text.slice(0, 40)} with what would be right`, () => {
			assert.throws(() => parseScript(text), ScriptError, reason);
		});

	it("takes anything a stranger wrote, or refuses it with a reason", () => {
		const piece = fc.constantFrom(
			"seed=",
			"do=",
			"&",
			"~",
			".",
			"tap",
			"valid",
			"0",
			"12",
			"%",
			"=",
			"é",
			"lock=",
		);
		fc.assert(
			fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
				try {
					const script = parseScript(pieces.join(""));
					assert.deepEqual(parseScript(formatScript(script)), script);
				} catch (error) {
					assert.instanceOf(error, ScriptError);
				}
			}),
		);
	});
});

describe("the acts", () => {
	it("have names, keys and defaults that fit together", () => {
		const names = ACTS.map(({ name }) => name);
		assert.equal(new Set(names).size, names.length);
		const keys = ACTS.flatMap(({ keys: own = [] }) => own.map(({ key }) => key));
		assert.equal(new Set(keys).size, keys.length, keys.join());
		for (const name of names) assert.match(name, /^[a-z][a-z0-9-]*$/);
	});
});
