// SPDX-License-Identifier: Apache-2.0

import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { assert } from "chai";
import { devicePorts, type PortName, usbPorts } from "../../cli/serial-port.js";
import { EXIT, Failure } from "../../site/lib/files/failure.js";
import { failureOf } from "../../site/lib/files/failure-of.js";
import { Installation } from "./terminal.js";

/** What Node says of a program that is not there. */
function absent(program: string): Error {
	const syscall = `spawn ${program}`;
	return Object.assign(new Error(`${syscall} ENOENT`), { code: "ENOENT", syscall, path: program });
}

function without(program: string): () => Promise<readonly PortName[]> {
	return () => Promise.reject(absent(program));
}

async function failure(action: () => Promise<unknown>): Promise<Failure> {
	try {
		await action();
	} catch (error) {
		assert.instanceOf(error, Failure);
		return error as Failure;
	}
	return assert.fail("not refused");
}

describe("the computer's serial ports", () => {
	let folder = "";

	beforeEach(() => {
		folder = mkdtempSync(join(tmpdir(), "lintel-ports-"));
	});

	afterEach(() => rmSync(folder, { recursive: true }));

	/** A file of a port, and what sysfs has of it: `up` folders above it its USB device. */
	function port(name: string, up: number, id: readonly [string, string]): void {
		const [devices, classes] = [join(folder, "dev"), join(folder, "class", name)];
		const usb = join(folder, "devices", name);
		const own = join(usb, ...["1-1:1.0", name].slice(2 - up));
		for (const each of [devices, classes, own]) mkdirSync(each, { recursive: true });
		writeFileSync(join(devices, name), "");
		writeFileSync(join(usb, "idVendor"), `${id[0]}\n`);
		writeFileSync(join(usb, "idProduct"), `${id[1]}\n`);
		symlinkSync(own, join(classes, "device"));
	}

	it("are found by their files and the kernel's ids, where there is no udevadm", async function () {
		if (process.platform !== "linux") this.skip();
		port("ttyUSB10", 2, ["1a86", "7523"]);
		port("ttyUSB2", 2, ["10c4", "ea60"]);
		port("ttyACM0", 1, ["303a", "1001"]);
		for (const other of ["ttyS0", "tty1", "ttyUSB", "null"]) writeFileSync(join(folder, "dev", other), "");
		const files = (): PortName[] => devicePorts(join(folder, "dev"), join(folder, "class"));
		const dev = (name: string): string => join(folder, "dev", name);
		assert.deepEqual(await usbPorts(without("udevadm"), files), [
			{ path: dev("ttyACM0"), vendorId: "303a", productId: "1001" },
			{ path: dev("ttyUSB2"), vendorId: "10c4", productId: "ea60" },
			{ path: dev("ttyUSB10"), vendorId: "1a86", productId: "7523" },
		]);
		// A container that was given the device and no sysfs.
		assert.deepEqual(devicePorts(join(folder, "dev"), join(folder, "none"))[0], { path: dev("ttyACM0") });
		assert.deepEqual(devicePorts(join(folder, "none")), []);
	});

	it("that cannot be listed: says which program is missing, or what the computer says; 4", async () => {
		const none = (): PortName[] => [];
		const missing = await failure(() => usbPorts(without("udevadm"), none));
		assert.deepInclude(missing, { exit: "no-reader", reason: "no-program" });
		assert.match(missing.message, /udevadm[\s\S]*not installed/);
		const other = await failure(() => usbPorts(() => Promise.reject(new Error("access denied")), none));
		assert.deepInclude(other, { exit: "no-reader", reason: "cannot-list" });
		assert.include(other.message, "access denied");
	});

	it("any program that is missing is told as that, with 4, and no file is blamed", () => {
		const { exit, message, reason } = failureOf(absent("socat"));
		assert.equal(EXIT[exit], 4);
		assert.equal(reason, "no-program");
		assert.match(message, /cannot run socat/);
	});

	it("lintel readers on a computer without any program: 4, or the ports that are there", async () => {
		const site = new Installation();
		try {
			const { code, err, out } = await site.spawn(["readers"], undefined, { env: { PATH: folder } }).ended;
			if (out !== "") assert.equal(code, 0);
			else {
				assert.equal(code, EXIT["no-reader"], err);
				assert.notMatch(err, /Check the path|ENOENT/);
			}
		} finally {
			await site.end();
		}
	});
});
