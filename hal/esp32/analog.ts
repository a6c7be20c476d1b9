// SPDX-License-Identifier: Apache-2.0

import SDKAnalog from "embedded:io/analog";
import type { Analog, AnalogOptions } from "../contracts/io.js";
import { shareOfSupply } from "./supply.js";

/** A pin of the ADC; `pin` is the number of the GPIO. Readings are shares of the supply, and end at 2.45 V. */
export class Esp32Analog implements Analog {
	readonly resolution: number;
	private readonly pin: SDKAnalog;

	constructor({ pin }: AnalogOptions) {
		if (typeof pin !== "number") throw new RangeError("an ADC pin needs the number of its GPIO");
		this.pin = new SDKAnalog({ pin });
		this.resolution = this.pin.resolution;
	}

	read(): number {
		return shareOfSupply(this.pin.read(), this.resolution);
	}

	close(): void {
		this.pin.close();
	}
}
