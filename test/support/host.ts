/**
 * The few things a spec needs of the engine it runs on. This file is Node's; on XS the loader takes `host.xs.ts` in its
 * place, so that specs of `src`, `drivers` and `hal` import nothing of either.
 */
import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

export const engine: "node" | "xs" = "node";

/** The checkout's root, also when this runs from `build/`. */
export const root = join(dirname(fileURLToPath(import.meta.url)), "../../..");

/** The published vectors: beside the checkout, or where LINTEL_VECTORS says. */
const vectorFolder = process.env.LINTEL_VECTORS ?? join(root, "../shared/vectors");

/**
 * The JSON file `name` of the published vectors. Where the folder is absent `undefined`, so that the spec skips itself
 * with a message; in CI an absent file fails.
 */
export function vectors<T>(name: string): T | undefined {
	const path = join(vectorFolder, name);
	if (!existsSync(path)) {
		if (process.env.CI) throw new Error(`vectors are missing in CI: ${path}`);
		return undefined;
	}
	return JSON.parse(readFileSync(path, "utf8")) as T;
}
