// SPDX-License-Identifier: Apache-2.0

/**
 * The manifest, without the SDK: what its tools would look for on each platform has to be there. Rules as in
 * tools/mcmanifest.js and fxFindModule of Moddable SDK 8.2.3.
 */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { basename, dirname, join, posix } from "node:path";
import { fileURLToPath } from "node:url";
import { assert } from "chai";

/** Sources that the SDK fetches by git for the device's build. */
interface Repository {
	git: string;
	tag?: string;
	manifest?: { modules?: Record<string, string[]> };
}

interface Part {
	include?: string | (string | Repository)[];
	creation?: { main?: string };
	modules?: Record<string, string | string[]>;
	preload?: string[];
	dependency?: { namespace?: string; name?: string; idf?: string; includes?: string[] }[];
	platforms?: Record<string, Part>;
}

const root = fileURLToPath(new URL("../../../../", import.meta.url));

/** What the manifests of the SDK that ours include bring along, as far as we import it. */
const OF_SDK: Readonly<Record<string, readonly string[]>> = {
	"$(MODDABLE)/examples/manifest_base.json": ["timer", "time", "mc/config"],
	"$(MODDABLE)/modules/io/analog/manifest.json": ["embedded:io/analog"],
	"$(MODDABLE)/modules/io/ble/server/manifest.json": ["embedded:io/bluetoothle/peripheral"],
	"$(MODDABLE)/modules/io/digital/manifest.json": ["embedded:io/digital"],
	"$(MODDABLE)/modules/io/flash/manifest.json": ["embedded:storage/flash"],
	"$(MODDABLE)/modules/io/i2c/manifest.json": ["embedded:io/i2c"],
	"$(MODDABLE)/modules/io/pwm/manifest.json": ["embedded:io/pwm"],
	"$(MODDABLE)/modules/io/serial/manifest.json": ["embedded:io/serial"],
	"$(MODDABLE)/modules/io/spi/manifest.json": ["embedded:io/spi"],
	"$(MODDABLE)/modules/io/storage/manifest.json": ["embedded:storage/key-value"],
	"$(MODDABLE)/modules/io/wifi/manifest.json": ["embedded:network/interface/wifi"],
};

/** Components of ESP-IDF and of its registry, by the headers of theirs that our C includes. */
const COMPONENTS: readonly (readonly [header: RegExp, component: string])[] = [
	[/^app_update\//, "app_update"],
	[/^bootloader_random\.h$/, "bootloader_support"],
	[/^driver\/gpio\.h$/, "esp_driver_gpio"],
	[/^driver\/gptimer\.h$/, "esp_driver_gptimer"],
	[/^esp_(wifi|netif)\.h$/, "esp_wifi"],
	[/^psa\//, "mbedtls"],
	[/^sodium\.h$/, "libsodium"],
];

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
	/** Paths under "~". */
	readonly excluded: Set<string>;
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
	for (const file of sources.map((source) => join(dirname(path), source)))
		if (!into.excluded.has(file.replace(/\.\w+$/, ""))) put(name(file), file);
}

/** Those that are not the SDK's or ESP-IDF's. */
function ownPaths(paths: string | string[] = []): readonly string[] {
	return [paths].flat().filter((path) => !path.startsWith("$("));
}

function modulesOf(manifest: Part, platform: Part): Modules {
	const modules: Modules = { files: new Map(), sdk: new Set(), preload: [], excluded: new Set(), faults: [] };
	collect(manifest, root, modules);
	collect(platform, root, modules);
	return modules;
}

function collect(part: Part, folder: string, into: Modules): void {
	for (const include of [part.include ?? []].flat()) {
		if (typeof include === "object") continue;
		if (include.startsWith("$(MODDABLE)")) {
			const known = OF_SDK[include];
			if (known === undefined) into.faults.push(`what does ${include} bring?`);
			for (const specifier of known ?? []) into.sdk.add(specifier);
		} else collect(read(join(folder, include)), dirname(join(folder, include)), into);
	}
	for (const path of ownPaths(part.modules?.["~"])) into.excluded.add(join(folder, path));
	for (const [key, paths] of Object.entries(part.modules ?? {})) {
		if (key !== "~" && key !== "*" && [paths].flat().some((path) => path.startsWith("$(MODDABLE)")))
			into.sdk.add(key);
		if (key !== "~") for (const path of ownPaths(paths)) add(into, key, join(folder, path));
	}
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
			const modules = modulesOf(manifest, platform);
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

		it(`has for ${name} no module that its main does not reach: each costs flash`, () => {
			const modules = modulesOf(manifest, platform);
			const reached = reach(platform.creation!.main!, modules);
			const brought = [...modules.files.keys()];
			assert.deepEqual(
				brought.filter((specifier) => !reached.has(specifier)),
				[],
				'a file that no device runs goes under "~"',
			);
			for (const path of modules.excluded) assert.isDefined(sourceOf(path), `"~" has ${path}: no such file`);
		});
	}

	it("lets our C and the SDK's find what they include", () => {
		const { dependency = [], modules = {} } = platforms.esp32!;
		const folders = [modules["*"] ?? []].flat();
		const components = new Set(dependency.map(({ idf, name }) => idf ?? name));
		for (const folder of ["hal/esp32", "hal/crypto/native"])
			for (const file of readdirSync(join(root, folder)).filter((name) => name.endsWith(".c"))) {
				const text = readFileSync(join(root, folder, file), "utf8");
				for (const [, header] of text.matchAll(/#\s*include [<"]([^>"]+)[>"]/g))
					for (const [pattern, component] of COMPONENTS)
						if (pattern.test(header!))
							assert.isTrue(components.has(component), `${file} includes ${header}: ${component}`);
			}
		// The SDK's SPI, modules/io/spi/esp/spi.c, includes modGPIO.h and calls it.
		assert.include(folders, "$(MODDABLE)/modules/pins/digital/esp32/*");
		// Its ADC, modules/io/analog/esp32, calls adc_oneshot_*; its manifest does not say where these are.
		assert.isTrue(components.has("esp_adc"));
		// psa/crypto.h and mbedtls/private_access.h: mbedTLS 4 has them here, and the SDK's make file has mbedTLS 3's folder.
		const psa = "$(IDF_PATH)/components/mbedtls/mbedtls/tf-psa-crypto";
		assert.includeMembers(folders, [`${psa}/include/`, `${psa}/drivers/builtin/include/`]);
		// P-256, at a tag that does not move; the rv32 build compiles the same files, so one that is missing fails there.
		const [bearssl, ...others] = [platforms.esp32!.include ?? []]
			.flat()
			.filter((one): one is Repository => typeof one === "object");
		assert.isEmpty(others);
		assert.equal(bearssl?.tag, "v0.6");
		assert.includeMembers(bearssl?.manifest?.modules?.["*"] ?? [], ["./inc/", "./src/"]);
		// Each of the two has a sodium.h; that of port_include holds the hashes' state in PSA operations (crypto.c does not).
		const sodium = dependency.find((one) => one.name === "libsodium");
		assert.deepEqual(sodium?.includes, ["libsodium/src/libsodium/include", "port_include"]);
	});
});
