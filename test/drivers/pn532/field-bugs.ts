// SPDX-License-Identifier: Apache-2.0

import { assert } from "chai";
import { fromHex, toHex } from "../../../protocol/bytes.js";
import { IPhone, MifareClassic } from "../../../sim/nfc/cards.js";
import { type Bus, PN532SerialBoard } from "../../../sim/pn532/board.js";
import { Pn532World, type Pn532WorldOptions } from "./world.js";

/**
 * What the field did to other drivers, each as something that breaks the chip model and then sees the driver serve a
 * phone. `run` gives the simulated time from the fault to the phone's answer, ms.
 */
export interface FieldBug {
	readonly name: string;
	/** Who reported it. */
	readonly source: string;
	/** Where it can happen; everywhere where absent. */
	readonly buses?: readonly Bus[];
	readonly run: (bus: Bus) => number;
}

/** PowerDown, woken by HSU, SPI or I2C (UM0701-02, 7.2.11). */
const POWER_DOWN = Uint8Array.of(0x16, 0x10 | 0x20 | 0x80);
const ECP = fromHex("6a02cb0206021100");

/** Breaks a chip at work, with the phone coming at the same moment. */
const atWork =
	(
		strike: (world: Pn532World) => void,
		options: Pn532WorldOptions = {},
		check?: (world: Pn532World) => void,
	) =>
	(bus: Bus): number => {
		const world = new Pn532World({ ...options, bus });
		world.time.run(500);
		assert.isTrue(world.driver.ready, "works at first");
		strike(world);
		const planned = { ...world.faults };
		const took = world.tap();
		for (const name of [
			"loseAck",
			"loseReply",
			"badChecksum",
			"truncateReply",
			"spiGarbage",
			"errorFrame",
		] as const)
			if (planned[name] > 0) assert.isBelow(world.faults[name], planned[name], `${name} struck`);
		check?.(world);
		return took;
	};

/** The next command is a poll: over an empty field one is under way already, else. */
const HASTY: Pn532WorldOptions = { driver: { patientRetries: 0 } };

/** Breaks a chip before the driver starts: time from the start to the phone's answer. */
const atStart =
	(
		strike: (world: Pn532World) => void,
		options: Pn532WorldOptions = {},
		check?: (world: Pn532World) => void,
	) =>
	(bus: Bus): number => {
		const world = new Pn532World({ ...options, bus, before: strike, cold: true });
		const took = world.tap();
		check?.(world);
		return took;
	};

const longest = (lengths: readonly number[], run: (length: number) => number): number =>
	Math.max(...lengths.map(run));

const PHONE_APDUS = [fromHex("00a4040008f04c494e54454c0100"), fromHex("80e8020000"), fromHex("80e8040000")];

