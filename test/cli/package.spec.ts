// SPDX-License-Identifier: Apache-2.0

import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { builtinModules } from "node:module";
import { dirname, join, normalize } from "node:path";
import { assert } from "chai";
import { root } from "../support/host.js";

interface Package {
	readonly bin: Readonly<Record<string, string>>;
	readonly dependencies: Readonly<Record<string, string>>;
	readonly optionalDependencies: Readonly<Record<string, string>>;
}

/** What a file takes of others. */
interface Needs {
	readonly modules: readonly string[];
	/** Found from its own place: `new URL("…", import.meta.url)`. */
	readonly files: readonly string[];
	/** `import()` and `require()` of what is not written there. */
	readonly computed: readonly string[];
}

/** Imports that are computed, and what they are of; nobody else may compute one. A folder stands for its modules. */
const COMPUTED: Readonly<Record<string, readonly string[]>> = {
	"bin/lintel.js": ["build/cli/main.js"],
	"build/cli/run.js": ["build/cli/commands/"],
};

/** The compiler's output has one form of each; strings and comments that look like one only make this stricter. */
function needsOf(code: string): Needs {
	const all = (pattern: RegExp): string[] => [...code.matchAll(pattern)].map(([, found]) => found!);
	const named = [
		...all(/^\s*(?:import|export)\b[^"';]*?\bfrom\s*["']([^"']+)["']/gm),
		...all(/^\s*import\s*["']([^"']+)["']/gm),
		...all(/\b(?:import|require|require\.resolve|import\.meta\.resolve)\(\s*["']([^"']+)["']\s*[,)]/g),
	];
	const called = all(
		/(\b(?:createRequire|import|require|require\.resolve|import\.meta\.resolve)\([^)]*\)?)/g,
	);
	return {
		modules: named,
		files: all(/\bnew URL\(\s*["']([^"']+)["'],\s*import\.meta\.url\s*\)/g),
		computed: called.filter((call) => !/\(\s*["'][^"']+["']\s*[,)]/.test(call)),
	};
}

/** `@scope/name` or `name` of what is imported. */
function packageOf(specifier: string): string {
	return specifier
		.split("/")
		.slice(0, specifier.startsWith("@") ? 2 : 1)
		.join("/");
}

