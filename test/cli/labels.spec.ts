// SPDX-License-Identifier: Apache-2.0

import { assert } from "chai";
import { columns, configurationRows, readerRows, stateRows } from "../../cli/labels.js";
import { reportPage } from "../../cli/report.js";
import type { CborMap } from "../../protocol/cbor/value.js";
import { checkConfig } from "../../protocol/config/document.js";

/** 2026-03-29T01:00:00Z. */
const NOW = 1_774_746_000;

const state = (fields: CborMap): Record<string, string> => Object.fromEntries(stateRows(fields, NOW));

describe("a reader in words", () => {
	it("tells what it is", () => {
		const info = { commissioned: true, door: "front", site: "ACME", firmware: "1.2.3", protocol: [1, 2] };
		assert.deepEqual(readerRows(info), [
			["Door", "front"],
			["Site", "ACME"],
			["Firmware", "Lintel 1.2.3"],
			["Protocol", "1 to 2"],
		]);
		assert.deepEqual(readerRows({ commissioned: false, damaged: true, protocol: [1, 1] }), [
			["Commissioned", "no"],
			["Configuration", "damaged: reset it by its button"],
			["Protocol", "1"],
		]);
	});

	it("tells what only a newer reader has by its own name, after all else", () => {
		const info = {
			warmth: { now: 21 },
			firmware: "9.0.0",
			serials: ["a", "b"],
			seal: new Uint8Array([1, 171]),
		};
		assert.deepEqual(readerRows(info), [
			["Firmware", "Lintel 9.0.0"],
			["warmth", '{"now":21}'],
			["serials", '["a","b"]'],
			["seal", "01ab"],
		]);
		assert.deepEqual(state({ warmth: 21 }), { warmth: "21" });
	});

	it("tells the clock, how far it is from here and how it is known", () => {
		assert.deepEqual(state({ time: NOW - 7, trust: "restored" }), {
			Clock: "2026-03-29T00:59:53Z (restored), 7 s behind this computer",
		});
		assert.deepEqual(state({ time: NOW + 3600, trust: "set" }), {
			Clock: "2026-03-29T02:00:00Z (set), 3600 s ahead of this computer; `lintel time set` sets it",
		});
		const chip = { timeSource: "clock-chip", timeError: 26 };
		assert.deepEqual(state({ time: NOW - 7, trust: "restored", ...chip }), {
			Clock: "2026-03-29T00:59:53Z (restored from clock-chip, to 26 s), 7 s behind this computer",
		});
		const far = state({ time: NOW + 1000 * 86_400, trust: "synced", timeSource: "set" }).Clock;
		assert.match(far!, /1000 days ahead of this computer; look at this computer's clock first/);
		assert.include(state({ time: null, trust: "none" }).Clock, "lintel time set");
		assert.equal(state({ time: Number.MAX_SAFE_INTEGER, trust: "set" }).Clock, "9007199254740991 s (set)");
	});

	it("tells a clock chip that does not keep the time, and nothing of one that does", () => {
		assert.match(state({ clockChip: "stopped" })["Clock chip"]!, /cell.*lintel time set/);
		assert.match(state({ clockChip: "differs" })["Clock chip"]!, /another time.*lintel time set/);
		assert.deepEqual(state({ clockChip: "runs" }), {});
		assert.deepEqual(state({ clockChip: "absent" }), {});
	});

	it("tells a time server that says quite another time", () => {
		assert.deepEqual(state({ networkOff: 86_400 * 3 }), {
			"Time server": "3 days ahead of the clock: one of them is wrong",
		});
		assert.deepEqual(state({ networkOff: -300 }), {
			"Time server": "300 s behind the clock: one of them is wrong",
		});
		for (const networkOff of [null, 0, -2, 60]) assert.deepEqual(state({ networkOff }), {});
	});

	it("tells a part that is absent from one that does not work", () => {
		const parts = (value: boolean | null): CborMap => ({ bluetooth: value, wifi: value, open: value });
		assert.deepEqual(state(parts(null)), { Bluetooth: "off", "Wi-Fi": "none", "Door switch": "none" });
		assert.deepEqual(state(parts(true)), { Bluetooth: "works", "Wi-Fi": "joined", "Door switch": "open" });
		assert.deepEqual(state(parts(false)), {
			Bluetooth: "not ready",
			"Wi-Fi": "not joined",
			"Door switch": "closed",
		});
	});

	it("tells of a plan, a log and starts that came to nothing", () => {
		assert.deepEqual(state({ plan: 0, credentials: 0 }), { "Access plan": "none yet" });
		assert.deepEqual(state({ plan: 7, credentials: 240_000, events: 12, acknowledged: 3 }), {
			"Access plan": "version 7, 240000 credentials",
			Log: "12 events, 3 acknowledged by the site",
		});
		const dated = { plan: 7, credentials: 3, planIssued: NOW, planHash: new Uint8Array(32) };
		assert.deepEqual(state({ ...dated, planEpoch: 1, planExpires: 0 }), {
			"Access plan": "version 7 of 2026-03-29, 3 credentials",
		});
		assert.deepEqual(state({ ...dated, planEpoch: 2, planExpires: NOW + 7 * 86_400 }), {
			"Access plan": "version 7 of epoch 2 of 2026-03-29, 3 credentials, ends 2026-04-05",
		});
		assert.deepEqual(state({ ...dated, planExpires: NOW }), {
			"Access plan": "version 7 of 2026-03-29, 3 credentials, ENDED 2026-03-29",
		});
		const lost = state({ ...dated, planProblem: "notices-lost" })["Access plan"]!;
		assert.match(lost, /^version 7 of 2026-03-29, 3 credentials, NOT IN FORCE: revocation notices are lost/);
		assert.match(lost, /server brings a plan that has them all; without one `lintel plan compile --notice`/);
		assert.deepEqual(state({ plan: 0, credentials: 0, planProblem: "empty" }), { "Access plan": "none yet" });
		assert.match(
			state({ plan: 0, credentials: 0, planProblem: "lost" })["Access plan"]!,
			/^none, NOT IN FORCE: it is gone from the flash.*`lintel install-plan`$/,
		);
		assert.deepEqual(state({ started: "watchdog", failedStarts: 4, waits: "bluetooth", seconds: 60 }), {
			"Last start": "watchdog, after 4 that came to nothing",
			"Held back": "bluetooth, for 60 s more",
		});
	});

	it("lists every setting of a door, with units, and says which were changed", () => {
		const checked = checkConfig({ id: "front", door: { strikeTime: 7, lock: "fail-safe" } });
		const config = "config" in checked ? (checked.config as unknown as CborMap) : assert.fail();
		const list = configurationRows(config);
		const rows = Object.fromEntries(list);
		assert.equal(rows["door.strikeTime"], "7 s (usually 5 s)");
		assert.equal(rows["door.lock"], "fail-safe (usually fail-secure)");
		assert.equal(rows["door.heldTime"], "30 s");
		assert.equal(rows["proximity.near"], "-58 dBm");
		assert.equal(rows["proximity.hysteresis"], "6 dB");
		const numbers = list.filter(([, text]) => /^-?\d/.test(text));
		assert.lengthOf(
			numbers.filter(([, text]) => !/ (s|dBm?)\b/.test(text)),
			0,
			"a number without its unit",
		);
		const { door, proximity, ...plain } = config as Record<string, object>;
		assert.lengthOf(
			list,
			Object.keys(door!).length + Object.keys(proximity!).length + Object.keys(plain).length,
		);
	});

	it("shows settings that only a newer reader has, last in their group", () => {
		const fields = configurationRows({ door: { siren: 3, strikeTime: 5 }, id: "front", zone: "lobby" });
		assert.deepEqual(fields, [
			["id", "front"],
			["door.strikeTime", "5 s"],
			["door.siren", "3 s"],
			["zone", "lobby"],
		]);
		assert.deepEqual(configurationRows(null), [["Configuration", "none"]]);
	});

	it("stands in two columns", () => {
		assert.deepEqual(
			columns([
				["a", "1"],
				["long", "2"],
			]),
			["a     1", "long  2"],
		);
		assert.deepEqual(columns([]), []);
	});

	it("gives a page nothing that a reader could make markup of", () => {
		const page = reportPage("2026-03-29", [
			{ title: "<i>T", rows: [['<b a="1">', "</td><script>alert(1)</script>&amp;"]] },
		]);
		assert.notMatch(page, /<(script|b|i)\b/);
		assert.include(page, "&lt;/td&gt;&lt;script&gt;alert(1)&lt;/script&gt;&amp;amp;");
		const turned = reportPage("2026-03-29", [{ title: "T", rows: [["Name", "\u202etnorf\u0007"]] }]);
		assert.include(turned, "\ufffdtnorf\ufffd");
	});
});
