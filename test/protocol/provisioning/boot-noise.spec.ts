// SPDX-License-Identifier: Apache-2.0

import { assert } from "chai";
import fc from "fast-check";
import { concat, toHex, writeUint16 } from "../../../protocol/bytes.js";
import { FrameDemux } from "../../../protocol/provisioning/demux.js";
import {
	encodeFrame,
	HEADER,
	KIND,
	MARKER,
	MARKER_2,
	MAX_PAYLOAD,
} from "../../../protocol/provisioning/frame.js";
import { BOOT_LOGS, heardAt, RATES } from "../../support/boot-logs.js";

const client = Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8);

function frame(payload: Uint8Array): Uint8Array {
	return encodeFrame({ version: 1, kind: KIND.request, client, number: 1, payload });
}

/** Head of a frame of any version that promises `length` bytes of payload. */
function head(length: number): Uint8Array {
	const bytes = frame(new Uint8Array(0)).slice(0, HEADER);
	writeUint16(bytes, 14, length);
	return bytes;
}

/** Payloads that came out, without any silence, of bytes in pieces of `piece`. */
function heard(bytes: Uint8Array, piece: number): string[] {
	const seen: string[] = [];
	const demux = new FrameDemux({ onFrame: ({ payload }) => seen.push(toHex(payload)) });
	for (let at = 0; at < bytes.length; at += piece) demux.feed(bytes.subarray(at, at + piece));
	return seen;
}

const PIECES = [1, 64, 120, 4096];
const REQUEST = Uint8Array.of(0x81, 0x64, 0x69, 0x6e, 0x66, 0x6f);

describe("provisioning frames behind what a chip says when it starts", () => {
	it("a UART at the sender's rate hears what was sent, at another rate something else", () => {
		for (const log of Object.values(BOOT_LOGS)) {
			assert.deepEqual(heardAt(log, 115_200, 115_200), log);
			assert.notDeepEqual(heardAt(log, 74_880, 115_200), log);
			assert.isAbove(heardAt(log, 74_880, 115_200).length, log.length / 4);
		}
	});

	for (const [name, log] of Object.entries(BOOT_LOGS))
		it(`${name}: at every rate, cut anywhere, the frame comes as its last byte does`, () => {
			for (const rate of RATES) {
				const noise = heardAt(log, rate, 115_200);
				for (const piece of PIECES)
					for (let cut = 0; cut <= noise.length; cut += 97)
						assert.deepEqual(
							heard(concat(noise.subarray(cut), frame(REQUEST)), piece),
							[toHex(REQUEST)],
							`${rate} baud from ${cut} on, by ${piece}`,
						);
			}
		});

	it("half a frame of any length, and heads that never come to an end: the next whole one comes as its last byte does", () => {
		const long = frame(new Uint8Array(MAX_PAYLOAD).fill(0x5a));
		const short = frame(REQUEST);
		for (const whole of [long, short])
			for (let kept = 0; kept < whole.length; kept += whole === long ? 29 : 1)
				for (const piece of PIECES)
					assert.deepEqual(
						heard(concat(whole.subarray(0, kept), short), piece),
						[toHex(REQUEST)],
						`${kept} of ${whole.length} bytes, by ${piece}`,
					);
	});

	it("a log with heads of frames in it, then two frames: neither is lost", () => {
		const names = Object.keys(BOOT_LOGS);
		const noise = fc
			.array(
				fc.oneof(
					fc.constantFrom(...names).chain((name) => {
						const log = BOOT_LOGS[name]!;
						return fc
							.tuple(fc.constantFrom(...RATES), fc.nat(log.length), fc.nat(200))
							.map(([rate, from, length]) => heardAt(log.subarray(from, from + length), rate, 115_200));
					}),
					fc.integer({ min: 0, max: MAX_PAYLOAD }).map(head),
					fc.constant(Uint8Array.of(MARKER)),
					fc.constant(Uint8Array.of(MARKER, MARKER_2)),
				),
				{ maxLength: 5 },
			)
			.map((parts) => concat(...parts));
		fc.assert(
			fc.property(
				noise,
				fc.uint8Array({ maxLength: 60 }),
				fc.constantFrom(...PIECES),
				(junk, payload, piece) => {
					// A payload with a marker in it is found after a silence: the spec of frames has that.
					fc.pre(!toHex(frame(payload)).slice(4).includes("f54c"));
					const seen = heard(concat(junk, frame(REQUEST), frame(payload)), piece);
					assert.deepEqual(seen.slice(-2), [toHex(REQUEST), toHex(payload)]);
				},
			),
			{ numRuns: 500 },
		);
	});

	it("a whole long frame comes whole, whatever its pieces are and heads it has in its payload", () => {
		const payload = new Uint8Array(MAX_PAYLOAD);
		for (let at = 0; at + HEADER < payload.length; at += 50) payload.set(head(at), at);
		for (const piece of PIECES) assert.deepEqual(heard(frame(payload), piece), [toHex(payload)]);
	});
});
