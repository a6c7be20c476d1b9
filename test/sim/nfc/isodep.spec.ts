// SPDX-License-Identifier: Apache-2.0

import { assert } from "chai";
import { fromHex, toHex } from "../../../protocol/bytes.js";
import { AndroidPhone, MifareClassic } from "../../../sim/nfc/cards.js";
import { withCrcA, withoutCrcA } from "../../../sim/nfc/crc.js";
import { type Card, wholeBytes } from "../../../sim/nfc/field.js";
import type { IsoDepOptions } from "../../../sim/nfc/isodep.js";
import { SeededRandom } from "../../../sim/random.js";

/** Sends a whole frame with its CRC; the answer without, "" for silence. */
function say(card: Card, hex: string): string {
	const answer = card.receive(wholeBytes(withCrcA(fromHex(hex))));
	return answer ? toHex(withoutCrcA(answer.bytes)!) : "";
}

function short(card: Card, command: number): string {
	const answer = card.receive({ bytes: Uint8Array.of(command), bits: 7 });
	return answer ? toHex(answer.bytes) : "";
}

interface Activation extends IsoDepOptions {
	readonly micros?: number;
	readonly fsdi?: number;
	/** The applet answers by this, later. */
	readonly late?: () => Uint8Array | undefined;
}

/** A phone that answers with what it was sent, reversed, after `micros`; selected and activated with FSD 256 or less. */
function activated(options: Activation = {}) {
	let deselected = 0;
	const { late, micros = 0 } = options;
	const applet = {
		...(late && { late }),
		process: (command: Uint8Array) => (late ? undefined : { response: command.slice().reverse(), micros }),
		deselected: () => {
			deselected++;
		},
	};
	const phone = new AndroidPhone(applet, new SeededRandom(3), options);
	phone.energised();
	assert.equal(short(phone, 0x26), "0400");
	selectBy(phone);
	const ats = say(phone, `e0${(((options.fsdi ?? 8) << 4) | 0).toString(16).padStart(2, "0")}`);
	return { phone, ats, deselected: () => deselected };
}

function selectBy(phone: AndroidPhone): void {
	const uid = phone.uid!;
	const bcc = uid[0]! ^ uid[1]! ^ uid[2]! ^ uid[3]!;
	assert.equal(say(phone, `9370${toHex(uid)}${toHex(Uint8Array.of(bcc))}`), "20");
}

describe("simulated card: CRC_A", () => {
	it("gives the examples of ISO/IEC 14443-3 annex B and well-known frames", () => {
		for (const hex of ["0000a01e", "123426cf", "500057cd", "e050bca5", "e0803173"]) {
			const bytes = fromHex(hex);
			assert.equal(toHex(withCrcA(bytes.subarray(0, -2))), hex);
			assert.equal(toHex(withoutCrcA(bytes)!), hex.slice(0, -4));
			bytes[0]! ^= 1;
			assert.isUndefined(withoutCrcA(bytes));
		}
	});
});

describe("simulated card: ISO/IEC 14443-3 type A", () => {
	it("a phone takes another UID, 08 and three bytes, at each arrival", () => {
		const seen = new Set<string>();
		const { phone } = activated();
		for (let i = 0; i < 50; i++) {
			phone.lost();
			phone.energised();
			assert.match(toHex(phone.uid!), /^08.{6}$/);
			seen.add(toHex(phone.uid!));
		}
		assert.equal(seen.size, 50);
	});

	it("REQA wakes from IDLE, only WUPA from HALT, and a mistake falls back", () => {
		const card = new MifareClassic(fromHex("01020304"));
		card.energised();
		assert.equal(short(card, 0x26), "0400");
		assert.equal(say(card, "93700102030404"), "08");
		assert.equal(say(card, "5000"), "");
		assert.equal(short(card, 0x26), "");
		assert.equal(short(card, 0x52), "0400");
		assert.equal(say(card, "93700102030504"), "", "another UID");
		assert.equal(short(card, 0x26), "", "back in HALT");
		assert.equal(short(card, 0x52), "0400");
	});

	it("a 7-byte UID goes through two cascade levels", () => {
		const card = new MifareClassic(fromHex("04a1b2c3d4e5f6"), 0x18);
		card.energised();
		assert.equal(short(card, 0x26), "4400");
		const first = card.receive(wholeBytes(fromHex("9320")))!;
		assert.equal(toHex(first.bytes), "8804a1b29f");
		assert.equal(say(card, "93708804a1b29f"), "04");
		assert.equal(toHex(card.receive(wholeBytes(fromHex("9520")))!.bytes), "c3d4e5f604");
		assert.equal(say(card, "9570c3d4e5f604"), "18");
	});
});

