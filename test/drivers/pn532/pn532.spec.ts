// SPDX-License-Identifier: Apache-2.0

import { assert } from "chai";
import { diagnose } from "../../../drivers/pn532/commands.js";
import { PN532, type PN532Options } from "../../../drivers/pn532/pn532.js";
import type { PN532Error } from "../../../drivers/pn532/status.js";
import type { Pn532Target } from "../../../drivers/pn532/target.js";
import { fromHex, toHex } from "../../../protocol/bytes.js";
import { VirtualTime } from "../../../sim/time.js";
import { ACK, PHONE, reply, type Saying, ScriptedChip } from "./scripted.js";

/** A driver on a scripted line, and what it said. */
function start(options: Partial<PN532Options> = {}) {
	const time = new VirtualTime();
	const chip = new ScriptedChip(time);
	const targets: Pn532Target[] = [];
	const errors: PN532Error[] = [];
	const lost: PN532Error[] = [];
	let readies = 0;
	const driver = new PN532({
		clock: time,
		serial: { io: chip.io },
		onReady: () => readies++,
		onTarget: (target) => targets.push(target),
		onError: (error) => errors.push(error),
		onLost: (error) => lost.push(error),
		...options,
	});
	const ready = () => time.runUntil(() => driver.ready, 1000);
	const target = () => time.runUntil(() => driver.target !== undefined, 1000);
	return { time, chip, driver, targets, errors, lost, ready, target, readies: () => readies };
}

/** Answers the list command with a phone and every exchange with `exchanged` (hex from the status byte on). */
function withPhone(exchanged: (body: string) => string) {
	return (body: string): readonly Saying[] | undefined => {
		if (body.startsWith("d44a"))
			return [
				[500, ACK],
				[9000, reply(PHONE)],
			];
		if (body.startsWith("d440"))
			return [
				[500, ACK],
				[9000, reply(`d541${exchanged(body)}`)],
			];
		return undefined;
	};
}

