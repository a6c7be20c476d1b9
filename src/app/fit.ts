// SPDX-License-Identifier: Apache-2.0

/** What a platform cannot do of what a reader is asked for. */
import type { Platform } from "../../hal/contracts/platform.js";
import type { ConfigProblem, ReaderConfig } from "../../protocol/config/document.js";
import type { ConfigStore } from "../config/store.js";
import { bluetoothSettings } from "./bluetooth-settings.js";
import { inputProblems } from "./inputs.js";

export function unfit(
	{ inputs = {}, radios, scanner }: Platform,
	{ membership, wifi }: ConfigStore,
	{ door, bluetooth, scanner: wanted }: ReaderConfig,
): ConfigProblem[] {
	const problems = inputProblems(door, inputs);
	// A reader without a site forgets its network when it gets one.
	if (radios === "one" && membership !== undefined && wifi !== undefined && bluetooth !== "off")
		problems.push({
			field: "bluetooth",
			reason: "not-on-this-reader",
			message:
				"this board has memory for Bluetooth or Wi-Fi, not both, and it keeps a network: set off, or forget the network",
		});
	if (wanted !== undefined && scanner === undefined)
		problems.push({
			field: "scanner.model",
			reason: "not-on-this-reader",
			message: "this reader has no port for a scanner: set none",
		});
	return problems;
}

/** Why Wi-Fi has to stay off; `undefined` where it may be used. */
export function wifiRefusal({ radios }: Platform, store: ConfigStore): string | undefined {
	return radios === "one" && bluetoothSettings(store) !== undefined
		? 'this board has memory for Bluetooth or Wi-Fi, not both: set "bluetooth": "off" to use Wi-Fi'
		: undefined;
}
