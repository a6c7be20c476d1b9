// SPDX-License-Identifier: Apache-2.0

/** BearSSL for a microcontroller, from Debian's source package: those files that manifest.json names for the device. */
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, statSync } from "node:fs";
import { basename, join } from "node:path";
import { debianSource, type Library } from "./debian-source.js";

interface Included {
	readonly git?: string;
	readonly manifest?: { readonly modules: { readonly "*": readonly string[] } };
}

/** Paths in BearSSL's tree of what the device's build compiles. */
export function bearsslFiles(manifest: string): readonly string[] {
	const { platforms } = JSON.parse(readFileSync(manifest, "utf8")) as {
		readonly platforms: { readonly esp32: { readonly include: readonly (string | Included)[] } };
	};
	const included = platforms.esp32.include.find(
		(one): one is Included => typeof one === "object" && one.git?.endsWith("/BearSSL") === true,
	);
	const paths = included?.manifest?.modules["*"] ?? [];
	return paths.filter((path) => !path.endsWith("/")).map((path) => `${path}.c`);
}

export function crossBearssl(
	cache: string,
	compiler: string,
	options: readonly string[],
	manifest: string,
): Library {
	const folder = join(cache, "bearssl");
	const library = join(folder, "libbearssl.a");
	const tree = debianSource(cache, "bearssl");
	const include = join(tree, "inc");
	if (existsSync(library) && statSync(library).mtimeMs > statSync(manifest).mtimeMs)
		return { include, library };
	const objects: string[] = [];
	for (const file of bearsslFiles(manifest)) {
		const object = join(folder, `${basename(file, ".c")}.o`);
		const includes = [`-I${include}`, `-I${join(tree, "src")}`];
		execFileSync(compiler, [...options, "-O2", "-w", ...includes, "-c", join(tree, file), "-o", object]);
		objects.push(object);
	}
	execFileSync(compiler.replace(/gcc$/, "ar"), ["rcs", library, ...objects]);
	return { include, library };
}
