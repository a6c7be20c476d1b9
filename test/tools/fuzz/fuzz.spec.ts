// SPDX-License-Identifier: Apache-2.0

import { assert } from "chai";
import { decodeValue } from "../../../protocol/cbor/value.js";
import { SeededRandom } from "../../../sim/random.js";
import { COMMANDS } from "../../../src/service/commands.js";
import { mutate } from "../../../tools/fuzz/mutate.js";
import { attempt, fuzz } from "../../../tools/fuzz/run.js";
import type { FuzzTarget } from "../../../tools/fuzz/target.js";
import { targets } from "../../../tools/fuzz/targets.js";

const base: FuzzTarget = {
	name: "double",
	corpus: [Uint8Array.of(1, 2, 3)],
	run: () => {},
	refuses: (error) => error instanceof RangeError,
	share: 1,
	limitMs: 50,
};

describe("fuzzer", () => {
	it("finds an error that is not the parser's own, a hang and a changed input; lets refusals pass", () => {
		const run = (more: Partial<FuzzTarget>): string | undefined =>
			attempt({ ...base, ...more }, Uint8Array.of(9));
		assert.isUndefined(run({}));
		assert.isUndefined(
			run({
				run: () => {
					throw new RangeError("mine");
				},
			}),
		);
		assert.include(
			run({
				run: () => {
					throw new TypeError("not mine");
				},
			}),
			"not mine",
		);
		assert.include(
			run({
				run: () => {
					for (const end = Date.now() + 80; Date.now() < end; );
				},
			}),
			"took",
		);
		assert.equal(run({ run: (input) => input.fill(0) }), "changed its input");
	});

	it("reaches a bug behind two bytes, with the input that shows it", () => {
		const findings = fuzz(
			{
				...base,
				run: (input) => {
					if (input.length === 3 && input[0] === 1 && input[2]! > 0xf0) throw new Error("bug");
				},
			},
			20_000,
			1,
		);
		assert.equal(findings.length, 1);
		assert.isAbove(findings[0]!.input[2]!, 0xf0);
	});

	it("makes the same inputs of the same seed", () => {
		const make = (seed: number): Uint8Array[] => {
			const random = new SeededRandom(seed);
			return Array.from({ length: 50 }, () => mutate(base.corpus, random));
		};
		assert.deepEqual(make(3), make(3));
		assert.notDeepEqual(make(3), make(4));
	});

	it("has each command of the installer's port", () => {
		const { corpus } = targets.find(({ name }) => name === "provisioning-request")!;
		const names = corpus.map((request) => (decodeValue(request) as readonly string[])[0]);
		assert.sameMembers(names, Object.keys(COMMANDS));
	});

	for (const target of targets)
		it(`finds nothing in ${target.name}`, () => {
			assert.deepEqual(fuzz(target, Math.ceil(400 * target.share), 1), []);
		});
});
