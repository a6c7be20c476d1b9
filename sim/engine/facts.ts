// SPDX-License-Identifier: Apache-2.0

import type { Platform } from "../../hal/contracts/platform.js";
import { toHex } from "../../protocol/bytes.js";
import type { WorldFacts } from "./wire.js";

/** What the firmware is told of a platform. */
export function factsOf(platform: Platform): WorldFacts {
	const { flash, inputs, light, pn532, restartCause, console, bluetooth, resetButton, hardware, wifi } =
		platform;
	const { clockChip, network, scanner, timeStore } = platform;
	const size = (part: { size: number; sectorSize: number }) => ({
		size: part.size,
		sectorSize: part.sectorSize,
	});
	const { red, green, blue } = light!;
	return {
		restartCause,
		deviceKey: toHex(platform.deviceKey),
		flash: {
			plan: size(flash.plan),
			log: size(flash.log),
			config: size(flash.config),
			notices: size(flash.notices),
		},
		inputs: Object.fromEntries(
			Object.entries(inputs ?? {}).map(([name, use]) => [
				name,
				(["digital", "analog"] as const).filter((kind) => use[kind] !== undefined),
			]),
		),
		light: { red, green, blue },
		// JSON leaves out their IO classes.
		pn532: { ...pn532 } as Record<string, object>,
		...(clockChip === undefined ? {} : { clockChip: true }),
		...(timeStore === undefined ? {} : { timeStore: true }),
		...(console === undefined ? {} : { console: true }),
		...(scanner === undefined ? {} : { scanner: true }),
		...(bluetooth === undefined ? {} : { bluetooth: true }),
		...(network === undefined ? {} : { network: true }),
		...(wifi === undefined ? {} : { wifi: true }),
		...(resetButton === undefined ? {} : { resetButton: true }),
		...(hardware === undefined ? {} : { hardware }),
	};
}
