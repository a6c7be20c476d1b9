// SPDX-License-Identifier: Apache-2.0

/** CBOR, COSE, CWT and the credential made of them. */
import { fromHex } from "../../../protocol/bytes.js";
import { CborError, CborReader, validate } from "../../../protocol/cbor/reader.js";
import { CoseError, decodeSign1 } from "../../../protocol/credential/cose.js";
import { readCoseKey } from "../../../protocol/credential/cose-key.js";
import { CredentialError, verifyCredential } from "../../../protocol/credential/credential.js";
import { CwtError, decodeClaims, encodeClaims } from "../../../protocol/credential/cwt.js";
import { EPOCH } from "../../../sim/site.js";
import { SIGN1 } from "../published.js";
import { type FuzzTarget, target, typed } from "../target.js";
import { crypto, phone, phone2, random, reader, site } from "../world.js";
import { message1 } from "./edhoc.js";
import { delta, snapshot } from "./plan.js";

const claims = encodeClaims({ issuer: "ACME0001", id: random.bytes(8), expires: EPOCH } as Parameters<
	typeof encodeClaims
>[0]);
const coseKey = fromHex(`a301012006215820${"11".repeat(32)}`);

export const CREDENTIAL_TARGETS: readonly FuzzTarget[] = Object.freeze([
	target("cbor", [claims, coseKey, phone.cwt, message1, snapshot, ...SIGN1], typed(CborError), (input) =>
		validate(input),
	),
	target(
		"cose-sign1",
		[phone.cwt, reader.cwt, snapshot, delta, ...SIGN1],
		typed(CborError, CoseError),
		(input) => {
			decodeSign1(input);
		},
	),
	target("cose-key", [coseKey], typed(CborError, CoseError, CwtError), (input) => {
		readCoseKey(new CborReader(input));
	}),
	target("cwt", [claims], typed(CborError, CwtError), (input) => {
		decodeClaims(input);
	}),
	target(
		"credential",
		[phone.cwt, phone2.cwt, reader.cwt, ...SIGN1],
		typed(CredentialError),
		(input) => {
			verifyCredential(input, site.trust, crypto);
		},
		{ share: 0.2 },
	),
]);
