// SPDX-License-Identifier: Apache-2.0

import { EVENTS, type EventSink, PARTS } from "../../protocol/events.js";
import type { DoorController } from "../door/controller.js";

export interface RadioHealthOptions {
	readonly door: DoorController;
	readonly record: EventSink;
	readonly trace: (text: string) => void;
}

/** How the radios are: in the log once for each failure and each recovery, on the light while one of them fails. */
export class RadioHealth {
	readonly #options: RadioHealthOptions;
	readonly #failed = { nfc: false, ble: false, wifi: false };

	constructor(options: RadioHealthOptions) {
		this.#options = options;
	}

	report(radio: "nfc" | "ble" | "wifi", healthy: boolean, detail: string): void {
		const failed = this.#failed;
		if (failed[radio] === !healthy) return;
		failed[radio] = !healthy;
		const { door, record, trace } = this.#options;
		record(EVENTS.health, (PARTS[radio] << 8) | (healthy ? 0 : 1), 0);
		door.condition("fault", failed.nfc || failed.ble || failed.wifi);
		trace(`${radio} ${healthy ? "ready" : "failed"}: ${detail}`);
	}
}
