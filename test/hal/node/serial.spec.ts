// SPDX-License-Identifier: Apache-2.0

import { assert } from "chai";
import { PN532 } from "../../../drivers/pn532/pn532.js";
import { NodeClock } from "../../../hal/node/clock.js";
import { NodeSerial, SerialError } from "../../../hal/node/serial.js";
import { toHex } from "../../../protocol/bytes.js";
import { AndroidPhone } from "../../../sim/nfc/cards.js";
import { PN532SerialBoard } from "../../../sim/pn532/board.js";
import { plugIn } from "../../../sim/pty/board.js";
import { PseudoTerminal } from "../../../sim/pty/pty.js";
import { SeededRandom } from "../../../sim/random.js";
import { RealTime } from "../../../sim/realtime.js";
import { VirtualTime } from "../../../sim/time.js";
import { needs } from "../../sim/installed.js";
import { HANGS_MS, until } from "../../support/until.js";

describe("serial ports of the computer", function () {
	this.timeout(2 * HANGS_MS);

	before(function () {
		needs(this, { socat: "socat" });
	});

	it("carries bytes both ways, tells how many, and opens again at another rate", async () => {
		const heard: number[] = [];
		const terminal = await PseudoTerminal.open((bytes) => heard.push(...bytes));
		try {
			for (const baud of [115200, 921600, 115200]) {
				heard.length = 0;
				const counts: number[] = [];
				let room = 0;
				const serial = new NodeSerial({
					port: terminal.path,
					baud,
					onReadable: (count) => counts.push(count),
					onWritable: (count) => {
						room = count;
					},
					onError: (error: SerialError) => assert.fail(error.message),
				});
				// Before it is open: kept.
				const all = Uint8Array.from({ length: 256 }, (_, i) => i);
				serial.write(all);
				await until("what was written", () => heard.length === 256);
				assert.deepEqual(heard, [...all]);
				await until("onWritable", () => room > 0);
				terminal.write(all);
				await until("what was sent", () => counts.at(-1) === 256);
				const piece = new Uint8Array(100);
				let got = "";
				for (let count = serial.read(piece); count; count = serial.read(piece))
					got += toHex(piece.subarray(0, count));
				assert.equal(got, toHex(all));
				assert.isUndefined(serial.read(piece));
				assert.throws(() => serial.write(new Uint8Array(65537)), RangeError);
				serial.close();
				serial.close();
				assert.throws(() => serial.write(all), /closed/);
				assert.throws(() => serial.read(piece), /closed/);
			}
		} finally {
			terminal.close();
		}
	});

	it("closed before it was open: opens again all the same", async () => {
		const heard: number[] = [];
		const terminal = await PseudoTerminal.open((bytes) => heard.push(...bytes));
		try {
			const options = {
				port: terminal.path,
				baud: 115200,
				onError: (error: Error) => assert.fail(error.message),
			};
			for (let i = 0; i < 5; i++) new NodeSerial(options).close();
			const serial = new NodeSerial(options);
			serial.write(Uint8Array.of(7));
			await until("a byte", () => heard.length > 0);
			assert.deepEqual(heard, [7]);
			serial.close();
		} finally {
			terminal.close();
		}
	});

	it("says why a port is not there, and that it went away", async () => {
		const errors: SerialError[] = [];
		const onError = (error: SerialError): void => {
			errors.push(error);
		};
		const absent = new NodeSerial({ port: "/dev/lintel-no-such-port", baud: 115200, onError });
		await until("the refusal", () => errors.length === 1);
		assert.instanceOf(errors[0], SerialError);
		assert.equal(errors[0]!.reason, "port-not-opened");
		assert.include(errors[0]!.message, "/dev/lintel-no-such-port");
		assert.throws(() => absent.write(new Uint8Array(1)), /gone/);
		absent.close();

		let open = false;
		const terminal = await PseudoTerminal.open(() => undefined);
		const onWritable = (): void => {
			open = true;
		};
		const serial = new NodeSerial({ port: terminal.path, baud: 115200, onError, onWritable });
		await until("the port", () => open);
		terminal.close();
		await until("the loss", () => errors.length === 2);
		assert.equal(errors[1]!.reason, "port-lost");
		serial.close();
	});

	it("the driver finds a phone on the simulated chip through the computer's own serial code", async () => {
		const time = new VirtualTime();
		const random = new SeededRandom(5);
		const board = new PN532SerialBoard(time, random, { uart: { fifo: 65536 } });
		const commands: string[] = [];
		const applet = {
			process: (command: Uint8Array) => {
				commands.push(toHex(command));
				return { response: Uint8Array.of(1, 2, 3, 0x90, 0), micros: 2000 };
			},
			deselected: () => undefined,
		};
		const real = new RealTime(time).start();
		const terminal = await plugIn(board, real);
		const failures: string[] = [];
		let answer = "";
		let version = "";
		// A computer's timers and a loaded machine: be patient with ACKs.
		const begin = (): PN532 => {
			const driver: PN532 = new PN532({
				clock: new NodeClock(),
				serial: { io: NodeSerial, port: terminal.path, fastBaud: 460800 },
				ackMs: 5000,
				onReady: (ready) => {
					version = JSON.stringify(ready);
				},
				onError: (error) => failures.push(error.message),
				onTarget: () =>
					driver.exchange(Uint8Array.of(0, 0xa4, 4, 0, 0), 10_000, (bytes, error) => {
						answer = bytes ? toHex(bytes) : String(error);
					}),
			});
			return driver;
		};
		let driver = begin();
		try {
			await until("the chip", () => version !== "");
			// The ACK that confirms the new rate has 2 ms: where a loaded machine takes longer, the driver keeps to the old rate.
			for (let again = 0; board.uart.baud !== 460800 && again < 10; again++) {
				driver.close();
				version = "";
				failures.length = 0;
				driver = begin();
				await until("the chip", () => version !== "");
			}
			assert.equal(board.uart.baud, 460800);
			real.now(() => board.field.present(new AndroidPhone(applet, random)));
			await until("the phone", () => answer !== "");
			assert.equal(answer, "0102039000");
			assert.deepEqual(commands, ["00a4040000"]);
			assert.deepEqual(failures, []);
		} finally {
			driver.close();
			terminal.close();
			real.stop();
		}
	});
});
