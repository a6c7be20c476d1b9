// SPDX-License-Identifier: Apache-2.0

/**
 * AES-128-CCM (RFC 3610) over noble's AES in CBC and CTR, which has no CCM of its own. L = 2, nonces of 13 bytes: the
 * only form that EDHOC's AES-CCM-16-64-128 needs.
 */
import { cbc, ctr } from "@noble/ciphers/aes.js";
import { concat } from "../../../protocol/bytes.js";

const BLOCK = 16;
/** L - 1: the length of the message takes two bytes. */
const FLAGS_L = 1;
/** Flag in the first block: additional data follows. */
const FLAG_AAD = 0x40;

function padded(bytes: Uint8Array): Uint8Array {
	const rest = bytes.length % BLOCK;
	return rest === 0 ? bytes : concat(bytes, new Uint8Array(BLOCK - rest));
}

/** RFC 3610 2.2: the last block of AES-CBC over B_0, the additional data and the message. */
function authenticate(
	key: Uint8Array,
	nonce: Uint8Array,
	aad: Uint8Array,
	message: Uint8Array,
	tagLength: number,
): Uint8Array {
	// 16-bit lengths: EDHOC has no message or additional data of over 64 KB - 256.
	if (message.length > 0xffff || aad.length >= 0xff00) throw new RangeError("AES-CCM: too long");
	const first = new Uint8Array(BLOCK);
	first[0] = (aad.length > 0 ? FLAG_AAD : 0) | (((tagLength - 2) / 2) << 3) | FLAGS_L;
	first.set(nonce, 1);
	first[14] = message.length >> 8;
	first[15] = message.length;
	const head = aad.length > 0 ? concat(Uint8Array.of(aad.length >> 8, aad.length), aad) : aad;
	const blocks = concat(first, padded(head), padded(message));
	const chained = cbc(key, new Uint8Array(BLOCK), { disablePadding: true }).encrypt(blocks);
	return chained.slice(chained.length - BLOCK);
}

/** RFC 3610 2.3: the key stream; its first block is for the tag, the rest for the message. */
function stream(key: Uint8Array, nonce: Uint8Array, data: Uint8Array): Uint8Array {
	const counter = new Uint8Array(BLOCK);
	counter[0] = FLAGS_L;
	counter.set(nonce, 1);
	return ctr(key, counter).encrypt(data);
}

/** Ciphertext ‖ tag. */
export function seal(
	key: Uint8Array,
	nonce: Uint8Array,
	aad: Uint8Array,
	plaintext: Uint8Array,
	tagLength: number,
): Uint8Array {
	const tag = authenticate(key, nonce, aad, plaintext, tagLength);
	const both = stream(key, nonce, concat(tag, plaintext));
	return concat(both.subarray(BLOCK), both.subarray(0, tagLength));
}

/** `undefined` when the tag does not verify; `equal` compares in constant time. */
export function open(
	key: Uint8Array,
	nonce: Uint8Array,
	aad: Uint8Array,
	sealed: Uint8Array,
	tagLength: number,
	equal: (a: Uint8Array, b: Uint8Array) => boolean,
): Uint8Array | undefined {
	const length = sealed.length - tagLength;
	if (length < 0) return undefined;
	const tag = new Uint8Array(BLOCK);
	tag.set(sealed.subarray(length));
	const both = stream(key, nonce, concat(tag, sealed.subarray(0, length)));
	const plaintext = both.slice(BLOCK);
	const expected = authenticate(key, nonce, aad, plaintext, tagLength);
	return equal(expected.subarray(0, tagLength), both.subarray(0, tagLength)) ? plaintext : undefined;
}
