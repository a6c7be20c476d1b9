// SPDX-License-Identifier: Apache-2.0

import { assert } from "chai";
import { toHex, writeUint32 } from "../../../protocol/bytes.js";
import { NOTICES_SIZE } from "../../../protocol/plan/layout.js";
import { Power, SimFlash, SimStateCell } from "../../../sim/flash.js";
import { SeededRandom } from "../../../sim/random.js";
import { DEVICE_KEY } from "../../../sim/self.js";
import { signRevocation } from "../../../site/lib/notice/sign.js";
import { type PlanImage, signDelta, signSnapshot, tombstone } from "../../../site/lib/plan/encode.js";
import { emptyEntry } from "../../../src/access/plan-entry.js";
import { SealedState } from "../../../src/config/sealed-state.js";
import { MAX_IDS, NOTICE_RECORD } from "../../../src/plan/notices.js";
import { PlanStore } from "../../../src/plan/store.js";
import { id, image, install, open, testSite } from "../../support/plans.js";
import { providers } from "../../support/providers.js";

const crypto = providers[0]!;
const { signing, trust } = testSite(crypto);
const second = testSite(crypto, "ACME", 1, 2);

/** What lies in a reader while it is off. */
class Reader {
	readonly power = new Power();
	readonly flash = new SimFlash({ size: 2 * 64 * 1024, power: this.power });
	readonly notices = new SimFlash({ size: NOTICES_SIZE, power: this.power });
	readonly cell = new SimStateCell(this.power);
	trust = trust;

	start(): PlanStore {
		const sealed = new SealedState(this.cell, crypto, DEVICE_KEY);
		const store = new PlanStore({
			...{ flash: this.flash, crypto, rollbackCounter: sealed, deviceKey: DEVICE_KEY, door: "front" },
			...{ trust: this.trust, knownTime: () => undefined, notices: { flash: this.notices, sealed } },
		});
		store.open();
		return store;
	}

	/** One with the plan `one` in force. */
	static with(plan: PlanImage): { reader: Reader; store: PlanStore } {
		const reader = new Reader();
		const store = reader.start();
		assert.equal(install(store, signSnapshot(plan, signing)), "done");
		return { reader, store };
	}
}

const noticeOf = (sequence: number, numbers: readonly number[]): Uint8Array =>
	signRevocation({ site: "ACME", sequence, issued: 1_800_000_000 }, numbers.map(id), signing);
const notice = (sequence: number, ...numbers: number[]): Uint8Array => noticeOf(sequence, numbers);
const of = (epoch: number, sequence: number, ...numbers: number[]): Uint8Array =>
	signRevocation({ site: "ACME", sequence, issued: 1 }, numbers.map(id), { ...signing, epoch });

function kinds(store: PlanStore, ...numbers: number[]): string[] {
	return numbers.map((n) => {
		const into = emptyEntry();
		store.lookup(id(n), into);
		return into.kind;
	});
}

const range = (from: number, count: number): number[] => Array.from({ length: count }, (_, n) => from + n);
const one = image(1, [open(1), open(2), open(3)]);

