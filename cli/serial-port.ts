// SPDX-License-Identifier: Apache-2.0

import { existsSync, readdirSync, readFileSync, realpathSync } from "node:fs";
import { dirname, join } from "node:path";
import { autoDetect } from "@serialport/bindings-cpp";
import { SerialPortStream } from "@serialport/stream";
import { Failure } from "../site/lib/files/failure.js";
import type { BytePort } from "../site/lib/provisioning/client.js";

/** How a computer reaches its ports. */
export type SerialBinding = ReturnType<typeof autoDetect>;

export interface PortName {
	readonly path: string;
	readonly vendorId?: string | undefined;
	readonly productId?: string | undefined;
}

/**
 * USB serial ports; the computer's own ones have no USB id. `list`, `files`: other ones than the computer's, for specs.
 * Throws `Failure`.
 */
export async function usbPorts(
	list: () => Promise<readonly PortName[]> = () => autoDetect().list(),
	files: () => PortName[] = devicePorts,
): Promise<PortName[]> {
	let all: readonly PortName[];
	try {
		all = await list();
	} catch (error) {
		// Linux is asked by udevadm, which containers and small systems lack.
		const found = process.platform === "linux" ? files() : [];
		if (found.length > 0) return found;
		throw cannotList(error);
	}
	return all
		.filter(({ vendorId }) => vendorId !== undefined)
		.map(({ path, vendorId, productId }) => ({ path, vendorId, productId }));
}

/** Linux' files of USB serial ports, with the USB ids that the kernel knows. */
export function devicePorts(devices = "/dev", classes = "/sys/class/tty"): PortName[] {
	return (existsSync(devices) ? readdirSync(devices) : [])
		.filter((name) => /^tty(USB|ACM)\d+$/.test(name))
		.sort((a, b) => a.localeCompare(b, "en", { numeric: true }))
		.map((name) => ({ path: join(devices, name), ...usbId(join(classes, name, "device")) }));
}

/** The ids are those of the USB device, one to three folders above its serial port. */
function usbId(port: string): Pick<PortName, "vendorId" | "productId"> {
	if (!existsSync(port)) return {};
	let folder = realpathSync(port);
	for (let up = 0; up < 4; up++, folder = dirname(folder)) {
		const [vendor, product] = [join(folder, "idVendor"), join(folder, "idProduct")];
		if (!existsSync(vendor) || !existsSync(product)) continue;
		return { vendorId: readFileSync(vendor, "utf8").trim(), productId: readFileSync(product, "utf8").trim() };
	}
	return {};
}

function cannotList(error: unknown): Failure {
	const why = (error as Error).message;
	const missing = /spawn (\S+) ENOENT/.exec(why);
	if (missing === null)
		return new Failure(
			"no-reader",
			"cannot-list",
			`the computer does not say which ports it has: ${why}`,
			"Give --port.",
		);
	return new Failure(
		"no-reader",
		"no-program",
		`no USB serial port found under /dev, and ${missing[1]}, which would know, is not installed`,
		`Plug a reader in, or give --port; Debian's package udev has udevadm.`,
	);
}

/** The port that was meant: the one given, or the only one that is there. */
export async function choosePort(given: string | undefined): Promise<string> {
	// As by a variable of the shell's that is not set.
	if (given === "")
		throw new Failure(
			"usage",
			"empty-port",
			"--port has no name",
			"Say which port, or leave --port out; `lintel readers` lists them.",
		);
	if (given !== undefined) return given;
	const [first, ...others] = await usbPorts();
	if (first === undefined)
		throw new Failure(
			"no-reader",
			"no-port",
			"no reader is plugged in",
			"Plug it in by USB, or give --port.",
		);
	if (others.length > 0)
		throw new Failure(
			"no-reader",
			"several-ports",
			`several ports: ${[first, ...others].map(({ path }) => path).join(", ")}`,
			"Say which by --port.",
		);
	return first.path;
}

/**
 * `lintel` leaves DTR and RTS low: on ESP32 boards they are wired to reset and boot mode (docs/installing.md has each
 * board's case). `binding`: another one than the computer's own, for specs. Throws `Failure`.
 */
export async function openSerialPort(path: string, binding: SerialBinding = autoDetect()): Promise<BytePort> {
	const stream = new SerialPortStream({
		binding,
		path,
		baudRate: 115_200,
		autoOpen: false,
		// Windows' driver would raise DTR at the open. On others the close lowers both lines, which are low already.
		hupcl: false,
	});
	await new Promise<void>((resolve, reject) =>
		stream.open((error) => (error ? reject(cannotOpen(path, error)) : resolve())),
	);
	const error = await new Promise<Error | null | undefined>((resolve) =>
		stream.set({ dtr: false, rts: false }, resolve),
	);
	// A pseudo-terminal has no such lines, so nothing can be reset by them.
	if (error && !/Inappropriate ioctl|ENOTTY/i.test(error.message)) {
		await closed(stream);
		throw cannotOpen(path, error);
	}
	const port: BytePort = {
		write: (bytes) => stream.write(Buffer.from(bytes)),
		onBytes: undefined,
		onClosed: undefined,
		close: () => closed(stream),
	};
	stream.on("data", (bytes: Buffer) => port.onBytes?.(new Uint8Array(bytes)));
	stream.on("close", () => port.onClosed?.());
	stream.on("error", () => port.onClosed?.());
	return port;
}

async function closed(stream: SerialPortStream): Promise<void> {
	if (stream.isOpen) await new Promise<void>((resolve) => stream.close(() => resolve()));
}

function cannotOpen(path: string, error: Error): Failure {
	const [, reason, advice] = CANNOT_OPEN.find(([pattern]) => pattern.test(error.message))!;
	// The binding says "Error: Permission denied, cannot open /dev/ttyUSB0".
	const why = error.message.replace(/^Error: /, "").replace(`, cannot open ${path}`, "");
	return new Failure("no-reader", reason, `cannot open ${path}: ${why}`, advice);
}

const CANNOT_OPEN: readonly (readonly [RegExp, string, string])[] = [
	[
		/lock|busy|resource temporarily/i,
		"port-busy",
		"Another program has the port. Close it, then give the same command again.",
	],
	[
		/permission|permitted|denied|EACCES/i,
		"no-permission",
		"Give your user access to serial ports, then log out and in again. On Linux: `sudo usermod -aG dialout $USER`, or the group that `ls -l` shows for the port.",
	],
	[
		/inappropriate ioctl|not a tty|is a directory|invalid argument/i,
		"no-serial-port",
		"This is no serial port. `lintel readers` lists the ports.",
	],
	[/no such file|ENOENT|not found/i, "no-port", "Check the cable; `lintel readers` lists the ports."],
	[/(?:)/, "cannot-open", "Check the cable; `lintel readers` lists the ports."],
];
