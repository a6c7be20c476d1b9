import type { Serial } from "../../hal/contracts.js";
import type { PN532SerialBoard } from "../pn532/board.js";
import type { RealTime } from "../realtime.js";
import { PseudoTerminal } from "./pty.js";

/** Puts a simulated board on a pseudo-terminal, in real time; the board needs a UART with a large `fifo`. */
export async function plugIn(board: PN532SerialBoard, real: RealTime): Promise<PseudoTerminal> {
	const buffer = new Uint8Array(4096);
	let serial: Serial | undefined;
	// A terminal has no rate of its own: it is always the chip's.
	const open = (): void => {
		serial?.close();
		serial = new board.Serial({
			baud: board.uart.baud,
			onReadable: () => {
				for (let count = serial!.read(buffer); count; count = serial!.read(buffer))
					terminal.write(buffer.slice(0, count));
			},
		});
	};
	const terminal: PseudoTerminal = await PseudoTerminal.open((bytes) =>
		real.now(() => {
			if (serial === undefined) open();
			serial!.write(bytes);
		}),
	);
	return terminal;
}
