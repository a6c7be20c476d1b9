// SPDX-License-Identifier: Apache-2.0

import { spawn } from "node:child_process";
import { assert } from "chai";
import { toHex } from "../../../protocol/bytes.js";
import { AndroidPhone, MifareClassic } from "../../../sim/nfc/cards.js";
import { PN532SerialBoard } from "../../../sim/pn532/board.js";
import { plugIn } from "../../../sim/pty/board.js";
import { SeededRandom } from "../../../sim/random.js";
import { RealTime } from "../../../sim/realtime.js";
import { VirtualTime } from "../../../sim/time.js";
import { needs } from "../installed.js";

describe("a PN532 on a pseudo-terminal, seen by libnfc", () => {
	before(function () {
		const libnfc = { "nfc-list": "libnfc-bin", "pn53x-tamashell": "libnfc-pn53x-examples" };
		needs(this, { socat: "socat", ...libnfc });
	});

	type Prepare = (board: PN532SerialBoard, random: SeededRandom) => void;

	/** Puts a board on a terminal and runs a program of libnfc on it, with `input` typed in. */
	async function run(program: string, args: string[], input: string, prepare: Prepare) {
		const time = new VirtualTime();
		const random = new SeededRandom(1);
		const board = new PN532SerialBoard(time, random, { uart: { fifo: 65536 } });
		prepare(board, random);
		const real = new RealTime(time).start();
		const terminal = await plugIn(board, real);
		try {
			const output = await new Promise<string>((resolve, reject) => {
				const child = spawn(program, args, {
					env: { ...process.env, LIBNFC_DEVICE: `pn532_uart:${terminal.path}`, LIBNFC_LOG_LEVEL: "1" },
				});
				child.stdin.end(input);
				let text = "";
				const collect = (data: Buffer): void => {
					text += data;
				};
				child.stdout.on("data", collect);
				child.stderr.on("data", collect);
				child.once("error", reject);
				child.once("exit", (code) => (code === 0 ? resolve(text) : reject(new Error(`${code}: ${text}`))));
			});
			return { output, board };
		} finally {
			terminal.close();
			real.stop();
		}
	}

	const nfcList = (prepare: Prepare) => run("nfc-list", ["-v"], "", prepare);

	it("finds the chip and the phone", async () => {
		let phone: AndroidPhone | undefined;
		const { output, board } = await nfcList((it, random) => {
			const silent = { process: () => ({ response: new Uint8Array(2), micros: 0 }), deselected: () => {} };
			phone = new AndroidPhone(silent, random);
			it.field.present(phone);
		});
		assert.match(output, /NFC device: .* opened/);
		assert.match(output, /1 ISO14443A passive target\(s\) found/);
		assert.match(output, /ATQA \(SENS_RES\): 00 {2}04/);
		// The phone takes a new UID whenever it comes into the field; nfc-list has read one of its own.
		assert.match(output, /UID \(NFCID3\): 08 {2}(.. {2}){3}/);
		assert.match(output, /SAK \(SEL_RES\): 20/);
		assert.match(output, /Frame Waiting Time: 77.33 ms/);
		assert.equal(output.match(/^0 .* found\.$/gm)?.length, 9, output);
		assert.isAbove(board.chip.commands, 20);
	});

	it("finds nothing in an empty field", async () => {
		const { output } = await nfcList(() => {});
		assert.match(output, /NFC device: .* opened/);
		assert.equal(output.match(/^0 .* found\.$/gm)?.length, 10, output);
	});

	it("tells two cards apart", async () => {
		const { output } = await nfcList((it) => {
			it.field.present(new MifareClassic(Uint8Array.of(0xde, 0xad, 0xbe, 0xef)));
			it.field.present(new MifareClassic(Uint8Array.of(0x04, 0x51, 0x3a, 0x12, 0x6c, 0x2b, 0x80), 0x18));
		});
		assert.match(output, /2 ISO14443A passive target\(s\) found/);
		assert.match(output, /UID \(NFCID1\): de {2}ad {2}be {2}ef/);
		assert.match(output, /UID \(NFCID1\): 04 {2}51 {2}3a {2}12 {2}6c {2}2b {2}80/);
		assert.match(output, /SAK \(SEL_RES\): 18/);
	});

	it("answers raw commands: an APDU of 256 bytes behind WTX, chained on the air, in one extended frame", async () => {
		const heard: string[] = [];
		let phone: AndroidPhone | undefined;
		const script = "02\n4a 01 00\n40 01 00 a4 04 00\n00 06\n52 00\n";
		const { output } = await run("pn53x-tamashell", [], script, (it, random) => {
			const applet = {
				process: (command: Uint8Array) => {
					heard.push(toHex(command));
					return { response: new Uint8Array(256).map((_, i) => i), micros: 300_000 };
				},
				deselected: () => {},
			};
			phone = new AndroidPhone(applet, random);
			it.field.present(phone);
		});
		const replies = [...output.matchAll(/^Rx: (.*)$/gm)].map((match) => match[1]!.replace(/ /g, ""));
		const counting = toHex(new Uint8Array(256).map((_, i) => i));
		assert.equal(replies[0], "32010607");
		assert.match(replies[1]!, /^01010004200408.{6}0578808002$/);
		assert.deepEqual(replies.slice(2), [`00${counting}`, "00", "00"]);
		assert.deepEqual(heard, ["00a40400"]);
		assert.isAbove(phone!.seen.wtx, 0);
		assert.equal(phone!.seen.deselects, 1);
	});
});
