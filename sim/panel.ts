// SPDX-License-Identifier: Apache-2.0

/** What is wired to a reader besides the chip and the relay: the door's contacts, a three-colour light, a sounder. */
import type { Digital, DigitalClass, DigitalOptions } from "../hal/contracts/io.js";
import type { DoorConfig } from "../protocol/config/door.js";
import { Line } from "./bus/line.js";
import type { SimDoor } from "./door.js";
import { InputLine } from "./input-line.js";
import type { VirtualTime } from "./time.js";

const NAMES: readonly string[] = Object.freeze([
	"off",
	"red",
	"green",
	"amber",
	"blue",
	"violet",
	"cyan",
	"white",
]);

export class PanelIO {
	readonly position: InputLine;
	readonly exit: InputLine;
	readonly tamper: InputLine;
	readonly fire: InputLine;
	readonly lockdown: InputLine;
	/** On the board, to ground. */
	readonly resetButton: Line;
	/** As the firmware gets it: a class of pins, and the pin of each channel. */
	readonly light: {
		readonly io: DigitalClass;
		readonly red: Record<string, unknown>;
		readonly green: Record<string, unknown>;
		readonly blue: Record<string, unknown>;
	};
	readonly sounder: { tone(hertz: number): void; close(): void };
	/** Hertz that sound now; 0 is silence. */
	tone = 0;
	#lit = 0;

	constructor(time: VirtualTime, door: SimDoor, config: DoorConfig) {
		this.position = new InputLine(time, config.position);
		this.exit = new InputLine(time, config.requestToExit);
		this.tamper = new InputLine(time, config.tamper);
		this.fire = new InputLine(time, config.fireInput);
		this.lockdown = new InputLine(time, config.lockdownInput);
		this.resetButton = new Line(time);
		const panel = this;
		class Channel implements Digital {
			readonly #bit: number;

			constructor(options: DigitalOptions) {
				this.#bit = options.channel as number;
				this.write(options.initialValue ?? 0);
			}

			read(): number {
				return panel.#lit & this.#bit ? 1 : 0;
			}

			write(value: number): void {
				panel.#lit = value ? panel.#lit | this.#bit : panel.#lit & ~this.#bit;
			}

			close(): void {
				this.write(0);
			}
		}
		this.light = { io: Channel, red: { channel: 1 }, green: { channel: 2 }, blue: { channel: 4 } };
		this.sounder = {
			tone: (hertz) => {
				this.tone = hertz;
			},
			close: () => {
				this.tone = 0;
			},
		};
		const follow = (): void => {
			this.position.set(door.open);
			this.exit.set(door.exitPressed);
			this.tamper.set(door.tampered);
			this.fire.set(door.fire);
			this.lockdown.set(door.lockdown);
		};
		door.watch(follow);
		follow();
	}

	/** Colour of the light at this moment. */
	get colour(): string {
		return NAMES[this.#lit]!;
	}

	/** No power: no light, no sound. */
	dark(): void {
		this.#lit = 0;
		this.tone = 0;
	}
}
