// SPDX-License-Identifier: Apache-2.0

import { type CborReader, MAJOR } from "../cbor/reader.js";
import type { CborWriter } from "../cbor/writer.js";
import { EDDSA, ES256, type PublicKey } from "./cose.js";
import { CwtError } from "./cwt-error.js";
import { isWeakPoint } from "./ed25519-point.js";

/** COSE_Key (RFC 9052 7) for the public keys that sign: OKP with Ed25519, EC2 with P-256. */

/** RFC 9052 table 4, RFC 9053 tables 17 to 20. */
const KTY = 1;
const ALG = 3;
const CRV = -1;
const X = -2;
const Y = -3;
const D = -4;
const KTY_OKP = 1;
const KTY_EC2 = 2;
const CRV_P256 = 1;
const CRV_ED25519 = 6;

interface Parameters {
	kty: number;
	crv: number;
	alg?: number;
	x?: Uint8Array;
	y?: Uint8Array | boolean;
}

/** Throws `CborError`, or `CwtError` "wrong-key" when it is not a public Ed25519 or P-256 key. */
export function readCoseKey(reader: CborReader): PublicKey {
	const parameters: Parameters = { kty: 0, crv: 0 };
	reader.labels(readParameter, parameters);
	const { kty, crv, alg, x, y } = parameters;
	if (x === undefined) throw new CwtError("wrong-key");
	let key: PublicKey;
	if (kty === KTY_OKP && crv === CRV_ED25519 && y === undefined && !isWeakPoint(x))
		key = { algorithm: EDDSA, publicKey: x };
	else if (kty === KTY_EC2 && crv === CRV_P256 && y !== undefined)
		key = { algorithm: ES256, publicKey: point(x, y) };
	else throw new CwtError("wrong-key");
	if (alg !== undefined && alg !== key.algorithm) throw new CwtError("wrong-key");
	return key;
}

function readParameter(label: number | string, into: Parameters, reader: CborReader): void {
	if (label === KTY) into.kty = reader.int();
	else if (label === ALG) into.alg = reader.int();
	else if (label === CRV) into.crv = reader.int();
	else if (label === X) into.x = reader.bytesOf(32);
	else if (label === Y) into.y = reader.peek() === MAJOR.bytes ? reader.bytesOf(32) : reader.boolean();
	// A private key has no place in a credential.
	else if (label === D) throw new CwtError("wrong-key");
	else reader.skip();
}

/** SEC 1 2.3.3: 04 ‖ x ‖ y, or 02 or 03 ‖ x, where COSE gives the sign bit of y as a boolean. */
function point(x: Uint8Array, y: Uint8Array | boolean): Uint8Array {
	const bytes = new Uint8Array(typeof y === "boolean" ? 33 : 65);
	bytes.set(x, 1);
	if (typeof y === "boolean") bytes[0] = y ? 3 : 2;
	else {
		bytes[0] = 4;
		bytes.set(y, 33);
	}
	return bytes;
}

/** Writes the shortest COSE_Key: 40 bytes for Ed25519, 42 for P-256 (y as its sign). RangeError where it is none. */
export function writeCoseKey(writer: CborWriter, key: PublicKey): void {
	const { algorithm, publicKey } = key;
	if (algorithm === EDDSA) {
		if (publicKey.length !== 32) throw new RangeError("an Ed25519 public key has 32 bytes");
		if (isWeakPoint(publicKey)) throw new RangeError("a public key is no point of small order");
		writer.map(3).int(KTY).int(KTY_OKP).int(CRV).int(CRV_ED25519).int(X).bytes(publicKey);
		return;
	}
	const form = publicKey[0]!;
	const compressed = publicKey.length === 33 && (form === 2 || form === 3);
	if (!compressed && !(publicKey.length === 65 && form === 4))
		throw new RangeError("a P-256 public key has 33 or 65 bytes");
	const odd = ((compressed ? form : publicKey[64]!) & 1) === 1;
	writer.map(4).int(KTY).int(KTY_EC2).int(CRV).int(CRV_P256).int(X).bytes(publicKey.subarray(1, 33));
	writer.int(Y).boolean(odd);
}
