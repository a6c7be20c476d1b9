// SPDX-License-Identifier: Apache-2.0

import { utf8Encode } from "../../protocol/bytes.js";
import type { UART } from "../bus/serial.js";

/** Between two readings of what it sees, µs. */
const READ_MICROS = 800_000;

/** A scanner that sends each text as a line and knows no more. */
export class SimLineScanner {
	/** What ends a line. */
	end = "\r\n";
	readonly #line: UART;
	#seen: (() => string) | undefined;
	#on = false;

	constructor(line: UART, baud: number) {
		this.#line = line;
		line.baud = baud;
	}

	setPower(on: boolean): void {
		this.#on = on;
	}

	see(what: (() => string) | undefined): void {
		const wasEmpty = this.#seen === undefined;
		this.#seen = what;
		if (what !== undefined && wasEmpty) this.#read();
	}

	#read(): void {
		const text = this.#seen?.();
		if (text === undefined) return;
		if (this.#on) this.#line.send(utf8Encode(text + this.end));
		this.#line.time.after(READ_MICROS, () => this.#read());
	}
}
