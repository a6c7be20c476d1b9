// SPDX-License-Identifier: Apache-2.0

import { assert } from "chai";
import fc from "fast-check";
import { concat, toHex, utf8Encode } from "../../../protocol/bytes.js";
import { decodeValue, encodeValue } from "../../../protocol/cbor/value.js";
import { FrameDemux } from "../../../protocol/provisioning/demux.js";
import { encodeFrame, HEADER, KIND, MAX_PAYLOAD, VERSION } from "../../../protocol/provisioning/frame.js";

const payloads = fc.array(fc.uint8Array({ maxLength: 60 }), { minLength: 1, maxLength: 5 });
const client = Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8);

function frame(payload: Uint8Array, number = 1): Uint8Array {
	return encodeFrame({ version: VERSION, kind: KIND.request, client, number, payload });
}

function collect(): { splitter: FrameDemux; seen: string[] } {
	const seen: string[] = [];
	return { seen, splitter: new FrameDemux({ onFrame: ({ payload }) => seen.push(toHex(payload)) }) };
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

	it("are found behind heads of frames that never come, whatever length those promise", () => {
		const head = fc.oneof(
			fc.integer({ min: 0, max: 0xffff }).map((length) => {
				const bytes = frame(new Uint8Array(0)).subarray(0, HEADER).slice();
				new DataView(bytes.buffer).setUint16(14, length);
				return bytes;
			}),
			fc.constantFrom(Uint8Array.of(0xf5), Uint8Array.of(0xf5, 0x4c), utf8Encode("IMPROV"), utf8Encode("I")),
		);
		const noise = fc.array(fc.oneof(head, fc.uint8Array({ maxLength: 8 })), { maxLength: 8 });
		fc.assert(
			fc.property(noise, fc.uint8Array({ maxLength: 60 }), fc.boolean(), (heads, payload, silent) => {
				const { splitter, seen } = collect();
				for (const bytes of heads) {
					splitter.feed(bytes);
					if (silent) splitter.silence();
				}
				splitter.feed(frame(payload));
				if (!silent) splitter.silence();
				assert.include(seen, toHex(payload));
				assert.equal(splitter.pending, 0);
			}),
			{ numRuns: 500 },
		);
	});

	it("come at once behind a head that promises more than a frame may have", () => {
		for (const length of [MAX_PAYLOAD + 1, 0x8000, 0xffff]) {
			const head = frame(new Uint8Array(0)).slice(0, HEADER);
			new DataView(head.buffer).setUint16(14, length);
			const { splitter, seen } = collect();
			splitter.feed(concat(head, new Uint8Array(100), frame(Uint8Array.of(7))));
			assert.deepEqual(seen, ["07"], `${length}`);
		}
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
				// Defined, not assigned: over toString of a frozen Object.prototype nothing can be.
				fc
					.array(fc.tuple(fc.string(), tie("any")), { maxLength: 4 })
					.map((fields) => Object.fromEntries(fields)),
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
