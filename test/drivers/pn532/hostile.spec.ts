// SPDX-License-Identifier: Apache-2.0

import { assert } from "chai";
import fc from "fast-check";
import { PN532, type PN532Options } from "../../../drivers/pn532/pn532.js";
import { selfTest } from "../../../drivers/pn532/selftest.js";
import { fromHex, toHex } from "../../../protocol/bytes.js";
import { VirtualTime } from "../../../sim/time.js";
import { ACK, NACK, PHONE, reply, type Saying, ScriptedChip, usual } from "./scripted.js";

type Answer = (body: string) => readonly Saying[] | undefined;

function start(answer: Answer, options: Partial<PN532Options> = {}) {
	const time = new VirtualTime();
	const chip = new ScriptedChip(time);
	chip.answer = answer;
	const said: string[] = [];
	const driver = new PN532({
		clock: time,
		serial: { io: chip.io },
		onReady: () => said.push("ready"),
		onError: (error) => said.push(error.reason),
		...options,
	});
	const sent = (command: string) => chip.heard.filter((hex) => hex.includes(`d4${command}`)).length;
	/** Waits for the phone, exchanges `apdu` with it: the response in hex, or the reason why not. */
	const exchange = (apdu: Uint8Array, timeoutMs = 500) => {
		assert.isTrue(
			time.runUntil(() => driver.target !== undefined, 5000),
			"a phone is offered",
		);
		const got: string[] = [];
		driver.exchange(apdu, timeoutMs, (bytes, error) => got.push(bytes ? toHex(bytes) : `${error?.reason}`));
		time.runUntil(() => got.length > 0, 5000);
		assert.lengthOf(got, 1);
		return got[0]!;
	};
	return { time, chip, driver, said, sent, exchange };
}

/** A phone in the field; its exchanges are answered by `exchanged`. */
const phone =
	(exchanged: Answer): Answer =>
	(body) => {
		if (body.startsWith("d44a"))
			return [
				[500, ACK],
				[9000, reply(PHONE)],
			];
		return body.startsWith("d440") || body === NACK ? exchanged(body) : undefined;
	};

const said = (hex: string): readonly Saying[] => [
	[500, ACK],
	[9000, reply(`d541${hex}`)],
];

