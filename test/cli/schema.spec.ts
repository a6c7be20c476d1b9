// SPDX-License-Identifier: Apache-2.0

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Ajv } from "ajv";
import { assert } from "chai";
import fc from "fast-check";
import { doorSchema } from "../../cli/door-schema.js";
import { toHex } from "../../protocol/bytes.js";
import { encodeValue } from "../../protocol/cbor/value.js";
import { checkConfig } from "../../protocol/config/document.js";
import { DOOR_FIELDS } from "../../protocol/config/door.js";
import { encodeFrame, KIND, VERSION } from "../../protocol/provisioning/frame.js";
import { REPEATABLE, UNAUTHENTICATED } from "../../src/service/provisioning.js";
import { root } from "../support/host.js";

const json = (path: string): unknown => JSON.parse(readFileSync(join(root, path), "utf8"));

describe("door.schema.json", () => {
	it("is what the reader's tables say", () => {
		assert.deepEqual(json("schema/door.schema.json"), JSON.parse(JSON.stringify(doorSchema())));
	});

	for (const name of ["single-door", "fail-safe-maglock", "no-door-switch"])
		it(`takes examples/${name}.json, and so does the reader`, () => {
			const validate = new Ajv().compile(json("schema/door.schema.json") as object);
			const example = json(`examples/${name}.json`);
			assert.isTrue(validate(example), JSON.stringify(validate.errors));
			assert.notProperty(checkConfig(example), "problems");
			assert.isFalse(validate({ ...(example as object), colour: "red" }));
		});
});

describe("door.schema.json and the reader", () => {
	const validate = new Ajv({ allErrors: true }).compile(json("schema/door.schema.json") as object);
	/** What only the reader checks: settings against each other, and the length of a name in bytes. */
	const BEYOND = ["conflict", "too-long"];

	/** Values near every bound, every choice, and things that no file should have. */
	const words = [
		...new Set(
			Object.values(DOOR_FIELDS).flatMap((field): readonly string[] =>
				"choices" in field ? field.choices : [],
			),
		),
	];
	const value = fc.oneof(
		fc.constantFrom<unknown>(...words, null, true, "", "5", [], {}, 1.5, -1, 1e9),
		fc.integer(),
	);
	function mostly<T, U>(usual: fc.Arbitrary<T>, other: fc.Arbitrary<U>): fc.Arbitrary<T | U> {
		return fc.oneof({ weight: 9, arbitrary: usual }, { weight: 1, arbitrary: other });
	}
	const setting = fc
		.constantFrom(...Object.entries(DOOR_FIELDS))
		.chain(([name, allowed]) =>
			fc.tuple(
				fc.constant(name),
				"choices" in allowed
					? mostly(fc.constantFrom<unknown>(...allowed.choices), value)
					: mostly(fc.integer({ min: allowed.min, max: allowed.max }), value),
			),
		);
	const door = mostly(
		fc.array(setting, { maxLength: 4 }).map((list) => Object.fromEntries(list)),
		fc.record({ siren: value }),
	);
	const proximity = fc.record(
		{
			near: mostly(fc.integer({ min: -90, max: -30 }), fc.oneof(value, fc.constantFrom(-91, -29))),
			hysteresis: mostly(fc.integer({ min: 0, max: 20 }), fc.oneof(value, fc.constantFrom(-1, 21))),
		},
		{ requiredKeys: [] },
	);
	const file = fc.record(
		{
			$schema: fc.constant("door.schema.json"),
			id: mostly(fc.constantFrom("FRONT", "a.b-c_d"), fc.constantFrom("", "ninechars", "+x", "\u00e9")),
			name: mostly(fc.constantFrom("", "x".repeat(48)), fc.constantFrom("x".repeat(49), "\u00e9".repeat(30))),
			bluetooth: mostly(fc.constantFrom("near", "tap", "near-or-tap", "near-and-tap", "off"), value),
			proximity: mostly(proximity, value),
			door: mostly(door, value),
		},
		{ requiredKeys: [] },
	);
	const more = fc.tuple(file, mostly(fc.constant({}), fc.record({ colour: value })));

	it("agree on every file, but for what only the reader can see: it takes nothing that the schema refuses", () => {
		let taken = 0;
		let refused = 0;
		fc.assert(
			fc.property(
				mostly(
					more.map(([given, extra]) => ({ ...given, ...extra })),
					value,
				),
				(given) => {
					const result = checkConfig(given);
					const problems = "problems" in result ? result.problems : [];
					if (validate(given)) {
						const unseen = problems.filter(({ reason }) => !BEYOND.includes(reason));
						assert.isEmpty(unseen, JSON.stringify(given));
						taken++;
					} else {
						assert.isNotEmpty(problems, `${JSON.stringify(given)}: ${JSON.stringify(validate.errors)}`);
						refused++;
					}
				},
			),
			{ numRuns: 4000 },
		);
		assert.isAbove(taken, 500);
		assert.isAbove(refused, 500);
	});

	it("agree on one setting at a time, at each of its bounds and choices", () => {
		for (const [name, allowed] of Object.entries(DOOR_FIELDS)) {
			const values =
				"choices" in allowed
					? [...allowed.choices, "", "off", 1]
					: [allowed.min - 1, allowed.min, allowed.max, allowed.max + 1, allowed.min + 0.5];
			for (const setting of values) {
				const given = { id: "FRONT", door: { [name]: setting } };
				const result = checkConfig(given);
				const problems = "problems" in result ? result.problems.map(({ reason }) => reason) : [];
				const byTable =
					"choices" in allowed
						? (allowed.choices as readonly unknown[]).includes(setting)
						: Number.isInteger(setting) &&
							(setting as number) >= allowed.min &&
							(setting as number) <= allowed.max;
				assert.equal(validate(given), byTable, `${name} ${setting}`);
				assert.equal(
					problems.filter((reason) => reason !== "conflict").length === 0,
					byTable,
					`${name} ${setting}`,
				);
			}
		}
	});
});

describe("docs/provisioning.md", () => {
	const text = readFileSync(join(root, "docs/provisioning.md"), "utf8").replace(/\s+/g, " ");

	it("has the bytes that are sent", () => {
		const frame = encodeFrame({
			version: VERSION,
			kind: KIND.request,
			client: Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8),
			number: 1,
			payload: encodeValue(["info"]),
		});
		assert.include(text, toHex(frame));
	});

	it("names the commands that may be executed again, and those that need no authority", () => {
		const named = (pattern: RegExp): string[] =>
			[...pattern.exec(text)![1]!.matchAll(/`([^`]+)`/g)].map(([, name]) => name!);
		assert.sameMembers(named(/\| comes to the same each time: ([^|]+)\|/), [...REPEATABLE]);
		assert.sameMembers(named(/A commissioned reader answers only ([^.]+), and Improv/), [...UNAUTHENTICATED]);
	});
});
