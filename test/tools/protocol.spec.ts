// SPDX-License-Identifier: Apache-2.0

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { assert } from "chai";
import { SUBSCRIBE_LIMIT_MS } from "../../drivers/ble/peripheral.js";
import { FrameWriter } from "../../protocol/link/frames.js";
import {
	ANSWER_LIMIT_MS,
	APPROACH_LIMIT_MS,
	LINGER_LIMIT_MS,
	SHORT_ANSWER_MS,
	SHORT_APPROACH_MS,
	SHORT_SILENCE_MS,
	SHORT_SUBSCRIBE_MS,
	SILENCE_LIMIT_MS,
} from "../../src/links/ble.js";
import { withExample, workedExample } from "../../tools/docs/worked-example.js";
import { root } from "../support/host.js";

describe("docs/PROTOCOL.md", () => {
	it("has the worked example that the code gives, each value computed a second way", () => {
		const document = readFileSync(join(root, "docs/PROTOCOL.md"), "utf8");
		assert.equal(document, withExample(document), "run `npm run docs`");
	});

	describe("over BLE", () => {
		const text = readFileSync(join(root, "docs/PROTOCOL.md"), "utf8").replace(/\s+/g, " ");

		it("has the frames that the firmware makes", () => {
			const writer = new FrameWriter();
			const frames = (kind: 1 | 2, message: Uint8Array, mtu: number): string[] => {
				const all: string[] = [];
				writer.begin(kind, message);
				for (let frame = writer.next(mtu); frame !== undefined; frame = writer.next(mtu))
					all.push(Buffer.from(frame).toString("hex"));
				return all;
			};
			const [, short, head, second, last] =
				/kind 1 is the frame `(\w+)`\. Forty bytes .* are `(\w+)` and bytes `00` to `0f`; `(\w+)` and bytes `10` to `22`; `(\w+)` and bytes `23` to `27`/.exec(
					text,
				) ?? [];
			assert.deepEqual(frames(1, Uint8Array.of(0xaa, 0xbb, 0xcc), 23), [short]);
			const forty = Buffer.from(Array.from({ length: 40 }, (_, i) => i));
			const bytes = (from: number, to: number): string => forty.subarray(from, to + 1).toString("hex");
			assert.deepEqual(frames(2, forty, 23), [
				head + bytes(0, 0x0f),
				second + bytes(0x10, 0x22),
				last + bytes(0x23, 0x27),
			]);
		});

		it("has the firmware's limits", () => {
			const s = (ms: number): string => `${ms / 1000} s`;
			for (const sentence of [
				`not subscribed ${s(SUBSCRIBE_LIMIT_MS)} after it connected`,
				`message_1 is not whole ${s(SILENCE_LIMIT_MS)} after that`,
				`not come near ${s(APPROACH_LIMIT_MS)} after message_1`,
				`message_3 is not there ${s(ANSWER_LIMIT_MS)} after message_2`,
				`these limits are ${s(SHORT_SUBSCRIBE_MS)}, ${s(SHORT_SILENCE_MS)}, ${s(SHORT_APPROACH_MS)} and ${s(SHORT_ANSWER_MS)},`,
				`the reader does after ${LINGER_LIMIT_MS} ms`,
			])
				assert.include(text, sentence);
		});
	});

	it("keeps suite 4 in three short pairs and 700 bytes", () => {
		const { exchanges } = workedExample();
		assert.lengthOf(exchanges, 3);
		let bytes = 0;
		for (const { command, response } of exchanges) {
			assert.isAtMost(response.length, 257);
			bytes += command.length + response.length;
		}
		assert.isAtMost(bytes, 700);
	});
});
