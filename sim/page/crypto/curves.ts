// SPDX-License-Identifier: Apache-2.0

/** Curve25519 and P-256 by BigInt, in as little code as they need. Not in constant time: for keys of a simulation. */
import { toHex } from "../../../protocol/bytes.js";

/** Additions of points. */
interface Group<P> {
	readonly zero: P;
	add(a: P, b: P): P;
	double(a: P): P;
}

export function mod(a: bigint, p: bigint): bigint {
	const rest = a % p;
	return rest < 0n ? rest + p : rest;
}

/** By Euclid; `a` is no multiple of the prime `p`. */
export function invert(a: bigint, p: bigint): bigint {
	let [r, s, x, y] = [mod(a, p), p, 1n, 0n];
	while (r > 1n) {
		const quotient = s / r;
		[s, r] = [r, s - quotient * r];
		[y, x] = [x, y - quotient * x];
	}
	return mod(x, p);
}

function power(base: bigint, exponent: bigint, p: bigint): bigint {
	let result = 1n;
	for (let e = exponent, b = base; e > 0n; e >>= 1n, b = (b * b) % p) if (e & 1n) result = (result * b) % p;
	return result;
}

/** `k` times a point, four bits at once. */
export function multiply<P>(group: Group<P>, point: P, k: bigint): P {
	const table: P[] = [group.zero, point];
	for (let i = 2; i < 16; i++) table.push(group.add(table[i - 1]!, point));
	let result = group.zero;
	for (const digit of k.toString(16)) {
		for (let i = 0; i < 4; i++) result = group.double(result);
		result = group.add(result, table[Number.parseInt(digit, 16)]!);
	}
	return result;
}

/** Big-endian. */
export function toNumber(bytes: Uint8Array): bigint {
	return BigInt(`0x0${toHex(bytes)}`);
}

export function fromNumber(value: bigint): Uint8Array {
	const bytes = new Uint8Array(32);
	for (let i = 31, rest = value; i >= 0; i--, rest >>= 8n) bytes[i] = Number(rest & 255n);
	return bytes;
}

export function toNumberLE(bytes: Uint8Array): bigint {
	return toNumber(bytes.slice().reverse());
}

export function fromNumberLE(value: bigint): Uint8Array {
	return fromNumber(value).reverse();
}

/** 2^255 - 19. */
const Q = (1n << 255n) - 19n;
/** The order of Ed25519's group. */
export const L = (1n << 252n) + 27742317777372353535851937790883648493n;
const D = mod(-121665n * invert(121666n, Q), Q);
/** A square root of -1. */
const I = power(2n, (Q - 1n) / 4n, Q);

/** Extended coordinates: x = X/Z, y = Y/Z, xy = T/Z (RFC 8032 5.1.4). */
type EdPoint = readonly [x: bigint, y: bigint, z: bigint, t: bigint];

export const edwards: Group<EdPoint> = {
	zero: [0n, 1n, 1n, 0n],
	add([x1, y1, z1, t1], [x2, y2, z2, t2]) {
		const a = (y1 - x1) * (y2 - x2);
		const b = (y1 + x1) * (y2 + x2);
		const c = ((2n * D * t1) % Q) * t2;
		const d = 2n * z1 * z2;
		return finish(b - a, d - c, d + c, b + a);
	},
	double([x, y, z]) {
		const [a, b] = [x * x, y * y];
		const h = a + b;
		const g = a - b;
		return finish(h - (x + y) * (x + y), 2n * z * z + g, g, h);
	},
};

function finish(e: bigint, f: bigint, g: bigint, h: bigint): EdPoint {
	const [a, b, c, d] = [mod(e, Q), mod(f, Q), mod(g, Q), mod(h, Q)];
	return [(a * b) % Q, (c * d) % Q, (b * c) % Q, (a * d) % Q];
}

export function negate([x, y, z, t]: EdPoint): EdPoint {
	return [mod(-x, Q), y, z, mod(-t, Q)];
}

export function encodeEdwards([x, y, z]: EdPoint): Uint8Array {
	const inverse = invert(z, Q);
	const odd = ((x * inverse) % Q) & 1n;
	return fromNumberLE(((y * inverse) % Q) | (odd << 255n));
}

/** `undefined` where the bytes are no point (RFC 8032 5.1.3). */
export function decodeEdwards(bytes: Uint8Array): EdPoint | undefined {
	const value = toNumberLE(bytes);
	const odd = value >> 255n;
	const y = value & ((1n << 255n) - 1n);
	if (y >= Q) return undefined;
	const square = (y * y) % Q;
	const [u, v] = [mod(square - 1n, Q), (D * square + 1n) % Q];
	const v3 = v ** 3n % Q;
	let x = (u * v3 * power((u * v3 * v3 * v) % Q, (Q - 5n) / 8n, Q)) % Q;
	if (mod(v * x * x + u, Q) === 0n) x = (x * I) % Q;
	if (mod(v * x * x - u, Q) !== 0n || (x === 0n && odd === 1n)) return undefined;
	if ((x & 1n) !== odd) x = mod(-x, Q);
	return [x, y, 1n, (x * y) % Q];
}

