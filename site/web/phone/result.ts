// SPDX-License-Identifier: Apache-2.0

import type { HolderResult } from "../../../phone/holder.js";
import { CredentialError } from "../../../protocol/credential/credential.js";
import { EdhocError } from "../../../protocol/edhoc/errors.js";
import { phoneWords } from "../words/phone.js";
import { doorReasons, readerReasons } from "../words/phone-reasons.js";
import type { HeldCredential } from "./keyring.js";

/** What a door said, or why there is nothing, in words. */
export function resultText(result: HolderResult, held: HeldCredential): string {
	const t = phoneWords();
	if (result.kind === "failed") return failureText(result.error);
	const { decision, door } = result;
	const text = decision === undefined ? t.lost : doorReasons()[decision.reason];
	const name = held.told.doors.find(({ id }) => id === door)?.name ?? door;
	return name === undefined ? text : t.atDoor(name, text);
}

function failureText(error: Error): string {
	const t = phoneWords();
	if (error instanceof CredentialError) return readerReasons()[error.reason] ?? doorReasons()["wrong-site"];
	if (!(error instanceof EdhocError)) return t.lost;
	if (error.reason === "wrong-intent") return t.wantsTap;
	return error.reason === "wrong-version" || error.peer?.text === "wrong-version"
		? doorReasons()["wrong-version"]
		: t.lost;
}
