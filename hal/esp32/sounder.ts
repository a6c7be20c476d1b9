// SPDX-License-Identifier: Apache-2.0

import PWM from "embedded:io/pwm";
import type { Closable } from "../contracts/io.js";

/** A passive sounder on a pin. Its PWM is open only while it sounds. */
export class Esp32Sounder {
	private readonly pin: number;
	/** The SDK's class has `close`, which its typings lack. */
	private pwm: (PWM & Closable) | undefined;

	constructor(pin: number) {
		this.pin = pin;
	}

	tone(hertz: number): void {
		this.close();
		if (hertz <= 0) return;
		this.pwm = new PWM({ pin: this.pin, hz: hertz }) as PWM & Closable;
		this.pwm.write(1 << (this.pwm.resolution - 1));
	}

	close(): void {
		this.pwm?.close();
		this.pwm = undefined;
	}
}
