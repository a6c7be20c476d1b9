// SPDX-License-Identifier: Apache-2.0

import { assert } from "chai";
import { concat, readUint32, toHex, writeUint32 } from "../../../protocol/bytes.js";
import { MAX_CONTENT, MAX_FRAME, RECORD_HEAD, TAG } from "../../../protocol/sync/bounds.js";
import { FRAME } from "../../../protocol/sync/frame.js";
import type { SyncSession } from "../../../protocol/sync/session.js";
import { SeededRandom } from "../../../sim/random.js";
import { providers } from "../../support/providers.js";
import { SyncSite } from "./parties.js";

/** A record of its own bytes. */
function sealed(by: SyncSession, message: Uint8Array): Uint8Array {
	const buffer = new Uint8Array(MAX_FRAME);
	buffer.set(message, RECORD_HEAD);
	return buffer.slice(0, by.seal(buffer, message.length));
}

/** What comes of a record, in hexadecimal; empty where it is dropped. */
function opened(by: SyncSession, record: Uint8Array): string {
	const buffer = new Uint8Array(MAX_FRAME + 16);
	buffer.set(record);
	return toHex(buffer.slice(RECORD_HEAD, RECORD_HEAD + by.open(buffer, record.length)));
}

const said = (...bytes: number[]): Uint8Array => Uint8Array.of(...bytes);

