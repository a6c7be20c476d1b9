// SPDX-License-Identifier: Apache-2.0

import { assert } from "chai";
import fc from "fast-check";
import { CHECK_MS } from "../../../drivers/ble/peripheral.js";
import type { GATTConnection } from "../../../hal/contracts/bluetooth.js";
import { SUITE_IDS } from "../../../protocol/edhoc/suites.js";
import { advertisement, UUID_VERSION } from "../../../protocol/link/ble-service.js";
import { PDU, uuidBytes } from "../../../sim/ble/att.js";
import { SimRadio } from "../../../sim/ble/radio.js";
import { SeededRandom } from "../../../sim/random.js";
import { VirtualTime } from "../../../sim/time.js";
import { ANDROID, BleBench, IOS } from "./bench.js";
import { firstFrames, RawCentral, raw } from "./raw.js";

/** Hands each connection that the driver is given to `see` first. */
function watched(bench: BleBench, see: (connection: GATTConnection) => void): void {
	const { server } = bench.radio;
	const deliver = server!.onConnection;
	server!.onConnection = (connection) => {
		see(connection);
		deliver?.(connection);
	};
}

describe("hazards of the SDK's GATT server: each one bites in the model, and the driver stays clear of it", () => {
	describe("1: an exchange of MTUs before JavaScript has its record of the connection", () => {
		const hasty = (bench: BleBench): RawCentral => {
			const central = raw(bench, { interval: 7.5 });
			central.client.exchangeMtu(517);
			return central;
		};

		it("bites: computation right after a connection restarts the chip", () => {
			const bench = new BleBench({ cured: false });
			hasty(bench);
			bench.time.spend(50_000);
			bench.time.run(100);
			assert.match(bench.radio.crashes.join(), /an MTU exchange without a record/);
		});

		it("bites as well by a write as the first of all", () => {
			const bench = new BleBench({ cured: false });
			raw(bench, { interval: 7.5 }).write(Uint8Array.of(1));
			bench.time.spend(50_000);
			bench.time.run(100);
			assert.match(bench.radio.crashes.join(), /a write without a record/);
		});

		it("whatever comes first, hal lets it wait: writes, reads, an exchange, parts of a long write, a subscription", () => {
			const value = Uint8Array.of(1);
			const firsts: ((central: RawCentral) => void)[] = [
				(a) => a.write(value),
				(a) => a.client.write(a.fromPhone, value),
				(a) => a.client.request([PDU.read, a.version, 0]),
				(a) => a.client.request([PDU.readByType, 1, 0, 255, 255, ...uuidBytes(UUID_VERSION)]),
				(a) => a.client.exchangeMtu(185),
				(a) => a.subscribe(),
				(a) => {
					a.client.request([PDU.prepareWrite, a.fromPhone, 0, 0, 0, 1]);
					a.client.request([PDU.executeWrite, 1]);
				},
			];
			for (const first of firsts)
				for (const computes of [3, 8, 50, 900]) {
					const bench = new BleBench();
					const central = raw(bench, { interval: 7.5 });
					first(central);
					bench.time.spend(1000 * computes);
					bench.time.run(1000);
					assert.isEmpty(bench.radio.crashes);
					assert.isAtMost(bench.goodPhone()!, 3000);
				}
		});

		it("the Bluetooth task waits until JavaScript is told, however late, and what comes meanwhile is done in its order", () => {
			let waited = 0;
			for (let seed = 1; seed <= 40; seed++) {
				const bench = new BleBench({ seed, disorder: 60 });
				const central = raw(bench, { interval: 7.5 });
				const codes: number[] = [];
				let told = 0;
				bench.radio.server!.onConnection = () => {
					told = bench.time.micros;
				};
				const answered = (response: Uint8Array): void => {
					if (codes.length === 0 && told > 20_000) waited++;
					assert.isAbove(told, 0, "answered before JavaScript was told of the connection");
					codes.push(response[0]!);
				};
				central.client.request([PDU.mtuRequest, 185, 0], answered);
				central.client.request([PDU.write, central.cccd, 0, 1, 0], answered);
				central.client.request([PDU.read, central.version, 0], answered);
				bench.time.run(400);
				assert.deepEqual(codes, [PDU.mtuResponse, PDU.write + 1, PDU.read + 1]);
				assert.isEmpty(bench.radio.crashes);
			}
			assert.isAbove(waited, 10);
		});

		it("a connection that JavaScript is never told of restarts the chip, and no null pointer", () => {
			// Told some minutes late.
			const bench = new BleBench({ disorder: 1_000_000 });
			raw(bench, { interval: 7.5 }).write(Uint8Array.of(1));
			bench.time.run(7000);
			assert.deepEqual(bench.radio.crashes, ["JavaScript was not told of a connection"]);
		});

		it("where hal lets it wait, the exchange counts", () => {
			const bench = new BleBench();
			const central = hasty(bench);
			central.subscribe();
			bench.time.spend(50_000);
			bench.time.run(100);
			assert.isEmpty(bench.radio.crashes);
			for (const frame of firstFrames(bench, 185)) central.write(frame);
			bench.time.run(700);
			assert.isAbove(Math.max(...central.heard.map(({ length }) => length)), 100);
		});

		it("nothing is computed in a handler: what is written is worked on in a later turn of the event loop", () => {
			const bench = new BleBench();
			const central = hasty(bench);
			central.subscribe();
			bench.time.run(100);
			const { server } = bench.radio;
			const received = server!.received.bind(server);
			let writes = 0;
			server!.received = (link, pdu) => {
				const before = bench.frames;
				received(link, pdu);
				if (pdu[0] === PDU.writeCommand) writes++;
				assert.equal(bench.frames, before, "worked on inside the handler");
			};
			for (const frame of firstFrames(bench, 185)) central.write(frame);
			bench.time.run(600);
			assert.isAbove(writes, 0);
			assert.isAtLeast(bench.frames, writes);
			assert.isAbove(central.heard.length, 0, "answered");
			assert.isEmpty(bench.radio.crashes);
		});

		it("while the firmware is about to compute, nobody new gets in; afterwards the next does", () => {
			const bench = new BleBench();
			bench.peripheral.quiet(true);
			bench.time.run(200);
			assert.isFalse(bench.radio.isAdvertising);
			assert.isFalse(new RawCentral(bench.radio).connect());
			bench.peripheral.quiet(false);
			assert.isAtMost(bench.goodPhone()!, 1000);
		});

		it("quiet does not disturb the phone that is there, and ends when it is told to, whatever happens meanwhile", () => {
			const bench = new BleBench();
			const { phone, results } = bench.phone(IOS);
			phone.connect();
			bench.time.run(40);
			bench.peripheral.quiet(true);
			bench.time.run(3000);
			assert.lengthOf(results, 1);
			bench.time.run(60_000);
			assert.isFalse(bench.radio.isAdvertising, "still quiet after the phone and the fast period");
			bench.peripheral.quiet(false);
			assert.isAtMost(bench.goodPhone()!, 1000);
		});
	});

	describe("2: an exception that leaves a handler restarts the chip", () => {
		it("bites", () => {
			const bench = new BleBench();
			const central = raw(bench);
			const { characteristic } = bench.radio.server!.table.at(central.fromPhone)!;
			characteristic!.onWrite = () => {
				throw new Error("a mistake");
			};
			central.write(Uint8Array.of(1));
			bench.time.run(100);
			assert.match(bench.radio.crashes.join(), /onWrite threw/);
		});

		it("none does, whatever is written to whatever handle, in whatever order", () => {
			const pdu = fc.oneof(
				fc.uint8Array({ maxLength: 530 }),
				fc
					.tuple(
						fc.constantFrom(0x12, 0x52, 0x16, 0x18, 0x02),
						fc.integer({ min: 0, max: 16 }),
						fc.uint8Array(),
					)
					.map(([op, handle, rest]) => Uint8Array.of(op, handle, 0, ...rest)),
			);
			fc.assert(
				fc.property(fc.array(pdu, { maxLength: 30 }), fc.boolean(), (pdus, subscribes) => {
					const bench = new BleBench();
					const central = raw(bench, { interval: 15 });
					if (subscribes) central.subscribe();
					for (const one of pdus) central.link.toReader(one);
					bench.time.run(2500);
					assert.isEmpty(bench.radio.crashes);
					assert.lengthOf(bench.decided, 0);
				}),
				{ numRuns: 60 },
			);
		});
	});

	describe("3: the completion of a notification is taken for that of the first in the list", () => {
		it("one is in flight at a time, over the smallest MTU too", () => {
			for (const profile of [IOS, ANDROID, { ...IOS, mtu: 23 }]) {
				const bench = new BleBench();
				let inFlight = 0;
				let most = 0;
				watched(bench, (connection) => {
					const notify = connection.notify.bind(connection);
					connection.notify = (characteristic, value, callback) => {
						// Throws where the stack has no room: then none is in flight.
						notify(characteristic, value, (error) => {
							inFlight--;
							callback?.(error);
						});
						most = Math.max(most, ++inFlight);
					};
				});
				bench.phone(profile).phone.connect();
				bench.time.run(2000);
				assert.lengthOf(bench.decided, 1);
				assert.equal(most, 1);
			}
		});

		it("a connection that ends at any moment of a notification leaves nothing behind", () => {
			for (const end of ["disconnect", "vanish"] as const)
				for (let at = 140; at < 330; at += 6) {
					const bench = new BleBench({ connections: 2 });
					const { phone } = bench.phone({ ...ANDROID, mtu: 23, supervision: 720 });
					phone.connect();
					bench.time.run(at);
					phone[end]();
					bench.time.run(100);
					const before = bench.decided.length;
					assert.isAtMost(bench.goodPhone()!, 3000, `${end} at ${at}`);
					assert.lengthOf(bench.decided, before + 1);
				}
		});
	});

	describe("4: a subscription is one for all connections", () => {
		it("bites: who leaves takes the subscription of another with it", () => {
			const bench = new BleBench({ connections: 2 });
			// A first that the reader has let go of and the controller has not.
			const first = raw(bench, { supervision: 6000 });
			first.subscribe();
			bench.time.run(100);
			first.link.vanish();
			bench.time.runUntil(() => bench.radio.isAdvertising, 4000);
			const second = raw(bench);
			second.subscribe();
			bench.time.runUntil(() => first.gone, 6000);
			assert.isTrue(first.gone);
			let refused = "";
			const { server } = bench.radio;
			const { characteristic } = server!.table.at(second.toPhone)!;
			try {
				server!.notify({
					link: second.link,
					characteristic: characteristic!,
					value: new Uint8Array(1),
					done: undefined,
				});
			} catch (error) {
				refused = (error as Error).message;
			}
			assert.equal(refused, "disabled");
		});

		it("nothing is advertised while a phone is served, so that nobody else gets in, even with room for more", () => {
			const bench = new BleBench({ connections: 3 });
			const { phone, results } = bench.phone(ANDROID);
			phone.connect();
			let tried = 0;
			while (results.length === 0 && tried < 2000) {
				bench.time.run(1);
				if (!bench.peripheral.connected) continue;
				tried++;
				assert.isFalse(new RawCentral(bench.radio).connect());
			}
			assert.isAbove(tried, 100);
			assert.lengthOf(results, 1);
		});

		it("a phone that is served when one before it ends opens, now or at its next try", () => {
			for (let wait = 0; wait < 400; wait += 20) {
				const bench = new BleBench({ connections: 2 });
				const first = raw(bench, { supervision: 2400 });
				first.subscribe();
				bench.time.run(100);
				first.link.vanish();
				bench.time.runUntil(() => bench.radio.isAdvertising && bench.time.now() > 2000 + wait, 4000);
				const second = bench.phone(ANDROID);
				second.phone.connect();
				bench.time.run(1000);
				if (second.results.length === 0 || bench.decided.length === 0)
					assert.isAtMost(bench.goodPhone()!, 3000);
				assert.isAtLeast(bench.decided.length, 1);
				assert.isEmpty(bench.radio.crashes);
			}
		});
	});

	it("5: advertising data that is no typed array throws in the SDK; ours is one, of at most 31 bytes", () => {
		const bench = new BleBench();
		const buffer = new ArrayBuffer(3) as unknown as Uint8Array;
		assert.throws(() => bench.radio.server!.startAdvertising(buffer), TypeError);
		assert.throws(() => bench.radio.server!.startAdvertising(new Uint8Array(32)), RangeError);
		assert.instanceOf(advertisement(), Uint8Array);
		assert.doesNotThrow(() => bench.radio.server!.startAdvertising(advertisement()));
	});

	describe("6: a server that was closed cannot be made again, and what it left crashes", () => {
		it("bites", () => {
			const bench = new BleBench();
			bench.radio.server!.close();
			new RawCentral(bench.radio).connect();
			bench.time.run(100);
			assert.match(bench.radio.crashes.join(), /after the server was closed/);
			const Server = new BleBench().radio.serverClass();
			const options = { services: [], onReady: () => {}, onConnect: () => {}, onDisconnect: () => {} };
			assert.throws(() => new Server(options), /only one/);
		});

		it("the driver makes one and never closes it, whatever happens to its connections", () => {
			const bench = new BleBench();
			const { server } = bench.radio;
			server!.close = () => assert.fail("closed");
			for (let i = 0; i < 20; i++) {
				const central = raw(bench);
				if (i % 3 === 0) central.write(new Uint8Array(0));
				if (i % 3 === 1) central.subscribe();
				bench.time.run(100);
				central.link.close();
				bench.time.runUntil(() => central.gone && bench.radio.isAdvertising, 3000);
			}
			assert.isDefined(bench.goodPhone());
			assert.strictEqual(bench.radio.server, server);
		});
	});

	describe("7: a notification that finds no buffer", () => {
		it("bites with NimBLE's 12 buffers and an MTU of 23", () => {
			const bench = new BleBench({ cured: false });
			bench.phone({ ...IOS, mtu: 23 }).phone.connect();
			bench.time.run(2000);
			assert.match(bench.radio.crashes.join(), /no buffer/);
		});

		for (const suite of SUITE_IDS)
			it(`suite ${suite}: refused by hal while few are free, the driver tries again and the phone gets all of it`, () => {
				const bench = new BleBench();
				const { phone, results } = bench.phone({ ...IOS, mtu: 23 }, { suite });
				phone.connect();
				bench.time.run(2000);
				assert.lengthOf(results, 1);
				assert.lengthOf(bench.decided, 1);
				assert.isEmpty(bench.radio.crashes);
				assert.isAbove(bench.radio.server!.mostBuffers, 4);
				assert.isAtMost(bench.radio.server!.mostBuffers, 7);
			});

		it("a radio that takes nothing any more: the driver tries until the phone's time is over", () => {
			const bench = new BleBench();
			const { phone } = bench.phone({ ...IOS, mtu: 23 });
			phone.connect();
			bench.time.runUntil(() => (bench.radio.server?.mostBuffers ?? 0) > 1, 1000);
			bench.radio.loss = 1;
			bench.time.run(2500);
			bench.radio.loss = 0;
			assert.isFalse(bench.peripheral.connected);
			assert.isAtMost(bench.goodPhone()!, 3000);
		});
	});

	describe("8: the SDK's own close() of a connection drops its record while the link still lives", () => {
		it("bites: the end of a subscribed phone that was closed so, or one more write of it, restarts the chip", () => {
			for (const goesOn of [false, true]) {
				const bench = new BleBench({ cured: false });
				const central = raw(bench);
				central.subscribe();
				bench.time.run(100);
				central.write(new Uint8Array(0));
				for (let i = 0; goesOn && i < 20; i++) central.write(new Uint8Array(0));
				bench.time.run(500);
				assert.match(bench.radio.crashes.join(), goesOn ? /a write without/ : /a subscription without/);
			}
		});

		it("a connection is asked to end, by hal, and nothing of the kind happens", () => {
			const bench = new BleBench();
			const central = raw(bench);
			central.subscribe();
			for (let i = 0; i < 40; i++) central.write(new Uint8Array(0));
			for (let i = 0; i < 10; i++) central.client.exchangeMtu(100);
			bench.time.run(500);
			assert.isTrue(central.gone);
			assert.isAtMost(bench.goodPhone()!, 1000);
		});

		it("even so, a closed phone that had not subscribed leaves the reader advertising", () => {
			const bench = new BleBench({ cured: false });
			const central = raw(bench);
			bench.time.runUntil(() => central.gone, 3000);
			bench.time.run(200);
			assert.isTrue(bench.radio.isAdvertising, "not told of the end, the driver tries until it holds");
			assert.isAtMost(bench.goodPhone()!, 1000);
		});
	});

	describe("9: a connection that fails to be established ends the advertising, and the SDK says nothing", () => {
		it("bites: a server that nobody asks advertises no more", () => {
			const time = new VirtualTime();
			const radio = new SimRadio({ time, random: new SeededRandom(1) });
			const ignore = (): void => undefined;
			const handlers = { onReady: ignore, onConnect: ignore, onDisconnect: ignore };
			const server = new (radio.serverClass())({ services: [], ...handlers });
			server.startAdvertising(advertisement());
			radio.failConnection();
			time.run(60_000);
			assert.isFalse(server.advertising);
		});

		it("the next phone is served, whenever it happens, however often", () => {
			const bench = new BleBench();
			for (const idle of [0, 1, 49, 1000, 29_990, 30_000, 120_000]) {
				bench.time.run(idle);
				for (let i = 0; i < 3; i++) {
					bench.radio.failConnection();
					assert.isFalse(bench.radio.isAdvertising);
					bench.time.run(CHECK_MS + 50);
					assert.isTrue(bench.radio.isAdvertising, `after ${idle} ms`);
				}
				assert.isAtMost(bench.goodPhone()!, 3000);
				bench.time.run(1000);
			}
		});

		it("while a phone is served, or while it is quiet, it changes nothing", () => {
			const bench = new BleBench();
			raw(bench).subscribe();
			bench.time.run(100);
			bench.radio.failConnection();
			bench.time.run(500);
			assert.isFalse(bench.radio.isAdvertising, "a phone is served");
			bench.time.run(5000);
			bench.peripheral.quiet(true);
			bench.radio.failConnection();
			bench.time.run(1000);
			assert.isFalse(bench.radio.isAdvertising, "quiet");
			bench.peripheral.quiet(false);
			assert.isTrue(bench.radio.isAdvertising);
		});

		it("a stack that refuses without an error is told as failed, and tried until it advertises", () => {
			const bench = new BleBench();
			bench.time.run(1000);
			bench.radio.refuses = "silently";
			bench.radio.failConnection();
			bench.time.run(3000);
			assert.include(bench.warnings, "advertising failed: the stack does not advertise");
			bench.radio.refuses = false;
			bench.time.run(1100);
			assert.isTrue(bench.radio.isAdvertising);
		});
	});
});
