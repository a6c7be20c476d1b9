// SPDX-License-Identifier: Apache-2.0

/** What the firmware computes between one meeting with the world and the next, on the emulated microcontroller: sim/instructions.ts. */

import { CODE_LIFE_S } from "../protocol/qr/code.js";
import type { Radio } from "../sim/scenario.js";
import { keepPlansComing } from "../sim/traffic.js";
import type { Stretch } from "../sim/work.js";
import type { World } from "../sim/world.js";
import { tap } from "./counted-tap.js";
import type { TapFigures } from "./mcu-tap.js";
import { type McuWorld, type McuWorldOptions, mcuWorld } from "./mcu-world.js";

/** Taps of each kind that are counted, of a stranger's phone and of one that was here before; and codes. */
const TAPS = 2;
const LIMIT_MS = 120_000;

const RADIOS: readonly (McuWorldOptions & { readonly link: Radio })[] = [
	...[4, 5, 2, 0].map((suite) => ({ link: "nfc", suite }) as const),
	...(["i2c", "hsu", "hsu921600"] as const).map((bus) => ({ link: "nfc", bus }) as const),
	...[4, 5, 2, 0].map((suite) => ({ link: "ble", suite }) as const),
];

/** Instructions of each stretch, the mean. */
export function measureWork(): Readonly<Record<Stretch, number>> {
	const sums = new Map<Stretch, [count: number, instructions: number]>();
	for (const { link, ...options } of RADIOS)
		count(sums, options, (device) => {
			for (let n = 0; n < TAPS; n++) for (const again of [false, true]) tap(device, link, { again });
		});
	count(sums, { server: true, configuration: { scanner: { model: "gm861" } } }, (device) => {
		for (let n = 0; n < TAPS; n++) showCode(device.world);
		keepPlansComing(device.world);
		for (let n = 0; n < TAPS; n++) tap(device, n % 2 === 0 ? "nfc" : "ble");
	});
	return Object.fromEntries([...sums].map(([stretch, [count, sum]]) => [stretch, Math.round(sum / count)]));
}

function count(
	sums: Map<Stretch, [count: number, instructions: number]>,
	options: McuWorldOptions,
	visits: (device: McuWorld) => void,
): void {
	const device = mcuWorld(options);
	const { engine, world } = device;
	try {
		const { hello } = world.server ?? {};
		if (
			options.server &&
			hello === undefined &&
			!world.time.runUntil(() => world.server!.hello !== undefined, LIMIT_MS)
		)
			throw new Error("no session");
		let before = engine.instructions();
		world.onStretch = (stretch) => {
			const now = engine.instructions();
			const [count, sum] = sums.get(stretch) ?? [0, 0];
			sums.set(stretch, [count + 1, sum + now - before]);
			before = now;
		};
		// The first after a start makes what later ones find made.
		tap(device, "nfc");
		visits(device);
	} finally {
		engine.close();
	}
}

function showCode(world: World): void {
	const page = world.page("valid");
	const before = world.auditor.decisions().length;
	world.qr!.see(() => page.at(world.seconds));
	if (!world.time.runUntil(() => world.auditor.decisions().length > before, LIMIT_MS))
		throw new Error("no decision");
	world.qr!.see(undefined);
	world.time.run(1000 * CODE_LIFE_S);
}

/** sim/instructions.ts. */
export function instructionsFile(
	stretches: Readonly<Record<Stretch, number>>,
	taps: readonly TapFigures[],
): string {
	const rows = Object.entries(stretches).sort(([a], [b]) => (a < b ? -1 : 1));
	return [
		"// SPDX-License-Identifier: Apache-2.0",
		"",
		"/**",
		" * Written by `npm run bench:mcu`. Instructions of the firmware from one meeting with the world to the next, as `sim/work.ts` names them:",
		" * the mean over taps of all suites, over both radios and all buses of the PN532, codes at a scanner, taps while plans come, and the",
		" * seconds between them.",
		" */",
		"export const STRETCHES: Readonly<Record<string, number>> = Object.freeze({",
		...rows.map(([stretch, instructions]) => `\t"${stretch}": ${inGroups(instructions)},`),
		"});",
		"",
		"/** Whole taps as they were counted at once, without what stands above: from the phone's coming to 50 ms after it has the answer. */",
		"export const COUNTED = Object.freeze([",
		...taps.flatMap(({ link, suite, standard, afterMessage3, repeat, afterMessage3Repeat }) => [
			countedRow(link, suite, false, standard, afterMessage3),
			countedRow(link, suite, true, repeat, afterMessage3Repeat),
		]),
		"] as const);",
		"",
	].join("\n");
}

function countedRow(
	link: Radio,
	suite: number,
	again: boolean,
	whole: number,
	afterMessage3: number,
): string {
	const figures = `whole: ${inGroups(whole)}, afterMessage3: ${inGroups(afterMessage3)}`;
	return `\t{ link: "${link}", suite: ${suite}, again: ${again}, ${figures} },`;
}

function inGroups(n: number): string {
	return n < 10_000 ? String(n) : String(n).replace(/\B(?=(\d{3})+$)/g, "_");
}
