// SPDX-License-Identifier: Apache-2.0

import { assert } from "chai";
import { toHex } from "../../../protocol/bytes.js";
import { AndroidPhone } from "../../../sim/nfc/cards.js";
import { Faults, type NextFault } from "../../../sim/pn532/faults.js";
import { ACK_HEX, content, RawHost } from "./host.js";

const VERSION = "0000ff06fad50332010607e800";

/** All that came within 100 ms of GetFirmwareVersion. */
function version(host: RawHost): string {
	host.take();
	host.write("0000ff02fed4022a00");
	host.time.run(100);
	return host.take();
}

function awake(): RawHost {
	const host = new RawHost();
	host.wake();
	return host;
}

function withPhone(): RawHost {
	const host = awake();
	const applet = { process: () => ({ response: new Uint8Array(100), micros: 500 }), deselected: () => {} };
	host.board.field.present(new AndroidPhone(applet, host.random));
	host.command("4a 01 00");
	return host;
}

describe("simulated PN532: faults, each a switch", () => {
	const once: [NextFault, string][] = [
		["loseAck", VERSION],
		["loseReply", ACK_HEX],
		["loseCommand", ""],
		["replyBeforeAck", VERSION + ACK_HEX],
		["errorFrame", `${ACK_HEX}0000ff01ff7f8100`],
		["truncateReply", ACK_HEX + VERSION.slice(0, 18)],
		["badChecksum", `${ACK_HEX}0000ff06fad50332010607b200`],
		["badLengthChecksum", `${ACK_HEX}0000ff06ded50332010607e800`],
		["wrongCode", `${ACK_HEX}0000ff06fad50532010607e600`],
		["emptyReply", `${ACK_HEX}0000ff02fed5032800`],
		["doubleTfi", `${ACK_HEX}0000ff07f9d5d503320106071300`],
		["repeatReply", ACK_HEX + VERSION + VERSION],
		["samForVersion", `${ACK_HEX}0000ff02fed5151600`],
	];
	for (const [name, expected] of once)
		it(`${name}: once, then good again`, () => {
			const host = awake();
			host.board.faults[name] = 1;
			assert.equal(version(host), expected);
			assert.equal(version(host), ACK_HEX + VERSION);
		});

	it("junk in front of every frame", () => {
		const host = awake();
		host.board.faults.junk = Uint8Array.of(0xff, 0x00, 0x80);
		assert.equal(version(host), `ff0080${ACK_HEX}ff0080${VERSION}`);
	});

	it("split: the same bytes, in pieces with pauses", () => {
		const host = awake();
		host.board.faults.split = 1;
		host.pieces = 0;
		assert.equal(version(host), ACK_HEX + VERSION);
		assert.equal(host.pieces, 19);
	});

	it("deafAfterAbort: a command right after the abort is lost, a later one not", () => {
		const host = awake();
		host.board.faults.deafAfterAbort = 1500;
		host.command("4a 01 00", 50);
		host.write(ACK_HEX);
		host.write("0000ff02fed4022a00");
		host.time.run(50);
		assert.equal(host.take(), "");
		host.write(ACK_HEX);
		host.time.run(3);
		assert.equal(version(host), ACK_HEX + VERSION);
	});

	it("silentWithoutTag: no reply when there is no card", () => {
		const host = awake();
		host.command("32 05 ff 01 00");
		host.board.faults.silentWithoutTag = true;
		assert.equal(host.command("4a 01 00", 200), ACK_HEX);
		assert.equal(version(host), ACK_HEX + VERSION);
	});

	it("ignoreBaudRate: says yes and stays", () => {
		const host = awake();
		host.board.faults.ignoreBaudRate = true;
		assert.equal(host.command("10 06"), "11");
		host.write(ACK_HEX);
		host.time.run(5);
		assert.equal(version(host), ACK_HEX + VERSION);
	});

	it("deafInPowerDown: only a reset wakes it", () => {
		const host = awake();
		host.board.faults.deafInPowerDown = true;
		assert.equal(host.command("16 f0"), "1700");
		host.wake();
		assert.equal(version(host), "");
		host.board.resetLine.driveFromHost(0);
		host.board.resetLine.driveFromHost(1);
		host.time.run(5);
		host.wake();
		assert.equal(version(host), ACK_HEX + VERSION);
	});

	it("works, then is silent until its cure", () => {
		for (const cure of ["reset", "power"] as const) {
			const host = awake();
			host.board.faults.silentAfter = 2;
			host.board.faults.cure = cure;
			assert.equal(version(host), ACK_HEX + VERSION);
			assert.equal(version(host), ACK_HEX + VERSION);
			assert.equal(version(host), "");
			host.wake();
			assert.equal(version(host), "");
			host.board.resetLine.driveFromHost(0);
			host.board.resetLine.driveFromHost(1);
			host.time.run(5);
			host.wake();
			assert.equal(version(host), cure === "reset" ? ACK_HEX + VERSION : "");
			host.board.powerLine.driveFromHost(0);
			host.board.powerLine.driveFromHost(1);
			host.time.run(5);
			host.wake();
			assert.equal(version(host), ACK_HEX + VERSION);
		}
	});

	it("a dip in the supply: asleep, unconfigured, targets forgotten", () => {
		const host = withPhone();
		host.board.chip.brownOut();
		host.time.run(5);
		assert.equal(version(host), "");
		host.wake();
		assert.equal(host.command("40 01 aa"), "4127");
	});

	it("status: any code, in the middle of a transaction", () => {
		const host = withPhone();
		Object.assign(host.board.faults, { status: 1, statusCode: 0x27, statusSkip: 2 });
		const replies = [1, 2, 3, 4].map(() => host.command("40 01 aa").slice(0, 4));
		assert.deepEqual(replies, ["4100", "4100", "4127", "4100"]);
	});

	it("nad, endlessMore and shortData change only what the host sees", () => {
		const host = withPhone();
		const zeros = "00".repeat(100);
		host.board.faults.nad = true;
		assert.equal(host.command("40 01 aa"), `4180${zeros}`);
		host.board.faults.nad = false;
		host.board.faults.endlessMore = true;
		assert.equal(host.command("40 01 aa"), `4140${zeros}`);
		for (let i = 0; i < 100; i++) assert.match(host.command("40 01"), /^4140/);
		host.board.faults.endlessMore = false;
		host.board.faults.shortData = 62;
		assert.equal(host.command("40 01 aa"), `4100${zeros.slice(0, 124)}`);
	});

	it("slow: the reply comes later by that", () => {
		const host = awake();
		host.board.faults.slow = 2_000_000;
		assert.equal(version(host), ACK_HEX);
		host.time.run(2000);
		assert.equal(host.take(), VERSION);
	});

	it("clear switches all of them off", () => {
		const faults = new Faults();
		for (const key of Object.keys(faults)) Object.assign(faults, { [key]: 7 });
		faults.clear();
		assert.deepEqual({ ...faults }, { ...new Faults() });
	});

	it("random bytes and random commands: no crash, no hang, and well afterwards", () => {
		const runs = Number(process.env.LINTEL_RUNS ?? 300);
		const host = withPhone();
		for (let i = 0; i < runs; i++) {
			const noise = host.random.bytes(host.random.below(300));
			if (host.random.below(2)) host.write(toHex(noise));
			else host.command(toHex(noise.subarray(0, 1 + host.random.below(40))) || "00", 20);
			host.time.run(host.random.below(100));
		}
		// Sleep, another rate, a half frame: a reset ends them all.
		host.board.resetLine.driveFromHost(0);
		host.board.resetLine.driveFromHost(1);
		host.time.run(100);
		host.wake();
		assert.equal(content(version(host)), "0332010607");
	});
});

describe("simulated PN532: trace", () => {
	it("has every byte of the bus and of the air, in order, with its time", () => {
		const host = withPhone();
		host.board.trace.clear();
		host.command("40 01 00a40400");
		const { entries } = host.board.trace;
		assert.deepEqual(
			entries.map(({ from }) => from),
			["host", "chip", "reader", "card", "reader", "card", "chip"],
		);
		for (let i = 1; i < entries.length; i++) assert.isAtLeast(entries[i]!.at, entries[i - 1]!.at);
		assert.equal(toHex(entries[0]!.bytes), "0000ff07f9d4400100a404004300");
		assert.equal(toHex(entries[2]!.bytes).slice(0, 10), "0200a40400");
		assert.match(host.board.trace.text(), /host {3}0000ff07f9/);
	});
});
