// SPDX-License-Identifier: Apache-2.0

/** What a transport has said of a message: taken, refused for good, or that it may be tried again. */
export type Outcome =
	| { readonly kind: "sent"; readonly words: string }
	| { readonly kind: "bounced"; readonly reason: string }
	| { readonly kind: "failed"; readonly reason: string };

const MAX_WORDS = 300;

/** What another computer says, to be shown: short, one line, and no link that it repeats from the message. */
export function inWords(text: string): string {
	return text
		.replace(/\/i\/[\w-]{20,}/g, "/i/…")
		.replace(/[\s\p{Cc}]+/gu, " ")
		.trim()
		.slice(0, MAX_WORDS);
}