for (const crypto of providers)
	describe(`sync records, ${crypto.name}`, () => {
		const site = new SyncSite(crypto);

		it("carry messages both ways, each at its counter", () => {
			const { reader, site: server } = site.session();
			for (let n = 1; n <= 3; n++) {
				const up = sealed(reader, said(n));
				assert.equal(up[0], FRAME.record);
				assert.equal(readUint32(up, 1), n);
				assert.lengthOf(up, RECORD_HEAD + 1 + TAG);
				assert.equal(opened(server, up), `0${n}`);
				assert.equal(opened(reader, sealed(server, said(n, n))), `0${n}0${n}`);
			}
		});

		it("take 1 to 1,003 bytes, and fill a frame at most", () => {
			const { reader, site: server } = site.session();
			const longest = new Uint8Array(MAX_CONTENT).fill(7);
			const record = sealed(reader, longest);
			assert.lengthOf(record, MAX_FRAME);
			assert.equal(opened(server, record), toHex(longest));
			const buffer = new Uint8Array(2 * MAX_FRAME);
			for (const length of [0, -1, MAX_CONTENT + 1, Number.NaN])
				assert.throws(() => reader.seal(buffer, length), RangeError);
			for (const length of [0, 1, RECORD_HEAD + TAG, MAX_FRAME + 1, 5000])
				assert.equal(server.open(sealedInto(buffer, sealed(reader, said(1))), length), 0, `${length}`);
		});

		it("replay: each opens once, and what is older than the newest never", () => {
			const { reader, site: server } = site.session();
			const records = [1, 2, 3, 4].map((n) => sealed(reader, said(n)));
			assert.equal(opened(server, records[1]!), "02");
			assert.equal(opened(server, records[1]!), "", "again");
			assert.equal(opened(server, records[0]!), "", "before it");
			assert.equal(opened(server, records[3]!), "04", "one is lost");
			assert.equal(opened(server, records[2]!), "");
			assert.equal(opened(server, sealed(reader, said(5))), "05");
		});

		it("reflect: nobody takes its own", () => {
			const { reader, site: server } = site.session();
			const [up, down] = [sealed(reader, said(1)), sealed(server, said(2))];
			assert.equal(opened(reader, up), "");
			assert.equal(opened(server, down), "");
			assert.equal(opened(server, up), "01");
			assert.equal(opened(reader, down), "02");
		});

		it("splice: nothing of another session of the same reader, of another door or of another site", () => {
			const { reader, site: server } = site.session();
			const others = [
				site.session(),
				site.session("door-008"),
				new SyncSite(crypto, 2, "harbour2").session(),
			];
			for (const other of others) {
				assert.equal(opened(server, sealed(other.reader, said(1))), "");
				assert.equal(opened(reader, sealed(other.site, said(1))), "");
			}
			// Head of one, body of the other.
			const [a, b] = [sealed(reader, said(1, 1)), sealed(others[0]!.reader, said(2, 2))];
			assert.equal(opened(server, concat(a.subarray(0, RECORD_HEAD), b.subarray(RECORD_HEAD))), "");
			assert.equal(opened(server, a), "0101");
		});

		it("any bit changed, cut or longer: dropped, and the good one still comes", () => {
			const { reader, site: server } = site.session();
			const random = new SeededRandom(3);
			for (let run = 0; run < 20; run++) {
				const message = random.bytes(1 + random.below(60));
				const record = sealed(reader, message);
				for (let n = 0; n < 12; n++) {
					const bad = record.slice();
					bad[n < RECORD_HEAD ? n : random.below(bad.length)]! ^= 1 << random.below(8);
					assert.equal(opened(server, bad), "");
				}
				assert.equal(opened(server, record.subarray(0, random.below(record.length))), "");
				assert.equal(opened(server, concat(record, said(0))), "");
				// A counter far ahead is not believed before the tag is.
				const ahead = record.slice();
				writeUint32(ahead, 1, 0xffff_ffff);
				assert.equal(opened(server, ahead), "");
				assert.equal(opened(server, record), toHex(message));
			}
		});

		it("any order that a broker makes of them: some of them, each once, in the order that they were sent", () => {
			const { reader, site: server } = site.session();
			const random = new SeededRandom(11);
			let next = 0;
			for (let run = 0; run < 30; run++) {
				const pool: { readonly to: SyncSession; readonly record: Uint8Array }[] = [];
				const taken = new Map<SyncSession, number[]>([
					[reader, []],
					[server, []],
				]);
				for (let n = 0; n < 12; n++) {
					const [by, to] = n % 3 === 0 ? [server, reader] : [reader, server];
					pool.push({ to, record: sealed(by, said(1, next >> 8, next++ & 255)) });
				}
				// Lost, doubled, swapped, sent to the wrong end.
				for (let n = 0; n < 40; n++) {
					const { to, record } = pool[random.below(pool.length)]!;
					const end = random.below(5) === 0 ? (to === reader ? server : reader) : to;
					const message = opened(end, record);
					if (end !== to) assert.equal(message, "");
					else if (message !== "") taken.get(end)!.push(Number.parseInt(message, 16));
				}
				for (const numbers of taken.values()) {
					assert.deepEqual(
						numbers,
						[...new Set(numbers)].sort((a, b) => a - b),
					);
				}
				assert.isAbove([...taken.values()].flat().length, 0);
			}
		});

		it("the counter never wraps: after 2^32-1 records the session is over", () => {
			const { reader, site: server } = site.session();
			(reader as unknown as { sent: number }).sent = 0xffff_fffd;
			const last = [sealed(reader, said(1)), sealed(reader, said(2))];
			assert.equal(readUint32(last[1]!, 1), 0xffff_ffff);
			assert.isTrue(reader.isOver);
			assert.lengthOf(sealed(reader, said(3)), 0);
			assert.equal(opened(server, last[0]!), "01");
			assert.equal(opened(server, last[1]!), "02");
			const again = last[1]!.slice();
			writeUint32(again, 1, 0);
			assert.equal(opened(server, again), "");
			assert.equal(opened(server, last[1]!), "");
		});

		it("once closed it says and takes nothing, and its keys are gone", () => {
			const { reader, site: server } = site.session();
			const record = sealed(server, said(1));
			reader.close();
			reader.close();
			assert.isTrue(reader.isOver);
			assert.lengthOf(sealed(reader, said(1)), 0);
			assert.equal(opened(reader, record), "");
			const { secret } = reader as unknown as { secret: Uint8Array };
			assert.isTrue(secret.every((byte) => byte === 0));
		});

		it("no nonce is used twice: both ways and in two sessions, equal messages have no equal bytes behind the head", () => {
			const seen = new Set<string>();
			const message = new Uint8Array(32);
			for (const { reader, site: server } of [site.session(), site.session()])
				for (let n = 0; n < 50; n++)
					for (const by of [reader, server]) seen.add(toHex(sealed(by, message).subarray(RECORD_HEAD)));
			assert.equal(seen.size, 200);
		});
	});

/** The buffer with a record at its beginning. */
function sealedInto(buffer: Uint8Array, record: Uint8Array): Uint8Array {
	buffer.set(record);
	return buffer;
}
