// SPDX-License-Identifier: Apache-2.0

import { SeededRandom } from "../../sim/random.js";
import { traceOf } from "../../site/lib/files/failure.js";
import { mutate } from "./mutate.js";
import type { FuzzTarget } from "./target.js";

/** Bytes of heap that one target may keep, over what it started with. */
export const MAX_GROWTH = 48 * 1024 * 1024;
/** Runs between two looks at the heap. */
const SAMPLE = 2000;

export interface Finding {
	readonly target: string;
	readonly input: Uint8Array;
	readonly problem: string;
}

/** An input that took too long is slow only if it is so each time: the computer may have been busy elsewhere. */
const TRIES = 3;

/** Runs one input: `undefined` when it was taken or refused as it should be, or what is wrong. */
export function attempt(target: FuzzTarget, input: Uint8Array): string | undefined {
	const before = input.slice();
	let ms = Number.POSITIVE_INFINITY;
	for (let tries = 0; tries < TRIES && ms > target.limitMs; tries++) {
		const began = process.hrtime.bigint();
		try {
			target.run(input);
		} catch (error) {
			if (!target.refuses(error)) return traceOf(error);
		}
		ms = Number(process.hrtime.bigint() - began) / 1e6;
		if (Buffer.compare(before, input) !== 0) return "changed its input";
	}
	return ms > target.limitMs ? `took ${ms.toFixed(0)} ms, ${target.limitMs} are allowed` : undefined;
}

/** `current` is told of each input before it runs, so that a watchdog can name the one that hangs. */
export function fuzz(
	target: FuzzTarget,
	runs: number,
	seed: number,
	current: (input: Uint8Array) => void = () => {},
): Finding[] {
	const findings: Finding[] = [];
	const random = new SeededRandom(seed);
	const collect = (globalThis as { gc?: () => void }).gc;
	collect?.();
	const start = process.memoryUsage().heapUsed;
	const seen = new Set<string>();
	for (let n = 0; n < runs && findings.length < 10; n++) {
		const input = n < target.corpus.length ? target.corpus[n]!.slice() : mutate(target.corpus, random);
		current(input);
		const shown = input.slice();
		let problem = attempt(target, input);
		if (problem === undefined && n % SAMPLE === SAMPLE - 1) {
			if (process.memoryUsage().heapUsed - start > MAX_GROWTH) collect?.();
			const grown = process.memoryUsage().heapUsed - start;
			if (collect !== undefined && grown > MAX_GROWTH) problem = `keeps ${grown} bytes of heap`;
		}
		if (problem === undefined) continue;
		const kind = problem.split("\n").slice(0, 2).join("\n");
		if (!seen.has(kind)) findings.push({ target: target.name, input: shown, problem });
		seen.add(kind);
	}
	return findings;
}
