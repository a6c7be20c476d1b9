// SPDX-License-Identifier: Apache-2.0

/** Programs on the emulated microcontroller. */
import { spawnSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { build, cache, root } from "../tools/xs/build.js";
import { EMULATOR, emulatorArguments } from "../tools/xs/emulator.js";
import { moduleGraph, preloads } from "../tools/xs/modules.js";

/** Runs `build/bench/NAME.js` under qemu, with `input` as a file; the object that it prints. */
export function onRv32<T>(name: string, input?: unknown): T {
	const program = build("rv32");
	const main = join(root, `build/bench/${name}.js`);
	const folder = join(cache, "mcu");
	mkdirSync(folder, { recursive: true });
	const map = join(folder, `${name}.map`);
	const graph = moduleGraph([main]);
	writeFileSync(map, graph.map);
	const args = ["--map", map, ...preloads(graph, main), main];
	if (input !== undefined) {
		args.push(`${name}.json`);
		writeFileSync(join(folder, `${name}.json`), JSON.stringify(input));
	}
	const { stdout, stderr, status, error } = spawnSync(EMULATOR, emulatorArguments(program, folder, args), {
		cwd: folder,
		encoding: "utf8",
		timeout: 600_000,
	});
	if (error) throw error;
	if (status !== 0) throw new Error(`${name} on the microcontroller ended with ${status}: ${stderr}`);
	// qemu's semihosting writes the program's output to either.
	const line = (stdout + stderr).split("\n").find((text) => text.startsWith("{"));
	if (line === undefined) throw new Error(`${name} on the microcontroller printed no result`);
	return JSON.parse(line) as T;
}
