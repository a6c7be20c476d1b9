// SPDX-License-Identifier: Apache-2.0

import { equal } from "../bytes.js";
import { CborError, CborReader, MAJOR } from "../cbor/reader.js";
import { CborWriter } from "../cbor/writer.js";
import { CoseError, EDDSA, readBuckets, SIGNATURE_LENGTH, type Sign1 } from "../credential/cose.js";
import type { Crypto } from "../crypto.js";
import { decodeList, KID, MAX_LIST, type TrustList } from "./list.js";

/** The signatures of a trust list: COSE_Sign (RFC 9052 4.1), which can carry those of several roots. */

/** CBOR tag of COSE_Sign (RFC 9052 2). */
export const TAG_SIGN = 98;
/** Two of the roots before, two of its own. */
export const MAX_SIGNATURES = 4;
/** Bytes of a signed list at most. */
export const MAX_SIGNED_LIST = MAX_LIST + 16 + MAX_SIGNATURES * (SIGNATURE_LENGTH + 16);

/** Why a list was refused. The one in force stays. */
export type ListRefusal =
	/** Not COSE_Sign, or not this format. */
	| "malformed"
	/** Another site's. */
	| "wrong-site"
	/** This version or a newer one is in force. */
	| "not-newer"
	/** Versions before it are missing: lists are taken one by one. */
	| "skipped-version"
	/** Its epoch is more than one above that of the list in force: epochs may not be used up. */
	| "skipped-epoch"
	/** Its epoch or its date is before that of the list in force. */
	| "older"
	/** Too few of the roots in force have signed it. */
	| "not-by-roots"
	/** Too few of its own roots have signed it. */
	| "not-by-new-roots";

/** "lintel trust", bound into the signatures as external_aad, so that nothing else that a root signs can pass for a list. */
export function listContext(): Uint8Array {
	return Uint8Array.of(0x6c, 0x69, 0x6e, 0x74, 0x65, 0x6c, 0x20, 0x74, 0x72, 0x75, 0x73, 0x74);
}

/**
 * Checks a signed list and that it may follow `before`: the next version of the same site, signed by the thresholds of both. Without
 * `before` it is believed by its own roots. At most four verifications. `payload` of what returns is a view.
 */
export function openList(
	signed: Uint8Array,
	before: TrustList | undefined,
	crypto: Crypto,
): TrustList | ListRefusal {
	if (signed.length > MAX_SIGNED_LIST) return "malformed";
	const message = decodeSign(signed);
	const list = message && decodeList(message.payload);
	if (message === undefined || list === undefined) return "malformed";
	if (before !== undefined) {
		if (list.site !== before.site) return "wrong-site";
		if (list.version <= before.version) return "not-newer";
		if (list.version !== before.version + 1) return "skipped-version";
		if (list.epoch < before.epoch || list.issued < before.issued) return "older";
		if (list.epoch > before.epoch + 1) return "skipped-epoch";
	}
	const signers = signersOf(message, [...list.roots, ...(before?.roots ?? [])], crypto);
	const count = (roots: readonly Uint8Array[]): number =>
		roots.filter((root) => signers.some((signer) => equal(signer, root))).length;
	if (before !== undefined && count(before.roots) < before.threshold) return "not-by-roots";
	return count(list.roots) < list.threshold ? "not-by-new-roots" : list;
}

/** What the roots of a signed list have signed, as a view; `undefined` where it is none. Nothing is checked. */
export function listIn(signed: Uint8Array): Uint8Array | undefined {
	return signed.length > MAX_SIGNED_LIST ? undefined : decodeSign(signed)?.payload;
}

interface Sign {
	readonly bodyProtected: Uint8Array;
	readonly payload: Uint8Array;
	readonly signatures: readonly Omit<Sign1, "payload">[];
}

function decodeSign(bytes: Uint8Array): Sign | undefined {
	try {
		const reader = new CborReader(bytes, { anyKeyOrder: true });
		if (reader.peek() === MAJOR.tag && reader.tag() !== TAG_SIGN) return undefined;
		reader.arrayOf(4);
		const { protectedHeader: bodyProtected } = readBuckets(reader);
		const payload = reader.bytes();
		const count = reader.array();
		if (count < 1 || count > MAX_SIGNATURES) return undefined;
		const signatures: Omit<Sign1, "payload">[] = [];
		for (let i = 0; i < count; i++) {
			reader.arrayOf(3);
			signatures.push({ ...readBuckets(reader), signature: reader.bytes() });
		}
		reader.end();
		return { bodyProtected, payload, signatures };
	} catch (error) {
		if (error instanceof CborError || error instanceof CoseError) return undefined;
		throw error;
	}
}

/** Those of `roots` that have signed. */
function signersOf(message: Sign, roots: readonly Uint8Array[], crypto: Crypto): Uint8Array[] {
	const { bodyProtected, payload } = message;
	const signers: Uint8Array[] = [];
	for (const { algorithm, kid, protectedHeader, signature } of message.signatures) {
		const root = kid && roots.find((one) => equal(one.subarray(0, KID), kid));
		if (root === undefined || algorithm !== EDDSA || signature.length !== SIGNATURE_LENGTH) continue;
		const signed = listToBeSigned(bodyProtected, protectedHeader, payload);
		if (crypto.ed25519Verify(signature, signed, root)) signers.push(root);
	}
	return signers;
}

/** Sig_structure of COSE_Sign (RFC 9052 4.4): `["Signature", body_protected, sign_protected, external_aad, payload]`. */
export function listToBeSigned(
	bodyProtected: Uint8Array,
	signProtected: Uint8Array,
	payload: Uint8Array,
): Uint8Array {
	return new CborWriter(64 + bodyProtected.length + signProtected.length + payload.length)
		.array(5)
		.text("Signature")
		.bytes(bodyProtected)
		.bytes(signProtected)
		.bytes(listContext())
		.bytes(payload)
		.view();
}
