// SPDX-License-Identifier: Apache-2.0

import { decodeConfiguration } from "../../protocol/config/signed.js";
import { decodeSign1 } from "../../protocol/credential/cose.js";
import { SOUNDS } from "../../protocol/sync/messages.js";
import type { DoorNews, Settings } from "../lib/sync/books.js";

export const NO_SETTINGS: Settings = Object.freeze({
	sounds: null,
	spread: null,
	ssid: null,
	password: null,
});

/** Settings as people see them; null: as they are. The password of a network is for its reader alone. */
export interface ShownSettings {
	readonly sounds: (typeof SOUNDS)[number] | null;
	readonly spread: number | null;
	readonly ssid: string | null;
}

/** What a reader has said of what was to be set; `refusal` null: it was. */
export type SettingsAnswer = ShownSettings & { readonly refusal: string | null };
export interface ConfigurationAnswer {
	readonly number: number;
	readonly refusal: string | null;
}

export function shownSettings({ sounds, spread, ssid }: Settings): ShownSettings {
	return { sounds: sounds === null ? null : SOUNDS[sounds]!, spread, ssid };
}

/** The number of a signed configuration; 0: it is none. */
export function numberIn(envelope: Uint8Array): number {
	return decodeConfiguration(decodeSign1(envelope).payload)?.number ?? 0;
}

/** What was answered, besides its name. */
export function answerOf({
	refusal,
	to,
}: DoorNews & { kind: "answered" }):
	| SettingsAnswer
	| ConfigurationAnswer
	| { readonly refusal: string | null } {
	if (to.name === "settings") return { refusal, ...shownSettings(to) };
	return to.name === "configuration" ? { refusal, number: numberIn(to.envelope) } : { refusal };
}