describe("simulated card: ISO/IEC 14443-4", () => {
	it("says FSCI and FWI in its ATS", () => {
		assert.equal(activated().ats, "0578808002");
		assert.equal(activated({ fwi: 4, fsci: 5, historical: fromHex("aabb") }).ats, "0775804002aabb");
	});

	it("annex B scenario 1: exchange of I-blocks", () => {
		const { phone } = activated();
		assert.equal(say(phone, "020102"), "020201");
		assert.equal(say(phone, "030304"), "030403");
		assert.equal(say(phone, "020506"), "020605");
	});

	it("scenarios 2 and 3: waiting time extension, until the applet is done", () => {
		const { phone } = activated({ fwi: 4, micros: 20_000 });
		// FWT is 4.8 ms; the answer needs 20.
		let answer = say(phone, "02aa");
		let granted = 0;
		while (answer.startsWith("f2")) {
			granted++;
			answer = say(phone, answer);
		}
		assert.equal(answer, "02aa");
		assert.isAtLeast(granted, 1);
	});

	it("asks for waiting time as long as the applet has not answered, and then gives its answer once", () => {
		let response: Uint8Array | undefined;
		const { phone } = activated({ fsdi: 0, late: () => response });
		assert.equal(say(phone, "02aa"), "f201");
		for (let i = 0; i < 3; i++) assert.equal(say(phone, "f201"), "f201");
		assert.equal(say(phone, "b2"), "f201", "R(NAK): the card's block was lost");
		response = fromHex("000102030405060708090a0b0c0d0e");
		assert.equal(say(phone, "f201"), "12000102030405060708090a0b0c");
		assert.equal(say(phone, "a3"), "030d0e");
		assert.equal(say(phone, "f201"), "", "nothing to wait for");
		response = undefined;
		assert.equal(say(phone, "02bb"), "f201");
		phone.lost();
		phone.energised();
		short(phone, 0x26);
		selectBy(phone);
		say(phone, "e080");
		assert.equal(say(phone, "f201"), "", "what was asked before is forgotten");
	});

	it("scenarios 11 to 13: chaining of the reader, of the card, of both", () => {
		const { phone } = activated({ fsdi: 0 });
		// FSD 16: 13 bytes in a block.
		assert.equal(say(phone, "1201020304"), "a2");
		assert.equal(say(phone, "1305060708"), "a3");
		assert.equal(say(phone, "02090a0b0c0d0e"), "120e0d0c0b0a090807060504 0302".replace(" ", ""));
		assert.equal(say(phone, "a3"), "0301");
	});

	it("scenarios 4 to 8: a lost block of either side is repeated once, and the applet is not asked again", () => {
		const { phone } = activated();
		assert.equal(say(phone, "02aa"), "02aa");
		assert.equal(say(phone, "b2"), "02aa", "R(NAK): the card's block was lost");
		assert.equal(say(phone, "b3"), "a2", "the reader's next block was lost: R(ACK) of the one before");
		assert.equal(say(phone, "03bb"), "03bb");
		assert.equal(phone.seen.commands, 2);
		assert.equal(phone.seen.repeated, 1);
	});

	it("DESELECT is answered, halts the card, and tells the applet", () => {
		const { phone, deselected } = activated();
		assert.equal(say(phone, "02aa"), "02aa");
		assert.equal(say(phone, "c2"), "c2");
		assert.equal(deselected(), 1);
		assert.equal(say(phone, "03bb"), "");
		assert.equal(short(phone, 0x26), "");
		assert.equal(short(phone, 0x52), "0400");
	});

	it("loss of the field tells the applet once", () => {
		const { phone, deselected } = activated();
		phone.lost();
		phone.lost();
		assert.equal(deselected(), 1);
	});

	it("ignores a broken frame, another CID and 14443-3", () => {
		const { phone } = activated();
		assert.equal(short(phone, 0x26), "");
		assert.isUndefined(phone.receive(wholeBytes(fromHex("02aa0000"))));
		assert.equal(say(phone, "0a01aa"), "");
		assert.equal(say(phone, "02aa"), "02aa");
	});
});
