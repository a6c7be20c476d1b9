// SPDX-License-Identifier: Apache-2.0

/** The site's half of credentials: what it makes and signs. */
import { CborWriter } from "../cbor/writer.js";
import { HEADER, type PublicKey, type Signer, sigStructure, TAG_SIGN1 } from "./cose.js";
import { ID_LENGTH, isCount, isDate, MAX_COUNT, MAX_QR_CREDENTIAL, QR_ROLE } from "./credential.js";
import { encodeClaims } from "./cwt.js";
import { isDoorId, isSiteId } from "./names.js";

export interface CredentialFields {
	/** The site. */
	readonly issuer: string;
	/** The door, for the credential of a reader; `QR_ROLE` for one of class `qr`; a phone's has none. */
	readonly subject?: string;
	/** Of class `qr` alone: the one door that it is for. */
	readonly audience?: string;
	/** Of class `qr` with `audience` and `expires`: how often it opens in all, 1 to `MAX_COUNT`. */
	readonly count?: number;
	/** 8 random bytes. */
	readonly id: Uint8Array;
	/** Seconds since 1970-01-01T00:00:00Z. */
	readonly notBefore?: number;
	readonly expires?: number;
	readonly issuedAt?: number;
	readonly key: PublicKey;
}

/** Issues a credential, untagged. RangeError when a field is out of bounds. */
export function issueCredential(
	fields: CredentialFields,
	by: Signer,
	options?: { readonly kid?: Uint8Array },
): Uint8Array {
	const { issuer, subject } = fields;
	if (!isSiteId(issuer)) throw new RangeError("a site's identifier is 1 to 8 printable ASCII characters");
	if (subject !== undefined && subject !== QR_ROLE && !isDoorId(subject))
		throw new RangeError("a credential's subject is a door's identifier or +qr");
	checkQr(fields);
	if (fields.id.length !== ID_LENGTH) throw new RangeError("a credential's id has 8 bytes");
	if (!isDate(fields.notBefore) || !isDate(fields.expires) || !isDate(fields.issuedAt))
		throw new RangeError("a date is whole seconds, 0 to 2^32-1");
	const credential = encodeSign1(encodeClaims(fields), by, options);
	if (subject === QR_ROLE && credential.length > MAX_QR_CREDENTIAL)
		throw new RangeError("a credential of class qr is longer than a code has room for");
	return credential;
}

function checkQr({ audience, count, expires, subject }: CredentialFields): void {
	if (audience !== undefined && (subject !== QR_ROLE || !isDoorId(audience)))
		throw new RangeError("an audience is a door's identifier, in a credential of class qr");
	if (count === undefined) return;
	if (audience === undefined || expires === undefined)
		throw new RangeError("a count is for one named door and has an end");
	if (!isCount(count)) throw new RangeError(`a count is a whole number, 1 to ${MAX_COUNT}`);
}

export interface Sign1Options {
	/** Goes into the unprotected bucket. */
	readonly kid?: Uint8Array;
	readonly externalAad?: Uint8Array;
	/** Prefixes tag 18. */
	readonly tagged?: boolean;
}

/** Signs `payload`; `alg` alone is protected. */
export function encodeSign1(payload: Uint8Array, by: Signer, options?: Sign1Options): Uint8Array {
	const protectedHeader = new CborWriter(8).map(1).int(HEADER.alg).int(by.algorithm).take();
	const signature = by.sign(sigStructure(protectedHeader, options?.externalAad, payload));
	const writer = new CborWriter(payload.length + 96);
	if (options?.tagged) writer.tag(TAG_SIGN1);
	writer.array(4).bytes(protectedHeader);
	if (options?.kid === undefined) writer.map(0);
	else writer.map(1).int(HEADER.kid).bytes(options.kid);
	return writer.bytes(payload).bytes(signature).take();
}
