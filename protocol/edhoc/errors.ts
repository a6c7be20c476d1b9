// SPDX-License-Identifier: Apache-2.0

import { CborError, CborReader, MAJOR } from "../cbor/reader.js";
import { CborWriter } from "../cbor/writer.js";
import { readSuites, writeSuites } from "./suites-list.js";

/** What can go wrong in a session, and the error messages of RFC 9528 6. */

export type EdhocReason =
	/** Not the message's CDDL, not deterministic, or a field of a wrong length. */
	| "malformed"
	/** A call or message came out of turn, or twice. */
	| "wrong-state"
	| "unsupported-method"
	/** The selected suite is not supported, or one that the peer prefers is. */
	| "wrong-suite"
	/** G_X or G_Y is not on the curve, or of small order. */
	| "invalid-key"
	/** One's own ephemeral key or credential came back. */
	| "reflected"
	/** The AEAD tag of message_3 or message_4 does not verify. */
	| "decryption-failed"
	/** Signature_or_MAC does not verify. */
	| "bad-signature"
	/** ID_CRED refers to a credential that is not at hand. */
	| "unknown-credential"
	/** ID_CRED carries a kind of credential that is not taken here. */
	| "unsupported-credential"
	/** A critical EAD item that is not understood. */
	| "critical-ead"
	/** The peer's credential has a key of another algorithm than the suite's. */
	| "wrong-algorithm"
	/** The peer sent an error message; `peer` has it. */
	| "peer-error"
	/** No credential of one's own for the suite. */
	| "no-credential"
	/** The peer speaks another version of the transaction. */
	| "wrong-version"
	/** What was done to open is not signed, not what was said before, or not what the door wants. */
	| "wrong-intent";

/** An error message as it came. */
export interface PeerError {
	/** 1 unspecified, 2 wrong selected cipher suite, 3 unknown credential; others may be registered. */
	readonly code: number;
	/** Diagnostic text of code 1; the peer's words, to be logged and not believed. */
	readonly text?: string;
	/** SUITES_R of code 2. */
	readonly suites?: readonly number[];
}

export class EdhocError extends Error {
	override readonly name = "EdhocError";
	readonly reason: EdhocReason;
	/** What the peer said, with "peer-error". */
	readonly peer: PeerError | undefined;
	/** Own suites, with "wrong-suite". */
	readonly suites: readonly number[] | undefined;

	constructor(
		reason: EdhocReason,
		more?: { readonly peer?: PeerError; readonly suites?: readonly number[]; readonly detail?: string },
	) {
		super(more?.detail === undefined ? `EDHOC: ${reason}` : `EDHOC: ${reason} (${more.detail})`);
		this.reason = reason;
		this.peer = more?.peer;
		this.suites = more?.suites;
	}
}

const ERR_UNSPECIFIED = 1;
const ERR_SUITE = 2;
const ERR_UNKNOWN_CREDENTIAL = 3;

export const REFUSED = "refused";

/** Longest ERR_INFO that is read, bytes. */
const MAX_ERROR = 256;

/**
 * The error message to send for an exception of a session; `undefined` when none may be sent (in answer to an error,
 * RFC 9528 6). It names faults of messages, and none of credentials: a forger learns only that the credential was refused.
 */
export function errorMessage(error: unknown): Uint8Array | undefined {
	const writer = new CborWriter(32);
	if (!(error instanceof EdhocError)) return writer.int(ERR_UNSPECIFIED).text(REFUSED).take();
	const { reason, suites } = error;
	switch (reason) {
		case "peer-error":
			return undefined;
		case "wrong-suite":
			writeSuites(writer.int(ERR_SUITE), suites!);
			return writer.take();
		case "unknown-credential":
			return writer.int(ERR_UNKNOWN_CREDENTIAL).boolean(true).take();
		case "bad-signature":
		case "reflected":
		case "wrong-algorithm":
		case "no-credential":
			return writer.int(ERR_UNSPECIFIED).text(REFUSED).take();
		default:
			return writer.int(ERR_UNSPECIFIED).text(reason).take();
	}
}

/** Whether a message is an error message: it begins with an integer, message_2 to message_4 with a byte string. */
export function isErrorMessage(message: Uint8Array): boolean {
	return message.length > 0 && message[0]! >> 5 <= MAJOR.negative;
}

/** Throws `CborError` when it is not an error message; code 0 is none (RFC 9528 6.1). */
export function decodeErrorMessage(message: Uint8Array): PeerError {
	const reader = new CborReader(message, { maxLength: MAX_ERROR });
	const code = reader.int();
	if (code === 0) throw new CborError("out-of-range");
	let error: PeerError = { code };
	if (code === ERR_UNSPECIFIED) error = { code, text: reader.text() };
	else if (code === ERR_SUITE) error = { code, suites: readSuites(reader) };
	else if (code === ERR_UNKNOWN_CREDENTIAL) {
		if (!reader.boolean()) throw new CborError("out-of-range");
	} else reader.skip();
	reader.end();
	return error;
}
