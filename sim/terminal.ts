// SPDX-License-Identifier: Apache-2.0

/** The simulated door on a terminal: one key an action, one line for the state, events as they come. */
import { emitKeypressEvents } from "node:readline";
import type { GATTServerClass } from "../hal/contracts/bluetooth.js";
import type { Bluetooth as BluetoothMode } from "../protocol/config/document.js";
import type { Crypto } from "../protocol/crypto.js";
import { describeBridge, startBridge } from "./bridge/bridge.js";
import { RealTime } from "./realtime.js";
import { ACTS } from "./scene/acts.js";
import { Scene } from "./scene/scene.js";

interface Key {
	readonly key: string;
	readonly title: string;
	readonly act: () => void;
}

/** Keys one by one; where there is no terminal, as in a service, the door goes on without keys. */
function raw(on: boolean): void {
	if (process.stdin.isTTY) process.stdin.setRawMode(on);
}

const CLEAR_LINE = "\r\u001b[2K";

export interface TerminalOptions {
	readonly crypto: Crypto;
	readonly seed: number;
	/** The computer's own Bluetooth, whose events enter the world by `run`. */
	readonly bluetooth?: (run: (action: () => void) => void) => GATTServerClass;
	/** How a phone opens over it; `bluetooth` of the configuration. */
	readonly opens?: BluetoothMode;
	/** Port at which programs play phones. */
	readonly bridge?: number | undefined;
}

/** `now`: something of a real radio happens. */
export function terminalScene(
	{ bluetooth, crypto, opens, seed }: TerminalOptions,
	now: (action: () => void) => void,
): Scene {
	return new Scene({
		crypto,
		script: { seed, ...(opens && { setup: { bluetooth: opens } }), steps: [] },
		...(bluetooth && { since: 0, world: { bluetooth: bluetooth(now) } }),
	});
}

export async function startTerminal(options: TerminalOptions): Promise<void> {
	const { bridge } = options;
	let real: RealTime | undefined;
	// A real radio may answer at once, while the scene is still being made.
	const scene = terminalScene(options, (action) => (real === undefined ? action() : real.now(action)));
	real = new RealTime(scene);
	if (bridge !== undefined)
		process.stdout.write(describeBridge(await startBridge({ world: scene.world, real, port: bridge })));
	new DoorTerminal(scene, real).start();
}

class DoorTerminal {
	readonly #scene: Scene;
	readonly #real: RealTime;
	readonly #keys: readonly Key[];

	constructor(scene: Scene, real: RealTime) {
		this.#scene = scene;
		this.#real = real;
		this.#keys = [
			...ACTS.flatMap(({ name, keys = [] }) =>
				keys.map(({ key, title, values }) => ({ key, title, act: () => void scene.perform(name, values) })),
			),
			{ key: "?", title: "these keys", act: () => this.#write(this.#help()) },
			{ key: "q", title: "quit", act: () => this.#quit() },
		];
	}

	start(): void {
		const scene = this.#scene;
		scene.world.door.watch(() => this.#redraw());
		scene.onTold = ({ at, text }) => this.#say(at, text);
		scene.onLog = ({ at, entry, words }) => this.#say(at, `log ${entry.serial}: ${words}`);
		emitKeypressEvents(process.stdin);
		raw(true);
		process.stdin.on("keypress", (text: string | undefined, key: { name?: string; ctrl?: boolean }) => {
			if (key.ctrl && key.name === "c") this.#quit();
			const action = this.#keys.find((k) => k.key === text);
			if (action) this.#real.now(action.act);
		});
		process.stdout.write("\nThe door is yours:\n");
		this.#real.start();
		this.#write(this.#help());
	}

	#status(): string {
		const { door, light, powered, tone } = this.#scene.state();
		const leaf = door.open ? "open" : "closed";
		return `[power ${powered ? "on" : "OFF"} · ${door.locked ? "locked" : "UNLOCKED"} · door ${leaf} · relay ${door.relay ? "ON" : "off"} · light ${light}${tone ? " · beep" : ""}] `;
	}

	#redraw(): void {
		process.stdout.write(`${CLEAR_LINE}${this.#status()}`);
	}

	#say(at: number, line: string): void {
		this.#write(`${(at / 1e6).toFixed(2).padStart(9)} s  ${line}`);
	}

	#write(line: string): void {
		process.stdout.write(`${CLEAR_LINE}${line}\n`);
		this.#redraw();
	}

	#help(): string {
		return this.#keys.map(({ key, title }) => `${key} ${title}`).join(" · ");
	}

	#quit(): never {
		this.#real.stop();
		raw(false);
		process.stdout.write(CLEAR_LINE);
		process.exit(0);
	}
}
