// SPDX-License-Identifier: Apache-2.0

import { assert } from "chai";
import { timeLeft } from "../../../cli/output.js";
import type { CborMap } from "../../../protocol/cbor/value.js";
import { EVENTS } from "../../../protocol/events.js";
import { verifyLog } from "../../../protocol/log/verify.js";
import { SeededRandom } from "../../../sim/random.js";
import { LogImage } from "../../../site/lib/log/image.js";
import { ClientError } from "../../../site/lib/provisioning/errors.js";
import * as provisioning from "../../../site/lib/provisioning/fetch-log.js";

import { crypto, key, logWorld } from "../../src/log/world.js";
import { readerOf } from "./reader.js";

/** The log of a reader that answers so. */
function fetchLog(answer: (at: number) => CborMap): Promise<Uint8Array> {
	return provisioning.fetchLog(
		readerOf((_name, { at }) => answer(at as number)),
		crypto,
	);
}

const CHUNK = 1024;

describe("the reader's log, fetched by cable", () => {
	it("is whole, from readers that say what is blank and from older ones", async () => {
		const log = new Uint8Array(40 * CHUNK).fill(0xff);
		for (const at of [0, 5 * CHUNK + 7, 39 * CHUNK]) log.fill(0x11, at, at + 50);
		for (const newer of [true, false]) {
			let requests = 0;
			const image = await fetchLog((at) => {
				requests++;
				const bytes = log.slice(at, at + CHUNK);
				let blank = 0;
				if (bytes.every((byte) => byte === 0xff))
					while (log.subarray(at + CHUNK + blank, at + 2 * CHUNK + blank).every((byte) => byte === 0xff))
						blank += CHUNK;
				return { size: log.length, bytes, ...(newer && { blank }) };
			});
			assert.deepEqual(new Uint8Array(image), log);
			assert.equal(requests, newer ? 5 : 40);
		}
	});

	it("takes no reader's word that it goes on for ever, or beyond its end", async () => {
		const bytes = new Uint8Array(CHUNK).fill(0xff);
		for (const reply of [
			{ size: CHUNK, bytes: new Uint8Array(0) },
			{ size: 100, bytes },
			{ size: 2 ** 40, bytes },
			{ size: -1, bytes },
			{ size: "much", bytes },
			{ size: CHUNK },
			{},
		] as CborMap[]) {
			const error = await fetchLog(() => reply).then(
				() => assert.fail("was taken"),
				(caught: unknown) => caught,
			);
			assert.instanceOf(error, ClientError);
		}
		const image = await fetchLog(() => ({ size: 2 * CHUNK, bytes, blank: 2 ** 40 }));
		assert.lengthOf(image, 2 * CHUNK);
	});

	describe("while the door goes on", () => {
		const size = 4096;

		/** A log and the reader that sends it; `before` is called before each request. */
		function writtenTo(sectors: number, records: number) {
			const world = logWorld(sectors, size);
			const log = world.start();
			while (log.last < records) {
				log.append(EVENTS.exit, 0, log.last);
				log.acknowledge(log.last);
			}
			let requests = 0;
			const fetch = (before: (request: number) => void): Promise<Uint8Array> => {
				requests = 0;
				return fetchLog((at) => {
					before(requests++);
					const bytes = new Uint8Array(Math.min(CHUNK, world.flash.size - at));
					world.flash.read(at, bytes);
					return { size: world.flash.size, bytes, blank: 0 };
				});
			};
			return { log, fetch, requests: () => requests };
		}

		function check(image: Uint8Array, least: number, what: string): void {
			const report = verifyLog(new LogImage(image), crypto, {
				publicKey: key.publicKey,
				site: { serial: least },
			});
			assert.deepEqual(report.problems, [], what);
			assert.deepInclude(report, { gaps: [], torn: 0 }, what);
		}

		it("is that of one moment, whenever how many events come", async () => {
			// In the middle of the flash, at its end, and where the ring has begun anew; with little and much room left.
			for (const records of [1, 120, 123, 240, 247, 490, 617, 1111]) {
				const quiet = writtenTo(4, records);
				await quiet.fetch(() => {});
				const parts = quiet.requests();
				assert.isAtMost(parts, 4 * 4 + 4 * 3);
				for (let moment = 0; moment < parts; moment++) {
					for (const burst of [1, 9, 130, 260]) {
						const { log, fetch } = writtenTo(4, records);
						const image = await fetch((request) => {
							if (request !== moment) return;
							for (let n = 0; n < burst; n++) log.append(EVENTS.exit, 0, n);
							log.maintain();
						});
						check(
							image,
							moment < 16 ? records + 1 : records,
							`${records} records, ${burst} before ${moment}`,
						);
					}
				}
			}
		});

		it("is that of one moment where events come without a pause", async () => {
			const random = new SeededRandom(8);
			for (let run = 0; run < 60; run++) {
				const records = random.below(1200);
				const most = 1 + random.below(12);
				const { log, fetch } = writtenTo(3 + random.below(6), records);
				const image = await fetch(() => {
					for (let n = random.below(most); n > 0; n--) log.append(EVENTS.exit, 0, n);
					if (random.below(2) === 0) log.maintain();
					// As the site takes them.
					log.acknowledge(log.last);
				});
				check(image, records, `run ${run}: ${records}, up to ${most} before each part`);
			}
		});

		it("is that of one moment or none where more comes than the cable carries away", async () => {
			const random = new SeededRandom(9);
			let none = 0;
			for (let run = 0; run < 60; run++) {
				const most = 8 << random.below(4);
				const { log, fetch } = writtenTo(3 + random.below(8), random.below(1200));
				try {
					const image = await fetch(() => {
						for (let n = 0; n < most; n++) log.append(EVENTS.exit, 0, n);
						log.acknowledge(log.last);
					});
					check(image, 0, `run ${run}: ${most} before each part`);
				} catch (error) {
					if (!(error instanceof ClientError)) throw error;
					assert.equal(error.reason, "log-moves");
					none++;
				}
			}
			assert.isAbove(none, 0);
			assert.isBelow(none, 60);
		});

		it("is not mended where somebody has changed it", async () => {
			const { log, fetch } = writtenTo(4, 200);
			const image = await fetch(() => log.append(EVENTS.exit, 0, 0));
			const flash = image.slice();
			for (const at of [CHUNK + 3, 4096 + 300, 4096 + 2000]) {
				const changed = flash.slice();
				changed[at]! ^= 1;
				const copied = await fetchLog((from) => ({
					size: changed.length,
					bytes: changed.slice(from, from + CHUNK),
				}));
				assert.deepEqual(new Uint8Array(copied), changed);
				assert.isFalse(verifyLog(new LogImage(copied), crypto, { publicKey: key.publicKey }).intact);
			}
		});
	});

	it("says how long it will take, once that can be told", () => {
		assert.equal(timeLeft(1000, 0, 10, 100), "");
		assert.equal(timeLeft(10_000, 0, 10, 100), ", 90 s left");
		assert.equal(timeLeft(10_000, 0, 5, 100), ", 3 min left");
		assert.equal(timeLeft(10_000, 0, 0, 100), "");
		assert.equal(timeLeft(10_000, 0, 99, 100), "");
	});
});
