// SPDX-License-Identifier: Apache-2.0

import type { Values } from "./act.js";
import { Scene, type SceneOptions } from "./scene.js";

/** A write to the flash that an act brings about. */
export interface Write {
	/** What is kept there. */
	readonly memory: string;
	/** Bytes; of an erase, the sector's. */
	readonly size: number;
	readonly erases: boolean;
	/** Since the act, ms. */
	readonly at: number;
}

/** For so long an act is followed, ms: a session of the site, its plan and its log take less. */
const FOLLOWED_MS = 8000;

/** Which writes to the flash an act brings about at this moment of a scene, in their order: it is done in a scene that is the same. */
export function rehearse(
	options: SceneOptions,
	micros: number,
	name: string,
	values: Values,
): readonly Write[] {
	const scene = new Scene(options);
	scene.runTo(micros);
	const { flash, self, timeStore, time, uses } = scene.world;
	const writes: Write[] = [];
	const began = time.now();
	const note = (memory: string, size: number, erases = false): void => {
		writes.push({ memory, size, erases, at: time.now() - began });
	};
	for (const [memory, one] of Object.entries(flash)) {
		const { erase, write } = one;
		one.write = (address, data) => {
			note(memory, data.length);
			write.call(one, address, data);
		};
		one.erase = (sector) => {
			note(memory, one.sectorSize, true);
			erase.call(one, sector);
		};
	}
	const cells = { "sealed state": [self.state], "last known time": [timeStore], "uses of codes": uses };
	for (const [memory, list] of Object.entries(cells))
		for (const cell of list) {
			const { write } = cell;
			cell.write = (bytes) => {
				note(memory, bytes.length);
				write.call(cell, bytes);
			};
		}
	scene.perform(name, values);
	scene.run(FOLLOWED_MS);
	return writes;
}
