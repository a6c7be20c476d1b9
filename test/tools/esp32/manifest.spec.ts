// SPDX-License-Identifier: Apache-2.0

/**
 * The manifest, without the SDK: what its tools would look for on each platform has to be there. Rules as in
 * tools/mcmanifest.js and fxFindModule of Moddable SDK 8.2.3.
 */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { basename, dirname, join, posix } from "node:path";
import { fileURLToPath } from "node:url";
import { assert } from "chai";

interface Part {
	include?: string | string[];
	creation?: { main?: string };
	modules?: Record<string, string | string[]>;
	preload?: string[];
	platforms?: Record<string, Part>;
}

const root = fileURLToPath(new URL("../../../../", import.meta.url));

/** What the manifests of the SDK that ours include bring along, as far as we import it. */
const OF_SDK: Readonly<Record<string, readonly string[]>> = {
	"$(MODDABLE)/examples/manifest_base.json": ["timer", "time", "mc/config"],
	"$(MODDABLE)/modules/io/manifest.json": [
		"embedded:io/analog",
		"embedded:io/serial",
		"embedded:io/spi",
		"embedded:io/digital",
		"embedded:io/pwm",
		"embedded:network/interface/wifi",
	],
	"$(MODDABLE)/modules/io/storage/manifest.json": ["embedded:storage/key-value"],
	"$(MODDABLE)/modules/io/flash/manifest.json": ["embedded:storage/flash"],
	"$(MODDABLE)/modules/io/ble/server/manifest.json": ["embedded:io/bluetoothle/peripheral"],
};

function read(file: string): Part {
	return JSON.parse(readFileSync(file, "utf8")) as Part;
}

/** JavaScript or TypeScript behind a path of the manifest, which names no extension. */
function sourceOf(path: string): string | undefined {
	return [`${path}.ts`, `${path}.js`, `${path}.mjs`].find((file) => existsSync(file));
}

interface Modules {
	/** File by specifier. */
	readonly files: Map<string, string>;
	readonly sdk: Set<string>;
	readonly preload: readonly string[];
	/** Specifiers given twice, paths that lead nowhere. */
	readonly faults: string[];
}

function add(into: Modules, key: string, path: string): void {
	const put = (specifier: string, file: string): void => {
		if (into.files.has(specifier)) into.faults.push(`${specifier} is given twice`);
		into.files.set(specifier, file);
	};
	const name = (file: string): string => key.replace("*", basename(file).replace(/\.(ts|js|mjs)$/, ""));
	if (!path.endsWith("/*")) {
		const file = sourceOf(path);
		if (file !== undefined) put(name(file), file);
		else into.faults.push(`${key}: there is no ${path}`);
		return;
	}
	const files = existsSync(dirname(path)) ? readdirSync(dirname(path)) : [];
	const sources = files.filter((file) => /\.(ts|js|mjs)$/.test(file) && !file.endsWith(".d.ts"));
	if (sources.length === 0) into.faults.push(`${key}: nothing in ${path}`);
	for (const file of sources) put(name(file), join(dirname(path), file));
}

function collect(part: Part, folder: string, into: Modules): void {
	for (const include of [part.include ?? []].flat()) {
		if (include.startsWith("$(MODDABLE)")) {
			const known = OF_SDK[include];
			if (known === undefined) into.faults.push(`what does ${include} bring?`);
			for (const specifier of known ?? []) into.sdk.add(specifier);
		} else collect(read(join(folder, include)), dirname(join(folder, include)), into);
	}
	for (const [key, paths] of Object.entries(part.modules ?? {}))
		for (const path of [paths].flat()) add(into, key, join(folder, path));
	(into.preload as string[]).push(...(part.preload ?? []));
}

const IMPORT = /^\s*(?:import|export)\s+(?!type\b)(?:[^"';]*?\sfrom\s+)?["']([^"']+)["']/gm;

/** Every module that `main` reaches; what cannot be found goes to `faults`. */
function reach(main: string, modules: Modules): Set<string> {
	const seen = new Set<string>();
	const visit = (specifier: string, from: string): void => {
		if (seen.has(specifier) || modules.sdk.has(specifier)) return;
		const file = modules.files.get(specifier);
		if (file === undefined) {
			modules.faults.push(`${from} imports ${specifier}, which the manifest does not have`);
			return;
		}
		seen.add(specifier);
		for (const [, name] of readFileSync(file, "utf8").matchAll(IMPORT)) {
			const bare = name!.replace(/\.m?js$/, "");
			visit(bare.startsWith(".") ? posix.join(posix.dirname(specifier), bare) : bare, specifier);
		}
	};
	visit(main, "the manifest");
	return seen;
}

describe("manifest.json", () => {
	const manifest = read(join(root, "manifest.json"));
	const platforms = manifest.platforms!;

	it("has the ESP32", () => {
		assert.hasAllKeys(platforms, ["esp32"]);
	});

	for (const [name, platform] of Object.entries(platforms)) {
		it(`finds on ${name} every module that its main reaches, each once`, () => {
			const modules: Modules = { files: new Map(), sdk: new Set(), preload: [], faults: [] };
			collect(manifest, root, modules);
			collect(platform, root, modules);
			const main = platform.creation?.main;
			assert.isString(main, "the platform has a main of its own");
			const reached = reach(main!, modules);
			assert.include([...reached], "src/app/device");
			// What is preloaded stays in flash; the rest of the firmware would take four times a device's memory. mcconfig
			// (filterPreload) matches patterns with JavaScript files only: each module of TypeScript by its name.
			assert.deepEqual(modules.faults, []);
			const frozen = new Set(modules.preload);
			assert.deepEqual(
				[...reached].filter((specifier) => !frozen.has(specifier)),
				[],
				"to preload",
			);
			for (const specifier of frozen)
				assert.isTrue(modules.files.has(specifier), `no ${specifier} to preload`);
		});
	}
});
