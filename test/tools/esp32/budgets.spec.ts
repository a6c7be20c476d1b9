// SPDX-License-Identifier: Apache-2.0

import { assert } from "chai";
import { heapOf, sumOf } from "../../../bench/mcu-heap.js";
import { missed, type Report } from "../../../bench/mcu-report.js";

const SLOT = 2_359_296;

function report(modules: number, rest: number, staticBytes: number, sdkconfig: string): Report {
	const worst = { tap: 1000, afterMessage3: 0 };
	return {
		taps: [],
		suites: [],
		starts: [],
		sizes: { remembered: [], log: [] },
		times: [],
		lookups: [],
		calls: { parsers: [], cryptoCalls: [] },
		memory: {
			peakBytes: 0,
			reserved: { slots: 0, chunks: 0, stack: 0 },
			mostBytes: 0,
			live: [],
			growthBytes: 0,
			stackBytes: 0,
			worst: { nfc: worst, ble: worst },
		},
		sync: {
			peakBytes: 114_688,
			mostBytes: 0,
			live: [],
			growthBytes: 0,
			stackBytes: 0,
			worst: { nfc: { tap: 1200, afterMessage3: 0 }, ble: { tap: 1200, afterMessage3: 0 } },
		},
		qr: {
			...{ code: 0, counted: 0, worst: 0, refused: 0, peakBytes: 114_688, mostBytes: 0 },
			...{ live: [], growthBytes: 0, stackBytes: 0 },
		},
		image: {
			parts: [
				{ name: "our modules, preloaded", bytes: modules, from: "measured" },
				{ name: "Wi-Fi", bytes: rest, from: "recorded" },
			],
			total: modules + rest,
			slot: SLOT,
			staticBytes,
		},
		heap: heapOf(sdkconfig),
	};
}

const SMALL =
	"CONFIG_ESP_WIFI_STATIC_RX_BUFFER_NUM=4\nCONFIG_ESP_WIFI_DYNAMIC_RX_BUFFER_NUM=8\nCONFIG_ESP_WIFI_DYNAMIC_TX_BUFFER_NUM=8";

describe("budgets of image and heap", () => {
	it("sum the buffers that sdkconfig asks for, and ESP-IDF's where it does not say", () => {
		const { bluetooth, wifi } = heapOf(`${SMALL}\nCONFIG_BTDM_CTRL_BLE_MAX_CONN=9`);
		// 12 × 256 + 24 × 320 + 24 × 255 + 38 × 70 + 9 × 1024 + 4096.
		assert.equal(sumOf(bluetooth), 32_844);
		// 20 buffers of 1,600, a stack of 2,560.
		assert.equal(sumOf(wifi), 34_560);
	});

	it("hold for a small image and few buffers", () => {
		assert.deepEqual(missed(report(500_000, 1_400_000, 500, SMALL)), []);
	});

	it("fail, each for its own reason", () => {
		const names = (all: readonly string[]): readonly string[] => all.map((line) => line.split(":")[0]!);
		assert.deepEqual(names(missed(report(800_000, 1_000_000, 500, SMALL))), ["our modules, preloaded"]);
		assert.deepEqual(names(missed(report(500_000, 1_700_000, 500, SMALL))), ["image, in all"]);
		assert.deepEqual(names(missed(report(500_000, 1_400_000, 2000, SMALL))), ["our C's static memory"]);
		assert.deepEqual(names(missed(report(500_000, 1_400_000, 500, ""))), ["Wi-Fi's buffers and stacks"]);
		const many = `${SMALL}\nCONFIG_BT_NIMBLE_MSYS_2_BLOCK_COUNT=40`;
		assert.deepEqual(names(missed(report(500_000, 1_400_000, 500, many))), [
			"Bluetooth's buffers and stacks",
		]);
	});

	it("hold sync to its memory, to no growth, and to a fifth more for a tap", () => {
		const small = report(500_000, 1_400_000, 500, SMALL);
		const names = (change: Partial<Report["sync"]>): readonly string[] =>
			missed({ ...small, sync: { ...small.sync, ...change } }).map((line) => line.split(":")[0]!);
		assert.deepEqual(names({ peakBytes: 114_689 }), ["memory, with sync"]);
		assert.deepEqual(names({ growthBytes: 4 }), ["growth, with sync"]);
		const { nfc } = small.sync.worst;
		assert.deepEqual(names({ worst: { nfc, ble: { tap: 1201, afterMessage3: 0 } } }), [
			"Bluetooth, in all, while a plan comes, worst",
		]);
	});
});
