// SPDX-License-Identifier: Apache-2.0

import { assert } from "chai";
import fc from "fast-check";
import {
	BAUD_RATES,
	diagnose,
	inListPassiveTarget,
	rfRetries,
	samConfiguration,
	setSerialBaudRate,
	writeRegister,
} from "../../../drivers/pn532/commands.js";
import { crcA, withCrcA } from "../../../drivers/pn532/ecp.js";
import { CARD, PHONE, Pn532Presence, RESTLESS_MS } from "../../../drivers/pn532/presence.js";
import { reverse } from "../../../drivers/pn532/spi.js";
import { FAILURES, failureOf, PN532Error } from "../../../drivers/pn532/status.js";
import { frameWaitingTime, parseTarget } from "../../../drivers/pn532/target.js";
import { fromHex, toHex } from "../../../protocol/bytes.js";
import { VirtualTime } from "../../../sim/time.js";

describe("PN532 status table", () => {
	// UM0701-02 7.1; the same list in nfcpy's and libnfc's tables.
	const CHIP = [
		0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x07, 0x09, 0x0a, 0x0b, 0x0d, 0x0e, 0x10, 0x12, 0x13, 0x14, 0x23,
		0x25, 0x26, 0x27, 0x29, 0x2a, 0x2b, 0x2c, 0x2d, 0x2e, 0x7f,
	];

	it("has every code of the manual", () => {
		const codes = FAILURES.map((entry) => entry.code).filter((code) => code < 0x100);
		assert.deepEqual(codes, CHIP);
	});

	it("has unique codes and reasons, in kebab case, each with a text", () => {
		assert.equal(new Set(FAILURES.map((entry) => entry.code)).size, FAILURES.length);
		assert.equal(new Set(FAILURES.map((entry) => entry.reason)).size, FAILURES.length);
		for (const entry of FAILURES) {
			assert.match(entry.reason, /^[a-z0-9]+(-[a-z0-9]+)*$/);
			assert.match(entry.text, /^[A-Z].*\.$/);
		}
	});

	it("every status that is not 0 is an error, known or not", () => {
		for (let code = 1; code < 0x40; code++) {
			const error = new PN532Error(code);
			assert.equal(error.code, code);
			assert.equal(error.reason, CHIP.includes(code) ? failureOf(code).reason : "unknown-status");
			assert.instanceOf(error, Error);
		}
	});
});

