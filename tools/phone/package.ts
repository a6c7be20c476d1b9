// SPDX-License-Identifier: Apache-2.0

/**
 * `npm run build:phone`: makes an npm package of the phone's side in `build/npm/phone`, or the folder that is given, where
 * `tsc -p phone` has put its modules and their types. It depends on what its modules import, in the releases that Lintel itself is pinned to.
 */
import { copyFileSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

interface Package {
	readonly version: string;
	readonly license: string;
	readonly dependencies: Readonly<Record<string, string>>;
}

const root = join(dirname(fileURLToPath(import.meta.url)), "../../..");
const folder = process.argv[2] ?? join(root, "build/npm/phone");
const { version, license, dependencies } = JSON.parse(
	readFileSync(join(root, "package.json"), "utf8"),
) as Package;

const imported = new Set<string>();
for (const file of readdirSync(folder, { recursive: true, encoding: "utf8" })) {
	if (!file.endsWith(".js")) continue;
	for (const [, name] of readFileSync(join(folder, file), "utf8").matchAll(
		/from "((?:@[^/"]+\/)?[^./"][^/"]*)/g,
	))
		imported.add(name!);
}

const needed: Record<string, string> = {};
for (const name of [...imported].sort()) {
	const release = dependencies[name];
	if (release === undefined)
		throw new Error(`the phone library imports ${name}, which is no dependency of Lintel`);
	needed[name] = release;
}

const manifest = {
	name: "lintel-phone",
	version,
	description:
		"The phone's side of a Lintel door: mobile credentials over BLE and NFC, without Node and without a DOM",
	license,
	type: "module",
	sideEffects: false,
	exports: { ".": { types: "./phone/index.d.ts", default: "./phone/index.js" } },
	dependencies: needed,
};
writeFileSync(join(folder, "package.json"), `${JSON.stringify(manifest, undefined, "\t")}\n`);
for (const file of ["LICENSE", "NOTICE"]) copyFileSync(join(root, file), join(folder, file));
