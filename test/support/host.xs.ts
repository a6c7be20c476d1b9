// SPDX-License-Identifier: Apache-2.0

/** `host.ts` on XS: the runner's map puts this file in its place. */
import type { Context } from "mocha";

declare const host: {
	argument(index: number): string | undefined;
	readText(path: string): string | undefined;
};

export const engine: "node" | "xs" = "xs";

/** The checkout's root: the runner's second argument. */
export const root = host.argument(1)!;

/** The suite of `bdd.ts` takes the reason, and prints it with the spec. */
export function skip(context: Context, why: string): never {
	return (context.skip as (why: string) => never)(why);
}

export const NO_VECTORS = "no published vectors: the runner was given no folder";

/** The runner's third argument is their folder, empty where there is none. */
export function vectors<T>(name: string): T | undefined {
	const folder = host.argument(2)!;
	if (folder === "") return undefined;
	const text = host.readText(`${folder}/${name}`);
	if (text === undefined) throw new Error(`vectors are missing: ${folder}/${name}`);
	return JSON.parse(text) as T;
}