describe("PN532 presence", () => {
	const SAK = { card: 0x08, phone: 0x20 } as const;
	const UID = Uint8Array.of(8, 1, 2, 3);
	let time: VirtualTime;
	let presence: Pn532Presence;

	const reply = (sak: number, uid: ArrayLike<number>): Uint8Array =>
		Uint8Array.of(0x4b, 1, 1, 0, 4, sak, uid.length, ...Array.from(uid));
	const knows = (sak: number, uid: ArrayLike<number> = UID): boolean => {
		const bytes = reply(sak, uid);
		return presence.recognizes(bytes, 1, bytes.length);
	};
	const offer = (uid: ArrayLike<number>, kind = PHONE): void => {
		presence.offer(Uint8Array.from(uid));
		presence.letGo(kind);
	};
	const letGo = (kind: number): void => {
		time = new VirtualTime();
		presence = new Pn532Presence(time, 3, 50);
		offer(UID, kind);
	};
	const stranger = (n: number): number[] => [8, 9, 9, n];

	it("knows what stays by its UID, and takes a phone for new that comes while a card lies there", () => {
		letGo(PHONE);
		assert.isTrue(knows(SAK.phone));
		assert.isTrue(knows(SAK.card, stranger(1)), "no card is news where a phone is");
		letGo(CARD);
		assert.isTrue(knows(SAK.card));
		assert.isFalse(knows(SAK.phone, stranger(1)));
	});

	it("takes a phone with another UID for new, at once, and knows both from then on", () => {
		letGo(PHONE);
		assert.isFalse(knows(SAK.phone, stranger(1)));
		offer(stranger(1));
		for (let i = 0; i < 100; i++) {
			assert.isTrue(knows(SAK.phone, UID));
			assert.isTrue(knows(SAK.phone, stranger(1)));
			time.run(60);
		}
		assert.isFalse(knows(SAK.phone, stranger(2)));
	});

	it("takes a phone for new at once after as many empty polls as absence takes, and not before", () => {
		for (const [polls, known] of [
			[2, true],
			[3, false],
			[4, false],
		] as const) {
			letGo(PHONE);
			for (let i = 0; i < polls; i++) presence.missed();
			assert.equal(knows(SAK.phone), known, `${polls} empty polls`);
			// As a poll that finds another one.
			letGo(PHONE);
			for (let i = 0; i < polls; i++) presence.missed();
			assert.isFalse(knows(SAK.phone, stranger(1)));
			assert.equal(presence.lately(UID), known, `back under another UID after ${polls}`);
		}
	});

	it("takes anything for new after an outage of the polls, or when told to forget", () => {
		letGo(PHONE);
		time.run(399);
		assert.isTrue(knows(SAK.phone));
		time.run(400);
		assert.isFalse(knows(SAK.phone));
		assert.isFalse(presence.lately(UID));
		letGo(PHONE);
		presence.forget();
		assert.isFalse(knows(SAK.phone));
		assert.isTrue(presence.lately(UID));
	});

	it("is not lately there what has gone while another one lies there", () => {
		letGo(PHONE);
		assert.isFalse(knows(SAK.phone, stranger(1)));
		assert.isTrue(presence.lately(UID));
		offer(stranger(1));
		for (let i = 0; i < 3; i++) assert.isTrue(knows(SAK.phone, stranger(1)));
		assert.isFalse(presence.lately(UID));
		assert.isTrue(presence.lately(Uint8Array.from(stranger(1))));
		for (const sak of [SAK.card, SAK.phone]) {
			letGo(PHONE);
			for (let i = 0; i < 10; i++) knows(sak, stranger(2));
			assert.equal(
				presence.lately(UID),
				sak === SAK.phone,
				"a card is not the phone, an unsteady UID may be",
			);
		}
	});

	it("offers a phone that changes its UID each time twice, then every 5 s", () => {
		letGo(PHONE);
		let offers = 0;
		let uid = UID;
		for (let i = 0; i < 200; i++) {
			time.run(60);
			const next = Uint8Array.from(stranger(i));
			if (knows(SAK.phone, next)) continue;
			assert.isTrue(presence.lately(uid), "it may be the one before");
			offers++;
			uid = next;
			offer(uid);
		}
		assert.isAtLeast(offers, 2);
		assert.isAtMost(offers, 1 + 12_000 / RESTLESS_MS);
	});

	it("reads no UID past the end of a reply", () => {
		letGo(PHONE);
		const bytes = reply(SAK.phone, UID);
		for (let to = 1; to < bytes.length; to++) presence.recognizes(bytes, 1, to);
		assert.isTrue(knows(SAK.phone));
	});
});

describe("PN532 commands", () => {
	it("payloads as published", () => {
		assert.equal(toHex(samConfiguration()), "14011401");
		assert.equal(toHex(inListPassiveTarget()), "4a0100");
		assert.equal(toHex(rfRetries(0)), "3205ff0100");
		assert.equal(toHex(writeRegister([0x633d, 0x00])), "08633d00");
		assert.equal(toHex(setSerialBaudRate(921600)), "1007");
		assert.equal(toHex(diagnose(0, Uint8Array.of(1, 2))), "00000102");
	});

	it("refuses a baud rate that the chip has not", () => {
		assert.throws(() => setSerialBaudRate(250000), RangeError);
		for (const [index, baud] of BAUD_RATES.entries()) assert.equal(setSerialBaudRate(baud)[1], index);
	});
});

describe("CRC_A", () => {
	it("ISO/IEC 14443-3 annex B", () => {
		assert.equal(toHex(withCrcA(fromHex("0000"))), "0000a01e");
		assert.equal(toHex(withCrcA(fromHex("1234"))), "123426cf");
	});

	it("HLTA and RATS as they are on the air", () => {
		assert.equal(toHex(withCrcA(fromHex("5000"))), "500057cd");
		assert.equal(toHex(withCrcA(fromHex("e050"))), "e050bca5");
	});

	it("is 0 over a message with its own CRC", () => {
		fc.assert(fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => crcA(withCrcA(bytes)) === 0));
	});
});

