// SPDX-License-Identifier: Apache-2.0

import { assert } from "chai";
import fc from "fast-check";
import { checkConfig } from "../../../protocol/config/document.js";
import { DEFAULT_PROXIMITY } from "../../../protocol/config/proximity.js";
import { Proximity } from "../../../src/links/proximity.js";

function problems(proximity: unknown): [string, string][] {
	const checked = checkConfig({ id: "FRONT", proximity });
	return "problems" in checked ? checked.problems.map(({ field, reason }) => [field, reason]) : [];
}

describe("a door's name", () => {
	it("is text of at most 48 bytes, and comes back from the flash as it was", () => {
		for (const [name, right] of [
			["", true],
			["é".repeat(24), true],
			["é".repeat(25), false],
			["\u{1f6aa}".repeat(12), true],
			["\ud800", false],
			["a\udc00b", false],
			[7, false],
			[null, false],
		] as const)
			assert.equal("config" in checkConfig({ id: "FRONT", name }), right, String(name));
	});
});

describe("nearness in the configuration", () => {
	it("is the default where it is left out, in whole or in part", () => {
		for (const [given, near, hysteresis] of [
			[undefined, -58, 6],
			[{}, -58, 6],
			[{ near: -70 }, -70, 6],
			[{ hysteresis: 3 }, -58, 3],
		] as const) {
			const checked = checkConfig({ id: "FRONT", ...(given && { proximity: given }) });
			if ("problems" in checked) assert.fail("refused");
			assert.deepEqual(checked.config.proximity, { near, hysteresis });
		}
	});

	it("is refused outside its bounds, as a fraction, as text, or with a name that it has not", () => {
		const range = "out-of-range";
		assert.deepEqual(problems({ near: -91 }), [["proximity.near", range]]);
		assert.deepEqual(problems({ near: -29, hysteresis: 21 }), [
			["proximity.near", range],
			["proximity.hysteresis", range],
		]);
		assert.deepEqual(problems({ hysteresis: -1 }), [["proximity.hysteresis", range]]);
		assert.deepEqual(problems({ near: -58.5 }), [["proximity.near", range]]);
		assert.deepEqual(problems({ near: "-58" }), [["proximity.near", range]]);
		assert.deepEqual(problems({ near: null, far: 1 }), [
			["proximity.far", "unknown-field"],
			["proximity.near", range],
		]);
		assert.deepEqual(problems(null), [["proximity", "not-an-object"]]);
		assert.deepEqual(problems({ toString: 1 }), [["proximity.toString", "unknown-field"]]);
		assert.deepEqual(problems([]), [["proximity", "not-an-object"]]);
		assert.deepEqual(problems("near"), [["proximity", "not-an-object"]]);
	});

	it("any that is taken opens at its threshold and shuts below its hysteresis, and only there", () => {
		fc.assert(
			fc.property(
				fc.integer({ min: -95, max: -25 }),
				fc.integer({ min: -3, max: 23 }),
				(near, hysteresis) => {
					const checked = checkConfig({ id: "FRONT", proximity: { near, hysteresis } });
					const right = near >= -90 && near <= -30 && hysteresis >= 0 && hysteresis <= 20;
					assert.equal("config" in checked, right);
					if (!("config" in checked)) return;
					const gate = new Proximity(checked.config.proximity);
					const steady = (dBm: number): boolean => {
						for (let i = 0; i < 40; i++) gate.sample(dBm);
						return gate.near;
					};
					assert.isFalse(steady(near - 1));
					assert.isTrue(steady(near));
					assert.isTrue(steady(near - hysteresis));
					assert.isFalse(steady(near - hysteresis - 1));
				},
			),
			{ numRuns: 60 },
		);
	});

	it("the default is within its own bounds", () => {
		assert.deepEqual(problems(DEFAULT_PROXIMITY), []);
	});
});

describe("the time server of a configuration", () => {
	const given = (timeServer: unknown) => checkConfig({ id: "FRONT", timeServer });

	it("is a name, an address or none, and Cloudflare's where nothing is said", () => {
		for (const host of ["time.example.org", "192.168.1.1", "2001:db8::123", "ntp", "", "a".repeat(64)]) {
			const checked = given(host);
			assert("config" in checked, host);
			assert.equal(checked.config.timeServer, host);
		}
		const unsaid = checkConfig({ id: "FRONT" });
		assert("config" in unsaid);
		assert.equal(unsaid.config.timeServer, "time.cloudflare.com");
	});

	it("refuses what is no host", () => {
		for (const host of ["a b", "x\0", "http://x", "\u00fc.org", "a".repeat(65), 5, null, ["x"]]) {
			const checked = given(host);
			assert("problems" in checked, String(host));
			assert.deepEqual(
				checked.problems.map(({ field, reason }) => [field, reason]),
				[["timeServer", "not-a-host"]],
			);
		}
	});
});

describe("a scanner in the configuration", () => {
	const checked = (scanner: unknown) => checkConfig({ id: "FRONT", scanner });

	it("is none where it is left out, and then nothing of it is kept", () => {
		for (const scanner of [undefined, {}, { model: "none" }, { model: "none", baud: 115_200 }]) {
			const result = checked(scanner);
			if ("problems" in result) assert.fail("refused");
			assert.notProperty(result.config, "scanner");
		}
		for (const [scanner, baud] of [
			[{ model: "gm861" }, 9600],
			[{ model: "line", baud: 115_200 }, 115_200],
		] as const) {
			const result = checked(scanner);
			if ("problems" in result) assert.fail("refused");
			assert.deepEqual(result.config.scanner, { model: scanner.model, baud });
		}
	});

	it("is refused with another model, another rate, or a name that it has not", () => {
		for (const [scanner, problem] of [
			[null, ["scanner", "not-an-object"]],
			["gm861", ["scanner", "not-an-object"]],
			[{ model: "camera" }, ["scanner.model", "not-a-choice"]],
			[{ model: "line", baud: 9601 }, ["scanner.baud", "not-a-choice"]],
			[{ model: "none", baud: "9600" }, ["scanner.baud", "not-a-choice"]],
			[{ model: "line", toString: 1 }, ["scanner.toString", "unknown-field"]],
		] as const) {
			const result = checked(scanner);
			if (!("problems" in result)) assert.fail("taken");
			assert.deepEqual(
				result.problems.map(({ field, reason }) => [field, reason]),
				[[...problem]],
			);
		}
	});
});
