// SPDX-License-Identifier: Apache-2.0

/** CBOR, COSE, CWT and the credential made of them. */
import { fromHex } from "../../../protocol/bytes.js";
import { CborError, CborReader } from "../../../protocol/cbor/reader.js";
import { validate } from "../../../protocol/cbor/validate.js";
import { CoseError, decodeSign1 } from "../../../protocol/credential/cose.js";
import { readCoseKey } from "../../../protocol/credential/cose-key.js";
import { CredentialError, verifyPhone, verifyReader } from "../../../protocol/credential/credential.js";
import { CwtError, decodeClaims, encodeClaims } from "../../../protocol/credential/cwt.js";
import { openList } from "../../../protocol/trust/envelope.js";
import { decodeList } from "../../../protocol/trust/list.js";
import { EPOCH } from "../../../sim/site.js";
import { encodeList, modelOf } from "../../../site/lib/trust/model.js";
import { SIGN1 } from "../published.js";
import { type FuzzTarget, never, target, typed } from "../target.js";
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
			verifyPhone(input, site.trust, "front", crypto);
		},
		{ share: 0.2 },
	),
	target(
		"reader-credential",
		[reader.cwt, phone.cwt],
		typed(CredentialError),
		(input) => {
			verifyReader(input, site.trust, crypto, EPOCH);
		},
		{ share: 0.1 },
	),
	target(
		"trust-list",
		[...site.keys.lists],
		never,
		(input) => {
			openList(input, site.trust, crypto);
			openList(input, undefined, crypto);
		},
		{ share: 0.2 },
	),
	target("trust-payload", [site.trust.payload], never, (input) => {
		const list = decodeList(input);
		if (list !== undefined) encodeList(modelOf(list));
	}),
]);
