// SPDX-License-Identifier: Apache-2.0

import type { BytePort } from "../../lib/provisioning/client.js";

/** What is used of a port of the Web Serial API (WICG, 4.3). */
export interface WebSerialPort extends EventTarget {
	readonly readable: ReadableStream<Uint8Array> | null;
	readonly writable: WritableStream<Uint8Array> | null;
	open(options: { baudRate: number }): Promise<void>;
	setSignals(signals: { dataTerminalReady: boolean; requestToSend: boolean }): Promise<void>;
	close(): Promise<void>;
}

interface WebSerial {
	requestPort(): Promise<WebSerialPort>;
}

function webSerial(): WebSerial | undefined {
	return (navigator as Navigator & { serial?: WebSerial }).serial;
}

/** Whether this browser reaches serial ports. */
export function hasSerial(): boolean {
	return webSerial() !== undefined;
}

/** The port that a person chooses; `undefined` where they choose none. To be called from a click. */
export async function chooseSerialPort(): Promise<WebSerialPort | undefined> {
	try {
		return await webSerial()?.requestPort();
	} catch (error) {
		if (error instanceof DOMException && error.name === "NotFoundError") return undefined;
		throw error;
	}
}

/** Opens a port for the typed client. DTR and RTS are left low, as `lintel` leaves them: on ESP32 boards they reset the chip. */
export async function openSerialPort(port: WebSerialPort): Promise<BytePort> {
	await port.open({ baudRate: 115_200 });
	await port.setSignals({ dataTerminalReady: false, requestToSend: false });
	const writer = port.writable!.getWriter();
	const reader = port.readable!.getReader();
	let isOpen = true;
	const bytes: BytePort = {
		onBytes: undefined,
		onClosed: undefined,
		write: (data) => {
			writer.write(data.slice()).catch(lost);
		},
		close: async () => {
			if (!isOpen) return;
			isOpen = false;
			await reader.cancel().catch(() => undefined);
			reader.releaseLock();
			await writer.close().catch(() => undefined);
			writer.releaseLock();
			await port.close();
		},
	};
	function lost(): void {
		if (!isOpen) return;
		isOpen = false;
		bytes.onClosed?.();
	}
	const pump = async (): Promise<void> => {
		for (;;) {
			const { done, value } = await reader.read();
			if (done) return lost();
			bytes.onBytes?.(value);
		}
	};
	pump().catch(lost);
	port.addEventListener("disconnect", lost);
	return bytes;
}
