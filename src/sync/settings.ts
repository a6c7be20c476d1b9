// SPDX-License-Identifier: Apache-2.0

/** The settings that the site may change by itself: none of them opens a door. */

import { utf8Encode } from "../../protocol/bytes.js";
import { MAX_SPREAD } from "../../protocol/config/server.js";
import { CONFIGURATION_CHANGES, EVENTS, RESTARTS } from "../../protocol/events.js";
import { MAX_PASSWORD, MAX_SSID, MIN_PASSWORD } from "../../protocol/provisioning/bounds.js";
import { type MessageOf, SOUNDS } from "../../protocol/sync/messages.js";
import type { Wifi } from "../config/state.js";
import { checkedConfiguration } from "../service/checked.js";
import { refusalIn } from "./configuration.js";
import type { SyncContext } from "./context.js";
import type { SyncTarget } from "./target.js";

/** Between changes, ms: each is written to flash, which wears. */
const EVERY_MS = 600_000;

/** From when on the site may change settings. It can restart a reader, and gains no change by that. */
export function firstSettings({ health }: SyncTarget): number {
	const cause = health.cause & 0xff;
	const isByHand = cause === RESTARTS["power-on"] || cause === RESTARTS["reset-pin"];
	return isByHand ? 0 : EVERY_MS;
}

/** Sets them, all or none, or says why not. Another network is tried: see `tryNetwork`. */
export function settings(sync: SyncContext, message: MessageOf<"settings">): string | null {
	const { clock, reader, store } = sync.target;
	const { sounds, spread } = message;
	// The server's key may have ended.
	if (reader.knownTime === undefined) return "clock-unset";
	const network = networkIn(message);
	if (network === "out-of-range" || !isWithin(spread, MAX_SPREAD) || !isWithin(sounds, SOUNDS.length - 1))
		return "out-of-range";
	const { server, trial: before } = store;
	if (server === undefined || (network !== undefined && reader.wifi === undefined)) return "not-available";
	const { door, ...rest } = store.config!;
	try {
		const config = checkedConfiguration(store, reader, {
			...rest,
			door: sounds === null ? door : { ...door, sounds: SOUNDS[sounds] },
		});
		const trial =
			network === undefined || isSame(network, before)
				? before
				: isSame(network, store.wifi)
					? undefined
					: network;
		const same = store.has(config) && trial === before;
		if (same && (spread ?? server.spread) === server.spread) return null;
		if (clock.now() < sync.settingsFrom) return "too-soon";
		if (!store.change(config, spread === null ? server : { ...server, spread }, trial)) return null;
		sync.settingsFrom = clock.now() + EVERY_MS;
		reader.record(EVENTS.configuration, CONFIGURATION_CHANGES.settings, store.revision);
		if (!same) reader.configured(config);
		return null;
	} catch (error) {
		return refusalIn(error);
	}
}

function isSame(one: Wifi, other: Wifi | undefined): boolean {
	return one.ssid === other?.ssid && one.password === other.password;
}

function isWithin(value: number | null, most: number): boolean {
	return value === null || value <= most;
}

/** The network in a message; `undefined` where it names none. */
function networkIn({ password, ssid }: MessageOf<"settings">): Wifi | undefined | "out-of-range" {
	if (ssid === null) return password === null ? undefined : "out-of-range";
	const name = utf8Encode(ssid).length;
	const secret = utf8Encode(password ?? "").length;
	if (name === 0 || name > MAX_SSID || secret > MAX_PASSWORD) return "out-of-range";
	if (secret > 0 && secret < MIN_PASSWORD) return "out-of-range";
	return { ssid, password: password ?? "" };
}
