// SPDX-License-Identifier: Apache-2.0

import { assert } from "chai";
import { toHex } from "../../../protocol/bytes.js";
import {
	SERVICE_UUID,
	UUID_FROM_PHONE,
	UUID_TO_PHONE,
	UUID_VERSION,
} from "../../../protocol/link/ble-service.js";
import { BleBench } from "./bench.js";
import { type RawCentral, raw } from "./raw.js";

/** Little-endian, as UUIDs go over the air. */
const le = (uuid: string): string => uuid.replaceAll("-", "").match(/../g)!.reverse().join("");

function answers(requests: readonly string[], mtu = 185): string[] {
	const bench = new BleBench();
	const central = raw(bench, { interval: 15 });
	const heard: string[] = [];
	central.client.exchangeMtu(mtu);
	for (const hex of requests)
		central.client.request(
			hex.match(/../g)!.map((byte) => Number.parseInt(byte, 16)),
			(response) => heard.push(toHex(response)),
		);
	bench.time.run(1400);
	return heard;
}

// By hand from Core 5.4, Vol 3 Part F 3.4 and Part G 4.
describe("the reader's GATT table, as phones see it", () => {
	it("two services: GAP, then the reader's own", () => {
		assert.deepEqual(answers(["100100ffff0028", "100600ffff0028", "100e00ffff0028"]), [
			"1106" + "01000500" + "0018",
			`111406000d00${le(SERVICE_UUID)}`,
			"0110" + "0e00" + "0a",
		]);
		assert.deepEqual(answers([`060100ffff0028${le(SERVICE_UUID)}`, `060e00ffff0028${le(SERVICE_UUID)}`]), [
			"07" + "06000d00",
			"0106" + "0e00" + "0a",
		]);
	});

	it("three characteristics: write with and without response, notify, read", () => {
		const declarations = [
			`0700${"0c"}0800${le(UUID_FROM_PHONE)}`,
			`0900${"10"}0a00${le(UUID_TO_PHONE)}`,
			`0c00${"02"}0d00${le(UUID_VERSION)}`,
		];
		assert.deepEqual(answers(["080600ffff0328"]), [`0915${declarations.join("")}`]);
		// One at a time where the MTU takes no more.
		assert.deepEqual(answers(["080600ffff0328", "080900ffff0328", "080b00ffff0328", "080d00ffff0328"], 23), [
			...declarations.map((declaration) => `0915${declaration}`),
			"01080d000a",
		]);
	});

	it("a CCCD behind the value that notifies, and no other descriptor", () => {
		assert.deepEqual(answers(["040b000b00", "040e00ffff", "0a0b00"]), [
			"0501" + "0b00" + "0229",
			"01040e000a",
			"0b0000",
		]);
	});

	it("the version is read, by type too, and nothing else of the reader's service", () => {
		assert.deepEqual(answers(["0a0d00", `080100ffff${le(UUID_VERSION)}`, "0c0d000100", "0a0800", "0a0a00"]), [
			"0b0201",
			"0904" + "0d00" + "0201",
			"0d01",
			"010a080002",
			"010a0a0002",
		]);
	});

	it("an exchange of MTUs answers with what the reader takes; the smaller of the two counts, and never less than 23", () => {
		for (const [asked, agreed] of [
			[5, 23],
			[23, 23],
			[100, 100],
			[517, 517],
			[65_535, 517],
		] as const) {
			const bench = new BleBench();
			const central = raw(bench, { interval: 15 });
			central.client.exchangeMtu(asked);
			central.subscribe();
			bench.time.run(100);
			assert.equal(bench.carriers[0]!.mtu, agreed, `asked for ${asked}`);
		}
	});

	it("a CCCD is each connection's own", () => {
		const bench = new BleBench({ connections: 2 });
		const read = (central: RawCentral): string => {
			let value = "";
			central.client.request([0x0a, central.cccd, 0], (response) => {
				value = toHex(response);
			});
			bench.time.run(60);
			return value;
		};
		const first = raw(bench, { interval: 15, supervision: 9000 });
		first.subscribe();
		assert.equal(read(first), "0b0100");
		first.link.vanish();
		bench.time.runUntil(() => bench.radio.isAdvertising, 4000);
		assert.equal(read(raw(bench, { interval: 15 })), "0b0000");
	});
});
