// SPDX-License-Identifier: Apache-2.0

import type { Reason } from "../../protocol/reasons.js";

/** The rule of the code that gives a reason. */
export interface Rule {
	readonly file: string;
	readonly rule: string;
}

const DECIDE = "src/access/decide.ts";
const CREDENTIAL = "protocol/credential/credential.ts";
const LIST = "protocol/trust/list.ts";
const TRANSACTION = "src/schemes/edhoc/transaction.ts";
const CODES = "src/schemes/qr/codes.ts";

const rule = (file: string, text: string): Rule => Object.freeze({ file, rule: text });

/** Where each reason comes from; of those with several places, the one of a tap. */
export const RULES: Readonly<Record<Reason, Rule>> = Object.freeze({
	granted: rule(DECIDE, "Nothing spoke against it: it is the last line of decide()."),
	malformed: rule(TRANSACTION, "What came is not the message that was due."),
	"transaction-incomplete": rule(
		"src/links/nfc.ts",
		"The phone left before its last message, or was too slow.",
	),
	"bad-signature": rule(TRANSACTION, "EDHOC, or the credential in it, does not verify."),
	"unknown-issuer": rule(CREDENTIAL, "No key of the trust list has the name that signed the credential."),
	"wrong-site": rule(CREDENTIAL, "The claim iss names another site than the trust list."),
	expired: rule(DECIDE, "The time is at or past the end: of the credential, or of its record in the plan."),
	"not-yet-valid": rule(
		DECIDE,
		"The time is before the beginning: of the credential, or of its record in the plan.",
	),
	"no-application": rule("src/app/radios.ts", "No application answered to SELECT."),
	"wrong-version": rule(TRANSACTION, "The byte before message_1 names another version."),
	"wrong-intent": rule(TRANSACTION, "EAD_3 signs another act than the phone showed."),
	"wrong-role": rule(CREDENTIAL, "The key that signed may not issue, or the credential is no phone's."),
	"beyond-limits": rule(LIST, "The key that signed may not sign for this door, or not for so long."),
	"key-ended": rule(LIST, "The key that signed had ended before the credential was issued."),
	"key-stolen": rule(LIST, "The key that signed is marked as stolen."),
	"stale-code": rule(CODES, "The code's step is not the present one, nor one beside it."),
	"used-code": rule(CODES, "A code of this step or a later one was taken."),
	"uses-spent": rule("src/schemes/qr/uses.ts", "The count in the reader is that of the credential."),
	"just-started": rule(CODES, "The reader started less than the life of a code ago."),
	"cannot-keep": rule("src/schemes/qr/uses.ts", "The count could not be written."),
	"setup-code": rule(CODES, "The text is a command of the scanner."),
	"unknown-credential": rule(DECIDE, 'The plan has no record of the id: record.kind is "absent".'),
	revoked: rule(DECIDE, 'The record is revoked, which beats every other rule: record.kind is "revoked".'),
	"wrong-door": rule(DECIDE, 'The record is for other doors: record.kind is "other-door".'),
	"outside-schedule": rule(DECIDE, "No access plan of the record admits at this time."),
	"plan-expired": rule(DECIDE, "The time is past the plan's end, and the record has no grace that lasts."),
	"no-plan": rule(DECIDE, "No plan is in force."),
	"clock-unset": rule(DECIDE, "A date or a schedule needs the time, and it is not known."),
	suspended: rule(DECIDE, "The record has the flag suspended."),
	"plan-damaged": rule(DECIDE, "The plan in flash did not pass its check."),
	lockdown: rule(DECIDE, "The door is locked down, and the record has no override."),
	"awaiting-first-person": rule(DECIDE, "The door waits for the first person, which the record is not."),
});
