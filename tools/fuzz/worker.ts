// SPDX-License-Identifier: Apache-2.0

/** Runs one target away from the main thread, which watches that it goes on. */
import { parentPort, workerData } from "node:worker_threads";
import { fuzz } from "./run.js";
import { targets } from "./targets.js";

export interface Work {
	readonly name: string;
	readonly runs: number;
	readonly seed: number;
	/** Int32: how many inputs were begun, length of the one under way; then its bytes. */
	readonly shared: SharedArrayBuffer;
}

const { name, runs, seed, shared } = workerData as Work;
const head = new Int32Array(shared, 0, 2);
const bytes = new Uint8Array(shared, 8);
const target = targets.find((one) => one.name === name)!;
const began = process.hrtime.bigint();
const findings = fuzz(target, runs, seed, (input) => {
	bytes.set(input.subarray(0, bytes.length));
	Atomics.store(head, 1, Math.min(input.length, bytes.length));
	Atomics.add(head, 0, 1);
});
const seconds = Number(process.hrtime.bigint() - began) / 1e9;
parentPort!.postMessage({ findings, done: Atomics.load(head, 0), seconds });
