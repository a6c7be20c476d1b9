// SPDX-License-Identifier: Apache-2.0

import { assert } from "chai";
import { BlePeripheral, SUBSCRIBE_LIMIT_MS } from "../../../drivers/ble/peripheral.js";
import type { GATTConnection, GATTServerOptions } from "../../../hal/contracts/bluetooth.js";
import { GattHolder } from "../../../phone/gatt.js";
import { SUITE_IDS } from "../../../protocol/edhoc/suites.js";
import {
	SERVICE_UUID,
	UUID_FROM_PHONE,
	UUID_TO_PHONE,
	UUID_VERSION,
} from "../../../protocol/link/ble-service.js";
import { VirtualTime } from "../../../sim/time.js";
import { LINGER_LIMIT_MS, SILENCE_LIMIT_MS } from "../../../src/links/ble.js";
import { MAX_BACKOFF_MS } from "../../../src/links/peer-backoff.js";
import { ANDROID, BleBench, IOS } from "./bench.js";
import { firstFrames, RawCentral, raw } from "./raw.js";

const SERVICE = {
	uuid: SERVICE_UUID,
	fromPhone: UUID_FROM_PHONE,
	toPhone: UUID_TO_PHONE,
	info: { uuid: UUID_VERSION, value: Uint8Array.of(1, 0) },
};

