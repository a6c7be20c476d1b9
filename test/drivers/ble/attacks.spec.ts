// SPDX-License-Identifier: Apache-2.0

import { assert } from "chai";
import { ATT_ERROR, PDU } from "../../../sim/ble/att.js";
import { ANDROID, BleBench } from "./bench.js";
import { firstFrames, type RawCentral, raw } from "./raw.js";

type Attack = (bench: BleBench, attacker: RawCentral) => void;

/** Those that the driver or the link must answer by dropping the phone. */
const DROPPED: Record<string, Attack> = {
	"write before subscribing": (bench, a) => a.write(firstFrames(bench, 185)[0]!),
	"write and subscribe, in this order": (bench, a) => {
		a.write(firstFrames(bench, 185)[0]!);
		a.subscribe();
	},
	"empty write": (_, a) => {
		a.subscribe();
		a.write(new Uint8Array(0));
	},
	"oversized write: 514 bytes of nothing, which an MTU of 517 would carry": (_, a) => {
		a.client.exchangeMtu(517);
		a.subscribe();
		a.client.write(a.fromPhone, new Uint8Array(514));
	},
	"oversized write: more than the MTU that was agreed": (_, a) => {
		a.subscribe();
		a.client.write(a.fromPhone, new Uint8Array(400).fill(0x55));
	},
	"oversized write: 512 bytes in prepared parts": (_, a) => {
		a.subscribe();
		for (let at = 0; at < 512; at += 16)
			a.client.request([PDU.prepareWrite, a.fromPhone, 0, at & 255, at >> 8, ...new Uint8Array(16)]);
		a.client.request([PDU.executeWrite, 1]);
	},
	"truncated write: a first frame without its length": (bench, a) => {
		a.subscribe();
		a.client.write(a.fromPhone, firstFrames(bench, 185)[0]!.slice(0, 3));
	},
	"truncated write: a frame cut in the middle": (bench, a) => {
		a.subscribe();
		const [frame] = firstFrames(bench, 185);
		a.client.write(a.fromPhone, frame!.slice(0, 12));
	},
	"back-to-back requests: frames without end": (_, a) => {
		a.subscribe();
		for (let i = 0; i < 500; i++) a.write(Uint8Array.of(i & 63, 1, 2, 3));
	},
	"back-to-back requests: ten written before the first is answered": (bench, a) => {
		const [frame] = firstFrames(bench, 185);
		a.subscribe();
		for (let i = 0; i < 10; i++) a.link.toReader(Uint8Array.of(PDU.write, a.fromPhone, 0, ...frame!));
	},
	"back-to-back requests: message_1 twice": (bench, a) => {
		a.subscribe();
		for (const frame of firstFrames(bench, 185)) a.write(frame);
		for (const frame of firstFrames(bench, 185)) a.write(frame);
	},
	"message_3 first": (_, a) => {
		a.subscribe();
		a.write(Uint8Array.of(0xc0, 3, 0, 2, 0x41, 0));
	},
	"an EDHOC error as the first message": (_, a) => {
		a.subscribe();
		a.write(Uint8Array.of(0xc0, 0, 0, 1, 1));
	},
	"half a message, then silence": (bench, a) => {
		a.subscribe();
		a.write(firstFrames(bench, 23)[0]!);
	},
	"connects and says nothing": () => undefined,
	"subscribes and says nothing": (_, a) => a.subscribe(),
	"unsubscribes in the middle": (bench, a) => {
		a.subscribe();
		for (const frame of firstFrames(bench, 185)) a.client.write(a.fromPhone, frame);
		a.client.unsubscribe(a.cccd);
	},
	"subscribes and unsubscribes without end": (_, a) => {
		for (let i = 0; i < 50; i++) {
			a.subscribe();
			a.client.unsubscribe(a.cccd);
		}
	},
	"goes on writing after it was dropped": (_, a) => {
		a.write(Uint8Array.of(0xc0));
		for (let i = 0; i < 200; i++) {
			a.write(Uint8Array.of(0xc0, 1, 0, 1, 1));
			a.client.exchangeMtu(100 + i);
		}
	},
};

