// SPDX-License-Identifier: Apache-2.0

import { assert } from "chai";
import { toHex } from "../../../protocol/bytes.js";
import { AndroidPhone, IPhone, MifareClassic } from "../../../sim/nfc/cards.js";
import { withCrcA } from "../../../sim/nfc/crc.js";
import type { IsoDepOptions } from "../../../sim/nfc/isodep.js";
import { ACK_HEX, RawHost } from "./host.js";

function awake(): RawHost {
	const host = new RawHost();
	host.wake();
	return host;
}

/** A phone that gives `size` bytes for anything; keeps what it was sent. */
function phoneOf(host: RawHost, size: number, options?: IsoDepOptions & { micros?: number }) {
	const commands: Uint8Array[] = [];
	let deselected = 0;
	const applet = {
		process: (command: Uint8Array) => {
			commands.push(command);
			return { response: new Uint8Array(size).map((_, i) => i), micros: options?.micros ?? 1000 };
		},
		deselected: () => {
			deselected++;
		},
	};
	const phone = new AndroidPhone(applet, host.random, options);
	return { phone, commands, deselected: () => deselected };
}

function counting(size: number): string {
	return toHex(new Uint8Array(size).map((_, i) => i));
}

describe("simulated PN532: host side", () => {
	it("sleeps until five rising edges, and then loses what comes too soon", () => {
		const host = new RawHost();
		host.write("0000ff02fed4022a00");
		host.time.run(50);
		assert.equal(host.take(), "", "asleep");
		host.time.run(5);
		host.write(`5555${"00".repeat(14)}0000ff02fed4022a00`);
		host.time.run(50);
		assert.equal(host.take(), `${ACK_HEX}0000ff06fad50332010607e800`);
	});

	it("gives the manual's answers to GetFirmwareVersion, SAMConfiguration, Diagnose and the register commands", () => {
		const host = awake();
		assert.equal(host.command("02"), "0332010607");
		assert.equal(host.command("14 01 14 01"), "15");
		assert.equal(host.command("00 00 6c 69 6e"), "01006c696e");
		assert.equal(host.command("08 63 3d 07"), "09");
		assert.equal(host.command("06 63 3d 63 05"), "070700");
		assert.equal(host.command("08 63 3d 00"), "09");
		assert.equal(host.command("06 63 3d"), "0700");
		assert.equal(host.command("0c"), "0d3f0600");
		assert.equal(host.command("0e bf 00"), "0f");
		assert.equal(host.command("04"), "0500000000");
		assert.equal(host.command("12 14"), "13");
	});

	it("echoes 262 bytes in extended frames, both ways", () => {
		const host = awake();
		const data = counting(262);
		assert.equal(host.command(`00 00 ${data}`), `0100${data}`);
	});

	it("answers a syntax error by an error frame, and a wrong checksum by nothing", () => {
		const host = awake();
		for (const wrong of ["02 00", "99", "4a 03 00", "32 05 ff", "10 09", "14 09"])
			assert.equal(host.command(wrong, 50), `${ACK_HEX}0000ff01ff7f8100`, wrong);
		host.write("0000ff02fed4022b00");
		host.write("0000ff02ffd4022a00");
		host.time.run(100);
		assert.equal(host.take(), "");
		assert.equal(host.command("02"), "0332010607");
	});

	it("NACK brings the last reply again, ACK aborts what runs", () => {
		const host = awake();
		host.command("02");
		host.write("0000ffff0000");
		host.time.run(50);
		assert.equal(host.take(), "0000ff06fad50332010607e800");
		assert.equal(host.command("4a 01 00", 300), ACK_HEX, "polls for ever");
		assert.isTrue(host.board.chip.busy);
		host.write("0000ff00ff00");
		host.time.run(300);
		assert.equal(host.take(), "");
		assert.isFalse(host.board.chip.busy);
		assert.equal(host.command("02"), "0332010607");
	});

	it("a new command aborts the one that runs", () => {
		const host = awake();
		host.command("4a 01 00", 100);
		assert.equal(host.command("02"), "0332010607");
	});

	it("keeps the UART's time: a reply ends no sooner than its bits", () => {
		const host = awake();
		const began = host.time.micros;
		host.command(`00 00 ${counting(200)}`);
		// 10 bits a byte at 115200: 210 bytes, 6 of ACK, 210 bytes.
		assert.isAtLeast(host.lastAt - began, (210 + 6 + 210) * 86.8);
	});

	it("changes its rate after the host's ACK, and goes back at a reset", () => {
		const host = awake();
		assert.equal(host.command("10 05"), "11");
		host.write("0000ff00ff00");
		host.time.run(2);
		assert.notEqual(host.command("02", 50), "0332010607", "host still at 115200");
		host.open(230400);
		assert.equal(host.command("02"), "0332010607");
		host.board.resetLine.driveFromHost(0);
		host.board.resetLine.driveFromHost(1);
		host.open(115200);
		host.time.run(10);
		host.wake();
		assert.equal(host.command("02"), "0332010607");
	});

	it("PowerDown sleeps after its reply, and wakes from the sources that were named", () => {
		const host = awake();
		assert.equal(host.command("16 20"), "1700");
		assert.isTrue(host.board.chip.asleep);
		host.wake();
		assert.isTrue(host.board.chip.asleep, "SPI only");
		host.board.resetLine.driveFromHost(0);
		host.board.resetLine.driveFromHost(1);
		host.time.run(10);
		host.wake();
		assert.equal(host.command("16 10"), "1700");
		host.wake();
		assert.equal(host.command("02"), "0332010607");
	});

	it("uses the field only after SAMConfiguration", () => {
		const host = new RawHost();
		host.write(`5555${"00".repeat(14)}`);
		assert.equal(host.command("02"), "0332010607");
		assert.include(host.command("4a 01 00", 50), "0000ff01ff7f8100");
	});
});

