// SPDX-License-Identifier: Apache-2.0

import type { Serial, SerialUse } from "../../hal/contracts/io.js";
import type { ConfigStore } from "../config/store.js";
import { Provisioning } from "../service/provisioning.js";
import type { Device } from "./device.js";
import { PIECE, WriteQueue } from "./write-queue.js";

const BAUD = 115_200;
/**
 * The port is also read this often where it reports nothing, ms: the SDK drops an interrupt that finds the event loop's queue
 * full, as in a long start, and reports no further one until the port has been used.
 */
const LOOK_MS = 1000;

/** Opens the installer's serial port, which answers also while parts of the reader wait (src/app/startup.ts). */
export function openInstallerPort(device: Device, console: SerialUse, store: ConfigStore): Provisioning {
	const { clock, crypto, random } = device.platform;
	const { io, ...use } = console;
	const input = new Uint8Array(PIECE);
	const queue = new WriteQueue();
	const provisioning = new Provisioning({
		clock,
		crypto,
		random,
		store,
		device: device.view!,
		write: (bytes) => queue.write(bytes),
	});
	const take = (): void => {
		for (let n = port.read(input); n; n = port.read(input)) provisioning.feed(input.subarray(0, n));
		look.set(LOOK_MS);
	};
	const look = clock.alarm(take);
	const port: Serial = new io({
		baud: BAUD,
		...use,
		format: "buffer",
		onReadable: take,
		onWritable: (count) => queue.writable(count),
	});
	queue.attach(port);
	look.set(LOOK_MS);
	return provisioning;
}
