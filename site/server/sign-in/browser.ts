// SPDX-License-Identifier: Apache-2.0

/** The first that is named tells: each browser names those that it resembles, too. */
const BROWSERS = [
	["Edg/", "Edge"],
	["OPR/", "Opera"],
	["SamsungBrowser/", "Samsung Internet"],
	["Firefox/", "Firefox"],
	["Chrome/", "Chrome"],
	["Safari/", "Safari"],
] as const;
const SYSTEMS = [
	["Android", "Android"],
	["iPhone", "iPhone"],
	["iPad", "iPad"],
	["Windows", "Windows"],
	["Mac OS", "macOS"],
	["CrOS", "ChromeOS"],
	["Linux", "Linux"],
] as const;

/** Which browser a person signed in with, as `Firefox, Windows`; empty: it does not say. */
export function browserWords(agent = ""): string {
	const named = (list: readonly (readonly [string, string])[]): string | undefined =>
		list.find(([part]) => agent.includes(part))?.[1];
	return [named(BROWSERS), named(SYSTEMS)].filter((word) => word !== undefined).join(", ");
}
