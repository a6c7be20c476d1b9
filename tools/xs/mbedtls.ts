// SPDX-License-Identifier: Apache-2.0

/** mbedTLS for a microcontroller, as far as the provider needs it, from Debian's source package. */
import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, statSync } from "node:fs";
import { basename, join } from "node:path";
import { debianSource, type Library } from "./debian-source.js";

/** `config`: the header that says what is built in; the rest of mbedTLS compiles to nothing. */
export function crossMbedtls(
	cache: string,
	compiler: string,
	options: readonly string[],
	config: string,
): Library & { readonly define: string } {
	const folder = join(cache, "mbedtls");
	const library = join(folder, "libmbedcrypto.a");
	const tree = debianSource(cache, "mbedtls");
	const include = join(tree, "include");
	const define = `-DMBEDTLS_CONFIG_FILE="${config}"`;
	if (existsSync(library) && statSync(library).mtimeMs > statSync(config).mtimeMs)
		return { include, library, define };
	const source = join(tree, "library");
	const objects: string[] = [];
	for (const file of readdirSync(source).filter((name) => name.endsWith(".c"))) {
		const object = join(folder, `${basename(file, ".c")}.o`);
		const includes = [`-I${include}`, `-I${source}`];
		execFileSync(compiler, [
			...options,
			...["-O2", "-w", define],
			...includes,
			...["-c", join(source, file), "-o", object],
		]);
		objects.push(object);
	}
	execFileSync(compiler.replace(/gcc$/, "ar"), ["rcs", library, ...objects]);
	return { include, library, define };
}
