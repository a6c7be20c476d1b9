/**
 * `npm run test:xs`: the specs of the firmware on the XS engine, one process a file, beside their results on Node.
 * `node build/tools/xs/test.js [PART OF A FILE NAME]...`
 */
import { spawn } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { build, cache, MissingTool, root } from "./build.js";
import { moduleGraph } from "./modules.js";

interface Result {
	readonly state: "passed" | "failed" | "skipped";
	readonly title: string;
	readonly error?: string;
}

const FOLDERS = ["protocol", "src", "drivers", "hal"];
/** Longest that one file may take, ms: an Ed25519 verification by tweetnacl-ts takes 0.13 s on this engine. */
const LIMIT = 1_200_000;

/** Why a file or spec does not run on XS; everything else that differs is a failure. */
const NODE_ONLY: Readonly<Record<string, string>> = Object.freeze({});

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
	const map = join(cache, "maps", `${file.replaceAll("/", "_")}.map`);
	writeFileSync(map, graph.map);
	const folder = process.env.LINTEL_VECTORS ?? join(root, "../shared/vectors");
	const { text, errors, status } = await collect(program, ["--map", map, main, spec, root, folder]);
	const results: Result[] = [];
	let done = false;
	for (const line of text.split("\n").filter((line) => line.startsWith("{"))) {
		const entry = JSON.parse(line) as Result | { state: "done" };
		if (entry.state === "done") done = true;
		else results.push(entry);
	}
	if (!done || status !== 0)
		results.push({
			state: "failed",
			title: status === null ? `not done after ${LIMIT / 1000} s` : `the process ended early (${status})`,
			error: errors.slice(-2000),
		});
	return results;
}

interface MochaSpec {
	readonly fullTitle: string;
	readonly file: string;
	readonly err: { readonly message?: string };
}

async function onNode(files: readonly string[]): Promise<Map<string, Result[]>> {
	const mocha = join(root, "node_modules/mocha/bin/mocha.js");
	const { text } = await collect(process.execPath, [
		mocha,
		"--no-config",
		"--timeout",
		"60000",
		"--reporter",
		"json",
		...files,
	]);
	const report = JSON.parse(text.slice(text.indexOf("{\n"))) as { tests: MochaSpec[]; pending: MochaSpec[] };
	const pending = new Set(report.pending.map(({ file, fullTitle }) => `${file}\n${fullTitle}`));
	const results = new Map<string, Result[]>();
	for (const { file, fullTitle, err } of report.tests) {
		const skipped = pending.has(`${file}\n${fullTitle}`);
		const state = skipped ? "skipped" : err.message === undefined ? "passed" : "failed";
		const key = relative(root, file);
		results.set(key, [...(results.get(key) ?? []), { state, title: fullTitle }]);
	}
	return results;
}

function count(results: readonly Result[], state: Result["state"]): number {
	return results.filter((result) => result.state === state).length;
}

function pad(text: string | number, width: number): string {
	return String(text).padStart(width);
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
mkdirSync(join(cache, "maps"), { recursive: true });
const files = specFiles();
const node = await onNode(files);
let passed = 0;
let failed = 0;
let skipped = 0;
const differences: string[] = [];
process.stdout.write(`${"specs".padEnd(48)}${pad("Node", 8)}${pad("XS", 8)}\n`);
const queue = [...files];
const outcomes = new Map<string, Result[]>();
await Promise.all(
	[0, 1].map(async () => {
		for (let file = queue.shift(); file !== undefined; file = queue.shift())
			outcomes.set(file, await onXs(program, file));
	}),
);
for (const file of files) {
	const here = node.get(file) ?? [];
	const there = outcomes.get(file)!;
	const name = file.replace(/^build\/test\//, "").replace(/\.js$/, ".ts");
	process.stdout.write(`${name.padEnd(48)}${pad(here.length, 8)}${pad(there.length, 8)}\n`);
	passed += count(there, "passed");
	skipped += count(there, "skipped");
	failed += count(there, "failed");
	for (const { title, error } of there.filter((r) => r.state === "failed"))
		process.stdout.write(`  FAILED ${title}\n${(error ?? "").replace(/^/gm, "    ")}\n`);
	const known = new Set(there.map(({ title }) => plain(title)));
	for (const { title, state } of here)
		if (!known.has(plain(title))) {
			const reason = NODE_ONLY[title];
			differences.push(`${name}: only on Node (${state}): ${title}: ${reason ?? "no reason is known"}`);
			if (reason === undefined) failed++;
		}
	for (const { title } of there.filter((r) => r.state === "skipped"))
		differences.push(`${name}: skipped on XS: ${title}`);
	if (here.length !== there.length)
		differences.push(`${name}: ${here.length} on Node, ${there.length} on XS`);
}
for (const difference of differences) process.stdout.write(`difference: ${difference}\n`);
process.stdout.write(`${passed} passed, ${failed} failed, ${skipped} skipped\n`);
process.exitCode = failed === 0 ? 0 : 1;