describe("PN532 driver against a line that misbehaves", () => {
	it("asks for a spoiled reply again, by NACK, twice at most", () => {
		for (const [spoiled, expected] of [
			[1, "9000"],
			[2, "9000"],
			[3, "spoiled-reply"],
		] as const) {
			const good = reply("d541009000");
			const bad = good.replace("9000", "9100");
			let replies = 0;
			const { exchange, sent, driver } = start(
				phone((body) => {
					const text = replies++ < spoiled ? bad : good;
					return body === NACK
						? [[1000, text]]
						: [
								[500, ACK],
								[9000, text],
							];
				}),
			);
			assert.equal(exchange(fromHex("00")), expected);
			assert.equal(sent("40"), 1, "the APDU went out once");
			assert.equal(driver.line.nacked, Math.min(spoiled, 2));
		}
	});

	it("asks for a cut reply again when its bytes stop coming", () => {
		const good = reply("d541000102030405069000");
		for (let cut = 7; cut < good.length / 2 - 1; cut++) {
			const { exchange, time } = start(
				phone((body) =>
					body === NACK
						? [[1000, good]]
						: [
								[500, ACK],
								[9000, good.slice(0, 2 * cut)],
							],
				),
			);
			const before = time.now();
			assert.equal(exchange(fromHex("00")), "0102030405069000", `${cut} bytes`);
			assert.isBelow(time.now() - before, 150);
		}
	});

	it("noise that looks like the start of a frame does not swallow the reply", () => {
		// Announces 200 bytes.
		const start200 = "0000ffc838d541";
		const { exchange } = start(
			phone(() => [
				[400, "0000ffc838aa"],
				[500, ACK],
				[9000, reply("d541009000")],
			]),
		);
		assert.equal(exchange(fromHex("00")), "9000");
		const worse = start(
			phone((body) =>
				body === NACK
					? [[1000, reply("d541009000")]]
					: [
							[500, ACK],
							[8000, start200],
							[9000, "00"],
						],
			),
		);
		assert.equal(worse.exchange(fromHex("00")), "9000");
	});

	it("an old reply of the same command, left over from before, is not taken at the start", () => {
		// The chip gives its old version reply, then the ACK, then the true one.
		const { time, driver } = start((body) =>
			body === "d402"
				? [
						[100, reply("d50399999999")],
						[500, ACK],
						[2500, reply("d50332010607")],
					]
				: body === "d414011401"
					? [
							[100, reply("d515")],
							[500, ACK],
							[2500, reply("d515")],
						]
					: undefined,
		);
		time.runUntil(() => driver.ready, 1000);
		// After SAM was confirmed no old reply is about, so this one counts: the line decides, not the content.
		assert.equal(driver.version.ic, 0x99);
		const fresh = start((body) =>
			body === "d414011401"
				? [
						[100, reply("d515")],
						[500, ACK],
					]
				: undefined,
		);
		assert.isTrue(
			fresh.time.runUntil(() => fresh.driver.ready, 1000),
			"a clone that always speaks first",
		);
	});

	it("a chip that always replies before its ACK works", () => {
		const early: Answer = (body) => {
			const [ack, answer] = phone(() => said("009000"))(body) ?? usual(body);
			return body === ACK || body === NACK
				? []
				: [
						[1000, answer![1]],
						[2000, ack![1]],
					];
		};
		const { exchange, said: events } = start(early);
		assert.equal(exchange(fromHex("00")), "9000");
		assert.deepEqual(events, ["ready"]);
	});

	it("sends frames in pieces to a port with a small FIFO", () => {
		const apdu = Uint8Array.from({ length: 261 }, (_, i) => i);
		for (const fifo of [17, 64, 128]) {
			const { exchange, chip, time } = start(
				phone((body) => said(body === `d44001${toHex(apdu)}` ? "009000" : "006f00")),
			);
			time.run(0);
			chip.fifo = fifo;
			assert.equal(exchange(apdu), "9000", `FIFO of ${fifo}`);
		}
	});

	it("sends a long command in pieces with MI, the last without", () => {
		const apdu = Uint8Array.from({ length: 700 }, (_, i) => i * 3);
		const pieces: string[] = [];
		const { exchange } = start(
			phone((body) => {
				pieces.push(body.slice(4));
				return said(pieces.length < 3 ? "00" : "009000");
			}),
		);
		assert.equal(exchange(apdu), "9000");
		assert.deepEqual(
			pieces.map((piece) => piece.slice(0, 2)),
			["41", "41", "01"],
		);
		assert.equal(pieces.map((piece) => piece.slice(2)).join(""), toHex(apdu));
	});

	it("a piece that the target refuses ends the exchange with its error", () => {
		const { exchange, sent } = start(phone(() => said("13")));
		assert.equal(exchange(new Uint8Array(700)), "data-format-error");
		assert.equal(sent("4041"), 1);
	});

	it("puts a long answer together, whole, to its last byte", () => {
		const answer = toHex(Uint8Array.from({ length: 700 }, (_, i) => i * 5));
		const requests: string[] = [];
		const { exchange } = start(
			phone((body) => {
				const at = requests.length * 524;
				requests.push(body);
				const more = at + 524 < answer.length;
				return said((more ? "40" : "00") + answer.slice(at, at + 524));
			}),
		);
		assert.equal(exchange(fromHex("00")), answer);
		assert.deepEqual(requests, ["d4400100", "d44001", "d44001"]);
	});

	it("an answer beyond the limit is an error, and so is a chain without end", () => {
		const long = start(
			phone(() => said(`40${"ab".repeat(250)}`)),
			{ maxResponse: 1000 },
		);
		assert.equal(long.exchange(fromHex("00"), 10_000), "response-too-long");
		assert.equal(long.sent("40"), 5);
		const endless = start(phone(() => said("40")));
		assert.equal(endless.exchange(fromHex("00"), 10_000), "endless-chain");
		assert.isAtMost(endless.sent("40"), 65);
		const late = start(phone(() => said("4001")));
		assert.equal(late.exchange(fromHex("00"), 100), "no-reply");
	});

	it("an answer of exactly the limit is whole", () => {
		const parts = ["40", "40", "00"];
		const { exchange } = start(
			phone(() => said(`${parts.shift()}${"ab".repeat(200)}`)),
			{ maxResponse: 600 },
		);
		assert.equal(exchange(fromHex("00"), 1000), "ab".repeat(600));
	});

	it("extended replies of up to 262 bytes of data come in one piece", () => {
		for (const length of [252, 253, 254, 255, 256, 261, 262]) {
			const data = "5a".repeat(length);
			const { exchange } = start(phone(() => said(`00${data}`)));
			assert.equal(exchange(fromHex("00")), data, `${length}`);
		}
	});

	it("changes to the faster rate, and where that fails does without", () => {
		const fast = { serial: undefined } as Partial<PN532Options>;
		for (const works of [true, false]) {
			const time = new VirtualTime();
			const chip = new ScriptedChip(time);
			// At the faster rate a line that cannot do it gives rubbish.
			chip.answer = (body) =>
				!works && chip.bauds.at(-1) === 921_600 && body !== ACK ? [[500, "f0f0f0f0"]] : undefined;
			const events: string[] = [];
			const driver = new PN532({
				...fast,
				clock: time,
				serial: { io: chip.io, fastBaud: 921_600 },
				onReady: () => events.push("ready"),
				onError: (error) => events.push(error.reason),
			});
			assert.isTrue(time.runUntil(() => driver.ready, 3000));
			const at = chip.heard.indexOf("0000ff03fdd410071500");
			assert.isAbove(at, 0);
			assert.equal(chip.heard[at + 1], ACK, "confirmed by the host");
			assert.deepEqual(chip.bauds, works ? [115_200, 921_600] : [115_200, 921_600, 115_200]);
			assert.deepEqual(events, ["ready"]);
			time.run(2000);
			assert.isTrue(driver.ready);
		}
	});

	it("finds a chip that kept the faster rate while its host restarted", () => {
		const time = new VirtualTime();
		const chip = new ScriptedChip(time);
		chip.answer = () => (chip.bauds.at(-1) === 921_600 ? undefined : []);
		const driver = new PN532({ clock: time, serial: { io: chip.io, fastBaud: 921_600 } });
		assert.isTrue(time.runUntil(() => driver.ready, 5000));
	});

	it("an absent chip: one error, attempts at a bounded pace, for ever", () => {
		const { time, chip, said: events, driver } = start(() => []);
		time.run(60_000);
		assert.deepEqual(events, ["no-ack"]);
		const first = chip.heard.length;
		time.run(60_000);
		const perMinute = chip.heard.length - first;
		assert.isAtLeast(perMinute, 60, "goes on");
		assert.isAtMost(perMinute, 60 * 5, "without a storm");
		chip.answer = () => undefined;
		const before = time.now();
		assert.isTrue(time.runUntil(() => driver.ready, 5000));
		assert.isBelow(time.now() - before, 5000);
		assert.deepEqual(events, ["no-ack", "ready"]);
	});

	it("a port that cannot be opened again, or throws at every use, is a fault and not a crash", () => {
		const time = new VirtualTime();
		const chip = new ScriptedChip(time);
		let broken = false;
		const io = class extends chip.io {
			constructor(options: ConstructorParameters<typeof chip.io>[0]) {
				if (broken) throw new Error("unplugged");
				super(options);
			}
			override write(data: Uint8Array): void {
				if (broken) throw new Error("unplugged");
				super.write(data);
			}
		};
		const events: string[] = [];
		const driver = new PN532({
			clock: time,
			serial: { io },
			onReady: () => events.push("ready"),
			onError: (error) => events.push(error.reason),
		});
		time.run(500);
		broken = true;
		time.run(5000);
		broken = false;
		const before = time.now();
		assert.isTrue(time.runUntil(() => driver.ready, 5000));
		assert.isBelow(time.now() - before, 5000);
		assert.equal(events[0], "ready");
		assert.equal(events[2], "ready");
		assert.lengthOf(events, 3);
	});

	it("checks the chip's health every so many polls, and sets it up anew when that fails", () => {
		let well = true;
		const {
			time,
			driver,
			sent,
			said: events,
		} = start(
			(body) => {
				if (well || body !== "d402") return undefined;
				// The chip answers polls and nothing else sensible; once set up anew it is itself again.
				well = true;
				return [
					[500, ACK],
					[2500, reply("d50300000000")],
				];
			},
			{ healthPolls: 10 },
		);
		time.run(2000);
		const checks = sent("02");
		assert.isAtLeast(checks, 1 + 2);
		assert.equal(driver.counters.restarts, 0);
		well = false;
		time.run(1000);
		assert.equal(driver.counters.restarts, 1);
		assert.isAbove(sent("02"), checks + 1);
		assert.deepEqual(events, ["ready"], "nobody was troubled");
	});

	it("resets a chip that answers everything but polls", () => {
		const levels: number[] = [];
		let cured = false;
		const io = class {
			read = () => 1;
			write = (level: number) => {
				levels.push(level);
				if (level === 1 && levels.length > 1) cured = true;
			};
			close = () => {};
		};
		const {
			time,
			driver,
			said: events,
		} = start((body) => (body.startsWith("d44a") && !cured ? [[500, ACK]] : undefined), { reset: { io } });
		time.run(500);
		assert.deepEqual(levels, [1]);
		const before = time.now();
		assert.isTrue(time.runUntil(() => cured, 5000));
		assert.isBelow(time.now() - before, 5000);
		assert.deepEqual(levels, [1, 0, 1]);
		const polls = driver.counters.polls;
		time.run(1000);
		assert.isAbove(driver.counters.polls, polls + 10);
		assert.deepEqual(events, ["ready"]);
	});

	it("random bytes at any time: no exception, no growth, and back within 5 s of their end", () => {
		const bursts = fc.array(
			fc.tuple(
				fc.nat(300),
				fc.oneof(
					fc.uint8Array({ maxLength: 80 }),
					fc
						.array(fc.constantFrom(0, 0xff, 0xd5, 1, 0xfe, 0x4b), { maxLength: 40 })
						.map((a) => Uint8Array.from(a)),
				),
			),
			{ maxLength: 40 },
		);
		fc.assert(
			fc.property(bursts, fc.boolean(), (parts, deaf) => {
				const { time, chip, driver, exchange } = start(phone(() => said("009000")));
				if (deaf) chip.answer = () => [];
				for (const [pause, bytes] of parts) {
					time.run(pause);
					if (bytes.length > 0) chip.say(time, toHex(bytes));
				}
				time.run(1);
				chip.answer = phone(() => said("009000"));
				driver.release(true);
				const before = time.now();
				let got = "";
				while (got !== "9000" && time.now() - before < 5000) got = exchange(fromHex("00"));
				assert.equal(got, "9000");
				assert.isBelow(time.now() - before, 5000);
				driver.close();
			}),
			{ numRuns: 60 },
		);
	});

	it("self-test: the echo must come back as it was", () => {
		for (const [change, expected] of [
			["", "well"],
			["x", "wrong-echo"],
			["-", "wrong-echo"],
		] as const) {
			const { time, driver } = start((body) => {
				if (!body.startsWith("d400")) return undefined;
				let echo = body.slice(4);
				if (change === "x") echo = `${echo.slice(0, 100)}${echo[100] === "0" ? "1" : "0"}${echo.slice(101)}`;
				if (change === "-") echo = echo.slice(0, -2);
				return [
					[500, ACK],
					[40_000, reply(`d501${echo}`)],
				];
			});
			let result = "";
			selfTest(driver, (error) => {
				result = error?.reason ?? "well";
			});
			time.runUntil(() => result !== "", 2000);
			assert.equal(result, expected);
		}
	});
});
