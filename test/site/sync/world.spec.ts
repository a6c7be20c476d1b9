// SPDX-License-Identifier: Apache-2.0

import { assert } from "chai";
import { NodeCrypto } from "../../../hal/node/crypto.js";
import { readUint32 } from "../../../protocol/bytes.js";
import { type BrokerFaults, HONEST } from "../../../sim/broker.js";
import { DOOR } from "../../../sim/commission.js";
import type { PhoneKind } from "../../../sim/people.js";
import { type Radio, visit } from "../../../sim/scenario.js";
import { World } from "../../../sim/world.js";
import { packRecords } from "../../../site/lib/plan/encode.js";
import { open } from "../../support/plans.js";

const crypto = new NodeCrypto();

/** A whole reader with its radios, in a session with its site. */
function begun(seed: number): World {
	const world = new World({ crypto, server: true, seed });
	world.plan.install();
	world.powerOn();
	assert.isTrue(world.time.runUntil(() => world.server!.hello !== undefined, 60_000));
	world.time.run(5000);
	return world;
}

function tap(world: World, phone: PhoneKind, link: Radio = "nfc") {
	return visit(world, { crypto, link, phone, suite: 4, seed: 1 });
}

/** Until the site has the reader's whole log, and the reader the newest plan. */
function settles(world: World, ms: number): boolean {
	const { books } = world.server!;
	const received = books.log(DOOR, books.registered(DOOR)!);
	return world.time.runUntil(() => {
		const { log, plan } = world.device!.door!.access;
		return (
			plan.version === books.image(DOOR)!.version &&
			received.cursor.serial === log.last &&
			log.acknowledged === log.last
		);
	}, ms);
}

describe("site sync: a whole reader", function () {
	this.timeout(120_000);

	it("phones open the door on both radios while a snapshot of 1,000 credentials comes, as fast as before", () => {
		const world = begun(1);
		const quiet: number[][] = [[], []];
		for (let n = 0; n < 8; n++) {
			quiet[n % 2]!.push(tap(world, "valid", (["nfc", "ble"] as const)[n % 2]!).relayOnMs!);
			world.time.run(200);
		}
		const { books } = world.server!;
		const before = books.image(DOOR)!.version;
		const records = [world.plan.record("valid"), ...Array.from({ length: 1000 }, (_, n) => open(n))];
		books.edit(DOOR, { records: packRecords(records) });
		const { plan } = world.device!.door!.access;
		const busy: number[][] = [[], []];
		for (let n = 0; plan.version === before; n++) {
			assert.isBelow(n, 10, "the snapshot comes between taps");
			const link = n % 2;
			const result = tap(world, "valid", (["nfc", "ble"] as const)[link]!);
			assert.equal(result.reason, "granted");
			busy[link]!.push(result.relayOnMs!);
			world.time.run(200);
		}
		assert.isAtLeast(busy[0]!.length, 1, "a phone was there while it came");
		for (const [link, times] of busy.entries())
			for (const time of times) assert.isAtMost(time, Math.max(...quiet[link]!) + 20);
		assert.isTrue(settles(world, 60_000));
		assert.equal(plan.count, 1001);
		assert.equal(tap(world, "valid").reason, "granted");
	});

	for (const seed of [1, 2, 3])
		it(`a broker that lies in every way: nobody else is let in, and the log is whole, seed ${seed}`, () => {
			const world = begun(seed);
			const { books } = world.server!;
			const all: BrokerFaults = {
				...{ swallow: 0.1, lose: 0.1, late: 0.3, longest: 8000, duplicate: 0.2, replay: 0.3 },
				...{ stale: 0.5, swap: 0.1, truncate: 0.1, alter: 0.1, cut: 0.02 },
			};
			world.broker.faults = all;
			const { plan } = world.device!.door!.access;
			const added = books.image(DOOR)!.version + 1;
			books.edit(DOOR, { records: packRecords([world.plan.record("valid"), world.plan.record("stranger")]) });
			for (let n = 0; n < 6; n++) {
				const wasIn = plan.version >= added;
				const { reason } = tap(world, "stranger");
				// It may have come while the phone was there.
				if (wasIn) assert.equal(reason, "granted");
				else if (plan.version < added) assert.equal(reason, "unknown-credential");
				world.time.run(3000);
			}
			books.revoke([world.people.stranger.id]);
			const sequence = books.notice;
			for (let n = 0; n < 6; n++) {
				const wasOut = plan.notice >= sequence;
				const { reason } = tap(world, "stranger");
				if (wasOut) assert.equal(reason, "revoked");
				world.time.run(3000);
			}
			world.broker.faults = HONEST;
			assert.isTrue(settles(world, 1_200_000));
			assert.equal(tap(world, "stranger").reason, "revoked");
			assert.isTrue(settles(world, 60_000));
			const received = books.log(DOOR, books.registered(DOOR)!);
			assert.deepEqual(
				received.records.map((record) => readUint32(record, 0)),
				Array.from({ length: received.cursor.serial }, (_, i) => i + 1),
			);
			assert.isEmpty(received.problems);
			assert.isEmpty(received.apart);
		});
});