describe("PN532 driver on a scripted line", () => {
	it("starts: wake, abort, SAM, version, retries, parameters, then polls", () => {
		const { time, chip, driver, ready } = start();
		assert.isTrue(ready());
		assert.deepEqual(chip.heard, [
			ACK,
			"0000ff05fbd4140114010200",
			"0000ff02fed4022a00",
			"0000ff06fad43205ff0100f500",
			"0000ff03fdd412140600",
		]);
		assert.deepEqual(driver.version, { ic: 0x32, version: 1, revision: 6, support: 7 });
		time.run(1000);
		const lists = chip.heard.filter((hex) => hex === "0000ff04fcd44a0100e100").length;
		assert.isAtLeast(lists, 15);
		assert.equal(driver.counters.polls, lists);
	});

	it("wants exactly one bus", () => {
		const time = new VirtualTime();
		const { io } = new ScriptedChip(time);
		assert.throws(() => new PN532({ clock: time }), TypeError);
		const i2c = { io: class {} as never };
		assert.throws(() => new PN532({ clock: time, serial: { io }, i2c }), TypeError);
	});

	it("exchanges with a phone, and lets it go", () => {
		const { time, chip, driver, target } = start();
		chip.answer = withPhone((body) => (body === "d44001aabb" ? "009000" : "01"));
		assert.isTrue(target());
		assert.equal(driver.target?.kind, "iso-dep");
		let response = "";
		driver.exchange(fromHex("aabb"), 500, (bytes, error) => {
			response = bytes ? toHex(bytes) : `${error?.reason}`;
		});
		assert.equal(response, "", "never before the event loop");
		time.run(50);
		assert.equal(response, "9000");
		driver.release();
		time.run(200);
		assert.include(chip.heard, "0000ff03fdd45200da00");
		assert.isUndefined(driver.target, "not offered again while it stays");
	});

	it("each status of an exchange is its error, never a success", () => {
		for (let status = 1; status < 0x40; status++) {
			const { time, chip, driver, lost, target } = start();
			// MI and NAD bits as well: the low six bits decide.
			const byte = status | (status % 2 ? 0x80 : 0) | (status % 3 ? 0x40 : 0);
			chip.answer = withPhone(() => `${byte.toString(16).padStart(2, "0")}9000`);
			assert.isTrue(target());
			let error: PN532Error | undefined;
			let response: Uint8Array | undefined;
			driver.exchange(fromHex("00"), 500, (bytes, reason) => {
				response = bytes;
				error = reason;
			});
			time.run(100);
			assert.isUndefined(response);
			assert.equal(error?.code, status);
			assert.equal(lost[0]?.code, status);
		}
	});

	it("a reply of no bytes at all is an error", () => {
		const { time, chip, driver, target } = start();
		chip.answer = withPhone(() => "");
		assert.isTrue(target());
		let reason = "";
		driver.exchange(fromHex("00"), 500, (_, error) => {
			reason = `${error?.reason}`;
		});
		time.run(100);
		assert.equal(reason, "short-reply");
	});

	it("the NAD bit of a status changes nothing: node addresses are off", () => {
		for (const [status, expected] of [
			["80059000", "059000"],
			["80", ""],
		] as const) {
			const { time, chip, driver, target } = start();
			chip.answer = withPhone(() => status);
			assert.isTrue(target());
			let got = "-";
			driver.exchange(fromHex("00"), 500, (bytes, error) => {
				got = bytes ? toHex(bytes) : `${error?.reason}`;
			});
			time.run(100);
			assert.equal(got, expected);
		}
	});

	it("an exchange is never sent twice: a lost ACK waits for the reply", () => {
		const { time, chip, driver, target } = start();
		chip.answer = (body) => {
			if (body.startsWith("d440")) return [[80_000, reply("d541009000")]];
			return withPhone(() => "")(body);
		};
		assert.isTrue(target());
		let got = "";
		driver.exchange(fromHex("00a4"), 500, (bytes) => {
			got = toHex(bytes!);
		});
		time.run(200);
		assert.equal(got, "9000");
		assert.lengthOf(
			chip.heard.filter((hex) => hex.includes("d440")),
			1,
		);
	});

	it("a late answer to a broken exchange is not taken for the next one's", () => {
		const { time, chip, driver, target } = start();
		let exchanges = 0;
		chip.answer = (body) => {
			if (!body.startsWith("d440")) return withPhone(() => "")(body);
			exchanges++;
			return exchanges === 1
				? [
						[500, ACK],
						[113_000, reply("d541001111")],
					]
				: [
						[500, ACK],
						[9000, reply("d541002222")],
					];
		};
		assert.isTrue(target());
		const got: string[] = [];
		const note = (bytes: Uint8Array | undefined, error: PN532Error | undefined) =>
			got.push(bytes ? toHex(bytes) : `${error?.reason}`);
		driver.exchange(fromHex("01"), 100, note);
		time.run(102);
		assert.isTrue(target());
		driver.exchange(fromHex("02"), 100, note);
		time.run(100);
		assert.deepEqual(got, ["no-reply", "2222"]);
	});

	it("refuses what it cannot do, from the event loop", () => {
		const { time, driver, ready } = start();
		const got: string[] = [];
		const note = (_: Uint8Array | undefined, error: PN532Error | undefined) => got.push(`${error?.reason}`);
		assert.isTrue(ready());
		driver.exchange(fromHex("00"), 100, note);
		driver.request(diagnose(0), 100, () => undefined);
		driver.request(diagnose(0), 100, note);
		assert.deepEqual(got, []);
		time.run(10);
		assert.deepEqual(got, ["no-target", "busy"]);
		driver.close();
		driver.exchange(fromHex("00"), 100, note);
		assert.deepEqual(got, ["no-target", "busy", "closed"]);
	});

	it("close answers what is waited for and leaves nothing behind", () => {
		const { time, chip, driver, target } = start();
		chip.answer = withPhone(() => "009000");
		assert.isTrue(target());
		const got: string[] = [];
		driver.exchange(fromHex("00"), 100, (_, error) => got.push(`${error?.reason}`));
		driver.close();
		assert.deepEqual(got, ["closed"]);
		assert.isTrue(
			time.runUntil(() => time.next === undefined, 1000),
			"no timer is left",
		);
	});

	it("a target that nobody talks to is let go", () => {
		const { time, chip, driver, lost, target } = start({ holdMs: 500 });
		chip.answer = withPhone(() => "009000");
		assert.isTrue(target());
		time.run(600);
		assert.equal(lost[0]?.reason, "held-too-long");
		assert.isUndefined(driver.target);
	});

	it("a card that takes no APDUs is told of once, and nothing is exchanged with it", () => {
		const { time, chip, driver, targets } = start();
		chip.answer = (body) =>
			body.startsWith("d44a")
				? [
						[500, ACK],
						[9000, reply("d54b0101000408049d44a346")],
					]
				: undefined;
		time.run(2000);
		assert.lengthOf(targets, 1);
		assert.equal(targets[0]?.kind, "other");
		assert.isUndefined(driver.target);
		assert.isEmpty(chip.heard.filter((hex) => hex.includes("d440")));
	});

	it("replies to a list that lie about their lengths are counted and dropped", () => {
		const { time, chip, driver, targets } = start();
		chip.answer = (body) =>
			body.startsWith("d44a")
				? [
						[500, ACK],
						[9000, reply("d54b01010004200aff")],
					]
				: undefined;
		time.run(1000);
		assert.lengthOf(targets, 0);
		assert.isAbove(driver.counters.malformed, 5);
	});

	it("requests run between polls", () => {
		const { time, chip, driver, ready } = start();
		const echo = Uint8Array.from({ length: 40 }, (_, i) => i);
		chip.answer = (body) =>
			body.startsWith("d400")
				? [
						[500, ACK],
						[3000, reply(`d501${body.slice(4)}`)],
					]
				: undefined;
		assert.isTrue(ready());
		let got = "";
		driver.request(diagnose(0, echo), 200, (bytes) => {
			got = toHex(bytes!);
		});
		time.run(100);
		assert.equal(got, `00${toHex(echo)}`);
		assert.isTrue(driver.ready);
	});
});
