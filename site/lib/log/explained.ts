// SPDX-License-Identifier: Apache-2.0

import type { Reason } from "../../../protocol/reasons.js";

/** What each reason means, and what an administrator does about it (docs/reasons.md). The compiler sees to it that none is missing. */
export const EXPLAINED: Readonly<Record<Reason, readonly [means: string, remedy: string]>> = {
	granted: ["The plan allows it.", "Nothing."],
	malformed: [
		"The phone sent what is no transaction, or a credential that is not well-formed.",
		"Update the app; if it happens with many phones, look for interference at the antenna.",
	],
	"transaction-incomplete": [
		"The phone went away or was too slow.",
		"Hold the phone at the reader a little longer.",
	],
	"bad-signature": [
		"A signature does not verify: of the credential, or of the phone.",
		"Issue the credential again.",
	],
	"unknown-issuer": [
		"The credential is signed by a key that this reader does not trust.",
		"It is another operator's, or the reader has not been told of the site's new key.",
	],
	"wrong-site": ["The credential is another site's.", "Issue one for this site."],
	expired: [
		"The credential, or its dates in the plan (the user's or its own), are over.",
		"Extend the dates in the plan file, or issue a new credential.",
	],
	"not-yet-valid": [
		"The credential, or its dates in the plan, have not begun.",
		"Wait, or change the dates.",
	],
	"no-application": [
		"A card, or a phone without the app, was held at the reader.",
		"Install the app on the phone, allow it NFC, and hold the phone there instead of a card.",
	],
	"wrong-version": [
		"The phone's app speaks another version of the transaction than the reader, and says so before anything is proved.",
		"Update the app, or the reader: the older of the two. Its trace says which versions.",
	],
	"wrong-intent": [
		"The phone signed another intent than it showed: something between phone and reader changes what they say, or the app is faulty.",
		"Update the app. Where it comes again, a stranger may try to relay phones to this door: look at it.",
	],
	"wrong-role": [
		"The credential is signed by a key that may not issue phones' credentials, or is a reader's own, or is for a scanner and came over the air or the other way round.",
		"Issue it with a key that has the role `issue` (`lintel site key`).",
	],
	"beyond-limits": [
		"The key that signed the credential is not for this door, or not for so long.",
		"Issue it with a key for this door, and for no longer than that key may.",
	],
	"key-ended": [
		"The key that signed the credential has ended.",
		"Issue the credential again with a key that has not.",
	],
	"key-stolen": [
		"The key that signed the credential was stolen, as the site's trust list says.",
		"Issue the credential again with a key of now, where its holder is a person of the site.",
	],
	"stale-code": [
		"The code that was shown to the scanner is of another moment: a photograph, or the phone's or the reader's clock is wrong.",
		"Show the code itself, not a picture of it; let the phone set its clock by the network. `lintel show` has the reader's.",
	],
	"used-code": [
		"The code that was shown to the scanner, or a later one of the same credential, was taken before.",
		"Wait for the next one, 15 s at most. Where it comes again, somebody films codes at this door: look at it.",
	],
	"uses-spent": [
		"The credential has opened this door as often as it may.",
		"Issue it again with a higher count.",
	],
	"just-started": [
		"The reader started less than 45 s ago: a code that was taken before then could come again.",
		"Wait a minute.",
	],
	"cannot-keep": [
		"The reader cannot keep that the code was taken: there is no room, or its flash takes nothing.",
		"Try again in a minute. With a credential that has a count: wait until others end, or issue one without.",
	],
	"setup-code": [
		"A code by which the scanner itself is set up was shown to it.",
		"Somebody tries to reconfigure the scanner: look at the door. The reader sets it up again.",
	],
	"unknown-credential": [
		"The plan in this reader does not list the credential.",
		"Add it to the plan file; if it is there, check that the reader has the newest version.",
	],
	revoked: ["The site has revoked the credential.", "Issue a new one; a revoked one never opens again."],
	"wrong-door": [
		"The user has no access plan for this door, or the credential for scanners is for another door.",
		"Give the user a plan that names this door, or a credential for it.",
	],
	"outside-schedule": [
		"The user's access plans do not hold at this time.",
		"Check schedule, holidays, dates of the access plan, and the door's time zone.",
	],
	"plan-expired": [
		"The reader has been offline for longer than `offline.days`.",
		"Restore its connection or bring it a new plan. Who has `grace` still gets in for `offline.graceDays`.",
	],
	"no-plan": ["No plan was ever installed.", "Send the reader its plan."],
	"clock-unset": [
		"The decision needs the time (a date, a schedule, the plan's end), and the reader does not know it.",
		"Connect it, or set its clock. Access plans with `always` and no dates need no clock if the plan has no end.",
	],
	suspended: ["The user is paused.", "Take `suspended` out of the plan file."],
	"plan-damaged": [
		"The plan in flash does not pass its check, or is older than one that was in force. The site is asked for it again.",
		"Wait for the site, or bring the reader its plan; if it comes back, the flash is worn out.",
	],
	lockdown: ["The door is locked down.", "End the lockdown; who has `override` gets in meanwhile."],
	"awaiting-first-person": [
		"Nobody is admitted before the first person has come.",
		"Somebody with `firstPerson` has to come first.",
	],
};
