// SPDX-License-Identifier: Apache-2.0

import { effect, signal } from "@preact/signals";
import type { Client } from "../client.js";

/** Of full scale: a reader's sounder is no alarm. */
const VOLUME = 0.06;
/** Fades that keep a tone's ends from clicking, s. */
const FADE_S = 0.004;

/** Whether the reader's sounder is heard: off until it is asked for, as a browser wants it too. */
export const hasSound = signal(false);

/** Lets the sounder be heard while it is asked for. */
export function playSound(client: Client): void {
	let tone: Tone | undefined;
	effect(() => {
		const hertz = hasSound.value ? (client.state.value?.tone ?? 0) : 0;
		if (hertz > 0 || tone !== undefined) {
			tone ??= new Tone();
			tone.play(hertz);
		}
	});
}

/** One square wave, as a piezo gives it. */
class Tone {
	readonly #context = new AudioContext();
	readonly #oscillator = this.#context.createOscillator();
	readonly #gain = this.#context.createGain();

	constructor() {
		this.#oscillator.type = "square";
		this.#gain.gain.value = 0;
		this.#oscillator.connect(this.#gain).connect(this.#context.destination);
		this.#oscillator.start();
	}

	play(hertz: number): void {
		const { currentTime } = this.#context;
		if (hertz > 0) this.#oscillator.frequency.setValueAtTime(hertz, currentTime);
		this.#gain.gain.setTargetAtTime(hertz > 0 ? VOLUME : 0, currentTime, FADE_S);
	}
}
