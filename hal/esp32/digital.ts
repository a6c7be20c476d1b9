// SPDX-License-Identifier: Apache-2.0

import SDKDigital from "embedded:io/digital";
import type { Digital, DigitalOptions } from "../contracts/io.js";

/** The SDK's number of a mode. */
function modeOf(mode: DigitalOptions["mode"]): number {
	switch (mode) {
		case "input":
			return SDKDigital.Input;
		case "input-pull-up":
			return SDKDigital.InputPullUp;
		case "input-pull-down":
			return SDKDigital.InputPullDown;
		case "output":
			return SDKDigital.Output;
		case "output-open-drain":
			return SDKDigital.OutputOpenDrain;
	}
}

function edgeOf(edge: DigitalOptions["edge"]): number {
	if (edge === "rising") return SDKDigital.Rising;
	if (edge === "falling") return SDKDigital.Falling;
	return SDKDigital.Rising | SDKDigital.Falling;
}

function bit(level: number): 0 | 1 {
	return level === 0 ? 0 : 1;
}

/** A pin; `pin` is the number of the GPIO. */
export class Esp32Digital implements Digital {
	private readonly pin: SDKDigital;

	constructor(options: DigitalOptions) {
		const { pin, mode, initialValue, edge, onReadable } = options;
		if (typeof pin !== "number") throw new RangeError("a digital pin needs the number of its GPIO");
		const rest = {
			pin,
			mode: modeOf(mode),
			...(initialValue === undefined ? {} : { initialValue: bit(initialValue) }),
		};
		this.pin = new SDKDigital(
			onReadable === undefined ? rest : { ...rest, edge: edgeOf(edge), onReadable: () => onReadable() },
		);
	}

	read(): number {
		return this.pin.read();
	}

	write(level: number): void {
		this.pin.write(bit(level));
	}

	close(): void {
		this.pin.close();
	}
}
