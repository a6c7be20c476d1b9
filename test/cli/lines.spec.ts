// SPDX-License-Identifier: Apache-2.0

import { assert } from "chai";
import { openSerialPort, type SerialBinding } from "../../cli/serial-port.js";
import { encodeValue } from "../../protocol/cbor/value.js";
import { FrameDemux } from "../../protocol/provisioning/demux.js";
import { encodeFrame, KIND, type ProvisioningFrame } from "../../protocol/provisioning/frame.js";
import { Failure } from "../../site/lib/files/failure.js";
import { ProvisioningClient } from "../../site/lib/provisioning/client.js";

type Port = Awaited<ReturnType<SerialBinding["open"]>>;

/** A serial port that notes what is done to it, with a reader behind it that answers `info`. */
function noted(refuse?: string): { binding: SerialBinding; calls: string[] } {
	const calls: string[] = [];
	const replies: Uint8Array[] = [];
	let deliver: (() => void) | undefined;
	let closed: ((error: Error) => void) | undefined;
	const answers = new FrameDemux({
		onFrame: ({ client, number, version }: ProvisioningFrame) => {
			const payload = encodeValue({ firmware: "0.1.0" });
			replies.push(encodeFrame({ version, kind: KIND.reply, client, number, payload }));
			deliver?.();
		},
	});
	const port = {
		isOpen: true,
		set: async (options: object) => {
			calls.push(`set ${JSON.stringify(options)}`);
			if (refuse !== undefined) throw new Error(refuse);
		},
		write: async (bytes: Uint8Array) => {
			calls.push("write");
			answers.feed(new Uint8Array(bytes));
		},
		read: (buffer: Buffer, offset: number) =>
			new Promise((resolve, reject) => {
				closed = reject;
				deliver = () => {
					const bytes = replies.shift();
					if (bytes === undefined) return;
					buffer.set(bytes, offset);
					resolve({ buffer, bytesRead: bytes.length });
				};
				deliver();
			}),
		close: async () => {
			calls.push("close");
			port.isOpen = false;
			closed?.(Object.assign(new Error("closed"), { canceled: true }));
		},
	};
	const binding = {
		list: async () => [],
		open: async (options: { hupcl?: boolean }) => {
			calls.push(`open ${JSON.stringify({ hupcl: options.hupcl })}`);
			return port as unknown as Port;
		},
	};
	return { binding: binding as unknown as SerialBinding, calls };
}

describe("the lines of an installer's port", () => {
	it("DTR and RTS are both set low, at once and before the first byte, and nothing moves them again", async () => {
		const { binding, calls } = noted();
		const port = await openSerialPort("/dev/ttyUSB0", binding);
		const reader = new ProvisioningClient(port, new Uint8Array(8));
		await reader.request("info");
		await reader.close();
		assert.deepEqual(calls, [
			'open {"hupcl":false}',
			// Lines that a program does not name the library sets to its defaults: these two must be named.
			'set {"brk":false,"cts":false,"dtr":false,"rts":false}',
			"write",
			"close",
		]);
	});

	it("a port that refuses to set them is closed and not used", async () => {
		const { binding, calls } = noted("Error: Input/output error, cannot set");
		const error = await openSerialPort("/dev/ttyUSB0", binding).catch((thrown: unknown) => thrown);
		assert.instanceOf(error, Failure);
		assert.equal(calls.at(-1), "close");
		assert.notInclude(calls, "write");
	});
});
