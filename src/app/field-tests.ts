// SPDX-License-Identifier: Apache-2.0

import { selfTest } from "../../drivers/pn532/selftest.js";
import { type DoorInput, type EventName, type EventSink, eventName } from "../../protocol/events.js";
import type { TestResult } from "../../protocol/provisioning/messages.js";
import type { TestName } from "../../protocol/provisioning/tests.js";
import type { ConfigStore } from "../config/store.js";
import type { Device } from "./device.js";
import { runningDoor, waiting } from "./waiting.js";

/** How long the installer may take to open the door or press the button, ms. */
const HAND_MS = 30_000;

interface Hand {
	readonly event: EventName;
	readonly what: string;
	readonly input: DoorInput;
}

/** What a person does to try an input, and the event that comes of it. */
const HANDS: Readonly<Record<Exclude<TestName, "relay" | "nfc" | "ble">, Hand>> = Object.freeze({
	door: Object.freeze({ event: "door-opened", what: "open the door", input: "doorPosition" } as const),
	rex: Object.freeze({ event: "exit", what: "press request-to-exit", input: "rex" } as const),
	tamper: Object.freeze({ event: "tamper", what: "open the housing", input: "tamper" } as const),
	fire: Object.freeze({ event: "fire", what: "trip the fire alarm's contact", input: "fire" } as const),
	lockdown: Object.freeze({
		event: "lockdown",
		what: "trip the lockdown contact",
		input: "lockdown",
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
	if (device.radios === undefined) throw waiting(device);
	selfTest(device.radios.nfc, (error) =>
		done({ passed: error === undefined, detail: error?.message ?? "the PN532 gave back 262 bytes" }),
	);
}

function testBluetooth(device: Device, { config }: ConfigStore): TestResult {
	const { platform, lastSignal, radios } = device;
	if (radios === undefined) throw waiting(device);
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

/** Waits for a hand at the input: for the event that comes of it. */
function testInput(device: Device, { event, what, input }: Hand, done: (result: TestResult) => void): void {
	if (runningDoor(device).inputs[input] === undefined) {
		done({ passed: false, detail: "the configuration has no such input" });
		return;
	}
	const { listeners } = device.events;
	const end = (passed: boolean): void => {
		listeners.delete(listener);
		limit.close();
		done({ passed, detail: passed ? "seen" : `nothing came in 30 s: ${what}, and look at its wires` });
	};
	const limit = device.platform.clock.alarm(() => end(false));
	const listener: EventSink = (kind) => {
		if (eventName(kind) === event) end(true);
	};
	listeners.add(listener);
	limit.set(HAND_MS);
}