describe("holding the BLE link", () => {
	it("a message_1 that drips in, one byte a second, does not keep the link", () => {
		const bench = new BleBench();
		const attacker = raw(bench, { interval: 15 });
		attacker.subscribe();
		const start = bench.time.now();
		const drip = (n: number): void => {
			if (attacker.gone) return;
			attacker.write(Uint8Array.from(n === 0 ? [0x40, 1, 4, 0, 1] : [n & 63, 0]));
			bench.time.after(1_000_000, () => drip(n + 1));
		};
		drip(0);
		bench.time.runUntil(() => attacker.gone, 30_000);
		assert.isTrue(attacker.gone, "dropped");
		assert.isAtMost(bench.time.now() - start, SUBSCRIBE_LIMIT_MS + SILENCE_LIMIT_MS + 100);
		assert.lengthOf(bench.decided, 0);
		assert.isAtMost(bench.goodPhone()!, 3000);
	});

	it("a phone that stays away and says message_1 again and again does not keep the link", () => {
		const bench = new BleBench();
		const attacker = raw(bench, { interval: 15, distance: 5 });
		attacker.client.exchangeMtu(185);
		attacker.subscribe();
		const start = bench.time.now();
		const again = (): void => {
			if (attacker.gone) return;
			for (const frame of firstFrames(bench, 185)) attacker.write(frame);
			bench.time.after(400_000, again);
		};
		bench.time.after(100_000, again);
		bench.time.runUntil(() => attacker.gone, 30_000);
		assert.isAtMost(bench.time.now() - start, 1000, "at the first repetition");
		assert.lengthOf(bench.decided, 0);
		assert.isAtMost(bench.goodPhone()!, 3000);
	});

	it("a phone that stays after message_4 is let go 300 ms later", () => {
		const bench = new BleBench();
		const central = raw(bench, { interval: 15 });
		const holder = new GattHolder({ session: bench.holder(bench.site.phone(), 4, []).session(), mtu: 23 });
		central.client.onNotification = (value) => {
			for (const frame of holder.received(value)) central.write(frame);
		};
		central.subscribe();
		for (const frame of holder.begin()) central.write(frame);
		bench.time.runUntil(() => holder.over, 3000);
		assert.lengthOf(bench.decided, 1);
		const told = bench.time.now();
		bench.time.runUntil(() => central.gone, 3000);
		assert.closeTo(bench.time.now() - told, LINGER_LIMIT_MS, 30, "and an event of the connection each way");
	});

	it("a second frame while one is on its way is refused at once, and the first is not harmed", () => {
		const bench = new BleBench();
		const central = raw(bench);
		central.subscribe();
		bench.time.run(100);
		const said: string[] = [];
		const [carrier] = bench.carriers;
		carrier!.send(Uint8Array.of(1), (error) => said.push(`first ${error?.message ?? "sent"}`));
		carrier!.send(Uint8Array.of(2), (error) => said.push(`second ${error?.message ?? "sent"}`));
		assert.deepEqual(said, ["second a notification is still in flight"]);
		bench.time.run(100);
		assert.deepEqual(said, ["second a notification is still in flight", "first sent"]);
		assert.deepEqual(central.heard, [Uint8Array.of(1)]);
	});

	describe("a reader that is short of throttle", () => {
		/** One that three phones have come to in vain. */
		function hurried(): BleBench {
			const bench = new BleBench();
			for (let i = 0; i < 3; i++) {
				const rude = raw(bench, { interval: 15 });
				rude.write(new Uint8Array(0));
				bench.time.runUntil(() => rude.gone && bench.radio.isAdvertising, 1000);
			}
			return bench;
		}
		const frames = (bench: BleBench, from: number): Uint8Array[] => firstFrames(bench, 185).slice(from);
		const cases: [string, (bench: BleBench, attacker: RawCentral) => void, number, number][] = [
			["says nothing", () => undefined, 500, 1500],
			["subscribes", (_, a) => a.subscribe(), 250, 1500],
			[
				"sends message_1 and nothing more",
				(bench, a) => {
					a.client.exchangeMtu(185);
					a.subscribe();
					for (const frame of frames(bench, 0)) a.client.write(a.fromPhone, frame);
				},
				500,
				1000,
			],
		];
		for (const [name, act, short, full] of cases)
			it(`drops one that ${name} after about ${short} ms in place of ${full}`, () => {
				for (const [bench, limit] of [
					[hurried(), short],
					[new BleBench(), full],
				] as const) {
					const attacker = raw(bench, { interval: 15 });
					const start = bench.time.now();
					act(bench, attacker);
					bench.time.runUntil(() => attacker.gone, 4000);
					// Until then there is a request or a few, of two intervals each, and the message that is answered.
					assert.isAtLeast(bench.time.now() - start, limit);
					assert.isAtMost(bench.time.now() - start, limit + 260);
				}
			});

		it("drops one that does not come near after about 300 ms in place of 1,500", () => {
			for (const [bench, limit] of [
				[hurried(), 300],
				[new BleBench(), 1500],
			] as const) {
				const { phone } = bench.phone(ANDROID, { distance: () => 5 });
				const start = bench.time.now();
				phone.connect();
				bench.time.runUntil(() => bench.failures.length > 0, 4000);
				assert.closeTo(bench.time.now() - start, limit + 180, 60);
			}
		});

		for (const profile of [IOS, ANDROID])
			for (const known of [true, false])
				it(`still serves ${profile.name}, ${known ? "known" : "first visit"}, over any suite`, () => {
					for (const suite of SUITE_IDS) {
						const bench = hurried();
						const { phone, results } = bench.phone(profile, { suite, known });
						phone.connect();
						bench.time.run(1500);
						assert.lengthOf(results, 1);
						assert.lengthOf(bench.decided, 1);
					}
				});
	});

	describe("one that comes in vain again and again from one address", () => {
		/** Connects as often as it can and says nothing, for `ms`; how long each visit lasted. */
		function visits(
			bench: BleBench,
			ms: number,
			address?: number,
		): { attacker: RawCentral; lasted: number[] } {
			const attacker = new RawCentral(bench.radio, { interval: 15, fixed: true });
			if (address !== undefined) Object.assign(attacker, { peer: address });
			const lasted: number[] = [];
			let stopped = false;
			const take = (): void => {
				if (stopped) return;
				bench.radio.initiate(attacker, 1, (link) => {
					const from = bench.time.now();
					attacker.connected(link);
					attacker.onGone = () => {
						lasted.push(bench.time.now() - from);
						take();
					};
				});
			};
			take();
			bench.time.run(ms);
			stopped = true;
			return { attacker, lasted };
		}

		it("is dropped at once, and the reader advertises on", () => {
			const bench = new BleBench();
			const { lasted } = visits(bench, 20_000);
			assert.isAtMost(Math.max(...lasted.slice(3, 10)), 30, "after three visits");
			assert.isAtMost(lasted.filter((ms) => ms > 100).length, 7);
			assert.isAbove(lasted.length, 100);
			assert.isEmpty(bench.failures);
			assert.isAtMost(bench.goodPhone()!, 500);
		});

		it("a phone that failed twice, by its radio, is served as any other", () => {
			const bench = new BleBench();
			const { phone, results } = bench.phone(ANDROID, { persistent: true });
			bench.radio.loss = 1;
			phone.connect();
			for (let i = 0; i < 2; i++) {
				bench.time.runUntil(() => bench.peripheral.connected, 20_000);
				bench.time.runUntil(() => !bench.peripheral.connected, 20_000);
				if (i === 0) bench.radio.loss = 0;
				if (i === 0) bench.time.runUntil(() => bench.peripheral.connected, 20_000);
				if (i === 0) bench.radio.loss = 1;
			}
			bench.radio.loss = 0;
			bench.time.run(8000);
			assert.lengthOf(results, 1);
		});

		it("one that sends from a phone's address keeps that phone out for 8 s at most after its last visit, and no other", () => {
			for (let seed = 1; seed <= 10; seed++) {
				const bench = new BleBench({ seed });
				const { phone, results } = bench.phone(ANDROID, { persistent: true });
				visits(bench, 15_000, phone.peer);
				assert.isAtMost(bench.goodPhone()!, 3000, "another");
				phone.initiate();
				bench.time.runUntil(() => results.length > 0, 20_000);
				assert.lengthOf(results, 1);
				assert.isAtMost(bench.time.now(), 10 + 15_000 + 3000 + MAX_BACKOFF_MS + 1000);
			}
		});

		it("a phone that waited in the room, away from the reader, opens within 3 s when it is brought near", () => {
			const bench = new BleBench();
			let metres = 5;
			const { phone, results } = bench.phone(ANDROID, { distance: () => metres, persistent: true });
			phone.initiate();
			bench.time.run(30_000);
			assert.isAbove(bench.failures.length, 5);
			metres = 0.2;
			bench.time.run(3000);
			assert.lengthOf(results, 1);
		});
	});

	it("a flood of connections that stops: the next good phone opens within 3 s", () => {
		for (let seed = 1; seed <= 20; seed++) {
			const bench = new BleBench({ seed, connections: 1 + (seed % 3) });
			const attackers = [0, 1, 2, 3].map(() => new RawCentral(bench.radio, { interval: 15, distance: 5 }));
			let stopped = false;
			for (const attacker of attackers) {
				const take = (): void => {
					if (!stopped) bench.radio.initiate(attacker, 1, (link) => attacker.connected(link));
				};
				attacker.onGone = take;
				take();
			}
			bench.time.run(5000 + seed * 37);
			stopped = true;
			assert.isAtMost(bench.goodPhone()!, 3000, `seed ${seed}`);
		}
	});

	describe("a phone that is heard no more keeps its place in the controller until its own supervision timeout", () => {
		for (const [profile, connections, limit] of [
			[IOS, 1, 3000],
			[IOS, 3, 3000],
			[ANDROID, 3, 3000],
			[{ ...ANDROID, supervision: 32_000 }, 3, 3000],
			[ANDROID, 1, 8000],
		] as const)
			it(`${profile.name}, ${profile.supervision} ms, room for ${connections}: the next opens within ${limit} ms`, () => {
				let slowest = 0;
				for (let at = 10; at < 700; at += 30) {
					const bench = new BleBench({ connections });
					const { phone } = bench.phone(profile);
					phone.connect();
					bench.time.run(at);
					phone.vanish();
					bench.time.run(10);
					const next = bench.goodPhone(limit);
					assert.isDefined(next, `vanished at ${at} ms`);
					slowest = Math.max(slowest, next!);
				}
				// With room for one, an Android phone that walks off does keep others out for longer than 3 s.
				assert.equal(slowest > 3000, limit > 3000);
			});

		it("with room for three, three that play dead for 32 s do keep everybody out, until then", () => {
			const bench = new BleBench({ connections: 3 });
			for (let i = 0; i < 3; i++) {
				const attacker = raw(bench, { supervision: 32_000 });
				attacker.link.vanish();
				bench.time.runUntil(
					() => bench.radio.isAdvertising || (i === 2 && !bench.peripheral.connected),
					3000,
				);
			}
			assert.isUndefined(bench.goodPhone(20_000));
			bench.time.run(15_000);
			assert.isAtMost(bench.goodPhone()!, 3000);
		});
	});

	describe("advertising", () => {
		/** A server by hand: what the driver asks of it, and what it is told. */
		function server(more: { starts?: () => void; isFull?: () => boolean } = {}) {
			const time = new VirtualTime();
			let told: GATTServerOptions | undefined;
			const asked: { at: number; interval: number | undefined }[] = [];
			const warnings: string[] = [];
			const ready: string[] = [];
			class Server {
				static readonly properties = { read: 1, write: 2, writeWithoutResponse: 4, notify: 8 };
				constructor(options: GATTServerOptions) {
					told = options;
				}
				advertising = false;
				startAdvertising(_: Uint8Array, __?: Uint8Array, interval?: number): void {
					asked.push({ at: time.now(), interval });
					more.starts?.();
					this.advertising = more.isFull?.() !== true;
				}
				stopAdvertising(): void {
					this.advertising = false;
				}
				rssi(): undefined {}
				close(): void {}
			}
			const peripheral = new BlePeripheral({
				clock: time,
				server: { io: Server },
				services: [SERVICE],
				onPhone: () => undefined,
				onFrame: () => undefined,
				onGone: () => undefined,
				onState: (state, detail) => {
					if (state === "warning" || state === "failed") warnings.push(detail);
					if (state === "ready") ready.push(detail);
				},
			});
			let closed = 0;
			const connection = (throws = false): GATTConnection => ({
				maximumWrite: 20,
				notify: () => undefined,
				close: () => {
					closed++;
					if (throws) throw new Error("already gone");
				},
			});
			return { time, asked, warnings, ready, peripheral, connection, told: told!, closed: () => closed };
		}

		it("that fails is tried again at once and then ever more rarely, at the fast interval while that lasts", () => {
			let failing = true;
			const { time, asked, told, warnings, ready } = server({
				starts: () => {
					if (failing) throw new Error("busy");
				},
			});
			told.onReady();
			time.run(5000);
			assert.deepEqual(
				asked.map(({ at }) => at),
				[0, 50, 150, 350, 750, 1550, 2550, 3550, 4550],
			);
			assert.isTrue(asked.every(({ interval }) => interval === 20));
			assert.lengthOf(warnings, asked.length);
			failing = false;
			time.run(1000);
			assert.equal(ready.at(-1), "advertising again");
			const { length } = asked;
			time.run(20_000);
			assert.lengthOf(asked, length, "it holds");
			time.run(10_000);
			assert.equal(asked.at(-1)!.interval, 152.5);
			assert.lengthOf(asked, length + 1);
			time.run(100_000);
			assert.lengthOf(asked, length + 1);
		});

		it("is asked for until the end of a link that was closed is told: before, a full controller says no in silence", () => {
			let full = false;
			const { time, asked, told, connection, warnings } = server({ isFull: () => full });
			told.onReady();
			const first = connection();
			full = true;
			told.onConnect(first);
			time.run(SUBSCRIBE_LIMIT_MS);
			const from = asked.length;
			time.run(3000);
			assert.isAtLeast(asked.length - from, 5, "tried again");
			assert.isEmpty(warnings);
			full = false;
			told.onDisconnect(first);
			const settled = asked.length;
			assert.equal(asked.at(-1)!.at, time.now(), "at once when it is told");
			time.run(20_000);
			assert.lengthOf(asked, settled, "and then left alone");
		});

		it("is not asked for while a phone is served", () => {
			const { time, asked, told, connection } = server();
			told.onReady();
			const { length } = asked;
			told.onConnect(connection());
			time.run(SUBSCRIBE_LIMIT_MS - 1);
			assert.lengthOf(asked, length);
		});

		it("a second connection is closed by the driver, which survives a close that throws", () => {
			const { told, connection, closed, warnings } = server();
			told.onConnect(connection());
			assert.equal(closed(), 0);
			told.onConnect(connection());
			assert.equal(closed(), 1);
			assert.doesNotThrow(() => told.onConnect(connection(true)));
			assert.equal(closed(), 2);
			assert.lengthOf(warnings, 1);
		});
	});
});
