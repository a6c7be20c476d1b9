// SPDX-License-Identifier: Apache-2.0

/**
 * Starts the firmware in an XS process, on this computer's processor or on an emulated rv32, and lets it reach its
 * platform over two named pipes, synchronously, so that the simulated time stands still while the firmware works.
 */
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { closeSync, constants, mkdtempSync, openSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Platform } from "../../hal/contracts/platform.js";
import { type BuildTarget, build, root } from "../../tools/xs/build.js";
import { EMULATOR, emulatorArguments } from "../../tools/xs/emulator.js";
import { moduleGraph, preloads, writeMap } from "../../tools/xs/modules.js";
import { type EngineFigures, WorldBus } from "./bus.js";
import { type Creation, deviceCreation, onThisProcessor } from "./creation.js";

export interface XsEngine {
	/** As `WorldOptions.start`. */
	start(platform: Platform, native: NativeCall): void;
	/** Instructions of the firmware's own work since its start; 0 where the processor does not count. */
	instructions(): number;
	/** Between events of the simulated time. */
	figures(): EngineFigures;
	/** From here on the engine collects whenever the firmware leaves or enters JavaScript, and `figures` have the most. */
	sample(on: boolean): void;
	/** Collects; from here on the peaks of `figures` are those of what follows. */
	resetPeaks(): void;
	/** From here on the firmware has so many bytes for chunks, beyond those that it holds. */
	squeeze(leave: number): void;
	/** The process dies at once, in the middle of whatever it does. */
	kill(): void;
	close(): void;
}

/** The firmware is about to do native work: a function of hal/crypto/native. */
export type NativeCall = (name: string) => void;

export interface XsEngineOptions {
	/** `host` by default. */
	readonly target?: BuildTarget;
	/** The module that hears the bus, relative to the build; the firmware by default. */
	readonly module?: string;
	/** The machine's sizes, none of which grows; a device's by default. */
	readonly creation?: Creation;
}

function sizesOn(target: BuildTarget): Creation {
	return target === "host" ? onThisProcessor(deviceCreation()) : deviceCreation();
}

/** Builds the engine where that has not been done. Throws `MissingTool` where it cannot be. */
export function xsEngine({
	target = "host",
	module = "sim/engine/firmware.js",
	creation = sizesOn(target),
}: XsEngineOptions = {}): XsEngine {
	const program = build(target);
	const main = join(root, "build", module);
	const graph = moduleGraph([main]);
	const map = writeMap(module, graph);
	const machine = [
		...preloads(graph, main),
		...["--device", `${creation.chunk},${creation.heap},${creation.stack}`],
	];
	const folder = mkdtempSync(join(tmpdir(), "lintel-xs-"));
	let child: ChildProcess | undefined;
	let bus: WorldBus | undefined;
	let lives = 0;
	const live = (): WorldBus => {
		if (bus === undefined) throw new Error("the engine has not been started");
		return bus;
	};
	return {
		start(platform, native) {
			bus?.close();
			child?.kill("SIGKILL");
			lives++;
			const pipes = { down: join(folder, `down-${lives}`), up: join(folder, `up-${lives}`) };
			const args = ["--map", map, ...machine, "--bus", `${pipes.down},${pipes.up}`, main];
			const started = startProcess(target, program, args, folder, pipes);
			child = started.child;
			bus = new WorldBus({
				...started,
				now: () => platform.clock.now(),
				native,
			});
			bus.boot(platform);
		},
		instructions: () => live().instructions,
		figures: () => live().figures(),
		sample: (on) => live().sample(on),
		resetPeaks: () => live().resetPeaks(),
		squeeze: (leave) => live().squeeze(leave),
		kill() {
			child?.kill("SIGKILL");
		},
		close() {
			bus?.close();
			child?.kill("SIGKILL");
			rmSync(folder, { recursive: true, force: true });
		},
	};
}

/**
 * The process holds its ends of the pipes from its first moment, so that one that dies at once is an end of the pipe here
 * and not a wait without end.
 */
function startProcess(
	target: BuildTarget,
	program: string,
	args: readonly string[],
	folder: string,
	pipes: { down: string; up: string },
): { child: ChildProcess; down: number; up: number } {
	execFileSync("mkfifo", [pipes.down, pipes.up]);
	const theirDown = openSync(pipes.down, constants.O_RDONLY | constants.O_NONBLOCK);
	const down = openSync(pipes.down, constants.O_WRONLY);
	const keeper = openSync(pipes.up, constants.O_RDWR);
	const theirUp = openSync(pipes.up, constants.O_WRONLY);
	const up = openSync(pipes.up, constants.O_RDONLY);
	const [command, commandArgs] =
		target === "host" ? [program, [...args]] : [EMULATOR, emulatorArguments(program, folder, args)];
	const child = spawn(command, commandArgs, {
		cwd: folder,
		stdio: ["ignore", "ignore", "inherit", theirDown, theirUp],
	});
	// The waiting side reads the end of the pipe.
	child.on("error", () => undefined);
	for (const descriptor of [theirDown, keeper, theirUp]) closeSync(descriptor);
	return { child, down, up };
}
