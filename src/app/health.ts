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
	/** Bits 1 << PARTS[…] of those that fail. */
	failing = 0;

	constructor(options: HealthOptions) {
		this.options = options;
	}

	report(part: "nfc" | "ble" | "wifi" | "supply" | "scanner", healthy: boolean, detail: string): void {
		const bit = 1 << PARTS[part];
		const fails = (this.failing & bit) !== 0;
		if (fails === !healthy) return;
		this.failing ^= bit;
		const { door, record, trace } = this.options;
		record(EVENTS.health, (PARTS[part] << 8) | (healthy ? 0 : 1), 0);
		door.condition("fault", this.failing !== 0);
		trace(`${part} ${healthy ? "ready" : "failed"}: ${detail}`);
	}
}
