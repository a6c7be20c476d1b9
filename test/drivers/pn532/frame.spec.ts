// SPDX-License-Identifier: Apache-2.0

import { assert } from "chai";
import fc from "fast-check";
import {
	ACK,
	ackFrame,
	CHIP_TO_HOST,
	checksum,
	DATA,
	ERROR,
	HOST_TO_CHIP,
	MAX_BODY,
	NACK,
	NONE,
	nackFrame,
	Pn532FrameReader,
	Pn532FrameWriter,
	PUSH_MAX,
	SPOILED,
} from "../../../drivers/pn532/frame.js";
import { concat, fromHex, toHex } from "../../../protocol/bytes.js";
import { NO_VECTORS, skip, vectors } from "../../support/host.js";

interface Vectors {
	frames: { name: string; dir: ">" | "<"; hex: string }[];
}

const NAMES: readonly string[] = ["none", "data", "ack", "nack", "error", "spoiled"];

/** What the reader has found, as text; only of data there are bytes to show. */
function shown(reader: Pn532FrameReader, kind: number): string {
	const body = kind === DATA ? toHex(reader.buffer.subarray(reader.from, reader.to)) : "";
	return `${NAMES[kind]} ${body}`;
}

/** Everything the reader finds in `stream`. */
function readAll(reader: Pn532FrameReader, stream: Uint8Array, cuts: readonly number[] = []): string[] {
	const found: string[] = [];
	const ends = [...cuts.map((cut) => Math.min(cut, stream.length)), stream.length].sort((a, b) => a - b);
	let at = 0;
	for (const end of ends) {
		while (at < end) {
			const piece = stream.slice(at, Math.min(end, at + PUSH_MAX));
			at += piece.length;
			reader.push(piece, piece.length);
			for (let kind = reader.next(); kind !== NONE; kind = reader.next()) found.push(shown(reader, kind));
		}
	}
	return found;
}

/** `checksum` of bytes that may begin and end anywhere. */
function sumOf(bytes: Uint8Array, from: number, to: number): number {
	const whole = new Uint8Array((bytes.length + 3) & ~3);
	whole.set(bytes);
	return checksum(whole, new Int32Array(whole.buffer), from, to);
}

/** A chip's frame written straight from UM0701-02 6.2.1, independently of FrameWriter. */
function chipFrame(body: Uint8Array, extended = body.length > 255): Uint8Array {
	const sum = body.reduce((a, b) => a + b, 0);
	const high = Math.floor(body.length / 256);
	const low = body.length % 256;
	const head = extended
		? [0, 0, 0xff, 0xff, 0xff, high, low, (512 - high - low) % 256]
		: [0, 0, 0xff, low, (256 - low) % 256];
	return Uint8Array.from([...head, ...body, (256 - (sum % 256)) % 256, 0]);
}

const bodies = fc.uint8Array({ minLength: 1, maxLength: MAX_BODY });