export const ED_BASE = decodeEdwards(new Uint8Array(32).fill(0x66).fill(0x58, 0, 1))!;

/** X25519 (RFC 7748 5): Montgomery's ladder over u. */
export function x25519(secret: Uint8Array, u: Uint8Array): Uint8Array {
	const clamped = secret.slice();
	clamped[0]! &= 248;
	clamped[31] = (clamped[31]! & 127) | 64;
	const k = toNumberLE(clamped);
	const x1 = (toNumberLE(u) & ((1n << 255n) - 1n)) % Q;
	let [x2, z2, x3, z3] = [1n, 0n, x1, 1n];
	for (let bit = 254n, swapped = false; bit >= 0n; bit--) {
		const one = ((k >> bit) & 1n) === 1n;
		if (one !== swapped) [x2, z2, x3, z3] = [x3, z3, x2, z2];
		swapped = one;
		const [a, b, c, d] = [x2 + z2, mod(x2 - z2, Q), x3 + z3, mod(x3 - z3, Q)];
		const [aa, bb] = [(a * a) % Q, (b * b) % Q];
		const [da, cb] = [(d * a) % Q, (c * b) % Q];
		const e = mod(aa - bb, Q);
		x3 = (da + cb) ** 2n % Q;
		z3 = (x1 * ((da - cb) ** 2n % Q)) % Q;
		x2 = (aa * bb) % Q;
		z2 = (e * (aa + 121665n * e)) % Q;
		if (bit === 0n && swapped) [x2, z2] = [x3, z3];
	}
	return fromNumberLE(z2 === 0n ? 0n : (x2 * invert(z2, Q)) % Q);
}

/** FIPS 186-4 D.1.2.3. */
const P = (1n << 256n) - (1n << 224n) + (1n << 192n) + (1n << 96n) - 1n;
export const N = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;
const B = 0x5ac635d8aa3a93e7b3ebbd55769886bc651d06b0cc53b0f63bce3c3e27d2604bn;

/** Jacobian coordinates: x = X/Z², y = Y/Z³; Z = 0 is the point at infinity. */
type P256Point = readonly [x: bigint, y: bigint, z: bigint];

export const P256_BASE: P256Point = [
	0x6b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296n,
	0x4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5n,
	1n,
];

export const p256: Group<P256Point> = {
	zero: [1n, 1n, 0n],
	add(a, b) {
		const [[x1, y1, z1], [x2, y2, z2]] = [a, b];
		if (z1 === 0n) return b;
		if (z2 === 0n) return a;
		const [zz1, zz2] = [(z1 * z1) % P, (z2 * z2) % P];
		const [u, s] = [(x1 * zz2) % P, (((y1 * z2) % P) * zz2) % P];
		const h = mod(x2 * zz1 - u, P);
		const r = mod(((y2 * z1) % P) * zz1 - s, P);
		if (h === 0n) return r === 0n ? p256.double(a) : p256.zero;
		const hh = (h * h) % P;
		const hhh = (h * hh) % P;
		const v = (u * hh) % P;
		const x = mod(r * r - hhh - 2n * v, P);
		return [x, mod(r * (v - x) - s * hhh, P), (((z1 * z2) % P) * h) % P];
	},
	double([x, y, z]) {
		const [delta, gamma] = [(z * z) % P, (y * y) % P];
		const beta = (x * gamma) % P;
		const alpha = mod(3n * (x - delta) * (x + delta), P);
		const doubled = mod(alpha * alpha - 8n * beta, P);
		return [doubled, mod(alpha * (4n * beta - doubled) - 8n * gamma * gamma, P), (2n * y * z) % P];
	},
};

/** x and y; `undefined` at infinity. */
export function affine([x, y, z]: P256Point): readonly [x: bigint, y: bigint] | undefined {
	if (z === 0n) return undefined;
	const inverse = invert(z, P);
	const square = (inverse * inverse) % P;
	return [(x * square) % P, (y * square * inverse) % P];
}

/** 65 or 33 bytes (SEC 1 2.3.4); `undefined` where they are no point. */
export function decodeP256(bytes: Uint8Array): P256Point | undefined {
	const [form] = bytes;
	const x = toNumber(bytes.subarray(1, 33));
	if (x >= P) return undefined;
	const square = mod(x ** 3n - 3n * x + B, P);
	if (bytes.length === 65) {
		const y = toNumber(bytes.subarray(33));
		return form === 4 && y < P && (y * y) % P === square ? [x, y, 1n] : undefined;
	}
	const root = power(square, (P + 1n) / 4n, P);
	if ((form !== 2 && form !== 3) || (root * root) % P !== square) return undefined;
	return [x, (root & 1n) === BigInt(form & 1) ? root : P - root, 1n];
}
