// SPDX-License-Identifier: Apache-2.0

import { selfTest } from "../../drivers/pn532/selftest.js";
import { CAUSES, type DoorInput, EVENTS, type EventSink } from "../../protocol/events.js";
import type { TestResult } from "../../protocol/provisioning/messages.js";
import type { TestName } from "../../protocol/provisioning/tests.js";
import type { ConfigStore } from "../config/store.js";
import type { Device } from "./device.js";
import { runningDoor, waiting } from "./waiting.js";

/** How long the installer may take to open the door or press the button, ms. */
const HAND_MS = 30_000;

interface Hand {
	readonly input: DoorInput;
	/** The event that comes of it, and its `detail` where others have the same event. */
	readonly event: number;
	readonly detail?: number;
	readonly what: string;
	/** What is said where the input is active before. */
	readonly atRest: string;
}

/** What a person does to try an input, which is not active before, and the event that comes of it. */
const HANDS: Readonly<Record<Exclude<TestName, "relay" | "nfc" | "ble" | "scanner">, Hand>> = Object.freeze({
	door: Object.freeze({
		input: "doorPosition",
		event: EVENTS["door-opened"],
		what: "open the door",
		atRest: "the contact says that the door is open: close it",
	} as const),
	rex: Object.freeze({
		input: "rex",
		event: EVENTS.exit,
		what: "press request-to-exit",
		atRest: "request-to-exit is active: let go of it, step out of its sensor",
	} as const),
	tamper: Object.freeze({
		input: "tamper",
		event: EVENTS.tamper,
		what: "open the housing",
		atRest: "the contact says that the housing is open: close it",
	} as const),
	fire: Object.freeze({
		input: "fire",
		event: EVENTS.fire,
		what: "trip the fire alarm's contact",
		atRest: "the fire alarm's contact is active: reset it",
	} as const),
	lockdown: Object.freeze({
		input: "lockdown",
		event: EVENTS.lockdown,
		detail: CAUSES.lockdown,
		what: "trip the lockdown contact",
		atRest: "the lockdown contact is active: release it",
	} as const),
} as const);

/** A relay that people may need for their way out is not turned back for a test. */
const ESCAPE = "not tried: fire or request-to-exit keeps the strike released; test again when that is over";

/** Tries one part of the reader where it hangs. `done` is called once. Throws `busy` where that part waits. */
export function fieldTest(
	device: Device,
	store: ConfigStore,
	name: TestName,
	done: (result: TestResult) => void,
): void {
	if (name === "relay") done(testRelay(device));
	else if (name === "nfc") testNfc(device, done);
	else if (name === "ble") done(testBluetooth(device, store));
	else if (name === "scanner") testScanner(device, store, done);
	else testInput(device, HANDS[name], done);
}

/** Releases the strike once, as a command that is in the log; turns it to locked for a moment where it is released. */
function testRelay(device: Device): TestResult {
	const { relay } = device;
	const { door } = runningDoor(device).access;
	const before = relay.energised;
	if (!door.command("open")) return { passed: false, detail: "refused: lockdown" };
	if (relay.energised === before && !door.exercise())
		return { passed: false, detail: door.door.egress ? ESCAPE : "the relay did not move" };
	const moved = relay.energised !== before;
	return { passed: moved, detail: moved ? "the relay moved" : "the relay did not move" };
}

function testNfc(device: Device, done: (result: TestResult) => void): void {
	const nfc = device.radios?.nfc;
	if (nfc === undefined) throw waiting(device);
	selfTest(nfc, (error) =>
		done({ passed: error === undefined, detail: error?.message ?? "the PN532 gave back 262 bytes" }),
	);
}

function testBluetooth(device: Device, { config }: ConfigStore): TestResult {
	const { platform, lastSignal, radios } = device;
	if (radios === undefined || device.startup.waits("bluetooth")) throw waiting(device);
	const { bluetooth } = radios;
	if (bluetooth !== undefined)
		return { passed: bluetooth.ready, detail: `${bluetooth.detail}; ${lastSignal}` };
	if (platform.bluetooth === undefined) return { passed: false, detail: "this reader has no Bluetooth" };
	const off = config?.bluetooth === "off";
	return {
		passed: false,
		detail: off ? "Bluetooth is off in the configuration" : "Bluetooth begins when the reader has a site",
	};
}

/** Waits for anything that is shown to it. */
function testScanner(device: Device, { config }: ConfigStore, done: (result: TestResult) => void): void {
	const { scanner } = device;
	if (scanner === undefined) {
		if (device.startup.waits("nfc")) throw waiting(device);
		const none = config?.scanner === undefined;
		done({
			passed: false,
			detail: none ? "the configuration has no scanner" : "the scanner begins when the reader has a site",
		});
		return;
	}
	const end = (length?: number): void => {
		if (scanner.onShown === end) scanner.onShown = undefined;
		limit.close();
		const seen =
			length === undefined
				? "nothing came in 30 s: show it a code, and look at its wires"
				: `it read ${length} characters`;
		done({ passed: length !== undefined, detail: `${seen}; ${scanner.detail}` });
	};
	const limit = device.platform.clock.alarm(() => end());
	scanner.onShown = end;
	limit.set(HAND_MS);
}

/** Waits for a hand at the input, which has to be inactive before: for the event that comes of it. */
function testInput(
	device: Device,
	{ input, event, detail, what, atRest }: Hand,
	done: (result: TestResult) => void,
): void {
	const connected = runningDoor(device).inputs[input];
	if (connected === undefined) {
		done({ passed: false, detail: "the configuration has no such input" });
		return;
	}
	if (connected.active) {
		const wired =
			"if it is so already, the wiring is not what the configuration says (normally open, closed)";
		done({ passed: false, detail: `not tried: ${atRest}; ${wired}` });
		return;
	}
	const { listeners } = device.events;
	const end = (passed: boolean): void => {
		listeners.delete(listener);
		limit.close();
		done({ passed, detail: passed ? "seen" : `nothing came in 30 s: ${what}, and look at its wires` });
	};
	const limit = device.platform.clock.alarm(() => end(false));
	const listener: EventSink = (kind, cause) => {
		if (kind === event && (detail === undefined || cause === detail)) end(true);
	};
	listeners.add(listener);
	limit.set(HAND_MS);
}
