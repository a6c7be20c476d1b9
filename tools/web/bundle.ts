// SPDX-License-Identifier: Apache-2.0

/** What the builds of pages share: how they are bundled, how a page finds its parts, and compressed copies beside each file. */
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join, posix, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { brotliCompressSync, gzipSync } from "node:zlib";
import { type BuildOptions, build, type Metafile } from "esbuild";

export const ROOT = join(dirname(fileURLToPath(import.meta.url)), "../../..");

const COMPRESSED = /\.(js|css|html|svg|webmanifest|png)$/;

export const COMMON: BuildOptions = {
	bundle: true,
	format: "esm",
	target: "es2022",
	minify: true,
	sourcemap: false,
	legalComments: "none",
	logLevel: "warning",
};

export interface Bundle {
	readonly outputs: Metafile["outputs"];
	/** Where each file of the source that a page names has gone to, from the folder of the build. */
	readonly places: ReadonlyMap<string, string>;
	/** Of an output, from the folder of the build. */
	readonly addressOf: (output: string) => string;
}

/** Bundles entry points of the folder `from` into `assets` of the folder `to`, by names that change with what is in a file. */
export async function bundle(
	from: string,
	to: string,
	entryPoints: Readonly<Record<string, string>>,
): Promise<Bundle> {
	const { metafile } = await build({
		...COMMON,
		absWorkingDir: from,
		entryPoints: { ...entryPoints },
		entryNames: "[name]-[hash]",
		chunkNames: "[name]-[hash]",
		jsx: "automatic",
		jsxImportSource: "preact",
		splitting: true,
		metafile: true,
		outdir: join(to, "assets"),
	});
	const addressOf = (output: string): string => relative(to, join(from, output));
	const places = new Map<string, string>();
	for (const [output, { entryPoint }] of Object.entries(metafile.outputs))
		if (entryPoint !== undefined) places.set(entryPoint, addressOf(output));
	return { outputs: metafile.outputs, places, addressOf };
}

/** Writes the page `name` of `from` into `to`: what it refers to by its name in the source is where the build has put it, under `base`. */
export function writePage(
	from: string,
	to: string,
	name: string,
	places: ReadonlyMap<string, string>,
	base: string,
): void {
	const html = readFileSync(join(from, name), "utf8").replaceAll(
		/(src|href|data-worker)="([^"]+)"/g,
		(_, what, at) => {
			const source = posix.join(name, "..", at);
			return `${what}="${base}${places.get(source) ?? source}"`;
		},
	);
	writeFileSync(join(to, name), html);
}

/** Puts two compressed copies beside each file of the folder. With `--sizes` it prints how large they are, and how large in all. */
export function compress(folder: string): void {
	const sizes: [name: string, size: number, gzip: number, brotli: number][] = [];
	for (const name of readdirSync(folder, { recursive: true, encoding: "utf8" })) {
		if (!COMPRESSED.test(name)) continue;
		const path = join(folder, name);
		const bytes = readFileSync(path);
		const [gzip, brotli] = [gzipSync(bytes, { level: 9 }), brotliCompressSync(bytes)];
		writeFileSync(`${path}.gz`, gzip);
		writeFileSync(`${path}.br`, brotli);
		sizes.push([name, bytes.length, gzip.length, brotli.length]);
	}
	if (!process.argv.includes("--sizes")) return;
	const sum = (column: 1 | 2 | 3): number => sizes.reduce((all, row) => all + row[column], 0);
	const rows = [["", "bytes", "gzip", "brotli"], ...sizes, ["in all", sum(1), sum(2), sum(3)]];
	for (const row of rows) console.log(row.join("\t"));
}
