// SPDX-License-Identifier: Apache-2.0

/**
 * Reads a QR code (ISO/IEC 18004) from its modules, as a camera's program does once it has found them: written from the standard, for specs
 * that look at what a page draws. Without dirt there is nothing to correct: codewords whose check is not zero are refused.
 */
import { assert } from "chai";

/** Rows of modules; `true`: dark. */
export type Modules = readonly (readonly boolean[])[];

/** Level L, by version from 1: check codewords of a block, and data codewords of each block (table 9). */
const BLOCKS: readonly (readonly [check: number, ...data: (readonly [blocks: number, data: number])[]])[] = [
	[7, [1, 19]],
	[10, [1, 34]],
	[15, [1, 55]],
	[20, [1, 80]],
	[26, [1, 108]],
	[18, [2, 68]],
	[20, [2, 78]],
	[24, [2, 97]],
	[30, [2, 116]],
	[18, [2, 68], [2, 69]],
	[20, [4, 81]],
	[24, [2, 92], [2, 93]],
];
/** Centres of alignment patterns (annex E). */
const ALIGNMENT: readonly (readonly number[])[] = [
	[],
	[6, 18],
	[6, 22],
	[6, 26],
	[6, 30],
	[6, 34],
	[6, 22, 38],
	[6, 24, 42],
	[6, 26, 46],
	[6, 28, 50],
	[6, 30, 54],
	[6, 32, 58],
];
const MASKS: readonly ((i: number, j: number) => boolean)[] = [
	(i, j) => (i + j) % 2 === 0,
	(i) => i % 2 === 0,
	(_, j) => j % 3 === 0,
	(i, j) => (i + j) % 3 === 0,
	(i, j) => (Math.floor(i / 2) + Math.floor(j / 3)) % 2 === 0,
	(i, j) => ((i * j) % 2) + ((i * j) % 3) === 0,
	(i, j) => (((i * j) % 2) + ((i * j) % 3)) % 2 === 0,
	(i, j) => (((i + j) % 2) + ((i * j) % 3)) % 2 === 0,
];
/** Bits of a format information of level L are 01, and all are masked by this (8.9). */
const FORMAT_MASK = 0b101010000010010;
const LEVEL_L = 0b01;
const ALPHANUMERIC = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:";
const MODE = { alphanumeric: 2, bytes: 4, end: 0, eci: 7 } as const;

/** The text; throws where the modules are no code of level L up to version 12. `version` is told beside it. */
export function readQr(modules: Modules): { text: string; version: number } {
	const size = modules.length;
	const version = (size - 17) / 4;
	assert.isTrue(Number.isInteger(version) && version >= 1 && version <= BLOCKS.length, `${size} modules`);
	for (const row of modules) assert.lengthOf(row, size);
	const data = dataOf(codewordsOf(modules, version, maskOf(modules)), version);
	return { text: textOf(data, version), version };
}

function maskOf(modules: Modules): number {
	// Beside the upper left finder pattern: along row 8, then up column 8.
	const places = [0, 1, 2, 3, 4, 5, 7, 8].map((x) => modules[8]![x]!);
	for (const y of [7, 5, 4, 3, 2, 1, 0]) places.push(modules[y]![8]!);
	const format = places.reduce((bits, dark) => (bits << 1) | Number(dark), 0) ^ FORMAT_MASK;
	assert.equal(format >> 13, LEVEL_L, "level L");
	return (format >> 10) & 7;
}

function isFunction(version: number, x: number, y: number): boolean {
	const size = 17 + 4 * version;
	if ((x < 9 && y < 9) || (x < 9 && y >= size - 8) || (x >= size - 8 && y < 9)) return true;
	if (x === 6 || y === 6) return true;
	if (version >= 7 && ((x >= size - 11 && y < 6) || (y >= size - 11 && x < 6))) return true;
	const centres = ALIGNMENT[version - 1]!;
	const last = size - 7;
	return centres.some((cx) =>
		centres.some((cy) => {
			const isFinder = (cx === 6 && (cy === 6 || cy === last)) || (cx === last && cy === 6);
			return !isFinder && Math.abs(x - cx) <= 2 && Math.abs(y - cy) <= 2;
		}),
	);
}

/** Two columns at a time from the right, up and down by turns (7.7.3). */
function codewordsOf(modules: Modules, version: number, mask: number): number[] {
	const size = modules.length;
	const bits: boolean[] = [];
	let isUp = true;
	for (let right = size - 1; right > 0; right -= 2) {
		if (right === 6) right--;
		for (let step = 0; step < size; step++) {
			const y = isUp ? size - 1 - step : step;
			for (const x of [right, right - 1])
				if (!isFunction(version, x, y)) bits.push(modules[y]![x]! !== MASKS[mask]!(y, x));
		}
		isUp = !isUp;
	}
	const codewords: number[] = [];
	for (let at = 0; at + 8 <= bits.length; at += 8)
		codewords.push(bits.slice(at, at + 8).reduce((byte, bit) => (byte << 1) | Number(bit), 0));
	return codewords;
}

/** Codewords of the blocks come by turns (7.6). */
function dataOf(codewords: readonly number[], version: number): number[] {
	const [check, ...groups] = BLOCKS[version - 1]!;
	const sizes = groups.flatMap(([blocks, data]) => new Array<number>(blocks).fill(data));
	const blocks: number[][] = sizes.map(() => []);
	let at = 0;
	for (let i = 0; i < Math.max(...sizes); i++)
		for (const [n, size] of sizes.entries()) if (i < size) blocks[n]!.push(codewords[at++]!);
	const data = blocks.flat();
	for (let i = 0; i < check; i++) for (const block of blocks) block.push(codewords[at++]!);
	for (const block of blocks) assert.isTrue(isWhole(block, check), "a block whose check is not zero");
	return data;
}

/** The block as a polynomial is zero at the first powers of 2, in the field of 256 by 0x11d (annex A). */
function isWhole(block: readonly number[], check: number): boolean {
	for (let power = 0, root = 1; power < check; power++, root = times(root, 2))
		if (block.reduce((value, codeword) => times(value, root) ^ codeword, 0) !== 0) return false;
	return true;
}

function times(a: number, b: number): number {
	let product = 0;
	for (; b > 0; b >>= 1) {
		if (b & 1) product ^= a;
		a = a & 0x80 ? (a << 1) ^ 0x11d : a << 1;
	}
	return product;
}

/** Segments, each with its mode and its count of characters (7.4). */
function textOf(data: readonly number[], version: number): string {
	let at = 0;
	const take = (bits: number): number => {
		let value = 0;
		for (let i = 0; i < bits; i++, at++) value = (value << 1) | ((data[at >> 3]! >> (7 - (at & 7))) & 1);
		return value;
	};
	let text = "";
	while (data.length * 8 - at >= 4) {
		const mode = take(4);
		if (mode === MODE.end) break;
		assert.include([MODE.alphanumeric, MODE.bytes], mode, "a mode");
		let count = take(mode === MODE.bytes ? (version < 10 ? 8 : 16) : version < 10 ? 9 : 11);
		if (mode === MODE.bytes) for (; count > 0; count--) text += String.fromCharCode(take(8));
		else {
			for (; count > 1; count -= 2) {
				const pair = take(11);
				text += ALPHANUMERIC[Math.floor(pair / 45)]! + ALPHANUMERIC[pair % 45]!;
			}
			if (count === 1) text += ALPHANUMERIC[take(6)]!;
		}
	}
	return text;
}
