// SPDX-License-Identifier: Apache-2.0

/** Values that no caller should pass to a native function, and buffers in every state that an engine knows. */
import type { SeededRandom } from "../../sim/random.js";

/** Thrown by the getters and methods of hostile values. */
export class Sprung extends Error {}

/** How many getters and methods of hostile values have run. */
export const sprung = { count: 0 };

export interface Hostile {
	readonly value: unknown;
	/** Its bytes where it is a buffer; `undefined` where it is none, or one that cannot be used. */
	readonly length?: number;
	/** Bytes that cannot be written. */
	readonly fixed?: true;
}

const SIZES = [0, 1, 8, 12, 13, 16, 31, 32, 33, 63, 64, 65, 100, 104, 105, 255, 256];

export function size(random: SeededRandom): number {
	return SIZES[random.below(SIZES.length)]!;
}

function spring(): never {
	sprung.count++;
	throw new Sprung("a trap");
}

const traps = (): object =>
	Object.defineProperties(
		{ valueOf: spring, toString: spring, [Symbol.toPrimitive]: spring },
		{ length: { get: spring }, byteLength: { get: spring }, buffer: { get: spring }, 0: { get: spring } },
	);

/** A proxy whose every trap throws, around something real. */
const sprungProxy = (target: object): object =>
	new Proxy(target, { get: spring, has: spring, getPrototypeOf: spring, ownKeys: spring });

type Resizable = ArrayBuffer & { resize(length: number): void };
const Growing = ArrayBuffer as unknown as new (
	length: number,
	options: { maxByteLength: number },
) => Resizable;

function shrunk(random: SeededRandom): Uint8Array {
	const buffer = new Growing(64, { maxByteLength: 128 });
	const view = new Uint8Array(buffer, 32, 32);
	buffer.resize(random.below(63));
	return view;
}

function tracking(random: SeededRandom): Hostile {
	const buffer = new Growing(64, { maxByteLength: 512 });
	const value = new Uint8Array(buffer, 4);
	const length = size(random);
	buffer.resize(4 + length);
	return { value, length };
}

function detached(): ArrayBuffer {
	const buffer = new ArrayBuffer(32) as ArrayBuffer & { transfer(): ArrayBuffer };
	buffer.transfer();
	return buffer;
}

function revoked(): object {
	const { proxy, revoke } = Proxy.revocable(new Uint8Array(32), {});
	revoke();
	return proxy;
}

/** `petrify`: makes a buffer read-only. */
function petrified(petrify: (buffer: ArrayBuffer) => void, random: SeededRandom): Hostile {
	const length = size(random);
	const value = new Uint8Array(length);
	petrify(value.buffer);
	return { value: random.below(2) === 0 ? value : value.buffer, length, fixed: true };
}

/** A buffer that lies about itself to whoever believes properties. */
function liar(random: SeededRandom): Hostile {
	const length = size(random);
	const claims = { get: () => 1_000_000_000 };
	const value = Object.defineProperties(new Uint8Array(length), { length: claims, byteLength: claims });
	return { value, length };
}

const plain = (value: unknown): Hostile => ({ value });

const VALUES: readonly unknown[] = [
	...[undefined, null, true, "", "32 bytes of text, so to speak.. ", "\u{1F511}", 10n, Symbol("s")],
	...[0, 8, 16, 32, -1, -0, 0.5, 1e300, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 31, 2 ** 32, 2 ** 53],
	...[() => 0, class {}, /x/, new Date(0), new Map(), new WeakMap(), Promise.resolve(), Math, Uint8Array],
	...[Object.create(Uint8Array.prototype), Object.create(ArrayBuffer.prototype), globalThis, new Error()],
];

type Maker = (random: SeededRandom) => Hostile;

const MAKERS: readonly Maker[] = [
	...VALUES.map((value) => () => plain(value)),
	() => plain({}),
	() => plain([1, 2, 3]),
	() => plain({ length: 32, byteLength: 32, buffer: new ArrayBuffer(32) }),
	() => plain({ length: 2 ** 30 }),
	() => plain(traps()),
	() => plain(sprungProxy(new Uint8Array(32))),
	() => plain(new Proxy(new Uint8Array(32), {})),
	() => plain(revoked()),
	() => plain(detached()),
	() => {
		const buffer = new ArrayBuffer(32) as ArrayBuffer & { transfer(): ArrayBuffer };
		const view = new Uint8Array(buffer);
		buffer.transfer();
		return plain(view);
	},
	(random) => plain(shrunk(random)),
	(random) => plain(new Uint16Array(size(random))),
	() => plain(new Float64Array(4)),
	() => plain(new BigUint64Array(4)),
];

const BUFFERS: readonly Maker[] = [
	(random) => {
		const length = size(random);
		return { value: new ArrayBuffer(length), length };
	},
	(random) => {
		const length = size(random);
		return { value: new DataView(new ArrayBuffer(length + 8), 4, length), length };
	},
	(random) => {
		const length = size(random);
		return { value: new Int8Array(length), length };
	},
	(random) => {
		const length = size(random);
		return { value: new Uint8ClampedArray(length), length };
	},
	(random) => {
		const length = size(random);
		return { value: new (class extends Uint8Array {})(length), length };
	},
	tracking,
	liar,
];

/** Any of them. */
export function hostile(random: SeededRandom, petrify: (buffer: ArrayBuffer) => void): Hostile {
	const kind = random.below(3);
	if (kind === 0) return BUFFERS[random.below(BUFFERS.length)]!(random);
	if (random.below(12) === 0) return petrified(petrify, random);
	return MAKERS[random.below(MAKERS.length)]!(random);
}
