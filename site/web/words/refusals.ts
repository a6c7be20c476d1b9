// SPDX-License-Identifier: Apache-2.0

import { Refused } from "../api.js";
import { words } from "../words.js";

/** Reasons of the API that are met on many pages. What is not here is shown as the server says it. */
const refusalWords = words<Readonly<Record<string, string>>>({
	en: {
		unreachable: "The server does not answer. Check that it runs and that you are in its network.",
		internal: "The server has met a defect. Its log has more.",
		"not-found": "This is not there any more.",
		"wrong-role": "Your role may not do this.",
		"no-session": "You are signed out. Sign in again.",
		"confirm-first": "Show again who you are, then it is done.",
		"too-many-tries": "Too many tries. Wait a little.",
		"other-doors": "This is about doors that are not yours.",
		"too-large": "This is too large.",
		closing: "The server is being stopped. Try again in a minute.",
	},
	de: {
		unreachable: "Der Server antwortet nicht. Prüfen Sie, ob er läuft und ob Sie in seinem Netz sind.",
		internal: "Im Server ist ein Fehler aufgetreten. Sein Protokoll sagt mehr.",
		"not-found": "Das gibt es nicht mehr.",
		"wrong-role": "Ihre Rolle darf das nicht.",
		"no-session": "Sie sind abgemeldet. Melden Sie sich wieder an.",
		"confirm-first": "Weisen Sie sich noch einmal aus, dann geschieht es.",
		"too-many-tries": "Zu viele Versuche. Warten Sie ein wenig.",
		"other-doors": "Hier geht es um Türen, die nicht Ihre sind.",
		"too-large": "Das ist zu groß.",
		closing: "Der Server wird gerade beendet. Versuchen Sie es in einer Minute wieder.",
	},
});

/** An error as a person reads it. `own`: the page's words for its own reasons. */
export function refusalText(error: unknown, own: Readonly<Record<string, string>> = {}): string {
	if (!(error instanceof Refused)) throw error;
	const { message, reason } = error;
	const all = { ...refusalWords(), ...own };
	return Object.hasOwn(all, reason) ? all[reason]! : message;
}
