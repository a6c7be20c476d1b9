// SPDX-License-Identifier: Apache-2.0

/** The simulated door on a terminal: one key an action, one line for the state, events as they come. */
import { emitKeypressEvents } from "node:readline";
import type { GATTServerClass } from "../hal/contracts/bluetooth.js";
import type { Bluetooth as BluetoothMode } from "../protocol/config/document.js";
import type { Crypto } from "../protocol/crypto.js";
import { inWords } from "../site/lib/log/describe.js";
import { describeBridge, startBridge } from "./bridge/bridge.js";
import { Hands } from "./hands.js";
import { Office } from "./office.js";
import { RealTime } from "./realtime.js";
import { World, type WorldOptions } from "./world.js";

interface Key {
	readonly key: string;
	readonly text: string;
	readonly act: () => string | undefined;
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

export async function startTerminal(options: TerminalOptions): Promise<void> {
	const { crypto, opens, seed } = options;
	const settings: WorldOptions = {
		crypto,
		seed,
		server: true,
		configuration: { scanner: { model: "gm861" }, ...(opens && { bluetooth: opens }) },
	};
	const world = new World(settings);
	const real = new RealTime(world.time);
	if (options.bluetooth) settings.bluetooth = options.bluetooth((action) => real.now(action));
	world.plan.install();
	if (options.bridge !== undefined)
		process.stdout.write(describeBridge(await startBridge({ world, real, port: options.bridge })));
	new DoorTerminal(world, real).start();
}

class DoorTerminal {
	readonly #world: World;
	readonly #real: RealTime;
	readonly #hands: Hands;
	readonly #office: Office;
	readonly #keys: readonly Key[];

	constructor(world: World, real: RealTime) {
		const hands = new Hands(world);
		this.#world = world;
		this.#real = real;
		this.#hands = hands;
		const office = new Office(world);
		this.#office = office;
		this.#keys = [
			{ key: "v", text: "tap the valid phone", act: () => hands.tap("valid") },
			{ key: "r", text: "tap the revoked one", act: () => hands.tap("revoked") },
			{ key: "e", text: "tap the expired one", act: () => hands.tap("expired") },
			{ key: "s", text: "tap a stranger's", act: () => hands.tap("stranger") },
			{ key: "f", text: "tap one of another site", act: () => hands.tap("foreign") },
			{ key: "g", text: "show the visitor's code", act: () => hands.showCode("valid") },
			{ key: "o", text: "pull the door", act: () => hands.pull() },
			{ key: "c", text: "shut the door", act: () => hands.shut() },
			{ key: "b", text: "break the door open", act: () => hands.breakOpen() },
			{ key: "x", text: "press request-to-exit", act: () => hands.pressExit() },
			{ key: "p", text: "cut or restore the power", act: () => hands.switchPower() },
			{ key: "w", text: "wedge the NFC chip", act: () => hands.wedgeChip() },
			{ key: "i", text: "the site adds the stranger", act: () => office.invite() },
			{ key: "k", text: "the site revokes one more", act: () => office.revoke() },
			{ key: "u", text: "the site opens", act: () => office.open() },
			{ key: "l", text: "the site locks down, or no longer", act: () => office.lockDown() },
			{ key: "n", text: "the network goes or comes back", act: () => office.switchNetwork() },
			{ key: "?", text: "these keys", act: () => this.#help() },
			{ key: "q", text: "quit", act: () => this.#quit() },
		];
	}

	start(): void {
		this.#world.door.watch(() => this.#redraw());
		emitKeypressEvents(process.stdin);
		raw(true);
		process.stdin.on("keypress", (text: string | undefined, key: { name?: string; ctrl?: boolean }) => {
			if (key.ctrl && key.name === "c") this.#quit();
			const action = this.#keys.find((k) => k.key === text);
			if (action)
				this.#real.now(() => {
					const line = action.act();
					if (line) this.#say(line);
				});
		});
		process.stdout.write("\nThe door is yours:\n");
		this.#real.start();
		this.#real.now(() => this.#say(this.#hands.switchPower()));
		process.stdout.write(`${CLEAR_LINE}${this.#help()}\n`);
		setInterval(() => this.#real.now(() => this.#tell()), 100);
	}

	#status(): string {
		const { door, panel } = this.#world;
		const power = this.#hands.powered ? "on" : "OFF";
		const leaf = door.open ? "open" : "closed";
		return `[power ${power} · ${door.locked ? "locked" : "UNLOCKED"} · door ${leaf} · relay ${door.relay.on ? "ON" : "off"} · light ${panel.colour}${panel.tone ? " · beep" : ""}] `;
	}

	#redraw(): void {
		process.stdout.write(`${CLEAR_LINE}${this.#status()}`);
	}

	#say(line: string): void {
		const at = (this.#world.time.micros / 1e6).toFixed(2).padStart(9);
		process.stdout.write(`${CLEAR_LINE}${at} s  ${line}\n`);
		this.#redraw();
	}

	/** What the log has that was not shown yet, and what phones show. */
	#tell(): void {
		const { auditor, phones } = this.#world;
		for (const line of this.#office.news()) this.#say(line);
		for (const entry of auditor.newEntries()) this.#say(`log ${entry.serial}: ${inWords(entry)}`);
		for (const result of phones.results.splice(0)) {
			const shown = result.kind === "decision" ? (result.decision?.reason ?? "done") : result.error.message;
			this.#say(`the phone shows: ${shown}`);
		}
	}

	#help(): string {
		return this.#keys.map(({ key, text }) => `${key} ${text}`).join(" · ");
	}

	#quit(): undefined {
		this.#real.stop();
		raw(false);
		process.stdout.write(CLEAR_LINE);
		process.exit(0);
	}
}
