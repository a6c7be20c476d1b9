// SPDX-License-Identifier: Apache-2.0

/** Names at the broker (MQTT 3.1.1 4.7). A door's identifier has nothing that a topic gives a meaning to. */

/** The reader publishes here, and subscribes to `topicDown`. */
export function topicUp(site: string, door: string): string {
	return `${topicOf(site)}/${door}/u`;
}

export function topicDown(site: string, door: string): string {
	return `${topicOf(site)}/${door}/d`;
}

/** Retained: the newest trust list, where it fits a frame. */
export function topicTrust(site: string): string {
	return `${topicOf(site)}/trust`;
}

/** Retained: the newest revocation notice. */
export function topicRevoked(site: string): string {
	return `${topicOf(site)}/revoked`;
}

/** Retained: the newest lockdown notice. */
export function topicLockdown(site: string): string {
	return `${topicOf(site)}/lockdown`;
}

/** Client id and user name of a reader. */
export function clientOf(site: string, door: string): string {
	return `${siteLevel(site)}/${door}`;
}

function topicOf(site: string): string {
	return `l1/${siteLevel(site)}`;
}

/**
 * A site's identifier as one level of a topic: it may have `/`, `+` or `#`, so all but letters, digits, `.`, `_` and `-` is written as
 * `%` and two hexadecimal digits.
 */
export function siteLevel(site: string): string {
	let text = "";
	for (const character of site)
		text += /[A-Za-z0-9._-]/.test(character)
			? character
			: `%${character.charCodeAt(0).toString(16).toUpperCase().padStart(2, "0")}`;
	return text;
}
