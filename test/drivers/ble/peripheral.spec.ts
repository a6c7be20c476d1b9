import { assert } from "chai";
import fc from "fast-check";
import { advertisement, UUID_FROM_PHONE, UUID_TO_PHONE } from "../../../drivers/ble/service.js";
import type { CentralSide, SimLink } from "../../../sim/ble/radio.js";
import { toHex } from "../../../src/bytes.js";
import { FrameWriter } from "../../../src/link/frames.js";
import { ANDROID, BleBench, IOS } from "./bench.js";

/** A central that does only what it is told. */
function raw(
	bench: BleBench,
	mtu = 185,
): { link: SimLink; heard: Uint8Array[]; gone: () => boolean; side: CentralSide } {
	const heard: Uint8Array[] = [];
	let gone = false;
	const side: CentralSide = {
		mtu,
		interval: 30,
		perEvent: 4,
		distance: () => 0.2,
		onNotify: (_, value) => heard.push(value),
		onDisconnect: () => {
			gone = true;
		},
	};
	const link = bench.radio.connect(side)!;
	return { link, heard, gone: () => gone, side };
}

function write(bench: BleBench, link: SimLink, value: Uint8Array): void {
	link.fromPhone(() => bench.radio.characteristic(UUID_FROM_PHONE)!.onWrite!(value, link));
}

function subscribe(bench: BleBench, link: SimLink): void {
	link.fromPhone(() => bench.radio.characteristic(UUID_TO_PHONE)!.onSubscribe!(link));
}

/** The frames of message_1 of a good phone. */
function firstFrames(bench: BleBench, mtu: number): Uint8Array[] {
	const session = bench.holder(bench.site.phone(), 4, []).session();
	const message = session.begin()!;
	const writer = new FrameWriter();
	writer.begin(1, Uint8Array.from([1, ...message]));
	const frames: Uint8Array[] = [];
	for (let f = writer.next(mtu); f !== undefined; f = writer.next(mtu)) frames.push(f.slice());
	return frames;
}

