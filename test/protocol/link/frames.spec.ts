// SPDX-License-Identifier: Apache-2.0

import { assert } from "chai";
import fc from "fast-check";
import { fromHex, toHex } from "../../../protocol/bytes.js";
import {
	ATT_OVERHEAD,
	FrameReader,
	FrameWriter,
	MAX_MESSAGE,
	MAX_MTU,
	type MessageKind,
	MIN_MTU,
} from "../../../protocol/link/frames.js";

const kind = fc.nat(4).map((k) => k as MessageKind);
const message = fc.uint8Array({ minLength: 1, maxLength: MAX_MESSAGE });
const mtu = fc.integer({ min: MIN_MTU, max: MAX_MTU });

function cut(k: MessageKind, m: Uint8Array, size: number): Uint8Array[] {
	const writer = new FrameWriter();
	writer.begin(k, m);
	const frames: Uint8Array[] = [];
	for (let frame = writer.next(size); frame !== undefined; frame = writer.next(size))
		frames.push(frame.slice());
	return frames;
}

describe("link: frames over BLE", () => {
	it("the bytes of a short and of a cut message", () => {
		assert.deepEqual(cut(1, fromHex("aabbcc"), 23).map(toHex), ["c0010003aabbcc"]);
		const long = Uint8Array.from({ length: 40 }, (_, i) => i);
		assert.deepEqual(cut(2, long, 23).map(toHex), [
			`40020028${toHex(long.subarray(0, 16))}`,
			`01${toHex(long.subarray(16, 35))}`,
			`82${toHex(long.subarray(35))}`,
		]);
	});

	it("no frame is longer than an attribute may be: over the largest MTU the first of 1024 bytes has 512", () => {
		const frames = cut(4, new Uint8Array(MAX_MESSAGE), MAX_MTU);
		assert.deepEqual(
			frames.map(({ length }) => length),
			[512, 512, 1024 - 508 - 511 + 1],
		);
	});

	it("any message over any MTU arrives whole, and each frame fits", () => {
		fc.assert(
			fc.property(kind, message, mtu, (k, m, size) => {
				const reader = new FrameReader();
				const frames = cut(k, m, size);
				frames.forEach((frame, i) => {
					assert.isAtMost(frame.length, Math.min(512, size - ATT_OVERHEAD));
					assert.equal(reader.push(frame), i === frames.length - 1 ? "whole" : "more");
				});
				assert.equal(reader.kind, k);
				assert.equal(toHex(reader.message), toHex(m));
			}),
		);
	});

	it("a frame dropped, doubled or out of its place never gives a message other than the one sent", () => {
		fc.assert(
			fc.property(
				kind,
				message,
				mtu,
				fc.nat(),
				fc.constantFrom("drop", "double", "swap"),
				(k, m, size, n, fault) => {
					const frames = cut(k, m, size);
					const at = n % frames.length;
					if (fault === "drop") frames.splice(at, 1);
					else if (fault === "double") frames.splice(at, 0, frames[at]!);
					else frames.push(...frames.splice(at, 1));
					const reader = new FrameReader();
					for (const frame of frames)
						if (reader.push(frame) === "whole") assert.equal(toHex(reader.message), toHex(m));
				},
			),
		);
	});

	it("names what is wrong with a frame", () => {
		const refusals: [string[], string][] = [
			[[""], "empty"],
			[["c0010003"], "empty"],
			[["c001"], "empty"],
			[["c0090001aa"], "unknown-kind"],
			[["c0010000aa"], "bad-length"],
			[["c0010401aa"], "bad-length"],
			[["01aa"], "out-of-order"],
			[["82aa"], "out-of-order"],
			[["00aa"], "out-of-order"],
			[["80aa"], "out-of-order"],
			[["40010003aa", "c1010002bbcc"], "out-of-order"],
			[["40010003aa", "40010003aa"], "out-of-order"],
			[["40010003aa", "02aa"], "out-of-order"],
			[["40010003aa", "8100"], "too-little"],
			[["40010003aa", "0100aabb"], "too-much"],
			[["40010001aa"], "too-much"],
			[["c0010001aabb"], "too-much"],
			[[`c0010200${"00".repeat(509)}`], "oversized"],
			[["00".repeat(MAX_MTU)], "oversized"],
		];
		for (const [frames, expected] of refusals) {
			const reader = new FrameReader();
			const results = frames.map((frame) => reader.push(fromHex(frame)));
			assert.equal(results.at(-1), expected, frames.join(" "));
			assert.isFalse(reader.partial, "a refused frame leaves nothing behind");
		}
	});

	it("random frames: no crash, never more than a message", () => {
		const reader = new FrameReader();
		fc.assert(
			fc.property(fc.array(fc.uint8Array({ maxLength: 40 })), (frames) => {
				for (const frame of frames)
					if (reader.push(frame) === "whole") assert.isAtMost(reader.message.length, MAX_MESSAGE);
			}),
		);
	});
});
