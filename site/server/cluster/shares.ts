// SPDX-License-Identifier: Apache-2.0

import { createHash } from "node:crypto";

/** Shares doors out among processes by rendezvous hashing: where one goes, its doors alone get another owner. */
export class Shares {
	readonly processes: readonly string[];
	readonly #owners = new Map<string, string | undefined>();

	constructor(processes: readonly string[]) {
		this.processes = [...processes].sort();
	}

	/** `undefined` where there is no process. */
	ownerOf(door: string): string | undefined {
		if (this.#owners.has(door)) return this.#owners.get(door);
		let owner: string | undefined;
		let highest = "";
		for (const process of this.processes) {
			const weight = createHash("sha256").update(`${process}/${door}`).digest("hex");
			if (weight > highest) {
				highest = weight;
				owner = process;
			}
		}
		this.#owners.set(door, owner);
		return owner;
	}

	isOf(processes: readonly string[]): boolean {
		return this.processes.join() === [...processes].sort().join();
	}
}
