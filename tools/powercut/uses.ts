// SPDX-License-Identifier: Apache-2.0

import { Power, SimStateCell } from "../../sim/flash.js";
import { DEVICE_KEY } from "../../sim/self.js";
import { CELLS, PER_CELL, Uses } from "../../src/schemes/qr/uses.js";
import { RememberingCrypto } from "./remembering-crypto.js";
import type { PowercutWorld, Scenario } from "./scenario.js";

/** Power cuts over codes with a count: none opens more often than its count, and a cut costs its holder one use at most. */

const crypto = new RememberingCrypto();
const ANCHOR = new Uint8Array(8).fill(0xa5);
const NOW = 1_800_000_000;

/** A code is shown: whose, how often it may open, until when, and the time. */
interface Shown {
	readonly holder: number;
	readonly count: number;
	readonly expires: number;
	readonly now: number;
}

interface UsesWorld extends PowercutWorld {
	readonly power: Power;
	readonly cells: readonly SimStateCell[];
	/** Starts so far: one more than cuts. */
	starts: number;
	/** Codes that have been answered. */
	answered: number;
	/** How often the door has opened for each holder. */
	readonly opened: Map<number, number>;
}

const shown = (holder: number, count: number, now = NOW, expires = NOW + 1000): Shown => ({
	...{ holder, count, expires, now },
});
/** Those below 100 share a cell. */
const idOf = (holder: number): Uint8Array =>
	Uint8Array.of(9, 9, 9, 9, 9, 9, holder, holder < 100 ? 0 : holder % CELLS);

function usesOf(world: UsesWorld): Uses {
	return new Uses({ cell: (index) => world.cells[index]!, crypto, deviceKey: DEVICE_KEY, anchor: ANCHOR });
}

function scenario(name: string, codes: readonly Shown[]): Scenario<UsesWorld> {
	const counts = new Map(codes.map(({ holder, count }) => [holder, count]));
	return {
		name,
		begin: () => {
			const power = new Power();
			const cells = Array.from({ length: CELLS }, () => new SimStateCell(power));
			return { power, cells, starts: 0, answered: 0, opened: new Map() };
		},
		run: (world) => {
			world.starts++;
			const uses = usesOf(world);
			for (let n = world.answered; n < codes.length; n++) {
				const { count, expires, holder, now } = codes[n]!;
				const refusal = uses.spend(idOf(holder), count, expires, now);
				// The door opens when it is kept, and not before.
				world.power.check();
				if (refusal === undefined) world.opened.set(holder, (world.opened.get(holder) ?? 0) + 1);
				else if (refusal !== "uses-spent") throw new Error(`${holder} is refused: ${refusal}`);
				world.answered = n + 1;
			}
		},
		check: (world, finished) => {
			for (const [holder, count] of counts) {
				const opened = world.opened.get(holder) ?? 0;
				if (opened > count) throw new Error(`${holder} has opened ${opened} of ${count} times`);
			}
			if (!finished) return;
			const tries = (holder: number): number => codes.filter((code) => code.holder === holder).length;
			let lost = 0;
			for (const [holder, count] of counts)
				lost += Math.min(count, tries(holder)) - (world.opened.get(holder) ?? 0);
			if (lost > world.starts - 1) throw new Error(`${world.starts - 1} cuts have cost ${lost} uses`);
		},
	};
}

const range = (count: number): number[] => Array.from({ length: count }, (_, n) => n);

export const usesScenarios: readonly Scenario<UsesWorld>[] = [
	scenario("uses-spent", [
		...[shown(1, 3), shown(2, 1), shown(1, 3), shown(101, 2), shown(2, 1)],
		...[shown(1, 3), shown(1, 3), shown(101, 2), shown(101, 2), shown(1, 3)],
	]),
	// A cell that is full makes room for who comes when others have ended.
	scenario("uses-full", [
		...range(PER_CELL).map((n) => shown(n, 2)),
		...range(PER_CELL).map((n) => shown(n, 2)),
		shown(0, 2),
		...range(PER_CELL).map((n) => shown(50 + n, 1, NOW + 2000, NOW + 3000)),
		shown(50, 1, NOW + 2000, NOW + 3000),
	]),
];