describe("BLE peripheral", function () {
	this.timeout(60_000);

	it("advertises its service in the advertisement itself, as iOS in the background needs", () => {
		const bytes = advertisement();
		assert.isAtMost(bytes.length, 31);
		assert.equal(toHex(bytes), `0201061107${"0100726f6f6400a0" + "01406c65746e696c"}`);
		const bench = new BleBench();
		const heard: Uint8Array[] = [];
		bench.radio.scan((data) => heard.push(data));
		bench.time.run(100);
		assert.isAbove(heard.length, 2);
		assert.equal(toHex(heard[0]!), toHex(bytes));
	});

	it("advertises fast for 30 s after somebody was there, then slowly", () => {
		const bench = new BleBench();
		let heard = 0;
		bench.radio.scan(() => heard++);
		bench.time.run(10_000);
		const fast = heard;
		bench.time.run(30_000);
		heard = 0;
		bench.time.run(10_000);
		assert.isAbove(fast, 4 * heard);
		assert.isAbove(heard, 50);
	});

	for (const profile of [IOS, ANDROID])
		for (const suite of [4, 5, 2, 0])
			it(`${profile.name}, suite ${suite}: a decision on both sides, the phone leaves, advertising goes on`, () => {
				const bench = new BleBench();
				const { phone, results, credential } = bench.phone(profile, { suite });
				phone.start();
				bench.time.run(12_000);
				assert.deepEqual(
					bench.decided.map(({ id }) => id),
					[credential.id.join()],
				);
				assert.deepEqual(results, [
					{ kind: "decision", decision: { granted: true, reason: "granted" }, door: "FRONT" },
				]);
				assert.equal(bench.radio.connections, 0);
				assert.isTrue(bench.radio.isAdvertising);
				assert.deepEqual(bench.failures, []);
			});

	it("works over the smallest MTU, and with a third of the radio's events lost", () => {
		const bench = new BleBench({ loss: 0.33 });
		const { phone, results } = bench.phone({ ...IOS, mtu: 23 });
		phone.start();
		bench.time.run(12_000);
		assert.lengthOf(results, 1);
		assert.lengthOf(bench.decided, 1);
	});

	it("says why a phone that has proved itself stays outside", () => {
		const bench = new BleBench({ decision: { granted: false, reason: "revoked" } });
		const { phone, results } = bench.phone(IOS);
		phone.start();
		bench.time.run(12_000);
		assert.deepEqual(results, [
			{ kind: "decision", decision: { granted: false, reason: "revoked" }, door: "FRONT" },
		]);
	});

	describe("hazards of the SDK's GATT server", () => {
		it("1: nothing is computed in a handler, so that no stall falls between connect and MTU exchange", () => {
			const bench = new BleBench();
			const { link } = raw(bench);
			subscribe(bench, link);
			for (const frame of firstFrames(bench, 185)) write(bench, link, frame);
			// The handlers have run at the event; the transaction begins only in the next turn of the event loop.
			let began = -1;
			let written = -1;
			link.fromPhone(() => {
				written = bench.time.micros;
			});
			bench.time.runUntil(() => {
				if (began < 0 && bench.link()?.active) began = bench.time.micros;
				return began >= 0 && written >= 0;
			}, 200);
			assert.isAtLeast(began, written);
		});

		it("2: handlers never throw, whatever is written", () => {
			fc.assert(
				fc.property(
					fc.array(fc.uint8Array({ maxLength: 600 }), { maxLength: 12 }),
					fc.boolean(),
					(values, subscribes) => {
						const bench = new BleBench();
						const { link } = raw(bench);
						if (subscribes) subscribe(bench, link);
						for (const value of values) write(bench, link, value);
						bench.time.run(2500);
						assert.lengthOf(bench.decided, 0);
					},
				),
				{ numRuns: 40 },
			);
		});

		it("3: one notification is in flight at a time", () => {
			const bench = new BleBench();
			const { link } = raw(bench, 23);
			let inFlight = 0;
			let most = 0;
			const notify = link.notify.bind(link);
			link.notify = (characteristic, value, callback) => {
				most = Math.max(most, ++inFlight);
				notify(characteristic, value, (error) => {
					inFlight--;
					callback?.(error);
				});
			};
			link.fromPhone(() => link.exchangeMtu());
			subscribe(bench, link);
			for (const frame of firstFrames(bench, 23)) write(bench, link, frame);
			bench.time.run(1200);
			assert.equal(most, 1);
		});

		it("4: a second phone is closed at once, and the first is served", () => {
			const bench = new BleBench();
			const { phone, results } = bench.phone(ANDROID);
			phone.connect();
			const second = raw(bench);
			assert.isUndefined(second.link);
			bench.time.run(3000);
			assert.lengthOf(results, 1);
		});

		it("5: advertising data is a typed array of at most 31 bytes", () => {
			assert.instanceOf(advertisement(), Uint8Array);
		});

		it("6: the server is made once, whatever happens to its connections", () => {
			const bench = new BleBench();
			// The simulated stack throws on a second server, as the SDK's cannot be made again.
			for (let i = 0; i < 5; i++) {
				raw(bench).link.close();
				bench.time.run(100);
			}
			assert.isDefined(bench.goodPhone());
		});
	});

	describe("attacks at the GATT layer: no decision, and the next good phone opens within 3 s", () => {
		const attacks: Record<string, (bench: BleBench, link: SimLink) => void> = {
			"write before subscribing": (bench, link) => write(bench, link, firstFrames(bench, 185)[0]!),
			"empty write": (bench, link) => {
				subscribe(bench, link);
				write(bench, link, new Uint8Array(0));
			},
			"oversized write": (bench, link) => {
				subscribe(bench, link);
				write(bench, link, new Uint8Array(600));
			},
			"truncated first frame": (bench, link) => {
				subscribe(bench, link);
				write(bench, link, firstFrames(bench, 185)[0]!.slice(0, 3));
			},
			"frames back to back without end": (bench, link) => {
				subscribe(bench, link);
				for (let i = 0; i < 500; i++) write(bench, link, Uint8Array.of(i & 63, 1, 2, 3));
			},
			"message_1 twice": (bench, link) => {
				subscribe(bench, link);
				for (const frame of firstFrames(bench, 185)) write(bench, link, frame);
				for (const frame of firstFrames(bench, 185)) write(bench, link, frame);
			},
			"message_3 first": (bench, link) => {
				subscribe(bench, link);
				write(bench, link, Uint8Array.of(0xc0, 3, 0, 2, 0x41, 0));
			},
			"half a message, then silence": (bench, link) => {
				subscribe(bench, link);
				write(bench, link, firstFrames(bench, 23)[0]!);
			},
			"connects and says nothing": () => undefined,
			"subscribes and says nothing": (bench, link) => subscribe(bench, link),
			"unsubscribes in the middle": (bench, link) => {
				subscribe(bench, link);
				for (const frame of firstFrames(bench, 185)) write(bench, link, frame);
				link.fromPhone(() => bench.radio.characteristic(UUID_TO_PHONE)!.onUnsubscribe!(link));
			},
			"an EDHOC error as the first message": (bench, link) => {
				subscribe(bench, link);
				write(bench, link, Uint8Array.of(0xc0, 0, 0, 1, 1));
			},
		};
		for (const [name, attack] of Object.entries(attacks))
			it(name, () => {
				const bench = new BleBench();
				const { link, gone } = raw(bench);
				attack(bench, link);
				bench.time.runUntil(gone, 3000);
				assert.isTrue(gone(), "dropped");
				assert.lengthOf(bench.decided, 0);
				assert.isAtMost(bench.goodPhone()!, 3000);
			});

		it("disconnects in every state", () => {
			for (let at = 0; at < 600; at += 10) {
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

		it("a flood of connections", () => {
			const bench = new BleBench();
			for (let i = 0; i < 100; i++) {
				bench.time.run(7);
				bench.radio.connect({
					mtu: 23,
					interval: 15,
					perEvent: 4,
					distance: () => 5,
					onNotify: () => undefined,
					onDisconnect: () => undefined,
				});
			}
			bench.time.run(1600);
			assert.isAtMost(bench.goodPhone()!, 3000);
		});

		it("three phones at once, one of them silent: the two others are both served", () => {
			const bench = new BleBench();
			raw(bench);
			const a = bench.phone(ANDROID);
			const b = bench.phone(IOS);
			a.phone.start();
			b.phone.start();
			bench.time.run(16_000);
			assert.lengthOf(a.results, 1);
			assert.lengthOf(b.results, 1);
			assert.lengthOf(bench.decided, 2);
		});
	});

	describe("every frame of a transaction", () => {
		const faults = ["cut", "drop", "double", "swap", "oversize", "empty"] as const;
		for (const fault of faults)
			it(`${fault}: never two decisions, never one without a whole transaction, never a stuck link`, () => {
				for (let n = 0; n < 40; n++) {
					const bench = new BleBench();
					const { phone, results } = bench.phone({ ...IOS, mtu: 40 });
					const fromPhone = bench.radio.characteristic(UUID_FROM_PHONE)!;
					const onWrite = fromPhone.onWrite!.bind(fromPhone);
					let frame = 0;
					let hit = false;
					let kept: Uint8Array | undefined;
					fromPhone.onWrite = (value, link) => {
						if (frame++ !== n) {
							onWrite(value, link);
							if (kept) onWrite(kept, link);
							kept = undefined;
							return;
						}
						hit = true;
						if (fault === "cut") phone.disconnect();
						else if (fault === "double") {
							onWrite(value, link);
							onWrite(value, link);
						} else if (fault === "swap") kept = value;
						else if (fault === "oversize") onWrite(new Uint8Array(515), link);
						else if (fault === "empty") onWrite(new Uint8Array(0), link);
					};
					phone.connect();
					bench.time.run(4000);
					if (!hit) {
						assert.lengthOf(results, 1, "without a fault it is granted");
						break;
					}
					// A doubled last frame comes after the decision: it may stand, once.
					assert.isAtMost(bench.decided.length, fault === "double" ? 1 : 0, `frame ${n}`);
					fromPhone.onWrite = onWrite;
					const before = bench.decided.length;
					assert.isAtMost(bench.goodPhone()!, 3000);
					assert.lengthOf(bench.decided, before + 1);
				}
			});
	});

	describe("distance", () => {
		it("a phone in the room does not open; brought to the reader, it does", () => {
			const bench = new BleBench();
			let metres = 4;
			const { phone, results } = bench.phone(IOS, { distance: () => metres });
			phone.connect();
			bench.time.run(1000);
			assert.lengthOf(bench.decided, 0);
			metres = 0.2;
			bench.time.run(1000);
			assert.lengthOf(results, 1);
			assert.lengthOf(bench.decided, 1);
		});

		it("one that stays away is dropped, so that others may come", () => {
			const bench = new BleBench();
			const { phone } = bench.phone(IOS, { distance: () => 4 });
			phone.connect();
			bench.time.run(2500);
			assert.equal(bench.radio.connections, 0);
			assert.include(bench.failures[0]!.detail, "near");
		});

		it("intent `tap` wants the user's act in the app; `both` wants nearness as well", () => {
			const tap = { near: false, tap: true };
			for (const [intent, tapped, metres, opens] of [
				[tap, true, 4, true],
				[tap, false, 0.2, false],
				[{ near: true, tap: true }, true, 4, false],
				[{ near: true, tap: true }, true, 0.2, true],
			] as const) {
				const bench = new BleBench({ intent });
				bench.phone(IOS, { tapped, distance: () => metres }).phone.connect();
				bench.time.run(2500);
				assert.lengthOf(bench.decided, opens ? 1 : 0, JSON.stringify([intent, tapped, metres]));
			}
		});

		it("message_3 that comes later than a second after message_2 is refused", () => {
			const bench = new BleBench();
			const { phone } = bench.phone({ ...IOS, message3: 1100 });
			phone.connect();
			bench.time.run(4000);
			assert.lengthOf(bench.decided, 0);
			assert.isAtMost(bench.goodPhone()!, 3000);
		});
	});
});
