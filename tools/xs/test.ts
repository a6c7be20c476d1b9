// SPDX-License-Identifier: Apache-2.0

/**
 * `npm run test:xs`: the specs of the firmware on the XS engine, one process a file. `npm test` runs them on Node; here
 * mocha only lists them, so that a spec that XS does not run is told.
 * `node build/tools/xs/test.js [PART OF A FILE NAME]...`
 */
import { spawn } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join, relative } from "node:path";
import { deviceCreation, onThisProcessor } from "../../sim/engine/creation.js";
import { notRun } from "../not-run.js";
import { build, MissingTool, root } from "./build.js";
import { moduleGraph, preloads, writeMap } from "./modules.js";

interface Result {
	readonly state: "passed" | "failed" | "skipped";
	readonly title: string;
	/** Why it failed or was skipped. */
	readonly why?: string;
}

const FOLDERS = ["protocol", "src", "drivers", "hal"];
/** Longest that one file may take, ms: an Ed25519 verification by tweetnacl-ts takes 0.13 s on this engine. */
const LIMIT = 1_200_000;

/** The published vectors, as `test/support/host.ts` finds them; empty where there are none, which CI has to say itself. */
const vectorFolder = ((): string => {
	const folder = process.env.LINTEL_VECTORS ?? join(root, "../shared/vectors");
	return existsSync(folder) || process.env.CI ? folder : "";
})();

function specFiles(): string[] {
	const found = FOLDERS.map((folder) => `build/test/${folder}`)
		.filter((folder) => existsSync(join(root, folder)))
		.flatMap((folder) =>
			readdirSync(join(root, folder), { recursive: true, encoding: "utf8" }).map(
				(name) => `${folder}/${name}`,
			),
		)
		.filter((file) => file.endsWith(".spec.js"));
	const wanted = process.argv.slice(2);
	return found
		.filter((file) => !file.startsWith("build/test/hal/node/"))
		.filter((file) => wanted.length === 0 || wanted.some((part) => file.includes(part)))
		.sort();
}

function collect(
	command: string,
	args: readonly string[],
): Promise<{ text: string; errors: string; status: number | null }> {
	return new Promise((done) => {
		const child = spawn(command, args, { cwd: root, stdio: ["ignore", "pipe", "pipe"], timeout: LIMIT });
		let text = "";
		let errors = "";
		child.stdout.setEncoding("utf8").on("data", (chunk: string) => {
			text += chunk;
		});
		child.stderr.setEncoding("utf8").on("data", (chunk: string) => {
			errors += chunk;
		});
		child.on("close", (status) => done({ text, errors, status }));
	});
}

async function onXs(program: string, file: string): Promise<Result[]> {
	const main = join(root, "build/test/xs/main.js");
	const spec = join(root, file);
	const graph = moduleGraph([main, spec]);
	const foreign = [...graph.node].find(([, path]) => path.startsWith(join(root, "build")));
	if (foreign)
		return [{ state: "failed", title: `${file} imports ${foreign[0]} in ${relative(root, foreign[1])}` }];
	const map = writeMap(file, graph);
	// The libraries of the specs and the world that they simulate are in the firmware's machine, so the firmware's part of
	// its heap is bounded and not the whole.
	const { chunk, heap, stack } = onThisProcessor(deviceCreation());
	const sizes = ["--stack", String(stack), "--firmware", `${chunk},${heap}`];
	const { text, errors, status } = await collect(program, [
		...["--map", map, ...sizes, ...preloads(graph, main)],
		...[main, spec, root, vectorFolder],
	]);
	const results: Result[] = [];
	let done = false;
	let begun: string | undefined;
	for (const line of text.split("\n").filter((line) => line.startsWith("{"))) {
		const entry = JSON.parse(line) as Result | { state: "begun"; title: string } | { state: "done" };
		if (entry.state === "done") done = true;
		else if (entry.state === "begun") begun = entry.title;
		else {
			results.push(entry);
			begun = undefined;
		}
	}
	if (!done || status !== 0) {
		const end = status === null ? `not done after ${LIMIT / 1000} s` : `the process ended early (${status})`;
		results.push({ state: "failed", title: begun ?? end, why: `${end}\n${errors.slice(-2000)}` });
	}
	return results;
}

/** The titles of each file's specs, without a run. */
async function listed(files: readonly string[]): Promise<Map<string, string[]>> {
	const mocha = join(root, "node_modules/mocha/bin/mocha.js");
	const options = ["--no-config", "--dry-run", "--reporter", "json"];
	const { text, errors, status } = await collect(process.execPath, [mocha, ...options, ...files]);
	if (status !== 0) throw new Error(`mocha lists no specs (${status}): ${text}${errors}`);
	const { tests } = JSON.parse(text.slice(text.indexOf("{\n"))) as {
		tests: { readonly file: string; readonly fullTitle: string }[];
	};
	const titles = new Map<string, string[]>(files.map((file) => [file, []]));
	for (const { file, fullTitle } of tests) titles.get(relative(root, file))!.push(fullTitle);
	return titles;
}

function count(results: readonly Result[], state: Result["state"]): number {
	return results.filter((result) => result.state === state).length;
}

/** Titles name the provider: a spec over providers is the same spec with another name on the other engine. */
function plain(title: string): string {
	return title.replace(/\b(node|native)\b/g, "*");
}

const program = ((): string => {
	try {
		return build("host");
	} catch (error) {
		process.stderr.write(`test:xs: ${(error as Error).message}\n`);
		process.exit(error instanceof MissingTool ? 3 : 1);
	}
})();
const files = specFiles();
const specs = await listed(files);
let passed = 0;
let failed = 0;
const skipped: { file: string; why: string | undefined }[] = [];
const queue = [...files];
const outcomes = new Map<string, Result[]>();
await Promise.all(
	Array.from({ length: availableParallelism() }, async () => {
		for (let file = queue.shift(); file !== undefined; file = queue.shift())
			outcomes.set(file, await onXs(program, file));
	}),
);
for (const file of files) {
	const results = outcomes.get(file)!;
	const name = file.replace(/^build\//, "").replace(/\.js$/, ".ts");
	process.stdout.write(`${name.padEnd(56)}${String(results.length).padStart(6)}\n`);
	passed += count(results, "passed");
	failed += count(results, "failed");
	for (const { title, why } of results.filter((r) => r.state === "failed"))
		process.stdout.write(`  FAILED ${title}\n${(why ?? "").replace(/^/gm, "    ")}\n`);
	for (const { why } of results.filter((r) => r.state === "skipped")) skipped.push({ file: name, why });
	const wanted = specs.get(file)!.map(plain);
	for (const { title } of results) {
		const at = wanted.indexOf(plain(title));
		if (at !== -1) wanted.splice(at, 1);
	}
	for (const title of wanted) process.stdout.write(`  FAILED ${title}\n    did not run on XS\n`);
	failed += wanted.length;
}
process.stdout.write(`${passed} passed, ${failed} failed, ${skipped.length} skipped\n${notRun(skipped)}`);
process.exitCode = failed === 0 && passed > 0 ? 0 : 1;
