// SPDX-License-Identifier: Apache-2.0

import { assert } from "chai";
import { toHex } from "../../../protocol/bytes.js";
import { SUITE_IDS } from "../../../protocol/edhoc/suites.js";
import { advertisement } from "../../../protocol/link/ble-service.js";
import { ANDROID, BleBench, IOS } from "./bench.js";

describe("BLE peripheral", () => {
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
		it(`${profile.name} in the background connects within a round of its scan, in its window, and never at once for all`, () => {
			const waits: number[] = [];
			for (let seed = 1; seed <= 40; seed++) {
				const bench = new BleBench({ seed });
				const { phone } = bench.phone(profile);
				const start = bench.time.now();
				phone.start();
				bench.time.runUntil(() => phone.link !== undefined, 20_000);
				waits.push(bench.time.now() - start - profile.connect);
			}
			// A window that opens hears the next advertisement, 20 ms and up to 10 ms of chance later, and the last of a
			// window may be missed.
			assert.isAtLeast(Math.min(...waits), 0);
			assert.isAtMost(Math.max(...waits), 2 * profile.scanInterval);
			const mean = waits.reduce((sum, ms) => sum + ms) / waits.length;
			assert.isAbove(mean, (profile.scanInterval - profile.scanWindow) / 4);
			assert.isBelow(mean, profile.scanInterval);
		});

	for (const profile of [IOS, ANDROID])
		for (const suite of SUITE_IDS)
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
					{ kind: "decision", decision: { granted: true, reason: "granted" }, door: "FRONT", listVersion: 1 },
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
			{ kind: "decision", decision: { granted: false, reason: "revoked" }, door: "FRONT", listVersion: 1 },
		]);
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
