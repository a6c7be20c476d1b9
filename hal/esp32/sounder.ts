import PWM from "embedded:io/pwm";

/** A passive sounder on a pin: the PWM of its tone, open only while it sounds. */
export class Esp32Sounder {
	readonly #pin: number;
	#pwm: PWM | undefined;

	constructor(pin: number) {
		this.#pin = pin;
	}

	tone(hertz: number): void {
		this.close();
		if (hertz <= 0) return;
		this.#pwm = new PWM({ pin: this.#pin, hz: hertz });
		this.#pwm.write(1 << (this.#pwm.resolution - 1));
	}

	close(): void {
		this.#pwm?.close();
		this.#pwm = undefined;
	}
}
