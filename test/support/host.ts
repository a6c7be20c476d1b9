// SPDX-License-Identifier: Apache-2.0

/**
 * The few things a spec needs of the engine it runs on. This file is Node's; on XS the loader takes `host.xs.ts` in its
 * place, so that specs of `src`, `drivers` and `hal` import nothing of either.
 */
import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Context, Hook, Test } from "mocha";

export const engine: "node" | "xs" = "node";

/** The checkout's root, also when this runs from `build/`. */
export const root = join(dirname(fileURLToPath(import.meta.url)), "../../..");

/**
 * Skips the spec, or all specs of its suite from a hook, and leaves `why` for the list at the end of the run: in the
 * spec's `err`, which comes along from mocha's workers.
 */
export function skip(context: Context, why: string): never {
	const note = (spec: Test): void => {
		spec.err = new Error(why);
	};
	const runnable = context.runnable() as Hook | Test;
	if (runnable.type === "hook") runnable.parent?.eachTest(note);
	else note(runnable as Test);
	return context.skip();
}

/** The published vectors: beside the checkout, or where LINTEL_VECTORS says; empty where there are none. */
const vectorFolder = process.env.LINTEL_VECTORS ?? join(root, "../shared/vectors");

/** Why a spec over published vectors skips itself. */
export const NO_VECTORS =
	"no published vectors: ../shared/vectors is absent, and LINTEL_VECTORS names no other folder";

/**
 * The JSON file `name` of the published vectors. Where the folder is absent `undefined`, so that the spec skips itself;
 * in CI that fails, unless LINTEL_VECTORS is empty.
 */
export function vectors<T>(name: string): T | undefined {
	const path = join(vectorFolder, name);
	if (vectorFolder === "" || !existsSync(path)) {
		if (vectorFolder !== "" && process.env.CI) throw new Error(`vectors are missing in CI: ${path}`);
		return undefined;
	}
	return JSON.parse(readFileSync(path, "utf8")) as T;
}
