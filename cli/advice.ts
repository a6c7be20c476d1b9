// SPDX-License-Identifier: Apache-2.0

import type { PlanRefusal } from "../protocol/plan/envelope.js";
import type { ProvisioningReason } from "../protocol/provisioning/error.js";
import type { Refusal } from "../protocol/provisioning/messages.js";
import { type ExitName, Failure } from "../site/lib/files/failure.js";
import { ClientError, type ClientReason, RequestRefused } from "../site/lib/provisioning/errors.js";

/** What to do about each reason for which a reader refuses. */
const ADVICE: Readonly<Record<ProvisioningReason, string>> = {
	malformed: "Reader and lintel do not fit: update the older one; `lintel show` says the reader's version.",
	"unknown-command": "The reader's firmware is older than this lintel. Update the firmware.",
	"unsupported-version": "Update the older one of lintel and the reader's firmware.",
	"invalid-configuration": "Correct the file and give the same command again; nothing was changed.",
	"wrong-door": "Plug in the reader of that door, or correct `id` in the file.",
	"not-commissioned": "Make it a door of your site first: `lintel commission`.",
	"already-commissioned": "`lintel reset` with a key of its site makes it a new reader.",
	"not-authorised": "Give a key that the site allows: --site-key site-key.json.",
	"not-allowed":
		"Use a key with the role install for this door, before its end (`lintel site show`); one sets a clock that is unset only forward of the plan. Where the site has none, `lintel site key` makes one; where its root is lost too, the reader's button, held at power-up, resets it.",
	"clock-unset": "An installer's key has to set it first: `lintel time set`.",
	"no-challenge": "Give the same command again.",
	"try-later": "Too many wrong keys. Wait, then try again with the right one.",
	busy: "Wait until the other command has ended, then give the same command again.",
	"reply-gone":
		"Another program works on the same cable. Close it, then give the same command again: it finds what is done already.",
	"out-of-order":
		"Another program speaks in this one's name on the cable. Unplug the reader, plug it in and give the same command again.",
	"not-available": "This reader has no such part: `lintel test all` tries those that it has.",
	"old-log": "Export that log with its site's key, then commission with --erase-log.",
	"bad-credential": "The reader's keys have changed meanwhile. Give the same command again.",
	"plan-refused": "Sign a newer plan for this door: `lintel plan compile`.",
	"trust-refused":
		"The reader takes a site's trust lists one after the other: give the site.json that has them all. One that it cannot follow is another site's, or its roots have not signed it.",
	damaged: "Hold the reader's button at power-up to reset it, then commission it again.",
	failed: "Look at `lintel show`, then give the same command again; `lintel restart` starts the reader anew.",
};

const UNPLUGGED = "Plug the reader in again and give the same command: it goes on where it stopped.";

const ANEW = "`lintel certify` signs for it anew";
const CLOCK = "Look at this computer's clock first.";
const NEW_KEY =
	"Ask the site's administrator for a key that is good (`lintel site key --role install`), and for the newest site.json.";

/** What to do where a request ended without a reply, and how the command ends. */
const LINK_FAILURES: Readonly<Record<Exclude<ClientReason, "refused">, readonly [ExitName, string, string]>> =
	{
		"no-answer": [
			"unplugged",
			"no-answer",
			"Check the cable, and that the reader has Lintel's firmware; then give the same command again.",
		],
		"port-closed": ["unplugged", "unplugged", UNPLUGGED],
		restarted: ["unplugged", "restarted", "Give the same command again."],
		"bad-reply": [
			"version",
			"bad-reply",
			"Give the command again; if it stays so, reader and lintel do not fit: compare their versions.",
		],
		"newer-reader": ["version", "unsupported-version", "Update lintel on this computer first."],
		"older-reader": [
			"version",
			"older-reader",
			"Export its log by the lintel that it came with. Then update its firmware, reset it by its button, and commission it anew with the keys that `lintel site upgrade` makes.",
		],
		"false-reader": [
			"refused",
			"false-reader",
			"Something in the cable speaks for the reader, or it is no reader. Unplug it, and look what is behind the port.",
		],
		"other-site": [
			"refused",
			"other-site",
			"Give a key of the site that made this reader a door (`lintel show` says which). Where that is this site, the reader is a false one, or the key that commissioned it was stolen and has left the list: look who has put it there; for the right one sign anew by `lintel certify`. Where the site's root is lost, the reader's button, held at power-up, resets it.",
		],
		"wrong-door": ["refused", "wrong-door", ADVICE["wrong-door"]],
		"reader-revoked": [
			"refused",
			"reader-revoked",
			`Look who has put it there. Where it is the right one after all: ${ANEW}.`,
		],
		"reader-key-stolen": [
			"refused",
			"reader-key-stolen",
			`It may be a thief's: look who has put it there. Where it is the right one: ${ANEW}.`,
		],
		"reader-wrong-role": ["refused", "reader-wrong-role", `Where it is the right one: ${ANEW}.`],
		"reader-beyond-limits": ["refused", "reader-beyond-limits", `Where it is the right one: ${ANEW}.`],
		"reader-expired": ["refused", "reader-expired", `${CLOCK} Where that is right: ${ANEW}.`],
		"reader-not-yet-valid": ["refused", "reader-not-yet-valid", `${CLOCK} Where that is right: ${ANEW}.`],
		fork: [
			"refused",
			"fork",
			"Two lists of one site with one number: one of them is a forgery, was signed by mistake, or is of another site of that name. Compare fingerprints (`lintel show`, `lintel site show`) with the site's administrator. A reader that was led astray is reset by its button and commissioned anew.",
		],
		"wrong-role": ["refused", "wrong-role", NEW_KEY],
		"beyond-limits": ["refused", "beyond-limits", NEW_KEY],
		"key-ended": ["refused", "key-ended", NEW_KEY],
		"key-stolen": ["refused", "key-stolen", NEW_KEY],
		"log-moves": ["refused", "log-moves", "Give the same command again when the door is quieter."],
	};

