// SPDX-License-Identifier: Apache-2.0

import type { Bluetooth } from "../../protocol/config/document.js";
import type { ProximityConfig } from "../../protocol/config/proximity.js";
import type { ConfigStore } from "../config/store.js";
import type { Intent } from "../schemes/scheme.js";

export interface BluetoothSettings {
	/** What a phone must have done. */
	readonly intent: Intent;
	/** What counts as near. */
	readonly proximity: ProximityConfig;
}

const INTENTS: Readonly<Record<Exclude<Bluetooth, "off">, Intent>> = Object.freeze({
	near: Object.freeze({ near: true, tap: false }),
	tap: Object.freeze({ near: false, tap: true }),
	"near-and-tap": Object.freeze({ near: true, tap: true }),
	"near-or-tap": Object.freeze({ near: true, tap: true, either: true }),
});

/** `undefined`: no radio, because the configuration has it off or the reader has no site yet. */
export function bluetoothSettings({ membership, config }: ConfigStore): BluetoothSettings | undefined {
	if (membership === undefined || config === undefined || config.bluetooth === "off") return undefined;
	return { intent: INTENTS[config.bluetooth], proximity: config.proximity };
}