export const FIELD_BUGS: readonly FieldBug[] = [
	{ name: "nothing wrong: a tap at any moment of a poll", source: "for comparison", run: atWork(() => {}) },
	{ name: "nothing wrong: start, then the tap", source: "for comparison", run: atStart(() => {}) },
	{
		name: "a phone's UID is new at each tap",
		source: "Adafruit_PN532 91, 104",
		run: (bus) => {
			const world = new Pn532World({ bus });
			world.tap();
			world.leave();
			const took = world.tap();
			const uids = world.targets.map((target) => toHex(target.uid));
			assert.lengthOf(uids, 2);
			assert.notEqual(uids[0], uids[1]);
			for (const uid of uids) assert.match(uid, /^08/);
			return took;
		},
	},
	{
		name: "the host restarts and the chip is in the middle of a command, no reset pin",
		source: "esphome/issues 3281",
		run: (bus) => {
			const world = new Pn532World({ bus, reset: false });
			world.field.present(world.phone);
			// In the middle of the exchange: the phone thinks.
			world.time.runUntil(() => world.commands.length > 0, 1000);
			world.restartHost();
			const from = world.time.micros;
			assert.isTrue(world.time.runUntil(() => world.answers.length > 0, 10_000));
			return (world.answers[0]!.at - from) / 1000;
		},
	},
	{
		name: "a command right after an abort is lost",
		source: "libnfc 167",
		run: atStart(
			(world) => {
				world.faults.deafAfterAbort = 4000;
			},
			{ reset: false },
			(world) => assert.equal(world.driver.line.resent, 0, "the driver waited long enough"),
		),
	},
	{
		name: "an ACK is lost in a poll",
		source: "libnfc PR 429",
		run: atWork((world) => {
			world.faults.loseAck = 1;
		}, HASTY),
	},
	{
		name: "an ACK is lost in an exchange: the APDU is not sent twice",
		source: "libnfc PR 429",
		run: (bus) => {
			const world = new Pn532World({ bus });
			world.time.run(500);
			const found = world.targets.length;
			world.field.present(world.phone);
			const from = world.time.micros;
			world.time.runUntil(() => world.targets.length > found, 1000);
			world.faults.loseAck = 1;
			world.time.runUntil(() => world.answers.length > 0, 10_000);
			assert.lengthOf(world.commands, 1);
			return (world.answers[0]!.at - from) / 1000;
		},
	},
	{
		name: "every second ACK is lost, for ever",
		source: "libnfc PR 429",
		run: atWork((world) => {
			let count = 0;
			world.faults.take = (name) => name === "loseAck" && ++count % 2 === 0;
		}),
	},
	{
		name: "works, then silent until its reset pin",
		source: "HomeKey-ESP32 125, Tasmota 14236, ESPEasy 2632",
		run: atWork(
			(world) => {
				world.faults.silentAfter = 0;
			},
			{},
			(world) => {
				assert.lengthOf(world.errors, 1);
				assert.equal(world.readies, 2);
			},
		),
	},
	{
		name: "silent in the middle of an exchange until its reset pin",
		source: "HomeKey-ESP32 125",
		run: (bus) => {
			const world = new Pn532World({ bus });
			world.time.run(500);
			world.field.present(world.phone);
			world.time.runUntil(() => world.targets.length > 0, 1000);
			world.timeoutMs = 500;
			world.board.chip.wedge();
			const from = world.time.micros;
			world.time.runUntil(() => world.answers.length > 0, 10_000);
			return (world.answers[0]!.at - from) / 1000;
		},
	},
	{
		name: "works, then silent until its power is switched",
		source: "rpieasy 71",
		run: atWork(
			(world) => {
				world.faults.cure = "power";
				world.faults.silentAfter = 0;
			},
			{ power: true },
		),
	},
	{
		name: "forgets its set-up (a dip in the supply), no reset pin",
		source: "HomeKey-ESP32 125",
		run: atWork((world) => world.board.chip.brownOut(), { reset: false }),
	},
	{
		name: "held in reset for 3 s (a loose wire), then let go",
		source: "ESPEasy 2632",
		run: (bus) => {
			const world = new Pn532World({ bus, reset: false });
			world.time.run(200);
			world.board.chip.setReset(false);
			world.time.run(3000);
			world.board.chip.setReset(true);
			return world.tap();
		},
	},
	{
		name: "absent for a minute, then plugged in",
		source: "ESPHome: failed until a restart",
		run: (bus) => {
			const world = new Pn532World({ bus, cold: true, before: ({ board }) => board.chip.setPower(false) });
			world.time.run(60_000);
			assert.lengthOf(world.errors, 1);
			world.board.chip.setPower(true);
			return world.tap();
		},
	},
	{
		name: "in PowerDown, and HSU does not wake it",
		source: "nfcpy 186",
		buses: ["hsu"],
		run: (bus) => {
			const world = new Pn532World({ bus });
			world.faults.deafInPowerDown = true;
			let asleep = false;
			world.driver.request(POWER_DOWN, 100, (reply) => {
				asleep = reply?.[0] === 0;
			});
			world.time.runUntil(() => asleep, 1000);
			assert.isTrue(asleep);
			return world.tap();
		},
	},
	{
		name: "in PowerDown, and the bus wakes it, no reset pin",
		source: "UM0701-02 7.2.11",
		run: (bus) => {
			const world = new Pn532World({ bus, reset: false });
			let asleep = false;
			world.driver.request(POWER_DOWN, 100, (reply) => {
				asleep = reply?.[0] === 0;
			});
			world.time.runUntil(() => asleep, 1000);
			assert.isTrue(asleep);
			return world.tap();
		},
	},
	{
		name: "status 27 in an exchange: the chip knows no such target",
		source: "pn532pi 20",
		run: atWork(
			(world) => {
				world.faults.status = 1;
				world.faults.statusCode = 0x27;
			},
			{},
			(world) => assert.equal(world.lost[0]?.reason, "wrong-context"),
		),
	},
	{
		name: "status 0B in the middle of a handshake",
		source: "apple-home-key-reader 29",
		run: (bus) => {
			const world = new Pn532World({ bus });
			world.script = [...PHONE_APDUS];
			world.faults.status = 1;
			world.faults.statusSkip = 1;
			world.faults.statusCode = 0x0b;
			const took = world.tap();
			assert.equal(world.lost[0]?.reason, "rf-protocol-error");
			assert.lengthOf(world.targets, 2);
			return took;
		},
	},
	{
		name: "answers of 64, 200, 254, 255, 256, 262, 300, 600 and 1000 bytes come whole",
		source: "Adafruit_PN532 38, 124, PR 132; HomeKey-ESP32 exchangeApdu",
		run: (bus) =>
			longest([64, 200, 254, 255, 256, 262, 300, 600, 1000], (length) => {
				const data = Uint8Array.from({ length }, (_, i) => i * 7);
				const world = new Pn532World({ bus, answer: () => toHex(data) });
				const took = world.tap();
				assert.equal(world.answers[0]?.response, toHex(data), `${length} bytes`);
				return took;
			}),
	},
	{
		name: "commands of 200, 252 to 256, 261 to 263, 524, 525 and 900 bytes arrive whole",
		source: "pn532_cxx: uint8_t cmd_len wraps at 253 to 255",
		run: (bus) =>
			longest([200, 252, 253, 254, 255, 256, 261, 262, 263, 524, 525, 900], (length) => {
				const apdu = Uint8Array.from({ length }, (_, i) => i * 11);
				const world = new Pn532World({ bus });
				world.script = [apdu];
				const took = world.tap();
				assert.deepEqual(world.commands, [toHex(apdu)], `${length} bytes`);
				return took;
			}),
	},
	{
		name: "a clone answers GetFirmwareVersion with SAM's reply",
		source: "go-pn532 device_context.go",
		run: atStart(
			(world) => {
				world.faults.samForVersion = Number.POSITIVE_INFINITY;
			},
			{},
			(world) => assert.equal(world.driver.version.ic, 0),
		),
	},
	{
		name: "a clone says D5 twice in every reply",
		source: "go-pn532 device_context.go",
		run: atStart((world) => {
			world.faults.doubleTfi = Number.POSITIVE_INFINITY;
		}),
	},
	{
		name: "empty replies to three commands",
		source: "go-pn532 transport/uart",
		run: atWork((world) => {
			world.faults.emptyReply = 3;
		}),
	},
	{
		name: "a clone always replies before its ACK",
		source: "go-pn532 transport/uart",
		run: atStart((world) => {
			world.faults.replyBeforeAck = Number.POSITIVE_INFINITY;
		}),
	},
	{
		name: "a clone says nothing when there is no card",
		source: "go-pn532",
		run: (bus) => {
			const world = new Pn532World({
				bus,
				before: ({ faults }) => {
					faults.silentWithoutTag = true;
				},
			});
			world.time.run(20_000);
			assert.lengthOf(world.errors, 0, "that is no fault");
			assert.isTrue(world.driver.ready);
			return world.tap();
		},
	},
	{
		name: "a reply with a wrong checksum, in each of three polls",
		source: "UM0701-02 6.2.1",
		run: atWork((world) => {
			world.faults.badChecksum = 3;
		}),
	},
	{
		name: "a reply with a wrong length checksum",
		source: "UM0701-02 6.2.1",
		run: atWork((world) => {
			world.faults.badLengthChecksum = 1;
		}),
	},
	{
		name: "a reply cut off",
		source: "ESP32 UART overrun",
		run: atWork((world) => {
			world.faults.truncateReply = 1;
		}),
	},
	{
		name: "an exchange's reply cut off, three times over",
		source: "ESP32 UART overrun",
		run: (bus) => {
			const world = new Pn532World({ bus });
			world.time.run(500);
			const from = world.time.micros;
			world.field.present(world.phone);
			world.time.runUntil(() => world.targets.length > 0, 1000);
			world.faults.truncateReply = 3;
			world.time.runUntil(() => world.answers.length > 0, 10_000);
			assert.isAtLeast(world.driver.line.nacked, 1);
			return (world.answers[0]!.at - from) / 1000;
		},
	},
	{
		name: "a reply is lost",
		source: "libnfc PR 429",
		run: atWork((world) => {
			world.faults.loseReply = 1;
		}),
	},
	{
		name: "every reply comes twice",
		source: "go-pn532",
		run: atWork((world) => {
			world.faults.repeatReply = Number.POSITIVE_INFINITY;
		}),
	},
	{
		name: "a reply to another command",
		source: "libnfc pn532_uart: code check",
		run: atWork((world) => {
			world.faults.wrongCode = 2;
		}),
	},
	{
		name: "an error frame in a poll",
		source: "nfcpy, elechouse: length underflow",
		run: atWork((world) => {
			world.faults.errorFrame = 1;
		}),
	},
	{
		name: "a command that the chip does not notice",
		source: "libnfc 167",
		run: atWork((world) => {
			world.faults.loseCommand = 1;
		}, HASTY),
	},
	{
		name: "junk before every frame",
		source: "node-pn532: never finds back",
		buses: ["hsu", "spi"],
		run: atWork((world) => {
			world.faults.junk = fromHex("00ff00aa0000ff33ff00");
		}),
	},
	{
		name: "junk that looks like the start of a long frame, before every frame",
		source: "node-pn532: never finds back",
		buses: ["hsu", "spi"],
		run: atWork((world) => {
			world.faults.junk = fromHex("0000fff010d541");
		}),
	},
	{
		name: "frames in pieces of two bytes, 3 ms apart",
		source: "USB adapters",
		buses: ["hsu"],
		run: atWork((world) => {
			world.faults.split = 2;
		}),
	},
	{
		name: "NAD bit in every status",
		source: "libnfc pn53x.c: abort()",
		run: atWork((world) => {
			world.faults.nad = true;
		}),
	},
	{
		name: "a chain that never ends, then a phone that does",
		source: "libnfc pn53x.c: unbounded loop",
		run: (bus) => {
			const world = new Pn532World({ bus });
			world.faults.endlessMore = true;
			const from = world.time.micros;
			world.field.present(world.phone);
			world.time.runUntil(() => world.lost.length > 0, 10_000);
			assert.include(["endless-chain", "response-too-long", "target-timeout"], world.lost[0]?.reason);
			world.faults.endlessMore = false;
			world.time.runUntil(() => world.answers.length > 0, 10_000);
			return (world.answers[0]!.at - from) / 1000;
		},
	},
	{
		name: "a weak antenna: every sixth frame on the air has a wrong bit",
		source: "kormax: sweet spot of 1 to 3 cm",
		run: atWork((world) => {
			world.field.noise = 65536 / 6;
		}),
	},
	{
		name: "the faster rate: the chip says yes and stays where it is",
		source: "libnfc 708",
		buses: ["hsu"],
		run: atStart(
			(world) => {
				world.faults.ignoreBaudRate = true;
			},
			{ driver: { fastBaud: 460_800 } },
		),
	},
	{
		name: "the host restarts and the chip is at its faster rate, no reset pin",
		source: "nfcpy: baud rate set back on close",
		buses: ["hsu"],
		run: (bus) => {
			const world = new Pn532World({ bus, reset: false, driver: { fastBaud: 921_600 } });
			assert.instanceOf(world.board, PN532SerialBoard);
			assert.equal(world.board.uart.baud, 921_600);
			world.restartHost();
			return world.tap();
		},
	},
	{
		name: "the chip loses its faster rate (a dip in the supply)",
		source: "HomeKey-ESP32 125",
		buses: ["hsu"],
		run: atWork((world) => world.board.chip.brownOut(), { driver: { fastBaud: 921_600 } }),
	},
	{
		name: "an iPhone that answers only after ECP",
		source: "kormax; proxmark3 PR 1695",
		run: (bus) => {
			const world = new Pn532World({ bus, driver: { ecp: ECP } });
			const applet = { process: () => ({ response: fromHex("9000"), micros: 12_000 }), deselected: () => {} };
			return world.tap(new IPhone(applet, world.random, world.time));
		},
	},
	{
		name: "an iPhone that must be asked again after an exchange broke",
		source: "HAP-ESPHome PR 30",
		run: (bus) => {
			const world = new Pn532World({ bus, driver: { ecp: ECP } });
			world.faults.status = 1;
			const applet = { process: () => ({ response: fromHex("9000"), micros: 12_000 }), deselected: () => {} };
			const took = world.tap(new IPhone(applet, world.random, world.time));
			assert.lengthOf(world.lost, 1);
			return took;
		},
	},
	{
		name: "iPhones ignore the ECP frame; other phones are served as ever",
		source: "HomeKey-ESP32 285",
		run: (bus) => {
			const world = new Pn532World({ bus, driver: { ecp: ECP } });
			const applet = { process: () => ({ response: fromHex("9000"), micros: 12_000 }), deselected: () => {} };
			const deaf = new IPhone(applet, world.random, world.time);
			deaf.ignoring = true;
			assert.equal(world.tap(deaf, 3000), Number.POSITIVE_INFINITY);
			world.leave(deaf);
			return world.tap();
		},
	},
	{
		name: "a MIFARE card lies on the reader, is taken away, and a phone comes",
		source: "every reader",
		run: (bus) => {
			const world = new Pn532World({ bus });
			const card = new MifareClassic(fromHex("9d44a346"));
			world.field.present(card);
			world.time.run(2000);
			assert.deepEqual(
				world.targets.map((target) => target.kind),
				["other"],
			);
			world.field.remove(card);
			return world.tap();
		},
	},
	{
		name: "a phone comes with a MIFARE card in its case",
		source: "every reader",
		run: (bus) => {
			const world = new Pn532World({ bus });
			const card = new MifareClassic(fromHex("049d44a3460101"));
			world.field.present(card);
			const took = world.tap();
			world.time.run(5000);
			assert.lengthOf(world.answers, 1, "and is served once");
			return took;
		},
	},
	{
		name: "a phone that stays on the reader is served once",
		source: "every reader",
		run: (bus) => {
			const world = new Pn532World({ bus });
			world.tap();
			world.time.run(10_000);
			assert.lengthOf(world.answers, 1);
			world.leave();
			return world.tap();
		},
	},
	{
		name: "a phone leaves in the middle of an exchange and comes back",
		source: "every reader",
		run: (bus) => {
			const world = new Pn532World({ bus });
			world.field.present(world.phone);
			world.time.runUntil(() => world.commands.length > 0, 1000);
			world.field.remove(world.phone);
			const from = world.time.micros;
			world.time.run(50);
			world.field.present(world.phone);
			world.time.runUntil(() => world.answers.length > 0, 10_000);
			return (world.answers[0]!.at - from) / 1000;
		},
	},
	{
		name: "a phone that thinks for 1.2 s (WTX)",
		source: "apple-home-key-reader",
		run: atWork(() => {}, { micros: 1_200_000 }),
	},
	{
		name: "the chip still holds its reply from before the host's restart, no reset pin",
		source: "esphome/issues 3281",
		buses: ["spi", "i2c"],
		run: atStart(
			(world) => {
				world.faults.keepStaleReply = true;
				world.board.chip.wake();
				world.board.chip.leaveReply(0x15, new Uint8Array(0));
			},
			{ reset: false },
		),
	},
	{
		name: "the interrupt line is broken",
		source: "wiring",
		buses: ["spi", "i2c"],
		run: atStart((world) => {
			world.faults.irqStuck = true;
		}),
	},
	{
		name: "the interrupt line breaks at work",
		source: "wiring",
		buses: ["spi", "i2c"],
		run: atWork((world) => {
			world.faults.irqStuck = true;
		}),
	},
	{
		name: "the interrupt line is shorted to ground",
		source: "wiring",
		buses: ["spi", "i2c"],
		run: atStart((world) => {
			if (!(world.board instanceof PN532SerialBoard)) world.board.irqLine.driveFromHost(0);
		}),
	},
	{
		name: "the interrupt line is shorted to ground at work",
		source: "wiring",
		buses: ["spi", "i2c"],
		run: atWork((world) => {
			if (!(world.board instanceof PN532SerialBoard)) world.board.irqLine.driveFromHost(0);
		}),
	},
	{
		name: "garbage in place of an ACK",
		source: "Adafruit_PN532 85",
		buses: ["spi"],
		run: atWork((world) => {
			world.faults.spiGarbage = 6;
		}),
	},
	{
		name: "garbage in place of three replies",
		source: "Adafruit_PN532 85",
		buses: ["spi"],
		run: atWork((world) => {
			world.faults.spiGarbage = 60;
		}),
	},
	{
		name: "wires that carry 1 MHz and no more",
		source: "pn532pi 17",
		buses: ["spi"],
		run: atStart((world) => {
			world.faults.spiHz = 1_000_000;
		}),
	},
	{
		name: "the bit order is turned round once more",
		source: "arduino-pico 1201",
		buses: ["spi"],
		run: atStart((world) => {
			world.faults.spiReversed = true;
		}),
	},
	{
		name: "the clock is stretched for 10 ms at each read",
		source: "esphome/issues 4340",
		buses: ["i2c"],
		run: atStart((world) => {
			world.faults.stretch = 10_000;
		}),
	},
	{
		name: "the chip holds SCL low until its reset pin",
		source: "hydrafw 141, esp8266/Arduino 1541",
		buses: ["i2c"],
		run: atWork((world) => {
			world.faults.sclStuck = true;
		}),
	},
	{
		name: "stale bytes of another frame behind each frame",
		source: "hydrafw 141",
		buses: ["i2c"],
		run: atStart((world) => {
			world.faults.tail = fromHex("0000ff03fdd54b00e0000000ff00ff00");
		}),
	},
];
