// SPDX-License-Identifier: Apache-2.0

/**
 * The firmware's own work. A simulated world has no processor, so what the firmware computes would take no time in it and a tap would look
 * faster than it is. It is charged where the firmware meets the world: each stretch from one meeting to the next costs the instructions
 * that `bench:mcu` counted between the same two on an emulated rv32imac (`sim/instructions.ts`), on the desktop's XS and on Node alike.
 * The start is not charged: a reader is there when somebody comes.
 */
import type { Flash } from "../hal/contracts/flash.js";
import type { Random } from "../protocol/crypto.js";
import { type Cpu, microsOf } from "./cpu.js";
import { STRETCHES } from "./instructions.js";

/** From the meeting, and what it was; the last of a callback is `idle`. */
export type Stretch = `${string}>${string}`;

/** More bytes make another meeting, by powers of two: turning round the bits of a frame is most of its cost. */
const FEW_BYTES = 16;

/** Of what follows a meeting, where the one that comes next was never counted: the median of those that were. */
const USUAL: ReadonlyMap<string, number> = ((): ReadonlyMap<string, number> => {
	const seen = new Map<string, number[]>();
	for (const [stretch, instructions] of Object.entries(STRETCHES)) {
		const from = stretch.slice(0, stretch.indexOf(">"));
		const others = seen.get(from);
		if (others === undefined) seen.set(from, [instructions]);
		else others.push(instructions);
	}
	const median = (all: readonly number[]): number => [...all].sort((a, b) => a - b)[all.length >> 1]!;
	return new Map([...seen].map(([from, all]) => [from, median(all)]));
})();

export interface WorkOptions {
	readonly cpu: Cpu;
	/** Time passes, in which the firmware does nothing else. */
	readonly spend: (micros: number) => void;
	/** A stretch has been charged. */
	readonly onStretch: (stretch: Stretch, instructions: number, micros: number) => void;
}

export class Work {
	readonly #options: WorkOptions;
	#last = "";
	#depth = 0;
	/** Not spent yet, below a microsecond. */
	#owed = 0;

	constructor(options: WorkOptions) {
		this.#options = options;
	}

	/** The firmware calls out of JavaScript, or into the native crypto. */
	meet(call: string, bytes = 0): void {
		if (this.#depth === 0) return;
		const to = bytes > FEW_BYTES ? `${call}/${2 ** Math.ceil(Math.log2(bytes))}` : call;
		const from = this.#last;
		const stretch: Stretch = `${from}>${to}`;
		this.#last = to;
		const { cpu, onStretch, spend } = this.#options;
		const instructions = STRETCHES[stretch] ?? USUAL.get(from) ?? 0;
		const micros = microsOf(instructions, cpu) + this.#owed;
		this.#owed = micros - Math.floor(micros);
		spend(Math.floor(micros));
		onStretch(stretch, instructions, Math.floor(micros));
	}

	/** The world calls the firmware. */
	enter(event: string): void {
		if (this.#depth++ === 0) this.#last = event;
	}

	/** The firmware has returned. */
	leave(): void {
		if (this.#depth === 1) this.meet("idle");
		this.#depth--;
	}

	flash(flash: Flash): Flash {
		return {
			size: flash.size,
			sectorSize: flash.sectorSize,
			read: (address, into) => {
				this.meet("flash.read", into.length);
				flash.read(address, into);
			},
			write: (address, data) => {
				this.meet("flash.write", data.length);
				flash.write(address, data);
			},
			erase: (sector) => flash.erase(sector),
		};
	}

	random(random: Random): Random {
		return {
			fill: (into) => {
				this.meet("random");
				random.fill(into);
			},
		};
	}

	/** `made` with these of its methods met under `name`. */
	methods<T extends object>(made: T, name: string, methods: readonly string[]): T {
		const object = made as Record<string, unknown>;
		for (const method of methods) {
			const real = object[method];
			if (typeof real !== "function") continue;
			object[method] = (first: unknown, ...rest: unknown[]) => {
				this.meet(`${name}.${method}`, first instanceof Uint8Array ? first.length : 0);
				return real.call(made, first, ...rest);
			};
		}
		return made;
	}
}
