// SPDX-License-Identifier: Apache-2.0

import type { Random } from "../protocol/crypto.js";

/**
 * Seeded bytes for simulations: xoshiro128** (Blackman and Vigna, 2018), its state spread from the seed by
 * splitmix32. One seed gives one world. Never for keys of real doors.
 */
export class SeededRandom implements Random {
	readonly #state = new Uint32Array(4);

	constructor(seed: number) {
		let s = seed >>> 0;
		for (let i = 0; i < 4; i++) {
			s = (s + 0x9e3779b9) >>> 0;
			let z = s;
			z = Math.imul(z ^ (z >>> 16), 0x85ebca6b);
			z = Math.imul(z ^ (z >>> 13), 0xc2b2ae35);
			this.#state[i] = z ^ (z >>> 16);
		}
	}

	/** 0 to 2^32-1. */
	uint32(): number {
		const s = this.#state;
		const x = Math.imul(s[1]!, 5);
		const result = Math.imul((x << 7) | (x >>> 25), 9) >>> 0;
		const t = s[1]! << 9;
		s[2]! ^= s[0]!;
		s[3]! ^= s[1]!;
		s[1]! ^= s[2]!;
		s[0]! ^= s[3]!;
		s[2]! ^= t;
		s[3] = (s[3]! << 11) | (s[3]! >>> 21);
		return result;
	}

	/** 0 to `bound` - 1. */
	below(bound: number): number {
		return Math.floor((this.uint32() / 0x1_0000_0000) * bound);
	}

	fill(into: Uint8Array): void {
		for (let i = 0; i < into.length; i++) into[i] = this.uint32() >>> 24;
	}

	bytes(length: number): Uint8Array {
		const bytes = new Uint8Array(length);
		this.fill(bytes);
		return bytes;
	}
}
