// SPDX-License-Identifier: Apache-2.0

import type { Serial } from "../../hal/contracts/io.js";
import type { PN532SerialBoard } from "../pn532/board.js";
import type { RealTime } from "../realtime.js";
import { PseudoTerminal } from "./pty.js";

/** Puts a simulated board on a pseudo-terminal, in real time; the board needs a UART with a large `fifo`. */
export async function plugIn(board: PN532SerialBoard, real: RealTime): Promise<PseudoTerminal> {
	const buffer = new Uint8Array(4096);
	let serial: Serial | undefined;
	let baud = 0;
	// A terminal has no rate of its own: it is always the chip's.
	const follow = (): void => {
		if (serial !== undefined && baud === board.uart.baud) return;
		serial?.close();
		baud = board.uart.baud;
		const opened: Serial = new board.Serial({
			baud,
			onReadable: () => {
				for (let count = opened.read(buffer); count; count = opened.read(buffer))
					terminal.write(buffer.slice(0, count));
			},
		});
		serial = opened;
	};
	const terminal: PseudoTerminal = await PseudoTerminal.open((bytes) =>
		real.now(() => {
			follow();
			serial?.write(bytes);
		}),
	);
	return terminal;
}
