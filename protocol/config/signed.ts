// SPDX-License-Identifier: Apache-2.0

import { utf8Encode } from "../bytes.js";
import { CborError, type CborLimits } from "../cbor/reader.js";
import { type CborValue, decodeValue, encodeValue, isFields } from "../cbor/value.js";
import type { Crypto } from "../crypto.js";
import { MAX_WHOLE } from "../sync/bounds.js";
import type { KeyRefusal, TrustKey, TrustList } from "../trust/list.js";
import { openSigned, type SignedRefusal } from "../trust/signed.js";

/**
 * A configuration that comes without an installer at the cable, as a key with the role `install` signed it: a server may not change how
 * a door is wired, since an inverted contact opens it. COSE_Sign1 whose payload is a map of CBOR, deterministic.
 */
export type SignedConfiguration = {
	readonly site: string;
	readonly door: string;
	/** Rises with each that a door is given, 1 to 2^32-1. */
	readonly number: number;
	/** The whole document; it is still to be checked. */
	readonly configuration: CborValue;
};

/** One that a key of the list has signed. */
export type OpenedConfiguration = SignedConfiguration & {
	/** Who signed it: `fingerprintOf` the key. */
	readonly by: Uint8Array;
};

export type ConfigurationRefusal =
	| SignedRefusal
	| KeyRefusal
	/** The key has an end, and the reader does not know the time. */
	| "clock-unset"
	| "wrong-site"
	| "wrong-door";

const LIMITS: CborLimits = Object.freeze({ maxLength: MAX_WHOLE, maxDepth: 4 });
const FIELDS = 4;
const MAX_NUMBER = 0xffff_ffff;
const FINGERPRINT = 8;

/** external_aad: no other thing that a key signs is taken for this one. */
export function configurationContext(): Uint8Array {
	return utf8Encode("lintel configuration");
}

export function encodeConfiguration(signed: SignedConfiguration): Uint8Array {
	return encodeValue(signed);
}

/** Opens one that came in, or says why it is none for this door. `now`: seconds since 1970, by which keys end; `undefined`: unknown. */
export function openConfiguration(
	envelope: Uint8Array,
	trust: TrustList,
	door: string,
	now: number | undefined,
	crypto: Crypto,
): OpenedConfiguration | ConfigurationRefusal {
	let by: Uint8Array | undefined;
	const payload = openSigned(envelope, configurationContext(), trust, crypto, (key) => {
		by = key.publicKey.slice(0, FINGERPRINT);
		return refusalOf(key, door, now);
	});
	if (typeof payload === "string") return payload;
	const signed = decodeConfiguration(payload);
	if (signed === undefined) return "malformed";
	if (signed.site !== trust.site) return "wrong-site";
	return signed.door === door ? { ...signed, by: by! } : "wrong-door";
}

function refusalOf(key: TrustKey, door: string, now: number | undefined): ConfigurationRefusal | undefined {
	const refusal = key.refusalAt("install", door, now ?? 0);
	// An installer's key has an end.
	return refusal ?? (now === undefined ? "clock-unset" : undefined);
}

/** What was signed; `undefined` where it is none. */
export function decodeConfiguration(payload: Uint8Array): SignedConfiguration | undefined {
	let value: CborValue;
	try {
		value = decodeValue(payload, LIMITS);
	} catch (error) {
		if (error instanceof CborError) return undefined;
		throw error;
	}
	if (!isFields(value) || Object.keys(value).length !== FIELDS) return undefined;
	const { configuration, door, number, site } = value;
	if (typeof site !== "string" || typeof door !== "string" || configuration === undefined) return undefined;
	if (typeof number !== "number" || number < 1 || number > MAX_NUMBER) return undefined;
	return { site, door, number, configuration };
}
