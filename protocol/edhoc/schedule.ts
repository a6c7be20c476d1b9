// SPDX-License-Identifier: Apache-2.0

import type { CborWriter } from "../cbor/writer.js";
import { SIGNATURE1_HEAD } from "../credential/cose.js";
import type { Crypto } from "../crypto.js";
import { beginInfo, expand, HASH_LENGTH, kdf, LABEL } from "./kdf.js";
import { open, PUBLIC_LENGTH, type Suite, seal } from "./suites.js";

/** Room in front of a MAC's info for what the Sig_structure has before ID_CRED: its head, and that of a byte string. */
const SIGNATURE_ROOM = 16;

/** A transcript hash as a CBOR byte string, bytes. */
const TH_ITEM = HASH_LENGTH + 2;
/** Before CIPHERTEXT_2 in message_2, bytes at most: G_Y and the head of a byte string. */
const MESSAGE_2_HEAD = PUBLIC_LENGTH + 3;

/** The first 11 bytes of every Enc_structure here: an array of 3, "Encrypt0", an empty protected bucket. */
const ENCRYPT0_HEAD: Uint8Array = /* @__PURE__ */ Uint8Array.of(
	...[0x83, 0x68, 0x45, 0x6e, 0x63, 0x72, 0x79, 0x70, 0x74, 0x30, 0x40],
);

/**
 * The key schedule of one session (RFC 9528 4.1, figure 6), method 0: with signatures on both sides PRK_2e, PRK_3e2m
 * and PRK_4e3m are one. It holds one transcript hash at a time: TH_2, then TH_3, then TH_4.
 *
 * All inputs are assembled in one scratch buffer: what a method returns as a "view" is valid until the next call.
 */
export class Schedule {
	readonly suite: Suite;
	private readonly crypto: Crypto;
	private readonly scratch: CborWriter;
	private prk: Uint8Array;
	private th: Uint8Array;
	/** K_3 and IV_3, derived ahead. */
	private key: Uint8Array | undefined;
	private iv: Uint8Array | undefined;

	/**
	 * From the shared secret G_XY, which it wipes: TH_2 = H(G_Y, H(message_1)) (5.3.2) and PRK_2e (4.1.1.1).
	 * `scratch` is the session's alone.
	 */
	constructor(
		crypto: Crypto,
		suite: Suite,
		scratch: CborWriter,
		gXY: Uint8Array,
		gY: Uint8Array,
		hashOfMessage1: Uint8Array,
	) {
		this.crypto = crypto;
		this.suite = suite;
		this.scratch = scratch;
		this.th = crypto.sha256(scratch.reset().bytes(gY).bytes(hashOfMessage1).view());
		this.prk = crypto.hmacSha256(this.th, gXY);
		crypto.wipe(gXY);
	}

	/**
	 * What Signature_or_MAC signs (5.3.2 with `connectionId`, C_R as encoded; 5.4.2 without), a view: Sig_structure over ID_CRED, TH, CRED, EAD and
	 * the MAC, MAC_2 or MAC_3, which are its last 32 bytes. The MAC's own input has the same fields in the same order, so they are written once.
	 */
	toBeSigned(
		connectionId: Uint8Array | undefined,
		idCred: Uint8Array,
		cred: Uint8Array,
		ead: Uint8Array,
	): Uint8Array {
		const { scratch, th } = this;
		const idLength = idCred.length;
		const label = connectionId === undefined ? LABEL.mac3 : LABEL.mac2;
		const length = (connectionId?.length ?? 0) + idLength + TH_ITEM + cred.length + ead.length;
		const info = beginInfo(scratch, label, length, SIGNATURE_ROOM);
		if (connectionId !== undefined) info.raw(connectionId);
		const idAt = info.length;
		const thAt = info.raw(idCred).length;
		const end = info.bytes(th).raw(cred).raw(ead).length;
		const mac = expand(this.crypto, scratch, this.prk, HASH_LENGTH, SIGNATURE_ROOM);
		const last = scratch.reset(end).wrapFrom(thAt).bytes(mac).length;
		const from = idAt - SIGNATURE1_HEAD.length - (idLength < 24 ? 1 : idLength < 0x100 ? 2 : 3);
		scratch.reset(from).raw(SIGNATURE1_HEAD).bytesHead(idLength).reset(last);
		return scratch.view(from);
	}

	/** CIPHERTEXT_2 from PLAINTEXT_2 and back: XOR with KEYSTREAM_2. A fresh buffer. */
	cipher2(input: Uint8Array): Uint8Array {
		const output = kdf(this.crypto, this.scratch, this.prk, LABEL.keystream2, this.th, input.length);
		this.crypto.xor(output, input);
		return output;
	}

	/** Begins what TH_3 is the hash of, in the scratch buffer; PLAINTEXT_2 is to be written next. */
	beginMessage2(): void {
		this.scratch.reset(MESSAGE_2_HEAD - TH_ITEM).bytes(this.th);
	}

