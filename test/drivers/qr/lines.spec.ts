// SPDX-License-Identifier: Apache-2.0

import { assert } from "chai";
import { LineScanner } from "../../../drivers/qr/lines.js";
import { utf8Decode, utf8Encode } from "../../../protocol/bytes.js";
import { UART } from "../../../sim/bus/serial.js";
import { SimLineScanner } from "../../../sim/scanner/lines.js";
import { VirtualTime } from "../../../sim/time.js";

const CODE = "A1 $%*+-./:".repeat(36).slice(0, 395);

function rig() {
	const time = new VirtualTime();
	const line = new UART(time);
	line.baud = 9600;
	const texts: string[] = [];
	new LineScanner({ io: line.Serial }, 9600, {
		onText: (text, length) => texts.push(utf8Decode(text.slice(0, length)) ?? "not UTF-8"),
		onState: () => assert.fail("it cannot be asked"),
	});
	const send = (text: string): void => {
		line.send(utf8Encode(text));
		time.run(2000);
	};
	return { time, line, texts, send };
}

describe("scanner that sends lines", () => {
	it("gives each line once, ended by CR, LF or both", () => {
		const { line, send, texts, time } = rig();
		send(`ONE\rTWO\nTHREE\r\n\r\n${CODE}\r`);
		assert.deepEqual(texts.splice(0), ["ONE", "TWO", "THREE", CODE]);
		send("half a ");
		assert.deepEqual(texts, []);
		send("line\n");
		assert.deepEqual(texts.splice(0), ["half a line"]);
		const scanner = new SimLineScanner(line, 9600);
		scanner.setPower(true);
		scanner.see(() => CODE);
		time.run(1500);
		scanner.see(undefined);
		time.run(1500);
		assert.deepEqual([...new Set(texts)], [CODE]);
	});

	it("passes over a line that does not fit, and one without an end, in room that does not grow", () => {
		const { send, texts } = rig();
		send(`${"X".repeat(513)}\rSHORT\r`);
		assert.deepEqual(texts.splice(0), ["SHORT"]);
		send("Y".repeat(512));
		send("\r");
		assert.equal(texts.splice(0)[0]!.length, 512);
		for (let i = 0; i < 20; i++) send("Z".repeat(400));
		send("\rAGAIN\r");
		assert.deepEqual(texts, ["AGAIN"]);
	});
});
