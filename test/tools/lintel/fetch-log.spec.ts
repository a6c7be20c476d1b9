import { assert } from "chai";
import type { Fields } from "../../../src/provisioning/value.js";
import type { ReaderClient } from "../../../tools/lintel/client.js";
import { Failure } from "../../../tools/lintel/failure.js";
import { fetchLog } from "../../../tools/lintel/fetch-log.js";
import { timeLeft } from "../../../tools/lintel/output.js";

/** A reader that answers so. */
function reader(answer: (at: number) => Fields): ReaderClient {
	return {
		request: async (_name: string, { at }: { at: number }) => answer(at),
	} as unknown as ReaderClient;
}

const CHUNK = 1024;

describe("the reader's log, fetched by cable", () => {
	it("is whole, from readers that say what is blank and from older ones", async () => {
		const log = new Uint8Array(40 * CHUNK).fill(0xff);
		for (const at of [0, 5 * CHUNK + 7, 39 * CHUNK]) log.fill(0x11, at, at + 50);
		for (const newer of [true, false]) {
			let requests = 0;
			const image = await fetchLog(
				reader((at) => {
					requests++;
					const bytes = log.slice(at, at + CHUNK);
					let blank = 0;
					if (bytes.every((byte) => byte === 0xff))
						while (log.subarray(at + CHUNK + blank, at + 2 * CHUNK + blank).every((byte) => byte === 0xff))
							blank += CHUNK;
					return { size: log.length, bytes, ...(newer && { blank }) };
				}),
			);
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
		] as Fields[]) {
			const error = await fetchLog(reader(() => reply)).then(
				() => assert.fail("was taken"),
				(caught: unknown) => caught,
			);
			assert.instanceOf(error, Failure);
		}
		const image = await fetchLog(reader(() => ({ size: 2 * CHUNK, bytes, blank: 2 ** 40 })));
		assert.lengthOf(image, 2 * CHUNK);
	});

	it("says how long it will take, once that can be told", () => {
		assert.equal(timeLeft(1000, 0, 10, 100), "");
		assert.equal(timeLeft(10_000, 0, 10, 100), ", 90 s left");
		assert.equal(timeLeft(10_000, 0, 5, 100), ", 3 min left");
		assert.equal(timeLeft(10_000, 0, 0, 100), "");
		assert.equal(timeLeft(10_000, 0, 99, 100), "");
	});
});
