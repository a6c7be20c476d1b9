// SPDX-License-Identifier: Apache-2.0

import { ProvisioningError } from "../../protocol/provisioning/error.js";
import type { Device } from "./device.js";
import type { RunningDoor } from "./door.js";
import { namesOf } from "./startup.js";

/** What an installer is told who asks for a part that waits for its start. */
export function waiting({ startup }: Device): ProvisioningError {
	const { failed, held } = startup.beginning;
	const seconds = Math.ceil(startup.waitMs / 1000);
	return new ProvisioningError(
		"busy",
		`after ${failed} failed starts ${namesOf(held)} waits for another ${seconds} s`,
	);
}

/** Throws `waiting`. */
export function runningDoor(device: Device): RunningDoor {
	if (device.door === undefined) throw waiting(device);
	return device.door;
}
