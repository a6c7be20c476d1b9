// SPDX-License-Identifier: Apache-2.0

/**
 * The firmware on a real PN532 at a serial adapter: a real chip, real phones with the app, and a door that only speaks.
 * Everything else is as in the simulator, site and plan included.
 */
import { NodeClock } from "../hal/node/clock.js";
import type { NodeCrypto } from "../hal/node/crypto.js";
import { NodeSerial, type NodeSerialOptions, type SerialError } from "../hal/node/serial.js";
import { type Device, startDevice } from "../src/app/device.js";
import { RealTime } from "./realtime.js";
import { Scene } from "./scene/scene.js";

export interface HardwareOptions {
	readonly crypto: NodeCrypto;
	readonly seed: number;
	/** /dev/ttyUSB0, COM3. */
	readonly port: string;
	/** Bits per second to go to after the start; the chip begins at 115200. */
	readonly baud: number;
}

/** A USB adapter and its driver keep bytes for a while (FTDI: 16 ms): an ACK may take this long, ms. */
const USB_ACK_MS = 60;
/** How often it is looked whether the chip answers, ms. */
const LOOK_MS = 200;

/** Acts of chips and supplies that are real here. */
export const NOT_ON_HARDWARE: readonly string[] = Object.freeze([
	...["tap", "card", "stack", "power", "cut", "supply", "hang", "pn532", "clock", "wiring"],
]);

function say(text: string): void {
	process.stdout.write(`${new Date().toISOString().slice(11, 23)}  ${text}\n`);
}

function fail(text: string): never {
	process.stderr.write(`start: ${text}\n`);
	process.exit(1);
}

/** A scene whose firmware runs in real time on that chip: the lock and its relay are the simulated ones. */
export function hardwareScene({ baud, crypto, port, seed }: HardwareOptions): Scene {
	const onError = (error: SerialError): void =>
		fail(`${error.message}\n  Is the PN532 set to HSU, and is the port right?`);
	const serial: { io: typeof NodeSerial } & Partial<NodeSerialOptions> = {
		...{ io: NodeSerial, port, baud: 115_200, onError },
	};
	let device: Device | undefined;
	const scene = new Scene({
		...{ crypto, script: { seed, steps: [] }, since: 0 },
		world: {
			start: (platform) => {
				if (device !== undefined) fail("the reader restarts, which a real chip takes a new start for");
				device = startDevice({
					...{ ...platform, clock: new NodeClock(), crypto },
					pn532: { serial: { ...serial, ...(baud !== 115_200 && { fastBaud: baud }) }, ackMs: USB_ACK_MS },
				});
			},
		},
	});
	say(`waiting for a PN532 on ${port}`);
	let ready = false;
	setInterval(() => {
		const nfc = device!.radios!.nfc!;
		if (nfc.ready === ready) return;
		ready = nfc.ready;
		const { ic, version, revision } = nfc.version;
		say(
			ready
				? `PN5${ic.toString(16)} version ${version}.${revision} is ready: tap a phone`
				: "the PN532 is silent",
		);
	}, LOOK_MS);
	return scene;
}

/** Tells of that scene here. */
export function startHardware(options: HardwareOptions): void {
	const scene = hardwareScene(options);
	const { relay } = scene.world.door;
	relay.watch(() => say(relay.on ? "relay on: the strike is released" : "relay off"));
	scene.onTold = ({ text }) => say(text);
	scene.onLog = ({ entry, words }) => say(`log ${entry.serial}: ${words}`);
	new RealTime(scene).start();
}
