// SPDX-License-Identifier: Apache-2.0

/** What is wired to a reader besides the chip and the relay: the door's contacts, a three-colour light, a sounder. */
import type { Digital, DigitalClass, DigitalOptions } from "../hal/contracts/io.js";
import type { DoorConfig, InputWiring } from "../protocol/config/door.js";
import { Line } from "./bus/line.js";
import type { SimDoor } from "./door.js";
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

/** Level of a pin with a pull-up and a contact to ground that is active or not. */
function level(wiring: InputWiring, active: boolean): number {
	const closed = wiring === "normally-closed" ? !active : active;
	return closed ? 0 : 1;
}

export class PanelIO {
	readonly position: Line;
	readonly exit: Line;
	readonly tamper: Line;
	readonly fire: Line;
	readonly lockdown: Line;
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
		this.position = new Line(time);
		this.exit = new Line(time);
		this.tamper = new Line(time);
		this.fire = new Line(time);
		this.lockdown = new Line(time);
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
			this.position.drive(level(config.position, door.open));
			this.exit.drive(level(config.requestToExit, door.exitPressed));
			this.tamper.drive(level(config.tamper, door.tampered));
			this.fire.drive(level(config.fireInput, door.fire));
			this.lockdown.drive(level(config.lockdownInput, door.lockdown));
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
