// SPDX-License-Identifier: Apache-2.0

/** Which files a module needs, and the map by which the XS host finds them. */
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { cache, root } from "./build.js";

const built = join(root, "build");

/** Files that XS takes in place of Node's, relative to the build. */
const REPLACED: Readonly<Record<string, string>> = Object.freeze({
	"test/support/host.js": "test/support/host.xs.js",
	"test/support/native.js": "test/support/native.xs.js",
	"test/support/providers.js": "test/support/providers.xs.js",
	"hal/crypto/native/binding.js": "hal/xs/binding.js",
});

const tweetnacl = join(root, "node_modules/tweetnacl-ts/es");

/** Packages whose ES modules Node does not find by itself. */
const ES_MODULES: Readonly<Record<string, string>> = Object.freeze({
	"tweetnacl-ts": join(tweetnacl, "nacl.js"),
});

const IMPORT = /(?:^|\n|;)\s*(?:import|export)\s*(?:[\w*${},\s]*?\sfrom\s*)?["']([^"']+)["']/g;

/**
 * XS 13.3 makes no instance of a class that declares fields while its own static initialisers run (17.7 does). Where a
 * library does that, its declarations of fields go; the constructors assign them all.
 */
const OWN_CLASS = /^\s*static (\w+) = new (\w+)\(/m;
const FIELDS = /(?:^ {8}[A-Z];\n)+/gm;

export interface Graph {
	/** Lines of the host's map: name, tab, path. */
	readonly map: string;
	/** Every file, dependencies first. */
	readonly files: readonly string[];
	/** `node:` modules that are imported, by the file that does. */
	readonly node: ReadonlyMap<string, string>;
}

/** Writes a file that engines of other processes may be reading: they find the one before or this one, whole. */
function writeWhole(path: string, text: string): void {
	mkdirSync(dirname(path), { recursive: true });
	const draft = `${path}.${process.pid}`;
	writeFileSync(draft, text);
	renameSync(draft, path);
}

/** Writes the host's map for compiled modules; its path. */
export function writeMap(name: string, { map }: Graph): string {
	const path = join(cache, "maps", `${name.replaceAll("/", "_")}.map`);
	writeWhole(path, map);
	return path;
}

/** Modules of the host's own that stand for those of `hal/esp32`, relative to the build. */
const IN_PLACE_OF_THE_CHIP = /^(?:sim\/engine|hal\/xs)\//;

/** Arguments by which the host has in flash what a device has there: those of the modules that manifest.json preloads. */
export function preloads({ files }: Graph, main: string): readonly string[] {
	const { preload, platforms } = JSON.parse(readFileSync(join(root, "manifest.json"), "utf8")) as {
		preload: string[];
		platforms: { esp32: { preload: string[] } };
	};
	const listed = new Set([...preload, ...platforms.esp32.preload].map((name) => `${name}.js`));
	return files
		.filter((file) => file !== main)
		.filter((file) => {
			const name = relative(built, file);
			return listed.has(name) || IN_PLACE_OF_THE_CHIP.test(name);
		})
		.flatMap((file) => ["--preload", file]);
}

/** Walks the static imports of compiled modules. */
export function moduleGraph(entries: readonly string[]): Graph {
	const names = new Map<string, string>();
	const node = new Map<string, string>();
	const files: string[] = [];
	const seen = new Set<string>();
	const replaced = new Map(
		Object.entries(REPLACED).map(([from, to]) => [join(built, from), join(built, to)]),
	);
	// What the package's own manifest says for browsers: no Node modules.
	for (const part of ["random", "convert"])
		for (const suffix of ["", ".js"])
			replaced.set(join(tweetnacl, `server/${part}${suffix}`), join(tweetnacl, `client/${part}.js`));
	for (const [from, to] of replaced) names.set(from, to);
	const visit = (file: string): void => {
		if (seen.has(file)) return;
		seen.add(file);
		const text = readFileSync(file, "utf8");
		const patched = OWN_CLASS.test(text) ? text.replace(FIELDS, "") : text;
		if (patched !== text) {
			const copy = join(cache, "patched", relative(root, file).replaceAll("/", "_"));
			writeWhole(copy, patched);
			names.set(`@${file}`, copy);
		}
		for (const [, specifier] of text.matchAll(IMPORT)) {
			const name = specifier!;
			if (name.startsWith("node:")) {
				node.set(name, file);
				continue;
			}
			let path: string;
			if (name.startsWith(".")) path = resolve(dirname(file), name);
			else {
				const found = ES_MODULES[name] ?? import.meta.resolve(name);
				if (found.startsWith("node:")) {
					node.set(found, file);
					continue;
				}
				path = found.startsWith("file:") ? fileURLToPath(found) : found;
				names.set(name, path);
			}
			path = replaced.get(path) ?? path;
			if (!existsSync(path) && existsSync(`${path}.js`)) {
				names.set(path, `${path}.js`);
				path += ".js";
			}
			if (existsSync(path)) visit(path);
		}
		files.push(file);
	};
	for (const entry of entries) visit(entry);
	return { map: [...names].map(([from, to]) => `${from}\t${to}\n`).join(""), files, node };
}
