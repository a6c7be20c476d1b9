// SPDX-License-Identifier: Apache-2.0

import type { SeededRandom } from "../../sim/random.js";

/** Longest input that mutation makes, bytes: above every parser's bound, so that the bounds are tried too. */
export const MAX_INPUT = 6000;

/** Values at which length and count fields go wrong. */
const EDGES = Object.freeze([0, 1, 0x17, 0x18, 0x7f, 0x80, 0xfe, 0xff]);

/** CBOR heads (RFC 8949 3): empty, huge, indefinite, reserved, non-shortest, deep, odd tags and floats. */
const HEADS = Object.freeze(
	[
		[0x40],
		[0x60],
		[0x80],
		[0xa0],
		[0xf6],
		[0xff],
		[0x5f],
		[0x9f],
		[0xbf],
		[0x1c],
		[0xf8, 0x10],
		[0x18, 0x00],
		[0x19, 0x00, 0x01],
		[0x1b, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff],
		[0x3b, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff],
		[0x5a, 0xff, 0xff, 0xff, 0xff],
		[0x9b, 0x00, 0x20, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00],
		[0xba, 0x7f, 0xff, 0xff, 0xff],
		[0xd2],
		[0xd8, 0x3d],
		[0xf9, 0x7e, 0x00],
		[0xfb, 0x7f, 0xf0, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00],
	].map((head) => Object.freeze(head)),
);

type Mutation = (input: Uint8Array, random: SeededRandom, corpus: readonly Uint8Array[]) => Uint8Array;

function splice(input: Uint8Array, at: number, remove: number, insert: ArrayLike<number>): Uint8Array {
	const rest = input.subarray(Math.min(input.length, at + remove));
	const whole = new Uint8Array(at + insert.length + rest.length);
	whole.set(input.subarray(0, at));
	whole.set(insert, at);
	whole.set(rest, at + insert.length);
	return whole.subarray(0, MAX_INPUT);
}

/** Where CBOR items begin, as far as `input` reads as CBOR: heads alone, strings jumped over. */
export function cborHeads(input: Uint8Array): { at: number; size: number; major: number }[] {
	const heads = [];
	for (let at = 0; at < input.length && heads.length < 200; ) {
		const major = input[at]! >> 5;
		const info = input[at]! & 31;
		const size = info < 24 || info > 27 ? 1 : 1 + (1 << (info - 24));
		heads.push({ at, size, major });
		let value = info;
		if (size > 1) {
			value = 0;
			for (let i = 1; i < size && at + i < input.length; i++) value = value * 256 + input[at + i]!;
		}
		at += size + ((major === 2 || major === 3) && info < 28 ? value : 0);
	}
	return heads;
}

const MUTATIONS: readonly Mutation[] = Object.freeze<Mutation[]>([
	// One bit.
	(input, random) => {
		if (input.length > 0) input[random.below(input.length)]! ^= 1 << random.below(8);
		return input;
	},
	// One byte, any or at an edge.
	(input, random) => {
		if (input.length > 0) {
			const edge = random.below(2) === 0;
			input[random.below(input.length)] = edge ? EDGES[random.below(EDGES.length)]! : random.below(256);
		}
		return input;
	},
	// A byte a little more or less: lengths and counts off by one.
	(input, random) => {
		if (input.length > 0) input[random.below(input.length)]! += random.below(9) - 4;
		return input;
	},
	// Cut short, at either end.
	(input, random) => {
		const at = random.below(input.length + 1);
		return random.below(4) === 0 ? input.slice(at) : input.slice(0, at);
	},
	// Bytes taken out.
	(input, random) => splice(input, random.below(input.length + 1), 1 + random.below(16), []),
	// Random bytes put in; now and then many.
	(input, random) =>
		splice(
			input,
			random.below(input.length + 1),
			0,
			random.bytes(1 + random.below(random.below(20) === 0 ? 2000 : 16)),
		),
	// A piece of itself again.
	(input, random) => {
		const from = random.below(input.length + 1);
		const piece = input.slice(from, from + 1 + random.below(64));
		return splice(input, random.below(input.length + 1), 0, piece);
	},
	// The front of this one, the back of another.
	(input, random, corpus) => {
		const other = corpus[random.below(corpus.length)]!;
		const at = random.below(input.length + 1);
		return splice(input, at, input.length, other.subarray(random.below(other.length + 1)));
	},
	// A big-endian 16-bit field at an edge.
	(input, random) => {
		if (input.length < 2) return input;
		const at = random.below(input.length - 1);
		const value = [0, 1, 0xff, 0x100, 0x7fff, 0x8000, 0xfffe, 0xffff][random.below(8)]!;
		input[at] = value >> 8;
		input[at + 1] = value;
		return input;
	},
	// CBOR: another head in place of one.
	(input, random) => {
		const heads = cborHeads(input);
		if (heads.length === 0) return input;
		const head = heads[random.below(heads.length)]!;
		return splice(input, head.at, head.size, HEADS[random.below(HEADS.length)]!);
	},
	// CBOR: a count or length off by one, the rest as it was.
	(input, random) => {
		const heads = cborHeads(input);
		if (heads.length > 0) input[heads[random.below(heads.length)]!.at]! += random.below(2) === 0 ? 1 : -1;
		return input;
	},
	// CBOR: an item twice (duplicate keys), or an item gone.
	(input, random) => {
		const heads = cborHeads(input);
		if (heads.length < 2) return input;
		const i = random.below(heads.length - 1);
		const [from, to] = [heads[i]!.at, heads[i + 1]!.at];
		return random.below(2) === 0
			? splice(input, from, to - from, [])
			: splice(input, from, 0, input.slice(from, to));
	},
	// CBOR: nested deeper than anyone needs.
	(input, random) => {
		const deep = new Uint8Array(1 + random.below(random.below(10) === 0 ? 4000 : 20)).fill(
			[0x81, 0xa1, 0xd2, 0x9f][random.below(4)]!,
		);
		const heads = cborHeads(input);
		return splice(input, heads[random.below(heads.length)]?.at ?? 0, 0, deep);
	},
]);

/** A new input: one of the corpus after 1 to 4 mutations, sometimes random bytes alone. Inputs are never changed. */
export function mutate(corpus: readonly Uint8Array[], random: SeededRandom): Uint8Array {
	if (random.below(50) === 0) return random.bytes(random.below(300));
	let input: Uint8Array = corpus[random.below(corpus.length)]!.slice();
	for (let left = 1 + random.below(4); left > 0; left--) {
		input = MUTATIONS[random.below(MUTATIONS.length)]!(input, random, corpus);
	}
	return input.byteOffset === 0 && input.length === input.buffer.byteLength ? input : input.slice();
}
