import type { Random } from "../../protocol/crypto.js";
import { chip } from "./chip.js";

/** The chip's own generator, fed by the radio's noise, or by the ADC's where Bluetooth is off. */
export class Esp32Random implements Random {
	fill(into: Uint8Array): void {
		if (into.length > 0) chip.random(into);
	}
}
