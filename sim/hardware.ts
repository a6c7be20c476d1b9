// SPDX-License-Identifier: Apache-2.0

/**
 * The firmware on a real PN532 at a serial adapter: a real chip, real phones with the app, and a door that only speaks.
 * Everything else is as in the simulator, site and plan included.
 */
import { NodeClock } from "../hal/node/clock.js";
import type { NodeCrypto } from "../hal/node/crypto.js";
import { NodeSerial, type NodeSerialOptions, type SerialError } from "../hal/node/serial.js";
import { inWords } from "../site/lib/log/describe.js";
import { startDevice } from "../src/app/device.js";
import { RealTime } from "./realtime.js";
import { World } from "./world.js";

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

export function startHardware(options: HardwareOptions): void {
	const say = (text: string): void => {
		process.stdout.write(`${new Date().toISOString().slice(11, 23)}  ${text}\n`);
	};
	const world = new World({ crypto: options.crypto, seed: options.seed });
	// The lock and its relay are the simulated ones; their time is real.
	const real = new RealTime(world.time).start();
	world.plan.install();
	world.door.relay.watch(() => say(world.door.relay.on ? "relay on: the strike is released" : "relay off"));
	const onError = (error: SerialError): void => {
		process.stderr.write(`start: ${error.message}\n  Is the PN532 set to HSU, and is the port right?\n`);
		process.exit(1);
	};
	const serial: { io: typeof NodeSerial } & Partial<NodeSerialOptions> = {
		io: NodeSerial,
		port: options.port,
		baud: 115_200,
		onError,
	};
	world.clockChip.setPower(true);
	const platform = world.platform("power-on");
	const device = startDevice({
		...platform,
		clock: new NodeClock(),
		crypto: options.crypto,
		pn532: {
			serial: { ...serial, ...(options.baud === 115_200 ? {} : { fastBaud: options.baud }) },
			ackMs: USB_ACK_MS,
		},
		trace: say,
	});
	say(`waiting for a PN532 on ${options.port}`);
	let ready = false;
	setInterval(() => {
		const nfc = device.radios!.nfc!;
		if (nfc.ready !== ready) {
			ready = nfc.ready;
			const { ic, version, revision } = nfc.version;
			say(
				ready
					? `PN5${ic.toString(16)} version ${version}.${revision} is ready: tap a phone`
					: "the PN532 is silent",
			);
		}
		real.now(() => {
			for (const entry of world.auditor.newEntries()) say(`log ${entry.serial}: ${inWords(entry)}`);
		});
	}, 200);
}
