import type { Crypto } from "../../hal/contracts.js";
import type { CborWriter } from "../credential/cbor-writer.js";

/** EDHOC_KDF (RFC 9528 4.1.2): HKDF-Expand (RFC 5869 2.3) with SHA-256. */

export const HASH_LENGTH = 32;
/** RFC 5869: 255 blocks. */
export const MAX_EXPAND = 255 * HASH_LENGTH;

/** info_label of each derivation. */
export const LABEL = Object.freeze({
	keystream2: 0,
	mac2: 2,
	k3: 3,
	iv3: 4,
	mac3: 6,
	prkOut: 7,
	k4: 8,
	iv4: 9,
	prkExporter: 10,
	keyUpdate: 11,
} as const);

/**
 * Starts `info = (label, context, length)` in `writer`, behind room for one block. The caller writes the context, of
 * `contextLength` bytes, and then calls `expand`.
 */
export function beginInfo(writer: CborWriter, label: number, contextLength: number): CborWriter {
	return writer.reset(HASH_LENGTH).int(label).bytesHead(contextLength);
}

/** Ends the info begun in `writer` and expands `prk` to `length` bytes, in a buffer of whole blocks. */
export function expand(crypto: Crypto, writer: CborWriter, prk: Uint8Array, length: number): Uint8Array {
	if (length < 0 || length > MAX_EXPAND) throw new RangeError("HKDF-Expand gives up to 8160 bytes");
	writer.int(length);
	const counterAt = writer.length;
	const data = writer.byte(1).view();
	let block = crypto.hmacSha256(prk, data.subarray(HASH_LENGTH));
	if (length <= HASH_LENGTH) return length === HASH_LENGTH ? block : block.subarray(0, length);
	const blocks = Math.ceil(length / HASH_LENGTH);
	const output = new Uint8Array(blocks * HASH_LENGTH);
	output.set(block);
	for (let i = 1; i < blocks; i++) {
		data.set(block);
		data[counterAt] = i + 1;
		crypto.wipe(block);
		block = crypto.hmacSha256(prk, data);
		output.set(block, i * HASH_LENGTH);
	}
	crypto.wipe(block);
	return output.subarray(0, length);
}

/** `EDHOC_KDF(PRK, label, context, length)`. */
export function kdf(
	crypto: Crypto,
	writer: CborWriter,
	prk: Uint8Array,
	label: number,
	context: Uint8Array,
	length: number,
): Uint8Array {
	beginInfo(writer, label, context.length).raw(context);
	return expand(crypto, writer, prk, length);
}