describe("attacks at the GATT layer: no decision, and the next good phone opens within 3 s", () => {
	for (const [name, attack] of Object.entries(DROPPED))
		it(name, () => {
			const bench = new BleBench();
			const attacker = raw(bench);
			attack(bench, attacker);
			bench.time.runUntil(() => attacker.gone, 3500);
			assert.isTrue(attacker.gone, "dropped");
			assert.lengthOf(bench.decided, 0);
			assert.isAtMost(bench.goodPhone()!, 3000);
			assert.lengthOf(bench.decided, 1);
		});

	it("more writes in one connection event than may wait: dropped before the event loop's next turn, nothing is lost of others", () => {
		for (const [count, size] of [
			[65, 1],
			[300, 1],
			[5, 512],
			[100, 100],
		] as const) {
			const bench = new BleBench();
			const attacker = raw(bench, { perEvent: 1000 });
			attacker.client.exchangeMtu(517);
			attacker.subscribe();
			bench.time.run(200);
			for (let i = 0; i < count; i++) attacker.write(new Uint8Array(size).fill(0x40));
			bench.time.runUntil(() => attacker.gone, 3500);
			assert.isTrue(attacker.gone, "dropped");
			assert.isEmpty(bench.radio.crashes);
			assert.isAtMost(bench.goodPhone()!, 3000);
		}
	});

	it("is told what each was dropped for, where the driver saw it", () => {
		for (const [name, reason] of [
			["write before subscribing", "a write before subscribing"],
			["oversized write: 514 bytes of nothing, which an MTU of 517 would carry", "a value of over 512 bytes"],
			["unsubscribes in the middle", "unsubscribed"],
		] as const) {
			const bench = new BleBench();
			const attacker = raw(bench);
			DROPPED[name]!(bench, attacker);
			bench.time.runUntil(() => attacker.gone, 3500);
			assert.include(bench.warnings, reason, name);
		}
		const bench = new BleBench();
		const attacker = raw(bench, { perEvent: 1000 });
		attacker.subscribe();
		bench.time.run(200);
		for (let i = 0; i < 65; i++)
			attacker.write(i === 0 ? Uint8Array.of(0x40, 1, 4, 0, 1) : Uint8Array.of(i & 63, 0));
		bench.time.run(100);
		assert.deepEqual(bench.warnings, ["more than may wait"]);
	});

	it("a frame while message_2 is on its way is out of turn at once, and the rest of message_2 is not sent", () => {
		const bench = new BleBench();
		const attacker = raw(bench, { interval: 15 });
		attacker.subscribe();
		for (const frame of firstFrames(bench, 23)) attacker.write(frame);
		bench.time.runUntil(() => attacker.heard.length > 0, 3000);
		assert.isNotEmpty(attacker.heard, "message_2 has begun");
		attacker.write(Uint8Array.of(0x40, 3, 0, 200, 0));
		bench.time.runUntil(() => attacker.gone, 100);
		assert.isTrue(attacker.gone, "dropped");
		const got = attacker.heard.reduce((sum, frame) => sum + frame.length, 0);
		assert.isBelow(got, (attacker.heard[0]![2]! << 8) | attacker.heard[0]![3]!);
		assert.lengthOf(bench.decided, 0);
		assert.isAtMost(bench.goodPhone()!, 3000);
	});

	it("disconnects in every state", () => {
		for (let at = 0; at < 700; at += 10) {
			const bench = new BleBench();
			const { phone } = bench.phone(ANDROID);
			phone.connect();
			bench.time.run(at);
			phone.disconnect();
			bench.time.run(100);
			const before = bench.decided.length;
			assert.isAtMost(before, 1);
			assert.isAtMost(bench.goodPhone()!, 3000, `after a cut at ${at} ms`);
			assert.lengthOf(bench.decided, before + 1);
		}
	});

	describe("wrong handles are answered with the right error and never reach the application", () => {
		/** What comes back, and whether a frame got through. */
		function probe(act: (a: RawCentral) => void, subscribe = true): { errors: number[]; bench: BleBench } {
			const bench = new BleBench();
			const attacker = raw(bench);
			const frames: Uint8Array[] = [];
			const { server } = bench.radio;
			const fromPhone = server!.table.at(attacker.fromPhone)!.characteristic!;
			const onWrite = fromPhone.onWrite!;
			fromPhone.onWrite = (value, connection) => {
				frames.push(value.slice());
				onWrite(value, connection);
			};
			if (subscribe) attacker.subscribe();
			act(attacker);
			bench.time.run(1200);
			assert.isEmpty(frames, "a value reached the application");
			assert.lengthOf(bench.decided, 0);
			const { errors } = attacker.client;
			attacker.link.close();
			assert.isAtMost(bench.goodPhone()!, 3000);
			return { errors, bench };
		}
		const frame = Uint8Array.of(0xc0, 1, 0, 1, 1);
		const cases: [string, number[], (a: RawCentral) => void][] = [
			["a write to handle 0", [ATT_ERROR.invalidHandle], (a) => a.client.write(0, frame)],
			[
				"a write past the last handle",
				[ATT_ERROR.invalidHandle],
				(a) => a.client.write(a.version + 1, frame),
			],
			["a write to handle FFFF", [ATT_ERROR.invalidHandle], (a) => a.client.write(0xffff, frame)],
			[
				"a write to the notifying value",
				[ATT_ERROR.writeNotPermitted],
				(a) => a.client.write(a.toPhone, frame),
			],
			["a write to the version", [ATT_ERROR.writeNotPermitted], (a) => a.client.write(a.version, frame)],
			[
				"a write to a declaration",
				[ATT_ERROR.writeNotPermitted],
				(a) => a.client.write(a.fromPhone - 1, frame),
			],
			["a write to the device's name", [ATT_ERROR.writeNotPermitted], (a) => a.client.write(3, frame)],
			["a command to a wrong handle: no answer", [], (a) => a.client.writeWithoutResponse(0x7777, frame)],
			["a command to the version: no answer", [], (a) => a.client.writeWithoutResponse(a.version, frame)],
			[
				"a read of what is only written",
				[ATT_ERROR.readNotPermitted],
				(a) => a.client.request([PDU.read, a.fromPhone, 0]),
			],
			[
				"a read of what only notifies",
				[ATT_ERROR.readNotPermitted],
				(a) => a.client.request([PDU.read, a.toPhone, 0]),
			],
			["a read of handle 0", [ATT_ERROR.invalidHandle], (a) => a.client.request([PDU.read, 0, 0])],
			[
				"a read beyond the version's end",
				[ATT_ERROR.invalidOffset],
				(a) => a.client.request([PDU.readBlob, a.version, 0, 9, 0]),
			],
			[
				"a CCCD of one byte, of three, of none",
				[ATT_ERROR.invalidLength, ATT_ERROR.invalidLength, ATT_ERROR.invalidLength],
				(a) => {
					for (const length of [1, 3, 0]) a.client.write(a.cccd, new Uint8Array(length).fill(1));
				},
			],
			[
				"indications from what only notifies",
				[ATT_ERROR.notSupported],
				(a) => a.client.write(a.cccd, Uint8Array.of(2, 0)),
			],
			[
				"a prepared write to a wrong handle",
				[ATT_ERROR.invalidHandle],
				(a) => a.client.request([PDU.prepareWrite, 0x99, 0, 0, 0, 1, 2]),
			],
			[
				"a prepared write with a gap",
				[ATT_ERROR.invalidOffset],
				(a) => {
					a.client.request([PDU.prepareWrite, a.fromPhone, 0, 5, 0, 1, 2]);
					a.client.request([PDU.executeWrite, 1]);
				},
			],
			[
				"a prepared write that is taken back",
				[],
				(a) => {
					a.client.request([PDU.prepareWrite, a.fromPhone, 0, 0, 0, 1, 2]);
					a.client.request([PDU.executeWrite, 0]);
				},
			],
			[
				"more prepared parts than may wait",
				[ATT_ERROR.queueFull],
				(a) => {
					for (let i = 0; i < 65; i++)
						a.link.toReader(Uint8Array.of(PDU.prepareWrite, a.fromPhone, 0, 0, 0, i));
				},
			],
			["a request that there is not", [ATT_ERROR.notSupported], (a) => a.client.request([0x20, 1, 2])],
			["a write without a handle", [ATT_ERROR.invalidPdu], (a) => a.client.request([PDU.write, 1])],
			[
				"a PDU of nothing, and one of 600 bytes",
				[],
				(a) => {
					a.link.toReader(new Uint8Array(0));
					a.link.toReader(new Uint8Array(600).fill(PDU.write));
				},
			],
			[
				"a search with its range upside down",
				[ATT_ERROR.invalidHandle],
				(a) => a.client.request([PDU.findInformation, 5, 0, 2, 0]),
			],
		];
		for (const [name, errors, act] of cases) it(name, () => assert.deepEqual(probe(act).errors, errors));

		it("every handle of the table and beyond: none but the one for frames and the CCCD takes a write", () => {
			const bench = new BleBench();
			const attacker = raw(bench);
			const taken: number[] = [];
			const last = attacker.version + 3;
			for (let handle = 0; handle <= last; handle++)
				attacker.client.write(handle, Uint8Array.of(0, 0), (response) => {
					if (response[0] === PDU.write + 1) taken.push(handle);
				});
			bench.time.run(1400);
			assert.include(taken, attacker.fromPhone);
			assert.includeMembers([attacker.fromPhone, attacker.cccd], taken);
			assert.lengthOf(bench.decided, 0);
			assert.isAtMost(bench.goodPhone()!, 3000);
		});
	});
});
