// SPDX-License-Identifier: Apache-2.0

import { assert } from "chai";
import { EVENTS } from "../../../protocol/events.js";
import type { LogEntry } from "../../../protocol/log/record.js";
import { inWords } from "../../../site/lib/log/describe.js";

const ANN = Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8);

function entry(kind: number, detail: number, value = 0, subject = new Uint8Array(8)): LogEntry {
	return {
		serial: 1,
		time: 1_800_000_000,
		trust: "synced",
		kind,
		detail,
		value,
		subject,
		link: new Uint8Array(8),
	};
}

describe("the log in words", () => {
	it("says of a command from where it came, who gave it, for how long, and that it was refused", () => {
		assert.equal(inWords(entry(EVENTS.command, 1)), "command open");
		assert.equal(inWords(entry(EVENTS.command, 1, 1)), "command open refused");
		assert.equal(
			inWords(entry(EVENTS.command, 0x0101, 30 << 8, ANN)),
			"command open for 30 s from site by 0102030405060708",
		);
		assert.equal(
			inWords(entry(EVENTS.command, 0x0101, (60 << 8) | 1, ANN)),
			"command open for 60 s from site refused by 0102030405060708",
		);
		assert.equal(
			inWords(entry(EVENTS.command, 0x0105, 0, ANN)),
			"command lockdown from site by 0102030405060708",
		);
	});
});