/** An error of the provisioning client as the installer is told; others as they are. `path`: the reader's port. */
export function readerFailure(error: unknown, path: string): unknown {
	if (error instanceof RequestRefused) return refusedFailure(error.refusal);
	if (!(error instanceof ClientError) || error.reason === "refused") return error;
	const [exit, reason, advice] = LINK_FAILURES[error.reason];
	const message =
		error.reason === "no-answer"
			? `nothing answers at ${path}`
			: error.reason === "port-closed"
				? `the reader at ${path} was unplugged`
				: error.message;
	return new Failure(exit, reason, message, advice);
}

function refusedFailure(refusal: Refusal): Failure {
	const { problems, reason, retryAfter } = refusal;
	const details = problems.map(({ field, message }) => `; ${field} ${message}`).join("");
	const wait = retryAfter === undefined ? "" : ` (for ${Math.ceil(retryAfter / 1000)} s)`;
	const why = planRefused(refusal)?.[0] ?? refusal.message;
	const message = `the reader refused: ${why}${wait}${details}`;
	return new Failure(reason === "unknown-command" ? "version" : "refused", reason, message, advise(refusal));
}

function advise({ least, problems, reason, refusal }: Refusal): string {
	// This lintel has found the file in order, so its settings are newer than the reader.
	if (problems.some((problem) => problem.reason === "unknown-field"))
		return "The reader's firmware is older than this setting: update it, or leave the setting out. Nothing was changed.";
	// It counts what it had before it was reset too, of which `show` says nothing.
	if (refusal === "not-newer" && least !== undefined)
		return `This reader has had this version or a newer one, and a reset does not change that: compile with --plan-version ${least} or higher.`;
	return (
		planRefused({ refusal })?.[1] ??
		entry(ADVICE, reason) ??
		"Look at `lintel show`, then try again; a newer lintel may know more."
	);
}

function planRefused({ refusal }: Pick<Refusal, "refusal">): readonly [string, string] | undefined {
	return refusal === undefined ? undefined : entry(PLAN_REFUSED, refusal);
}

/** A newer reader may have reasons that are not in `table`. */
function entry<T>(table: Readonly<Record<string, T>>, reason: string): T | undefined {
	return Object.hasOwn(table, reason) ? table[reason] : undefined;
}

const AGAIN = "Give the same command again; if it stays so, make the plan anew by `lintel plan compile`.";
const WHOLE = "Give the whole plan, by `lintel plan compile`.";
const TORN = "the plan that came is not the one that was signed";

/** Of a refused plan: why, in words, and what to do. */
const PLAN_REFUSED: Readonly<Record<PlanRefusal, readonly [why: string, advice: string]>> = {
	malformed: ["it cannot make sense of the plan", "Reader and lintel do not fit: update the older one."],
	"bad-signature": ["the plan was changed after it was signed", "Sign it again: `lintel plan sign`."],
	"unknown-issuer": [
		"the plan is signed by another key than the site's",
		"Sign it with the key of the site that this reader is a door of (`lintel show`).",
	],
	"wrong-site": ["the plan is another site's", "Give the plan of this reader's site (`lintel show`)."],
	"wrong-door": [
		"the plan is another door's",
		"Compile the plan for this reader's door: `lintel plan compile --door`.",
	],
	"not-newer": [
		"it has had this version of the plan, or a newer one",
		"Compile with a higher --plan-version (`lintel show --site-key` has the reader's). Where it is higher, the reader has had plans of a later epoch: give it the site's newest trust list.",
	],
	"wrong-base": [
		"the change begins from another version than the reader has",
		`\`lintel show --site-key\` says which it has. ${WHOLE}`,
	],
	"too-large": [
		"the plan is more than its flash holds",
		"See --module of `lintel plan compile`; list fewer credentials at this door.",
	],
	"body-mismatch": [TORN, AGAIN],
	truncated: ["the plan ended too early", AGAIN],
	"too-long": ["the plan is longer than it says", AGAIN],
	"bad-tables": [
		"it cannot make sense of the plan's schedules",
		"Its firmware is older than what the plan says: update it first. `maxClockError` needs one that knows it.",
	],
	"wrong-role": [
		"the plan is signed by a key that may not sign plans",
		'Sign it by `lintel plan sign` with a key that has the role "plan".',
	],
	"beyond-limits": [
		"the plan is signed by a key that is not for this door",
		"Sign it by `lintel plan sign` with a key for this door.",
	],
	"key-ended": [
		"the plan is signed by a key that has ended",
		"Sign it by `lintel plan sign` with a key that has not; `lintel site key` makes one.",
	],
	"key-stolen": [
		"the plan is signed by a key that the site has revoked as stolen",
		"Look through the plan, then sign it by `lintel plan sign` with a key of now.",
	],
	"clock-unset": [
		"the key that signed the plan has an end, and the reader does not know the time",
		"Set its clock first: `lintel time set`.",
	],
	"old-format": ["the plan is of an older lintel", "Compile and sign it anew: `lintel plan compile`."],
	"wrong-epoch": [
		"the plan is signed for another epoch of the site's trust list than the reader has",
		"Sign it anew with the site's present key, `lintel plan sign`; and give the reader the site's newest list.",
	],
	"no-install": ["no plan was begun, or another took its place", AGAIN],
	"flash-fault": ["its flash does not hold what is written", "Replace the reader: its flash is worn out."],
	"journal-full": ["it holds no more changes beside its plan", WHOLE],
};
