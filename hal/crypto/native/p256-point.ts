// SPDX-License-Identifier: Apache-2.0

/**
 * Uncompressed points of P-256 (SEC 1 2.3.4), since PSA imports no others: y = (x^3 - 3x + b)^((p+1)/4) mod p. The values are
 * public, so the variable time of BigInt reveals nothing. The import checks again that the point is on the curve.
 */
const P = 0xffffffff00000001000000000000000000000000ffffffffffffffffffffffffn;
const B = 0x5ac635d8aa3a93e7b3ebbd55769886bc651d06b0cc53b0f63bce3c3e27d2604bn;

function power(base: bigint, exponent: bigint): bigint {
	let result = 1n;
	let square = base;
	for (let left = exponent; left > 0n; left >>= 1n) {
		if (left & 1n) result = (result * square) % P;
		square = (square * square) % P;
	}
	return result;
}

/** 65 bytes, or `undefined` when there is no such point. `point`: 33 or 65 bytes. */
export function uncompressed(point: Uint8Array): Uint8Array | undefined {
	const form = point[0]!;
	if (point.length === 65) return form === 4 ? point : undefined;
	if (form !== 2 && form !== 3) return undefined;
	let x = 0n;
	for (let i = 1; i < 33; i++) x = (x << 8n) | BigInt(point[i]!);
	if (x >= P) return undefined;
	const square = (x * x * x - 3n * x + B) % P;
	const positive = square < 0n ? square + P : square;
	let y = power(positive, (P + 1n) / 4n);
	if ((y * y) % P !== positive) return undefined;
	if (Number(y & 1n) !== (form & 1)) y = P - y;
	const result = new Uint8Array(65);
	result.set(point);
	result[0] = 4;
	for (let i = 64; i > 32; i--) {
		result[i] = Number(y & 255n);
		y >>= 8n;
	}
	return result;
}