describe("what is packed", () => {
	const manifest = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as Package;
	/** What the site's server needs beside it, and nobody else: `lintel site serve` says so where it is missing. */
	const server = JSON.parse(readFileSync(join(root, "site/package.json"), "utf8")) as Package;
	const installed = [...Object.keys(manifest.dependencies), ...Object.keys(manifest.optionalDependencies)];
	let packed: Set<string>;

	before(() => {
		const { status, stderr, stdout } = spawnSync("npm", ["pack", "--dry-run", "--json", "--ignore-scripts"], {
			cwd: root,
			encoding: "utf8",
		});
		assert.equal(status, 0, stderr);
		const [{ files }] = JSON.parse(stdout) as [{ files: { path: string }[] }];
		packed = new Set(files.map(({ path }) => path));
	});

	const read = (path: string): Needs => needsOf(readFileSync(join(root, path), "utf8"));

	/** Every module that can be loaded from `entries`, and by which file each package is imported. */
	function walk(entries: readonly string[]): { reached: Set<string>; packages: Map<string, string[]> } {
		const reached = new Set<string>();
		const packages = new Map<string, string[]>();
		const left = [...entries];
		for (let path = left.pop(); path !== undefined; path = left.pop()) {
			if (reached.has(path)) continue;
			assert.isTrue(packed.has(path), `${path} is needed, and not packed`);
			reached.add(path);
			if (!path.endsWith(".js")) continue;
			const { computed, files, modules } = read(path);
			const known = COMPUTED[path] ?? [];
			assert.equal(
				computed.length > 0,
				known.length > 0,
				`${path} computes ${computed.join(", ") || "nothing"}`,
			);
			for (const target of known) left.push(...modulesOf(target));
			for (const file of files) {
				const target = normalize(join(dirname(path), file));
				if (target.endsWith("/")) left.push(...modulesOf(target));
				else left.push(target);
			}
			for (const specifier of modules) {
				if (specifier.startsWith(".")) left.push(normalize(join(dirname(path), specifier)));
				else {
					const name = packageOf(specifier);
					packages.set(name, [...(packages.get(name) ?? []), path]);
				}
			}
		}
		return { reached, packages };
	}

	function modulesOf(target: string): string[] {
		if (!target.endsWith("/")) return [target];
		return readdirSync(join(root, target))
			.filter((name) => name.endsWith(".js"))
			.map((name) => target + name);
	}

	it("has all that `lintel` can load, and names each package of it as a dependency", () => {
		const { packages, reached } = walk(Object.values(manifest.bin));
		for (const name of ["commission", "plan", "log"])
			assert.isTrue(reached.has(`build/cli/commands/${name}.js`));
		assert.isTrue(reached.has("schema/plan.schema.json"), "files that are no modules, too");
		for (const name of ["commander", "@serialport/stream", "ajv"]) assert.isTrue(packages.has(name), name);
		for (const [name, from] of [...packages].flatMap(([name, paths]) =>
			paths.map((path) => [name, path] as const),
		)) {
			const builtin = name.startsWith("node:");
			assert.isFalse(!builtin && builtinModules.includes(name), `${from}: write node:${name}`);
			const known = from.startsWith("build/site/server/")
				? [...installed, ...Object.keys(server.dependencies)]
				: installed;
			assert.isTrue(builtin || known.includes(name), `${from} imports ${name}, which is no dependency`);
		}
	});

	it("loads nothing of the site's server but when it is to run", () => {
		const imports = /^\s*(?:import|export)\b[^"';]*?\bfrom\s*["'][^"']*\/server\/[^"']*["']/m;
		for (const path of packed) {
			if (!/^build\/(cli|site\/lib)\/.*\.js$/.test(path)) continue;
			assert.notMatch(readFileSync(join(root, path), "utf8"), imports, path);
		}
	});

	it("needs no more for the firmware and the simulator in it; tools for developers may", () => {
		const modules = [...packed].filter((path) => /^build\/(drivers|hal|sim|src)\/.*\.js$/.test(path));
		assert.isAbove(modules.length, 100);
		for (const path of modules)
			for (const specifier of read(path).modules)
				if (!/^(\.|node:)/.test(specifier))
					assert.isTrue(installed.includes(packageOf(specifier)), `${path} imports ${specifier}`);
	});

	it("makes nobody install what no packed file imports", () => {
		const imported = new Set<string>();
		for (const path of packed) {
			if (!/^build\/.*\.js$/.test(path)) continue;
			const text = readFileSync(join(root, path), "utf8");
			for (const name of needsOf(text).modules) imported.add(packageOf(name));
			// The only one that is loaded by its name in a constant.
			for (const name of Object.keys(manifest.optionalDependencies))
				if (text.includes(`PACKAGE = "${name}"`)) imported.add(name);
		}
		for (const name of installed) assert.isTrue(imported.has(name), `${name} is imported nowhere`);
	});

	it("is searched by rules that see each form of an import", () => {
		const { computed, files, modules } = needsOf(
			[
				'import a from "a";',
				'import "b";',
				'import {\n\tc,\n} from "c";',
				'export { d } from "@d/d/d.js";',
				'export * from "./e.js";',
				'\tconst f = await import("f");',
				'const g = require("g");',
				'import("h", { with: { type: "json" } });',
				'new Worker(new URL("./i.js", import.meta.url));',
				"await import(j);",
				"createRequire(import.meta.url).resolve(k); require(`k`);",
			].join("\n"),
		);
		assert.sameMembers([...modules], ["a", "b", "c", "@d/d/d.js", "./e.js", "f", "g", "h"]);
		assert.deepEqual(files, ["./i.js"]);
		assert.deepEqual(computed, ["import(j)", "createRequire(import.meta.url)", "require(`k`)"]);
		assert.equal(packageOf("@d/d/d.js"), "@d/d");
		assert.equal(packageOf("ajv/dist/2020.js"), "ajv");
	});
});