describe("bits turned round for SPI", () => {
	it("as strings of bits do", () => {
		fc.assert(
			fc.property(fc.uint8Array({ maxLength: 300 }), fc.nat(3), (bytes, at) => {
				const turned = new Uint8Array(at + bytes.length).subarray(at);
				turned.set(bytes);
				reverse(turned, turned.length);
				for (const [i, byte] of bytes.entries()) {
					const bits = byte.toString(2).padStart(8, "0").split("").reverse().join("");
					assert.equal(turned[i], Number.parseInt(bits, 2));
				}
			}),
		);
	});

	it("only as far as it is told", () => {
		const bytes = Uint8Array.of(1, 1, 1, 1, 1, 1);
		reverse(bytes, 5);
		assert.equal(toHex(bytes), "808080808001");
	});
});

describe("targets", () => {
	const parse = (hex: string) => {
		const bytes = fromHex(hex);
		return parseTarget(bytes, 0, bytes.length);
	};

	it("MIFARE Classic of the published frames", () => {
		const target = parse("0101000408049d44a346")!;
		assert.equal(target.kind, "other");
		assert.equal(target.atqa, 0x0004);
		assert.equal(target.sak, 0x08);
		assert.equal(toHex(target.uid), "9d44a346");
		assert.lengthOf(target.ats, 0);
	});

	it("a phone with its ATS", () => {
		// ATS: TL 05, T0 78 (TA, TB, TC; FSCI 8), TA 80, TB 70 (FWI 7), TC 02.
		const target = parse("01010004200408a1b2c3057880 7002".replace(" ", ""))!;
		assert.equal(target.kind, "iso-dep");
		assert.equal(toHex(target.ats), "0578807002");
		// 302 µs × 2^7.
		assert.equal(target.fwtMs, 39);
	});

	it("7 and 10 byte UIDs, and no other length", () => {
		assert.equal(toHex(parse("010200442007010203040506070100")!.uid), "01020304050607");
		assert.equal(toHex(parse("01010044000a0102030405060708090a")!.uid), "0102030405060708090a");
		for (const length of [0, 1, 3, 5, 6, 8, 9, 11, 255]) {
			const reply = new Uint8Array(6 + length);
			reply.set([1, 1, 0, 4, 0x20, length]);
			assert.isUndefined(parseTarget(reply, 0, reply.length), `${length}`);
		}
	});

	it("lengths that lie are refused", () => {
		for (const hex of [
			"",
			"01",
			"0101000420",
			"010100042004",
			"01010004200408a1b2",
			"01000004200408a1b2c3",
			"01030004200408a1b2c3",
			"01010004200408a1b2c300",
			"01010004200408a1b2c3ff7880",
		])
			assert.isUndefined(parse(hex), hex);
	});

	it("random bytes: a target whose parts lie within the reply, or none", () => {
		fc.assert(
			fc.property(fc.uint8Array({ maxLength: 60 }), fc.nat(20), (bytes, from) => {
				const target = parseTarget(bytes, from, bytes.length);
				if (target === undefined) return;
				assert.isAtMost(6 + target.uid.length + target.ats.length, bytes.length - from);
				assert.isAtLeast(target.fwtMs, 1);
				assert.isAtMost(target.fwtMs, 4950);
			}),
			{ numRuns: 500 },
		);
	});

	it("frame waiting time from TB(1), wherever TA(1) leaves it", () => {
		assert.equal(frameWaitingTime(fromHex("")), 5);
		assert.equal(frameWaitingTime(fromHex("01")), 5);
		assert.equal(frameWaitingTime(fromHex("0220")), 5);
		assert.equal(frameWaitingTime(fromHex("032000")), 1);
		assert.equal(frameWaitingTime(fromHex("0320e0")), 4950);
		assert.equal(frameWaitingTime(fromHex("0320f0")), 5);
		assert.equal(frameWaitingTime(fromHex("04308080")), 78);
	});
});
