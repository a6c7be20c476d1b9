// SPDX-License-Identifier: Apache-2.0

import { EVENTS, type EventSink, PARTS } from "../../protocol/events.js";
import type { DoorController } from "../door/controller.js";

export interface HealthOptions {
	readonly door: DoorController;
	readonly record: EventSink;
	readonly trace: (text: string) => void;
}

/** How radios and supply are: in the log once for each failure and each recovery, on the light while one fails. */
export class Health {
	private readonly options: HealthOptions;
	private readonly failed = { nfc: false, ble: false, wifi: false, supply: false };

	constructor(options: HealthOptions) {
		this.options = options;
	}

	report(part: "nfc" | "ble" | "wifi" | "supply", healthy: boolean, detail: string): void {
		const failed = this.failed;
		if (failed[part] === !healthy) return;
		failed[part] = !healthy;
		const { door, record, trace } = this.options;
		record(EVENTS.health, (PARTS[part] << 8) | (healthy ? 0 : 1), 0);
		door.condition("fault", failed.nfc || failed.ble || failed.wifi || failed.supply);
		trace(`${part} ${healthy ? "ready" : "failed"}: ${detail}`);
	}
}
