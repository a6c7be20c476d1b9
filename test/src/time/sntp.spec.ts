// SPDX-License-Identifier: Apache-2.0

import { assert } from "chai";
import { SeededRandom } from "../../../sim/random.js";
import { readSntpAnswer, writeSntpRequest } from "../../../src/time/sntp.js";

const NONCE = Uint8Array.of(0x1f, 2, 3, 4, 5, 6, 7, 0x99);
/** From 1900 to 1970, s. */
const UNIX = 2_208_988_800;

/** An answer by RFC 5905, figure 8, field by field. */
function answer(seconds: number, fields: Readonly<Record<number, number>> = {}): Uint8Array {
	const packet = new Uint8Array(48);
	const view = new DataView(packet.buffer);
	packet.set([0x24, 1, 6, 0xe9]);
	view.setUint32(4, 0x0000_0210);
	view.setUint32(8, 0x0000_0180);
	packet.set([0x47, 0x50, 0x53, 0], 12);
	packet.set(NONCE, 24);
	view.setUint32(40, (seconds + UNIX) % 2 ** 32);
	for (const [at, value] of Object.entries(fields)) packet[Number(at)] = value;
	return packet;
}

function kiss(code: string): Uint8Array {
	const packet = answer(1_800_000_000, { 1: 0 });
	for (let i = 0; i < 4; i++) packet[12 + i] = code.charCodeAt(i);
	return packet;
}

describe("SNTP, its bytes", () => {
	it("asks as a client of version 4, and says nothing but a number of this once", () => {
		const request = new Uint8Array(48).fill(0xaa);
		writeSntpRequest(request, NONCE);
		assert.equal(request[0], 0b00_100_011);
		assert.deepEqual([...request.subarray(1, 40)], new Array(39).fill(0));
		assert.deepEqual(request.subarray(40), NONCE);
	});

	it("reads the time, before and after the count begins anew in 2036", () => {
		for (const date of [
			"2026-11-29T12:00:00Z",
			"2036-02-07T06:28:15Z",
			"2036-02-07T06:28:17Z",
			"2090-01-01T00:00:00Z",
		]) {
			const seconds = Date.parse(date) / 1000;
			assert.equal(readSntpAnswer(answer(seconds), NONCE), seconds, date);
		}
		const longer = new Uint8Array(68);
		longer.set(answer(1_800_000_000));
		assert.equal(readSntpAnswer(longer, NONCE), 1_800_000_000, "a MAC behind it is no fault");
		assert.equal(readSntpAnswer(answer(1_800_000_000, { 0: 0x1c }), NONCE), 1_800_000_000, "version 3");
	});

	it("takes no answer to another question", () => {
		for (let at = 24; at < 32; at++)
			for (let bit = 0; bit < 8; bit++)
				assert.equal(
					readSntpAnswer(answer(1_800_000_000, { [at]: NONCE[at - 24]! ^ (1 << bit) }), NONCE),
					"not-asked",
				);
	});

	it("takes none that is no server's, or cut", () => {
		for (const [first, what] of [
			[0x23, "a client's"],
			[0x25, "broadcast"],
			[0x21, "a symmetric peer's"],
			[0x14, "version 2"],
			[0x2c, "version 5"],
		] as const)
			assert.equal(readSntpAnswer(answer(1_800_000_000, { 0: first }), NONCE), "malformed", what);
		for (let length = 0; length < 48; length++)
			assert.equal(readSntpAnswer(answer(1_800_000_000).subarray(0, length), NONCE), "malformed");
	});

	it("takes none of a server that does not know the time itself", () => {
		for (const [fields, what] of [
			[{ 0: 0xe4 }, "leap indicator 3"],
			[{ 1: 16 }, "stratum 16"],
			[{ 1: 255 }, "stratum 255"],
			[{ 8: 0, 9: 16 }, "root dispersion 16 s"],
			[{ 4: 0, 5: 32 }, "root delay 32 s"],
			[{ 4: 0xff }, "root delay, negative"],
		] as const)
			assert.equal(readSntpAnswer(answer(1_800_000_000, fields), NONCE), "unsynchronised", what);
		const never = answer(0);
		new DataView(never.buffer).setUint32(40, 0);
		assert.equal(readSntpAnswer(never, NONCE), "unsynchronised", "no transmit time");
		for (const date of ["1968-01-20T04:00:00Z", "1969-12-31T23:59:59Z", "2019-12-31T23:59:59Z"]) {
			const packet = answer(0);
			new DataView(packet.buffer).setUint32(40, Date.parse(date) / 1000 + UNIX);
			assert.equal(readSntpAnswer(packet, NONCE), "unsynchronised", date);
		}
	});

	it("obeys a kiss-o'-death, where it is the answer to this question", () => {
		for (const code of ["DENY", "RSTR", "ACST", "XFAC", "\0\0\0\0"])
			assert.equal(readSntpAnswer(kiss(code), NONCE), "denied", code);
		assert.equal(readSntpAnswer(kiss("RATE"), NONCE), "rate");
		for (const code of ["INIT", "STEP"]) assert.equal(readSntpAnswer(kiss(code), NONCE), "unsynchronised");
		const other = NONCE.slice().fill(0, 7);
		assert.equal(readSntpAnswer(kiss("DENY"), other), "not-asked", "or anyone could end it");
	});

	it("throws at nothing", () => {
		const random = new SeededRandom(3);
		for (let i = 0; i < 5000; i++) {
			const packet = random.bytes(random.below(80));
			if (packet.length >= 32 && random.below(2) === 0) packet.set(NONCE, 24);
			const read = readSntpAnswer(packet, NONCE);
			if (typeof read === "number") assert.isTrue(Number.isSafeInteger(read) && read >= 0 && read < 2 ** 33);
		}
	});
});