describe("PN532 frames", () => {
	const published = vectors<Vectors>("pn532-frames.json");

	describe("published frames", () => {
		if (published === undefined) {
			it("round trip", function () {
				skip(this, NO_VECTORS);
			});
			return;
		}
		for (const { name, dir, hex } of published.frames) {
			it(`${dir} ${name}`, () => {
				const frame = fromHex(hex);
				const reader = new Pn532FrameReader();
				reader.push(frame, frame.length);
				const kind = reader.next();
				const body = reader.buffer.slice(reader.from, reader.to);
				if (name === "ACK") {
					assert.equal(kind, ACK);
					assert.equal(toHex(ackFrame()), hex.toLowerCase());
				} else if (name === "NACK") {
					assert.equal(kind, NACK);
					assert.equal(toHex(nackFrame()), hex.toLowerCase());
				} else if (name === "syntax error frame") assert.equal(kind, ERROR);
				else {
					assert.equal(kind, DATA);
					assert.equal(body[0], dir === ">" ? HOST_TO_CHIP : CHIP_TO_HOST);
					assert.equal(sumOf(frame, 5, frame.length - 1), 0);
					if (dir === ">") {
						const again = new Pn532FrameWriter().begin(body[1]!).bytes(body.subarray(2)).finish();
						assert.equal(toHex(again), hex.toLowerCase());
					}
				}
				assert.equal(reader.next(), NONE);
				assert.equal(reader.wanted, 0);
			});
		}

		it("all of them as one stream, byte by byte and whole", () => {
			const stream = concat(...published.frames.map((frame) => fromHex(frame.hex)));
			const whole = readAll(new Pn532FrameReader(), stream);
			assert.lengthOf(whole, published.frames.length);
			const cuts = Array.from({ length: stream.length }, (_, i) => i);
			assert.deepEqual(readAll(new Pn532FrameReader(), stream, cuts), whole);
		});
	});

	it("what the writer makes, the reader gives back, at every length", () => {
		for (let length = 2; length <= MAX_BODY; length++) {
			const data = Uint8Array.from({ length: length - 2 }, (_, i) => i * 7);
			const frame = new Pn532FrameWriter().begin(0x40).bytes(data).finish();
			const body = concat(Uint8Array.of(HOST_TO_CHIP, 0x40), data);
			assert.equal(toHex(frame), toHex(chipFrame(body)), `${length} bytes`);
			assert.deepEqual(readAll(new Pn532FrameReader(), frame), [`data ${toHex(body)}`]);
		}
	});

	it("refuses to write more than the chip takes", () => {
		const writer = new Pn532FrameWriter();
		assert.throws(() => writer.begin(0x40).bytes(new Uint8Array(MAX_BODY - 1)), RangeError);
		writer.begin(0x40).bytes(new Uint8Array(MAX_BODY - 2));
		assert.throws(() => writer.byte(0), RangeError);
		// And is none the worse for it.
		assert.equal(toHex(new Pn532FrameWriter().begin(0x02).finish()), "0000ff02fed4022a00");
	});

	it("takes a short frame in extended form, and a frame without preamble or postamble", () => {
		const body = fromHex("d503320106");
		assert.deepEqual(readAll(new Pn532FrameReader(), chipFrame(body, true)), ["data d503320106"]);
		const bare = chipFrame(body).slice(1, -1);
		assert.deepEqual(readAll(new Pn532FrameReader(), concat(bare, bare)), [
			"data d503320106",
			"data d503320106",
		]);
	});

	it("gives a frame with its checksum, before the postamble", () => {
		const frame = chipFrame(fromHex("d515"));
		const reader = new Pn532FrameReader();
		reader.push(frame, frame.length - 2);
		assert.equal(reader.next(), NONE);
		assert.equal(reader.wanted, 1);
		reader.push(frame.slice(-2), 1);
		assert.equal(reader.next(), DATA);
	});

	it("the checksum is the sum of the bytes, wherever they begin and end", () => {
		const most = { minLength: 1, maxLength: MAX_BODY + 8 };
		fc.assert(
			fc.property(fc.uint8Array(most), fc.nat(), fc.nat(), (bytes, a, b) => {
				const from = Math.min(a % bytes.length, b % bytes.length);
				const to = Math.max(a % bytes.length, b % bytes.length);
				const sum = bytes.subarray(from, to).reduce((x, y) => x + y, 0) & 255;
				assert.equal(sumOf(bytes, from, to), sum);
			}),
		);
		assert.equal(sumOf(new Uint8Array(512).fill(255), 1, 512), (511 * 255) & 255);
	});

	it("takes from its landing what push takes from elsewhere", () => {
		fc.assert(
			fc.property(
				fc.array(bodies, { maxLength: 4 }),
				fc.array(fc.integer({ min: 1, max: 128 })),
				(all, sizes) => {
					const stream = concat(...all.map((body) => chipFrame(body)));
					const pushed = readAll(new Pn532FrameReader(), stream);
					const reader = new Pn532FrameReader();
					const taken: string[] = [];
					for (let at = 0, turn = 0; at < stream.length; turn++) {
						const piece = stream.subarray(at, at + (sizes[turn] ?? PUSH_MAX));
						at += piece.length;
						reader.landing.set(piece);
						const more = reader.take(piece.length);
						const before = reader.wanted;
						for (let kind = reader.next(); kind !== NONE; kind = reader.next())
							taken.push(`${more ? "" : "unforeseen "}${shown(reader, kind)}`);
						if (!more) assert.equal(reader.wanted, before);
					}
					assert.deepEqual(taken, pushed);
				},
			),
			// A body of one byte 0x7f is an error frame.
			{ examples: [[[Uint8Array.of(0x7f)], []]] },
		);
	});

	it("finds and writes the same by a platform's own sum", () => {
		const plain = (bytes: Uint8Array, from: number, to: number) =>
			bytes.subarray(from, to).reduce((a, b) => a + b, 0) & 255;
		fc.assert(
			fc.property(bodies, fc.nat({ max: 400 }), (body, at) => {
				const frame = chipFrame(body);
				assert.deepEqual(readAll(new Pn532FrameReader(plain), frame), readAll(new Pn532FrameReader(), frame));
				const data = body.subarray(0, 200);
				const write = (writer: Pn532FrameWriter) => toHex(writer.begin(0x40).bytes(data).finish());
				assert.equal(write(new Pn532FrameWriter(plain)), write(new Pn532FrameWriter()));
				// One wrong bit in the body or its sum.
				if (at < 5 || at > frame.length - 2) return;
				frame[at]! ^= 1;
				assert.notInclude(readAll(new Pn532FrameReader(plain), frame).join(), `data ${toHex(body)}`);
			}),
		);
	});

	it("knows an ACK that has landed behind one byte, and nothing else as one", () => {
		const reader = new Pn532FrameReader();
		for (const first of [0, 0xff, 0x80]) {
			reader.landing.set([first, ...ackFrame(), first]);
			assert.isTrue(reader.landedAck);
		}
		for (let at = 1; at <= ackFrame().length; at++) {
			reader.landing.set([0, ...ackFrame()]);
			reader.landing[at]! ^= 0x10;
			assert.isFalse(reader.landedAck, `byte ${at}`);
		}
		reader.landing.set([0, ...nackFrame()]);
		assert.isFalse(reader.landedAck);
	});

	it("says how much it wants, so that a bus can be read in steps", () => {
		fc.assert(
			fc.property(bodies, fc.boolean(), (body, long) => {
				const frame = chipFrame(body, long || body.length > 255);
				const reader = new Pn532FrameReader();
				let at = 4;
				reader.push(frame.slice(0, at), at);
				let kind = reader.next();
				while (kind === NONE) {
					assert.isAbove(reader.wanted, 0);
					assert.isAtMost(at + reader.wanted, frame.length);
					const count = Math.min(reader.wanted, PUSH_MAX);
					reader.push(frame.slice(at, at + count), count);
					at += count;
					kind = reader.next();
				}
				assert.equal(at, frame.length - 1);
			}),
		);
	});

	it("spoiled data is told, and the next frame is found", () => {
		const bad = chipFrame(fromHex("d5410001020304"));
		bad[8]! ^= 0x10;
		const good = chipFrame(fromHex("d5030102"));
		assert.deepEqual(readAll(new Pn532FrameReader(), concat(bad, good)), ["spoiled ", "data d5030102"]);
	});

	it("a false length never reserves more than a frame", () => {
		// Extended header that announces 65535 bytes with a true checksum.
		const lie = Uint8Array.of(0, 0, 0xff, 0xff, 0xff, 0xff, 0xff, 0x02);
		const good = chipFrame(fromHex("d5030102"));
		assert.deepEqual(readAll(new Pn532FrameReader(), concat(lie, good)), ["data d5030102"]);
	});

	it("gives up a frame that stalls and finds the one inside", () => {
		// A header that wants 200 bytes, then a whole frame.
		const start = Uint8Array.of(0, 0, 0xff, 200, 56, 0xd5, 0x41);
		const good = chipFrame(fromHex("d5030102"));
		const reader = new Pn532FrameReader();
		const stream = concat(start, good);
		reader.push(stream, stream.length);
		assert.equal(reader.next(), NONE);
		assert.equal(reader.peek(0), 0xd5);
		assert.equal(reader.peek(1), 0x41);
		assert.isAbove(reader.wanted, 0);
		reader.skip();
		assert.equal(reader.next(), DATA);
		assert.equal(toHex(reader.buffer.subarray(reader.from, reader.to)), "d5030102");
	});

	it("any chunking of any stream gives the same frames", () => {
		const pieces = fc.oneof(
			bodies.map((body) => chipFrame(body)),
			fc.constant(ackFrame()),
			fc.constant(nackFrame()),
			fc.constant(fromHex("0000ff01ff7f8100")),
			fc.uint8Array({ maxLength: 40 }),
			// Noise of the bytes that matter.
			fc.array(fc.constantFrom(0, 0xff, 1, 0xfe, 0xd5), { maxLength: 30 }).map((a) => Uint8Array.from(a)),
		);
		fc.assert(
			fc.property(
				fc.array(pieces, { maxLength: 8 }),
				fc.array(fc.nat(2000), { maxLength: 30 }),
				(parts, cuts) => {
					const stream = concat(...parts);
					const whole = readAll(new Pn532FrameReader(), stream);
					assert.deepEqual(readAll(new Pn532FrameReader(), stream, cuts), whole);
					const bytes = Array.from({ length: stream.length }, (_, i) => i);
					assert.deepEqual(readAll(new Pn532FrameReader(), stream, bytes), whole);
				},
			),
			{ numRuns: 300 },
		);
	});

	it("frames between noise without start codes are all found, in order", () => {
		const noise = fc.uint8Array({ maxLength: 60 }).map((bytes) => bytes.map((b) => (b === 0xff ? 0xfe : b)));
		fc.assert(
			fc.property(fc.array(fc.tuple(noise, bodies), { minLength: 1, maxLength: 6 }), (parts) => {
				const stream = concat(...parts.flatMap(([junk, body]) => [junk, chipFrame(body)]));
				const expected = parts.map(([, body]) =>
					body.length === 1 && body[0] === 0x7f ? "error " : `data ${toHex(body)}`,
				);
				assert.deepEqual(readAll(new Pn532FrameReader(), stream), expected);
			}),
		);
	});

	it("random bytes: no exception, nothing kept beyond a frame, and a frame after clear() is found", () => {
		const runs = 200;
		const reader = new Pn532FrameReader();
		fc.assert(
			fc.property(fc.uint8Array({ maxLength: 1500 }), (bytes) => {
				for (const item of readAll(reader, bytes)) assert.match(item, /^(data|ack|nack|error|spoiled)/);
				assert.isAtMost(reader.wanted, MAX_BODY + 5);
				reader.clear();
				assert.deepEqual(readAll(reader, chipFrame(fromHex("d533"))), ["data d533"]);
			}),
			{ numRuns: runs },
		);
	});

	it("never takes noise for data without a true checksum", () => {
		fc.assert(
			fc.property(bodies, fc.nat(), fc.integer({ min: 1, max: 255 }), (body, where, change) => {
				const frame = chipFrame(body);
				const at = 3 + (where % (frame.length - 4));
				frame[at]! ^= change;
				for (const item of readAll(new Pn532FrameReader(), frame))
					assert.notEqual(item, `data ${toHex(body)}`);
			}),
		);
		assert.equal(SPOILED, 5);
	});
});
