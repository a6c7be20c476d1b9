// SPDX-License-Identifier: Apache-2.0

import { type CborMap, type CborValue, isFields } from "../../../protocol/cbor/value.js";
import type { CredentialReason } from "../../../protocol/credential/credential.js";
import type { ProvisioningReason } from "../../../protocol/provisioning/error.js";
import type { Refusal } from "../../../protocol/provisioning/messages.js";
import type { KeyRefusal } from "../../../protocol/trust/list.js";

/** Why the site's list does not let a reader be the one of its door. */
export type ReaderRefusal = Extract<
	CredentialReason,
	"revoked" | "expired" | "not-yet-valid" | "wrong-role" | "beyond-limits" | "key-stolen"
>;

/** Why a request ended without a reply that can be used. */
export type ClientReason =
	| "refused"
	| "no-answer"
	| "port-closed"
	| "bad-reply"
	/** No protocol version in common: the reader's are all newer, or all older. */
	| "newer-reader"
	| "older-reader"
	/** What answers is not the reader that it says it is. */
	| "false-reader"
	/** No door of the site whose key was given. */
	| "other-site"
	/** The site's list does not let it be the reader of that door. */
	| `reader-${ReaderRefusal}`
	/** It has other trust lists of the site than are given. */
	| "fork"
	/** By its trust list, which is newer than those given, the key may not work on it. */
	| KeyRefusal
	| "wrong-door"
	/** The reader forgot in the middle who has authority. */
	| "restarted"
	/** The log is written to faster than it can be copied. */
	| "log-moves";

export class ClientError extends Error {
	override readonly name: string = "ClientError";
	readonly reason: ClientReason;

	constructor(reason: ClientReason, message: string) {
		super(message);
		this.reason = reason;
	}
}

/** The reader answered with an error. */
export class RequestRefused extends ClientError {
	override readonly name = "RequestRefused";
	readonly refusal: Refusal;

	constructor(command: string, refusal: Refusal) {
		super("refused", `${command}: ${refusal.reason}: ${refusal.message}`);
		this.refusal = refusal;
	}
}

/** Whether the reader refused for one of these reasons. */
export function isRefused(error: unknown, ...reasons: ProvisioningReason[]): error is RequestRefused {
	return error instanceof RequestRefused && (reasons as string[]).includes(error.refusal.reason);
}

/** A reader's error, of whatever version: what is not as expected is left out. */
export function refusalOf(value: CborValue): Refusal {
	const given: CborMap = isFields(value) ? value : {};
	const { problems } = given;
	const reason = text(given.reason) ?? "failed";
	return {
		reason,
		message: text(given.message) ?? reason,
		problems: Array.isArray(problems)
			? (problems as readonly CborValue[]).filter(isFields).map(({ field, reason, message }) => ({
					field: text(field) ?? "",
					reason: text(reason) ?? "",
					message: text(message) ?? "",
				}))
			: [],
		retryAfter: number(given.retryAfter),
		refusal: text(given.refusal),
		version: number(given.version),
		least: number(given.least),
		greatest: number(given.greatest),
	};
}

function text(value: CborValue | undefined): string | undefined {
	return typeof value === "string" ? value : undefined;
}

function number(value: CborValue | undefined): number | undefined {
	return typeof value === "number" ? value : undefined;
}
