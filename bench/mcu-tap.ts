// SPDX-License-Identifier: Apache-2.0

/** Instructions of taps on the emulated microcontroller. */

import type { EngineFigures } from "../sim/engine/bus.js";
import type { Radio } from "../sim/scenario.js";
import { afterMessage3, tap, wholeTap } from "./counted-tap.js";
import { mcuWorld } from "./mcu-world.js";

export interface Phase {
	readonly phase: string;
	readonly instructions: number;
}

export interface TapFigures {
	readonly link: Radio;
	readonly suite: number;
	/** The second after start, of a phone that was never here: from its coming to the last answer. */
	readonly standard: number;
	readonly afterMessage3: number;
	/** The same of the phone that was here before. */
	readonly repeat: number;
	readonly afterMessage3Repeat: number;
	readonly first: number;
	/** Until the reader is ready for the next: what it prepares, and the radio's or chip's idling meanwhile. */
	readonly boot: number;
	readonly phases: readonly Phase[];
	/** Of the provider, in the first tap and what follows it. */
	readonly calls: EngineFigures["calls"];
}

export function measureTap(link: Radio, suite = 4): TapFigures {
	const device = mcuWorld({ suite });
	const { engine, world } = device;
	try {
		const boot = engine.instructions();
		const before = engine.figures().calls;
		const first = tap(device, link);
		const after = engine.figures().calls;
		const second = tap(device, link);
		const repeat = tap(device, link, { again: true });
		if (world.auditor.decisions().some(({ granted }) => !granted)) throw new Error("a tap was denied");
		const steps = second.filter(({ name }) => name !== "start");
		const start = second.find(({ name }) => name === "start")!;
		return {
			link,
			suite,
			standard: wholeTap(second),
			afterMessage3: afterMessage3(second),
			repeat: wholeTap(repeat),
			afterMessage3Repeat: afterMessage3(repeat),
			first: wholeTap(first),
			boot,
			phases: steps.map(({ name, instructions }, i) => ({
				phase: name,
				instructions: instructions - (i === 0 ? start : steps[i - 1]!).instructions,
			})),
			calls: after
				.map(({ name, calls, instructions }, i) => ({
					name,
					calls: calls - before[i]!.calls,
					instructions: instructions - before[i]!.instructions,
				}))
				.filter(({ calls }) => calls > 0),
		};
	} finally {
		engine.close();
	}
}
