import type { Platform } from "../../hal/contracts/platform.js";
import type { Setup } from "../../src/app/main.js";
import { packSetup } from "./setup.js";
import type { WorldFacts } from "./wire.js";

/** What the firmware is told of a platform. */
export function factsOf(platform: Platform, setup: Setup | undefined): WorldFacts {
	const { flash, inputs, light, pn532, restartCause, console, bluetooth, resetButton, hardware, wifi } =
		platform;
	const size = (part: { size: number; sectorSize: number }) => ({
		size: part.size,
		sectorSize: part.sectorSize,
	});
	const { red, green, blue } = light!;
	return {
		...(setup === undefined ? {} : { setup: packSetup(setup) }),
		restartCause,
		flash: { plan: size(flash.plan), log: size(flash.log), config: size(flash.config) },
		inputs: Object.keys(inputs ?? {}),
		light: { red, green, blue },
		...(pn532.serial?.fastBaud === undefined ? {} : { fastBaud: pn532.serial.fastBaud }),
		...(console === undefined ? {} : { console: true }),
		...(bluetooth === undefined ? {} : { bluetooth: true }),
		...(wifi === undefined ? {} : { wifi: true }),
		...(resetButton === undefined ? {} : { resetButton: true }),
		...(hardware === undefined ? {} : { hardware }),
	};
}
