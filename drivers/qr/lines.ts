// SPDX-License-Identifier: Apache-2.0

import type { SerialUse } from "../../hal/contracts/io.js";
import { MAX_TEXT, type ScannerEvents, type TextFormat, TextPort } from "./text-port.js";

const CR = 0x0d;
const LF = 0x0a;

/** Any scanner that sends what it reads as a line, ended by CR, LF or both. It is believed in nothing, and cannot be asked. */
export class LineScanner implements TextFormat {
	private readonly port: TextPort;
	private readonly events: ScannerEvents;

	constructor(serial: SerialUse, baud: number, events: ScannerEvents) {
		this.port = new TextPort(serial, this);
		this.events = events;
		this.port.open(baud);
	}

	/** Nothing to be asked. */
	check(): void {}

	take(bytes: Uint8Array, count: number): void {
		let from = 0;
		for (let i = 0; i < count; i++) {
			const byte = bytes[i]!;
			if (byte !== CR && byte !== LF) continue;
			this.port.append(from, i - from);
			this.end();
			from = i + 1;
		}
		this.port.append(from, count - from);
	}

	private end(): void {
		const { length, text } = this.port;
		this.port.length = 0;
		if (length > 0 && length <= MAX_TEXT) this.events.onText(text, length);
	}
}
