// SPDX-License-Identifier: Apache-2.0

import { assert } from "chai";
import {
	checkDoorConfig,
	DEFAULT_DOOR,
	DOOR_FIELDS,
	type DoorConfig,
	type DoorProblem,
	relayOn,
	safeState,
} from "../../../protocol/config/door.js";

function problems(value: unknown): string[] {
	const checked = checkDoorConfig(value);
	return "problems" in checked ? checked.problems.map((p: DoorProblem) => `${p.field} ${p.reason}`) : [];
}

describe("door configuration", () => {
	it("is the installers' defaults where nothing is said", () => {
		const checked = checkDoorConfig({});
		// A copy: on XS chai cannot remember an object that is in flash.
		assert.deepEqual(checked, { config: { ...DEFAULT_DOOR } });
		const { strikeTime, heldTime, preAlarm, extendedStrikeTime } = DEFAULT_DOOR;
		assert.deepEqual([strikeTime, heldTime, preAlarm, extendedStrikeTime], [5, 30, 15, 30]);
	});

	it("relocks by time where there is no position switch, and refuses anything else there", () => {
		const checked = checkDoorConfig({ position: "none" });
		assert.equal("config" in checked && checked.config.relock, "by-time");
		assert.deepEqual(problems({ position: "none", relock: "on-open" }), ["relock conflict"]);
	});

	it("names every problem at once", () => {
		assert.deepEqual(
			problems({ strikeTime: 0, heldTime: "30", lock: "open", colour: 1, preAlarm: 1.5, __proto__x: 1 }),
			[
				"strikeTime out-of-range",
				"heldTime not-an-integer",
				"lock not-a-choice",
				"colour unknown-field",
				"preAlarm not-an-integer",
				"__proto__x unknown-field",
			],
		);
		assert.deepEqual(problems({ constructor: 1 }), ["constructor unknown-field"]);
		assert.deepEqual(problems({ strikeTime: 40, exitStuckTime: 5, preAlarm: 30, extendedHeldTime: 20 }), [
			"extendedStrikeTime conflict",
			"preAlarm conflict",
			"extendedHeldTime conflict",
			"exitStuckTime conflict",
		]);
		for (const value of [undefined, null, 1, "x", []]) assert.deepEqual(problems(value), [" not-an-object"]);
	});

	it("refuses a setting that is gone, whatever its value, and says what to do", () => {
		for (const exitInLockdown of ["allow", "refuse", 1]) {
			const checked = checkDoorConfig({ exitInLockdown });
			if (!("problems" in checked)) throw new Error("taken");
			const [problem] = checked.problems;
			assert.equal(problem!.reason, "unknown-field");
			assert.match(problem!.message, /always works in a lockdown.*leave it out/);
		}
	});

	it("takes each field at its bounds and refuses it beyond", () => {
		for (const [field, allowed] of Object.entries(DOOR_FIELDS)) {
			if ("choices" in allowed) {
				for (const choice of allowed.choices)
					assert.notInclude(problems({ [field]: choice }).join(), "not-a-choice");
				assert.deepEqual(problems({ [field]: "x" }), [`${field} not-a-choice`]);
			} else {
				const { min, max } = allowed;
				assert.deepEqual(problems({ [field]: min - 1 }), [`${field} out-of-range`]);
				assert.deepEqual(problems({ [field]: max + 1 }), [`${field} out-of-range`]);
				assert.notInclude(problems({ [field]: min }).join(), "out-of-range");
			}
		}
	});

	it("derives relay and safe state from lock and contact", () => {
		const table: [DoorConfig["lock"], DoorConfig["contact"], boolean, string][] = [
			["fail-secure", "normally-open", true, "locked"],
			["fail-secure", "normally-closed", false, "unlocked"],
			["fail-safe", "normally-open", false, "unlocked"],
			["fail-safe", "normally-closed", true, "locked"],
		];
		for (const [lock, contact, on, safe] of table) {
			const config = { ...DEFAULT_DOOR, lock, contact };
			assert.equal(relayOn(config, true), on);
			assert.equal(relayOn(config, false), !on);
			assert.equal(safeState(config), safe);
		}
	});
});
