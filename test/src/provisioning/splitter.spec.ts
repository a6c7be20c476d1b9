import { assert } from "chai";
import fc from "fast-check";
import { concat, toHex, utf8Encode } from "../../../src/bytes.js";
import { encodeFrame, KIND, MAX_PAYLOAD } from "../../../src/provisioning/frame.js";
import { Splitter } from "../../../src/provisioning/splitter.js";
import { decodeValue, encodeValue } from "../../../src/provisioning/value.js";

const payloads = fc.array(fc.uint8Array({ maxLength: 60 }), { minLength: 1, maxLength: 5 });
const client = Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8);

function frame(payload: Uint8Array, number = 1): Uint8Array {
	return encodeFrame({ version: 1, kind: KIND.request, client, number, payload });
}

function collect(): { splitter: Splitter; seen: string[] } {
	const seen: string[] = [];
	return { seen, splitter: new Splitter({ onFrame: ({ payload }) => seen.push(toHex(payload)) }) };
}

describe("provisioning frames", () => {
	it("come out the same however the stream is cut, with log lines in between", () => {
		fc.assert(
			fc.property(
				payloads,
				fc.string({ unit: "binary", maxLength: 40 }),
				fc.infiniteStream(fc.integer({ min: 1, max: 30 })),
				(list, text, cuts) => {
					const stream = concat(...list.flatMap((payload) => [utf8Encode(text), frame(payload)]));
					const { splitter, seen } = collect();
					for (let at = 0; at < stream.length; ) {
						const next = at + cuts.next().value!;
						splitter.feed(stream.subarray(at, next));
						at = next;
					}
					splitter.silence();
					assert.deepEqual(seen, list.map(toHex));
				},
			),
			{ numRuns: 100 },
		);
	});

	it("are found behind any noise once the line falls silent", () => {
		fc.assert(
			fc.property(fc.uint8Array({ maxLength: 200 }), fc.uint8Array({ maxLength: 60 }), (noise, payload) => {
				const { splitter, seen } = collect();
				splitter.feed(noise);
				splitter.feed(frame(payload));
				splitter.silence();
				assert.equal(seen.at(-1), toHex(payload));
			}),
			{ numRuns: 200 },
		);
	});

	it("are refused with any one bit changed", () => {
		const good = frame(Uint8Array.of(1, 2, 3));
		for (let bit = 0; bit < good.length * 8; bit++) {
			const bad = good.slice();
			bad[bit >> 3]! ^= 1 << (bit & 7);
			const { splitter, seen } = collect();
			splitter.feed(bad);
			splitter.silence();
			assert.deepEqual(seen, [], `bit ${bit}`);
		}
	});

	it("take the longest payload and no longer one", () => {
		const { splitter, seen } = collect();
		splitter.feed(frame(new Uint8Array(MAX_PAYLOAD)));
		assert.equal(seen.length, 1);
		assert.throws(() => frame(new Uint8Array(MAX_PAYLOAD + 1)), RangeError);
	});

	it("carry every value there is and back", () => {
		const value = fc.letrec((tie) => ({
			any: fc.oneof(
				{ depthSize: "small", maxDepth: 3 },
				fc.maxSafeInteger(),
				fc.boolean(),
				fc.constant(null),
				fc.string(),
				fc.array(tie("any"), { maxLength: 4 }),
				fc.dictionary(fc.string(), tie("any"), { maxKeys: 4, noNullPrototype: true }),
			),
		})).any;
		fc.assert(
			fc.property(value, (given) => {
				const back = decodeValue(encodeValue(given as never));
				assert.equal(JSON.stringify(sorted(back)), JSON.stringify(sorted(given)));
			}),
			{ numRuns: 100 },
		);
	});
});

function sorted(value: unknown): unknown {
	if (Array.isArray(value)) return value.map(sorted);
	if (typeof value !== "object" || value === null) return value;
	return Object.keys(value)
		.sort()
		.map((name) => [name, sorted((value as Record<string, unknown>)[name])]);
}
