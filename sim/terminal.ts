/** The simulated door on a terminal: one key an action, one line for the state, events as they come. */
import { emitKeypressEvents } from "node:readline";
import type { GATTServerClass } from "../hal/contracts/bluetooth.js";
import type { Bluetooth as BluetoothMode } from "../protocol/config/document.js";
import type { Crypto } from "../protocol/crypto.js";
import { inWords } from "../site/lib/log/describe.js";
import type { AndroidPhone } from "./nfc/cards.js";
import type { PhoneKind } from "./people.js";
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
/** How long a hand holds the phone to the reader, ms. */
const TAP_MS = 1200;

export interface TerminalOptions {
	readonly crypto: Crypto;
	readonly seed: number;
	/** The computer's own Bluetooth, whose events enter the world by `run`. */
	readonly bluetooth?: (run: (action: () => void) => void) => GATTServerClass;
	/** How a phone opens over it; `bluetooth` of the configuration. */
	readonly opens?: BluetoothMode;
}

export function startTerminal(options: TerminalOptions): void {
	const { crypto, opens, seed } = options;
	const settings: WorldOptions = { crypto, seed, ...(opens && { configuration: { bluetooth: opens } }) };
	const world = new World(settings);
	const real = new RealTime(world.time);
	if (options.bluetooth) settings.bluetooth = options.bluetooth((action) => real.now(action));
	let powered = false;
	let phone: AndroidPhone | undefined;

	const status = (): string => {
		const { door } = world;
		const power = powered ? "on" : "OFF";
		const leaf = door.open ? "open" : "closed";
		return `[power ${power} · ${door.locked ? "locked" : "UNLOCKED"} · door ${leaf} · relay ${door.relay.on ? "ON" : "off"} · light ${world.panel.colour}${world.panel.tone ? " · beep" : ""}] `;
	};
	const redraw = (): void => {
		process.stdout.write(`${CLEAR_LINE}${status()}`);
	};
	const say = (line: string): void => {
		process.stdout.write(`${CLEAR_LINE}${(world.time.micros / 1e6).toFixed(2).padStart(9)} s  ${line}\n`);
		redraw();
	};
	/** What the log has that was not shown yet. */
	const tell = (): void => {
		for (const entry of world.auditor.newEntries()) say(`log ${entry.serial}: ${inWords(entry)}`);
		for (const result of world.phones.results.splice(0))
			say(
				result.kind === "decision"
					? `the phone shows: ${result.decision?.reason ?? "done"}`
					: `the phone shows: ${result.error.message}`,
			);
	};
	const tap = (kind: PhoneKind) => (): string => {
		if (phone) world.board.field.remove(phone);
		phone = world.phones.nfc(kind);
		const held = phone;
		world.board.field.present(held);
		world.time.after(TAP_MS * 1000, () => world.board.field.remove(held));
		return `a phone is held to the reader (${kind})`;
	};
	const breakOpen = (): string => {
		world.door.force();
		return "the door is forced with a crowbar";
	};
	const pressExit = (): string => {
		world.door.press(true);
		world.time.after(300_000, () => world.door.press(false));
		return "somebody inside presses request-to-exit";
	};
	const power = (): string => {
		if (powered) world.powerOff();
		else world.powerOn();
		powered = !powered;
		return powered ? "power comes back" : "power is cut";
	};
	const keys: readonly Key[] = [
		{ key: "v", text: "tap the valid phone", act: tap("valid") },
		{ key: "r", text: "tap the revoked one", act: tap("revoked") },
		{ key: "e", text: "tap the expired one", act: tap("expired") },
		{ key: "s", text: "tap a stranger's", act: tap("stranger") },
		{ key: "f", text: "tap one of another site", act: tap("foreign") },
		{
			key: "o",
			text: "pull the door",
			act: () => (world.door.pull() ? "the door opens" : "the door is locked"),
		},
		{
			key: "c",
			text: "shut the door",
			act: () => {
				world.door.shut();
				return "the door is shut";
			},
		},
		{ key: "b", text: "break the door open", act: breakOpen },
		{ key: "x", text: "press request-to-exit", act: pressExit },
		{ key: "p", text: "cut or restore the power", act: power },
		{
			key: "w",
			text: "wedge the NFC chip",
			act: () => {
				world.board.chip.wedge();
				return "the PN532 goes silent; the reader finds out and resets it";
			},
		},
		{ key: "?", text: "these keys", act: () => help() },
		{ key: "q", text: "quit", act: () => quit() },
	];
	const help = (): string => keys.map(({ key, text }) => `${key} ${text}`).join(" · ");
	const quit = (): undefined => {
		real.stop();
		raw(false);
		process.stdout.write(`${CLEAR_LINE}`);
		process.exit(0);
	};

	world.plan.install();
	world.door.watch(redraw);
	emitKeypressEvents(process.stdin);
	raw(true);
	process.stdin.on("keypress", (text: string | undefined, key: { name?: string; ctrl?: boolean }) => {
		if (key.ctrl && key.name === "c") quit();
		const action = keys.find((k) => k.key === text);
		if (action)
			real.now(() => {
				const line = action.act();
				if (line) say(line);
			});
	});
	process.stdout.write("\nThe door is yours:\n");
	real.start();
	real.now(() => say(power()));
	process.stdout.write(`${CLEAR_LINE}${help()}\n`);
	setInterval(() => real.now(tell), 100);
}