describe("simulated PN532: cards", () => {
	function listed(size: number, options?: IsoDepOptions & { micros?: number }) {
		const host = awake();
		const rig = phoneOf(host, size, options);
		host.board.field.present(rig.phone);
		const listing = host.command("4a 01 00");
		return { host, listing, ...rig };
	}

	it("InListPassiveTarget describes a phone as the manual says", () => {
		const { listing, phone } = listed(2);
		assert.equal(listing, `4b010100042004${toHex(phone.uid!)}0578808002`);
	});

	it("finds none when told not to wait", () => {
		const host = awake();
		assert.equal(host.command("32 05 ff 01 00"), "33");
		assert.equal(host.command("4a 01 00"), "4b00");
		for (const type of ["01", "02", "03", "04"]) assert.equal(host.command(`4a 01 ${type}`), "4b00");
	});

	it("waits for a card to come", () => {
		const host = awake();
		host.time.after(500_000, () => host.board.field.present(phoneOf(host, 2).phone));
		assert.match(host.command("4a 01 00"), /^4b0101000420/);
		assert.isAbove(host.time.micros, 500_000);
	});

	it("lists two cards by anticollision, and talks to both", () => {
		for (let seed = 0; seed < 20; seed++) {
			const host = awake();
			host.random.bytes(seed);
			const [first, second] = [phoneOf(host, 3), phoneOf(host, 5)];
			host.board.field.present(first.phone);
			host.board.field.present(second.phone);
			const listing = host.command("4a 02 00");
			assert.match(listing, /^4b0201/);
			assert.include(listing, toHex(first.phone.uid!));
			assert.include(listing, toHex(second.phone.uid!));
			const lengths = [host.command("40 01 aa"), host.command("40 02 aa"), host.command("40 01 aa")];
			assert.sameMembers(lengths.slice(0, 2), ["4100000102", "410000 01020304".replace(" ", "")]);
			assert.equal(lengths[2], lengths[0]);
		}
	});

	it("a MIFARE Classic card has no ISO-DEP", () => {
		const host = awake();
		host.board.field.present(new MifareClassic(Uint8Array.of(1, 2, 3, 4)));
		assert.equal(host.command("4a 01 00"), "4b010100040804 01020304".replace(" ", ""));
		assert.equal(host.command("40 01 60 00 ffffffffffff 01020304"), "4114");
	});

	it("InAutoPoll tells ISO-DEP from MIFARE", () => {
		const host = awake();
		assert.equal(host.command("60 01 01 00"), "6100");
		host.board.field.present(new MifareClassic(Uint8Array.of(1, 2, 3, 4)));
		assert.equal(host.command("60 01 01 20"), "6100");
		assert.equal(host.command("60 01 01 20 10"), "6101100901000408 0401020304".replace(" ", ""));
	});

	it("exchanges APDUs of every length, chained over the air", () => {
		for (const size of [0, 1, 60, 61, 62, 122, 200, 256]) {
			const { host, commands } = listed(size);
			const command = counting(size);
			const data = size === 0 ? "" : command;
			assert.equal(host.command(`40 01 00${command}`), `4100${data}`, `${size}`);
			assert.equal(toHex(commands[0]!), `00${command}`);
		}
	});

	it("splits a long response by MI, and takes a long command by MI", () => {
		const { host, commands } = listed(600);
		let reply = host.command("40 01 aa");
		let data = "";
		let parts = 1;
		while (reply.startsWith("4140")) {
			data += reply.slice(4);
			reply = host.command("40 01");
			parts++;
		}
		assert.equal(reply.slice(0, 4), "4100");
		assert.equal(data + reply.slice(4), counting(600));
		assert.isAtLeast(parts, 3);
		assert.equal(host.command(`40 41 ${counting(200)}`), "4100");
		assert.equal(host.command(`40 41 ${counting(100)}`), "4100");
		assert.match(host.command("40 01 ff"), /^4140/);
		assert.equal(toHex(commands[1]!), `${counting(200)}${counting(100)}ff`);
	});

	it("waits through WTX for a phone that thinks for a second", () => {
		const { host, phone } = listed(3, { fwi: 6, micros: 1_000_000 });
		const began = host.time.micros;
		assert.equal(host.command("40 01 aa"), "4100000102");
		assert.isAbove(phone.seen.wtx, 0);
		assert.isAtLeast(host.time.micros - began, 1_000_000);
		assert.isBelow(host.time.micros - began, 1_020_000);
	});

	it("repairs a noisy air by repetition, and never gives a wrong byte", () => {
		const { host } = listed(120);
		host.board.field.noise = 6000;
		let good = 0;
		for (let i = 0; i < 60; i++) {
			const reply = host.command("40 01 aa");
			if (reply.startsWith("4100")) {
				assert.equal(reply, `4100${counting(120)}`);
				good++;
			} else {
				host.command("52 00");
				host.board.field.noise = 0;
				host.command("4a 01 00");
				host.board.field.noise = 6000;
			}
		}
		assert.isAbove(good, 50);
	});

	it("a phone that leaves at any byte gives a time-out, and the next tap works", () => {
		for (let cut = 0; cut < 90; cut++) {
			const { host, phone, deselected } = listed(60);
			host.board.field.cutAfter(cut);
			const reply = host.command("40 01 00a4040008f04c494e54454c01");
			const bytes = 14 + 3 + 60 + 3;
			if (cut < bytes) assert.equal(reply, "4101", `cut at ${cut}`);
			else assert.equal(reply, `4100${counting(60)}`);
			if (cut < bytes) assert.equal(deselected(), 1);
			host.board.field.cutAfter(undefined);
			host.board.field.present(phone);
			assert.match(host.command("4a 01 00"), /^4b0101000420/);
		}
	});

	it("answers 27 for a target it does not have", () => {
		const { host } = listed(2);
		assert.equal(host.command("40 02 aa"), "4127");
		assert.equal(host.command("52 01"), "5300");
		assert.equal(host.command("40 01 aa"), "4127");
	});

	it("releases, finds the same phone again, and tells its app", () => {
		const { host, deselected, phone } = listed(2);
		const uid = toHex(phone.uid!);
		assert.equal(host.command("52 00"), "5300");
		assert.equal(deselected(), 1);
		assert.include(host.command("4a 01 00"), uid);
		assert.equal(host.command("44 01"), "4500");
		assert.equal(host.command("54 01"), "5500");
		assert.equal(host.command("40 01 aa"), "41000001");
		assert.equal(host.command("00 06"), "0100", "attention request");
		host.board.field.remove();
		assert.equal(host.command("00 06"), "0101");
	});

	it("an iPhone comes only after two ECP frames that are whole, CRC and bits", () => {
		const host = awake();
		const applet = { process: () => ({ response: new Uint8Array(2), micros: 0 }), deselected: () => {} };
		const phone = new IPhone(applet, host.random, host.time);
		host.board.field.present(phone);
		const ecp = toHex(
			withCrcA(Uint8Array.of(0x6a, 0x02, 0xcb, 0x02, 0x06, 0x02, 0x11, 0, 1, 2, 3, 4, 5, 6, 7, 8)),
		);
		host.command("32 05 ff 01 00");
		const cycle = (repair: boolean): string => {
			const found = host.command("4a 01 00");
			if (repair) host.command("08 63 3d 00");
			assert.equal(host.command(`42 ${ecp}`), "4301");
			return found;
		};
		for (let i = 0; i < 4; i++) assert.equal(cycle(false), "4b00", "BitFraming was left at 7");
		assert.equal(cycle(true), "4b00");
		assert.equal(cycle(true), "4b00");
		assert.match(host.command("4a 01 00"), /^4b0101/);
	});

	it("RFConfiguration switches the field, and a card loses everything", () => {
		const { host, deselected } = listed(2);
		assert.equal(host.command("32 01 00"), "33");
		assert.isFalse(host.board.field.on);
		assert.equal(deselected(), 1);
	});
});