describe("revocation notices at the reader", () => {
	it("revoke at once, over starts, who is in the plan and who is not", () => {
		const { reader, store } = Reader.with(one);
		assert.deepEqual(kinds(store, 1, 2, 9), ["listed", "listed", "absent"]);
		assert.isObject(store.takeNotice(notice(1, 2, 9)));
		for (const now of [store, reader.start(), reader.start()]) {
			assert.deepEqual(kinds(now, 1, 2, 9), ["listed", "revoked", "revoked"]);
			assert.deepEqual([now.absence, now.notice, now.version], [undefined, 1, 1]);
		}
		assert.equal(reader.notices.mismatches, 0);
	});

	it("said again change nothing, and are refused where another key signed, or for another site", () => {
		const { reader, store } = Reader.with(one);
		assert.isObject(store.takeNotice(notice(1, 2)));
		const { writes, erases } = reader.notices;
		const cell = reader.cell.writes;
		for (let n = 0; n < 3; n++) assert.equal(store.takeNotice(notice(1, 2)), "known");
		assert.deepEqual(
			[reader.notices.writes, reader.notices.erases, reader.cell.writes],
			[writes, erases, cell],
		);
		const other = testSite(crypto, "OTHER", 2).signing;
		const foreign = signRevocation({ site: "ACME", sequence: 2, issued: 1 }, [id(1)], other);
		assert.equal(store.takeNotice(foreign), "unknown-issuer");
		assert.equal(store.takeNotice(of(2, 2, 1)), "wrong-epoch");
		assert.deepEqual(kinds(store, 1), ["listed"]);
	});

	it("act however late those before them come; how far the row goes is said", () => {
		const { reader, store } = Reader.with(one);
		for (const [sequence, who, row] of [
			[3, 2, 0],
			[5, 9, 0],
			[1, 8, 1],
			[2, 7, 3],
			[4, 1, 5],
		] as const) {
			assert.isObject(store.takeNotice(notice(sequence, who)));
			assert.equal(store.notice, row, `after ${sequence}`);
			assert.equal(reader.start().notice, row);
			assert.deepEqual(kinds(store, who), ["revoked"]);
		}
		assert.deepEqual(kinds(reader.start(), 1, 2, 3, 7, 8, 9), [
			...["revoked", "revoked", "listed", "revoked", "revoked", "revoked"],
		]);
	});

	it("go when a plan is in force that has them, whole or as a delta; what the plan lacks stays", () => {
		const { reader, store } = Reader.with(one);
		for (const n of [1, 2, 3]) assert.isObject(store.takeNotice(notice(n, n)));
		// It lists all three, and says that it has the first two notices alone.
		const older = image(2, [tombstone(id(1)), tombstone(id(2)), open(3)], { notice: 2 });
		assert.equal(store.applyDelta(signDelta(one, older, signing)), "applied");
		assert.deepEqual(kinds(store, 1, 2, 3), ["revoked", "revoked", "revoked"]);
		assert.equal(store.notice, 3);
		const all = image(3, [tombstone(id(1)), tombstone(id(2)), tombstone(id(3))], { notice: 3 });
		assert.equal(store.applyDelta(signDelta(older, all, signing)), "applied");
		const { count } = new SealedState(reader.cell, crypto, DEVICE_KEY).notices;
		assert.equal(count, 0);
		assert.deepEqual([store.notice, reader.start().notice], [3, 3]);
		assert.equal(store.takeNotice(notice(2, 5)), "known", "it is in the plan");
		assert.equal(new SealedState(reader.cell, crypto, DEVICE_KEY).notices.count, 0);
		assert.deepEqual(kinds(reader.start(), 1, 2, 3), ["revoked", "revoked", "revoked"]);
	});

	it("an id in one does not come back by a delta or a snapshot that has not heard of it", () => {
		const { reader, store } = Reader.with(one);
		assert.isObject(store.takeNotice(notice(1, 4, 5)));
		const delta = image(2, [open(1), open(2), open(3), open(4)]);
		assert.equal(store.applyDelta(signDelta(one, delta, signing)), "applied");
		assert.equal(install(store, signSnapshot(image(3, [open(4), open(5), open(6)]), signing)), "done");
		for (const now of [store, reader.start()])
			assert.deepEqual(kinds(now, 4, 5, 6), ["revoked", "revoked", "listed"]);
	});

	it("keep a thousand ids, refuse what is more, and drop none; a plan that has them makes room", () => {
		const { reader, store } = Reader.with(one);
		for (let n = 0; n < 10; n++) assert.isObject(store.takeNotice(noticeOf(n + 1, range(100 * n + 10, 99))));
		assert.isObject(store.takeNotice(noticeOf(11, range(2000, 10))));
		assert.equal(new SealedState(reader.cell, crypto, DEVICE_KEY).notices.count, MAX_IDS);
		assert.equal(store.takeNotice(notice(12, 1)), "notices-full");
		assert.deepEqual([store.notice, ...kinds(store, 1)], [11, "listed"]);
		const full = reader.start();
		assert.equal(full.takeNotice(notice(12, 1)), "notices-full");
		for (let n = 0; n < 10; n++)
			for (const who of range(100 * n + 10, 99)) assert.deepEqual(kinds(full, who), ["revoked"]);
		assert.deepEqual(kinds(full, 2000, 2009, 2010), ["revoked", "revoked", "absent"]);
		const next = image(2, [open(1), open(2), open(3)], { notice: 4 });
		assert.equal(full.applyDelta(signDelta(one, next, signing)), "applied");
		assert.isObject(full.takeNotice(notice(12, 1)));
		assert.deepEqual([full.notice, ...kinds(full, 1, 500, 2009)], [12, "revoked", "revoked", "revoked"]);
		assert.equal(reader.notices.mismatches, 0);
	});

	it("that are refused again and again cost the flash nothing", () => {
		const { reader, store } = Reader.with(one);
		for (let n = 1; n <= 10; n++) assert.isObject(store.takeNotice(noticeOf(n, range(100 * n, 100))));
		for (const now of [store, reader.start()]) {
			const { operations } = reader.power;
			for (let n = 0; n < 100; n++) assert.equal(now.takeNotice(notice(11, 2000)), "notices-full");
			assert.equal(reader.power.operations, operations);
		}
	});

	it("that come in the worst order are read once each to say how far the row goes", () => {
		const { reader, store } = Reader.with(one);
		for (let n = 300; n > 0; n--) assert.isObject(store.takeNotice(notice(n, 100 + n)));
		const before = reader.notices.readBytes;
		assert.equal(store.notice, 300);
		assert.isAtMost(reader.notices.readBytes - before, 300 * NOTICE_RECORD);
	});

	it("of an epoch before stay until a plan of the list's epoch is in force", () => {
		const { reader } = Reader.with(one);
		assert.isObject(reader.start().takeNotice(of(1, 7, 2)));
		reader.trust = second.trust;
		const store = reader.start();
		assert.deepEqual([store.epoch, store.notice, ...kinds(store, 1, 2)], [1, 0, "listed", "revoked"]);
		assert.equal(store.takeNotice(of(1, 8, 1)), "wrong-epoch");
		assert.isObject(store.takeNotice(of(2, 1, 3)));
		assert.deepEqual([store.notice, ...kinds(store, 1, 2, 3)], [1, "listed", "revoked", "revoked"]);
		const next = image(1, [open(1), tombstone(id(2)), open(3)]);
		assert.equal(install(store, signSnapshot(next, second.signing)), "done");
		for (const now of [store, reader.start()])
			assert.deepEqual([now.notice, ...kinds(now, 1, 2, 3)], [1, "listed", "revoked", "revoked"]);
		const included = image(2, [open(1), tombstone(id(2)), tombstone(id(3))], { notice: 1 });
		assert.equal(install(store, signSnapshot(included, second.signing)), "done");
		assert.equal(new SealedState(reader.cell, crypto, DEVICE_KEY).notices.count, 0);
	});

	for (const [what, change] of Object.entries({
		erased: ({ notices }: Reader) => notices.bytes.fill(0xff),
		"put back as it was before": ({ notices }: Reader, before: Uint8Array) => notices.restore(before),
		altered: ({ notices }: Reader) => {
			for (const at of [0, NOTICES_SIZE / 2]) notices.bytes[at + 8]! ^= 1;
		},
	}))
		it(`that are ${what} let nobody in until a plan is in force that has them`, () => {
			const { reader, store } = Reader.with(one);
			assert.isObject(store.takeNotice(notice(1, 9)));
			const before = reader.notices.snapshot();
			assert.isObject(store.takeNotice(notice(2, 2)));
			change(reader, before);
			for (let n = 0; n < 2; n++) {
				const lost = reader.start();
				assert.deepEqual([lost.problem, lost.absence, lost.damaged], ["notices-lost", "plan-damaged", true]);
				assert.isUndefined(lost.tables);
				assert.isUndefined(lost.mode(undefined));
				assert.isFalse(lost.lookup(id(1), emptyEntry()));
				assert.equal(lost.takeNotice(notice(3, 3)), "notices-lost");
				assert.equal(lost.notice, 0);
			}
			const lost = reader.start();
			assert.equal(install(lost, signSnapshot(image(2, [open(1), open(2)], { notice: 1 }), signing)), "done");
			assert.isFalse(lost.lookup(id(1), emptyEntry()), "that plan lacks the second");
			assert.equal(reader.start().absence, "plan-damaged");
			const has = image(2, [open(1), tombstone(id(2))], { notice: 2 });
			assert.equal(install(lost, signSnapshot(has, signing)), "done", "also of the version in force");
			for (const now of [lost, reader.start()]) {
				assert.deepEqual([now.absence, now.notice, now.damaged], [undefined, 2, false]);
				assert.deepEqual(kinds(now, 1, 2), ["listed", "revoked"]);
			}
			assert.isObject(reader.start().takeNotice(notice(3, 3)));
		});

	it("count whole or not at all where the sealed state takes no change", () => {
		const { reader, store } = Reader.with(one);
		assert.isObject(store.takeNotice(notice(1, 9)));
		const write = reader.cell.write.bind(reader.cell);
		reader.cell.write = () => {
			throw new Error("full");
		};
		assert.equal(store.takeNotice(notice(2, 2)), "flash-fault");
		assert.deepEqual([store.notice, ...kinds(store, 2, 9)], [1, "listed", "revoked"]);
		reader.cell.write = write;
		assert.isObject(store.takeNotice(notice(2, 2)));
		for (const now of [store, reader.start()])
			assert.deepEqual([now.notice, ...kinds(now, 2, 9)], [2, "revoked", "revoked"]);
		assert.equal(reader.notices.mismatches, 0);
	});

	it("are as a list of all that came says, whatever comes in which order, over starts and plans", () => {
		for (let seed = 1; seed <= 4; seed++) {
			const random = new SeededRandom(seed);
			const { reader, store: begun } = Reader.with(one);
			let store = begun;
			let plan = one;
			let sequence = 0;
			const came = new Map<number, number[]>();
			for (let step = 0; step < 50; step++) {
				const dice = random.below(10);
				if (dice === 0) store = reader.start();
				else if (dice === 1) {
					const records = [...(plan.records.length ? [open(1), open(2), open(3)] : [])];
					const next = image(plan.version + 1, records, { notice: random.below(store.notice + 1) });
					if (next.notice! < (plan.notice ?? 0)) continue;
					assert.equal(store.applyDelta(signDelta(plan, next, signing)), "applied");
					plan = next;
				} else {
					// Sometimes one of before, or one ahead of its turn.
					const number = Math.max(1, sequence + 2 - random.below(4));
					const ids = came.get(number) ?? range(number * 100 + 10, 1 + random.below(30));
					const result = store.takeNotice(noticeOf(number, ids));
					if (came.has(number)) assert.equal(result, "known", `seed ${seed}, step ${step}`);
					else assert.isObject(result, `seed ${seed}, step ${step}`);
					came.set(number, ids);
					sequence = Math.max(sequence, number);
				}
				let row = 0;
				while (came.has(row + 1)) row++;
				assert.equal(store.notice, row, `seed ${seed}, step ${step}`);
				for (const [number, ids] of came)
					if (number > (plan.notice ?? 0))
						for (const n of ids) assert.deepEqual(kinds(store, n), ["revoked"], `seed ${seed}, step ${step}`);
				assert.deepEqual(kinds(store, 1, 2, 3, 4), ["listed", "listed", "listed", "absent"]);
			}
			assert.equal(reader.notices.mismatches, 0);
		}
	});

	it("lie in flash as docs/formats/notice.md says", () => {
		const { reader, store } = Reader.with(one);
		assert.isObject(store.takeNotice(notice(5, 2, 9)));
		const wanted = new Uint8Array(32);
		for (const [n, who] of [2, 9].entries()) {
			writeUint32(wanted, 16 * n, 1);
			writeUint32(wanted, 16 * n + 4, 5);
			wanted.set(id(who), 16 * n + 8);
		}
		assert.equal(toHex(reader.notices.bytes.subarray(0, 32)), toHex(wanted));
		assert.isTrue(reader.notices.bytes.subarray(32).every((byte) => byte === 0xff));
		const { bank, count, hash } = new SealedState(reader.cell, crypto, DEVICE_KEY).notices;
		assert.deepEqual([bank, count, toHex(hash)], [0, 2, toHex(crypto.sha256(wanted).subarray(0, 16))]);
	});
});
