// SPDX-License-Identifier: Apache-2.0

import { PARTS, RESTARTS } from "../../protocol/events.js";
import type { Vitals } from "../sync/target.js";
import type { Device } from "./device.js";

/** How the reader itself is, as its site is told. */
export class DeviceVitals implements Vitals {
	private readonly device: Device;

	constructor(device: Device) {
		this.device = device;
	}

	get failing(): number {
		const { door, events, health, timekeeper } = this.device;
		let failing = health?.failing ?? 0;
		if (door?.access.plan.damaged === true) failing |= 1 << PARTS.plan;
		if (timekeeper.failing) failing |= 1 << PARTS.clock;
		if (events.sealFails) failing |= 1 << PARTS.state;
		return failing;
	}

	get free(): number | undefined {
		return this.device.platform.diagnostics?.memory().heap;
	}

	get signal(): number | undefined {
		return this.device.platform.network?.signal;
	}

	get cause(): number {
		const { platform, startup } = this.device;
		return (startup.beginning.failed << 8) | RESTARTS[platform.restartCause];
	}
}