	/** After `beginMessage2` and the plaintext: message_2. The plaintext is encrypted where it is. */
	endMessage2(gY: Uint8Array): Uint8Array {
		const { crypto, scratch } = this;
		const end = scratch.length;
		const length = end - MESSAGE_2_HEAD;
		beginInfo(scratch, LABEL.keystream2, HASH_LENGTH, end).raw(this.th);
		const keystream = expand(crypto, scratch, this.prk, length, end);
		crypto.xor(scratch.reset(end).view(MESSAGE_2_HEAD), keystream);
		crypto.wipe(keystream);
		const both = gY.length + length;
		const from = MESSAGE_2_HEAD - gY.length - (both < 0x100 ? 2 : 3);
		return scratch.reset(from).bytesHead(both).raw(gY).reset(end).take(from);
	}

	/** After `beginMessage2` and the plaintext, the signature in it: TH_3 in the place of TH_2, and the key and IV of message_3. */
	endTranscript2(cred: Uint8Array): void {
		this.th = this.crypto.sha256(this.scratch.raw(cred).view(MESSAGE_2_HEAD - TH_ITEM));
		this.derive3();
	}

	private derive3(): void {
		this.key = this.derive(LABEL.k3, this.suite.keyLength);
		this.iv = this.deriveNext(LABEL.iv3, this.suite.ivLength);
	}

	/** TH_3 = H(TH_2, PLAINTEXT_2, CRED_R), or TH_4 = H(TH_3, PLAINTEXT_3, CRED_I), takes the place of the one before. */
	advance(plaintext: Uint8Array, cred: Uint8Array): void {
		this.th = this.crypto.sha256(this.scratch.reset().bytes(this.th).raw(plaintext).raw(cred).view());
	}

	/** CIPHERTEXT_3, after `advance` to TH_3. */
	seal3(plaintext: Uint8Array): Uint8Array {
		return this.seal(LABEL.k3, LABEL.iv3, plaintext);
	}

	/** PLAINTEXT_3, after TH_3; `undefined` when the tag does not verify. */
	open3(sealed: Uint8Array): Uint8Array | undefined {
		if (this.key === undefined) this.derive3();
		return this.open(this.key!, this.iv!, sealed);
	}

	/** CIPHERTEXT_4, after `advance` to TH_4. */
	seal4(plaintext: Uint8Array): Uint8Array {
		return this.seal(LABEL.k4, LABEL.iv4, plaintext);
	}

	/** PLAINTEXT_4; `undefined` when the tag does not verify. */
	open4(sealed: Uint8Array): Uint8Array | undefined {
		return this.open(
			this.derive(LABEL.k4, this.suite.keyLength),
			this.deriveNext(LABEL.iv4, this.suite.ivLength),
			sealed,
		);
	}

	/** PRK_out, after `advance` to TH_4. */
	prkOut(): Uint8Array {
		return this.derive(LABEL.prkOut, HASH_LENGTH);
	}

	/** Overwrites every secret except those in the scratch buffer. The schedule must not be used afterwards. */
	wipe(): void {
		this.crypto.wipe(this.prk);
		this.crypto.wipe(this.th);
		if (this.key !== undefined) this.crypto.wipe(this.key);
		if (this.iv !== undefined) this.crypto.wipe(this.iv);
	}

	private derive(label: number, length: number): Uint8Array {
		return kdf(this.crypto, this.scratch, this.prk, label, this.th, length);
	}

	/** `derive` right after another: of its info the label and the length alone are new. */
	private deriveNext(label: number, length: number): Uint8Array {
		const { scratch } = this;
		scratch
			.reset()
			.int(label)
			.reset(1 + TH_ITEM);
		return expand(this.crypto, scratch, this.prk, length);
	}

	/** `["Encrypt0", h'', TH]` (RFC 9052 5.3), a view. */
	private aad(): Uint8Array {
		return this.scratch.reset().raw(ENCRYPT0_HEAD).bytes(this.th).view();
	}

	private seal(keyLabel: number, ivLabel: number, plaintext: Uint8Array): Uint8Array {
		const key = this.derive(keyLabel, this.suite.keyLength);
		const iv = this.deriveNext(ivLabel, this.suite.ivLength);
		const sealed = seal(this.crypto, this.suite, key, iv, this.aad(), plaintext);
		this.crypto.wipe(key);
		this.crypto.wipe(iv);
		return sealed;
	}

	/** Wipes the key. */
	private open(key: Uint8Array, iv: Uint8Array, sealed: Uint8Array): Uint8Array | undefined {
		const plaintext = open(this.crypto, this.suite, key, iv, this.aad(), sealed);
		this.crypto.wipe(key);
		this.crypto.wipe(iv);
		return plaintext;
	}
}
