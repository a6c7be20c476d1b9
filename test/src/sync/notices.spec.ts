// SPDX-License-Identifier: Apache-2.0

import { assert } from "chai";
import { EVENTS } from "../../../protocol/events.js";
import { decodeRecord } from "../../../protocol/log/record.js";
import { topicRevoked } from "../../../protocol/sync/topics.js";
import { signRevocation } from "../../../site/lib/notice/sign.js";
import { emptyEntry } from "../../../src/access/plan-entry.js";
import { BEGIN, crypto, idOf, many, SITE, SyncWorld } from "./world.js";

const TOPIC = topicRevoked(SITE);

/** A reader with three credentials in its plan, in a session. */
function running(): SyncWorld {
	const world = new SyncWorld();
	world.books.plans(many(3));
	world.start();
	assert.isTrue(world.settle() && world.has(1));
	return world;
}

function kinds({ reader }: SyncWorld, ...numbers: number[]): string[] {
	return numbers.map((n) => {
		const into = emptyEntry();
		reader.plan.lookup(idOf(n), into);
		return into.kind;
	});
}

/** Notices that came into force, by the log: sequence and how many they revoke. */
function logged({ reader }: SyncWorld): string[] {
	const found: string[] = [];
	const cursor = reader.log.read(1);
	for (let one = cursor.next(); one !== undefined; one = cursor.next()) {
		const { detail, kind, value } = decodeRecord(one);
		if (kind === EVENTS.revocation) found.push(`${value}: ${detail}`);
	}
	return found;
}

/** One that the site signs and keeps for itself. */
const signedBy = (world: SyncWorld, sequence: number, ...numbers: number[]): Uint8Array =>
	signRevocation({ site: SITE, sequence, issued: BEGIN }, numbers.map(idOf), {
		crypto,
		...world.books.keys.signing,
	});

describe("revocations by sync", () => {
	it("that a flood brings are checked one at a time, with time for the door between two of them", () => {
		const world = running();
		const plan = world.reader.target.reader.plan!;
		const checked: number[] = [];
		Object.defineProperty(plan, "takeNotice", {
			value: () => checked.push(world.time.now()) && "bad-signature",
		});
		for (let n = 0; n < 20; n++) world.broker.publish(TOPIC, signedBy(world, n + 1, n));
		world.time.run(5000);
		assert.equal(checked.length, 20);
		for (let n = 1; n < checked.length; n++) assert.isAtLeast(checked[n]! - checked[n - 1]!, 50);
		assert.isTrue(world.inSession);
	});

	it("hold at the next tap, seconds before the plan has them, and are in the log once", () => {
		const world = running();
		// The plan never comes.
		world.onDown = (topic) => topic === TOPIC;
		world.books.revoke([idOf(1), idOf(9)]);
		assert.isTrue(
			world.time.runUntil(() => kinds(world, 1)[0] === "revoked", 1000),
			"within a second",
		);
		assert.deepEqual(kinds(world, 0, 1, 2, 9), ["listed", "revoked", "listed", "revoked"]);
		assert.equal(world.reader.plan.version, 1);
		world.onDown = undefined;
		assert.isTrue(world.has(2));
		world.time.run(60_000);
		assert.deepEqual(logged(world), ["1: 2"]);
		assert.deepEqual(kinds(world, 0, 1, 2), ["listed", "revoked", "listed"]);
	});

	it("come by the session where the broker keeps them back, and by the broker where the site is gone", () => {
		const world = running();
		world.onDown = (topic) => topic !== TOPIC;
		world.books.deltas = false;
		world.books.revoke([idOf(1)]);
		assert.isTrue(world.time.runUntil(() => kinds(world, 1)[0] === "revoked", 5000));
		world.siteDown();
		world.stop();
		world.start();
		world.broker.publish(TOPIC, signedBy(world, 2, 2), true);
		assert.isTrue(
			world.time.runUntil(() => kinds(world, 2)[0] === "revoked", 30_000),
			"no session is needed",
		);
		assert.isFalse(world.inSession);
		assert.deepEqual(kinds(world, 0, 1, 2), ["listed", "revoked", "revoked"]);
	});

	it("that are missing between are asked for, and what came meanwhile acts", () => {
		const world = running();
		world.siteDown();
		world.stop();
		for (const n of [0, 1]) world.books.revoke([idOf(n)]);
		world.start();
		// The broker has the newest alone, and nobody says the one before.
		world.broker.publish(TOPIC, world.books.noticeOf(2)!, true);
		assert.isTrue(world.time.runUntil(() => kinds(world, 1)[0] === "revoked", 30_000));
		assert.deepEqual([world.reader.plan.notice, ...kinds(world, 0)], [0, "listed"]);
		world.onDown = (topic) => topic !== TOPIC;
		world.siteUp();
		assert.isTrue(world.time.runUntil(() => world.reader.plan.notice === 2, 120_000));
		assert.deepEqual(kinds(world, 0, 1, 2), ["revoked", "revoked", "listed"]);
		assert.sameMembers(logged(world), ["2: 1", "1: 1"]);
	});

	it("that come again, for months, or from a stranger, change nothing and are in no log", () => {
		const world = running();
		world.books.revoke([idOf(1)]);
		assert.isTrue(world.has(2));
		const old = world.books.noticeOf(1)!;
		world.books.revoke([idOf(2)]);
		assert.isTrue(world.has(3));
		const { writes } = world.noticesFlash;
		const before = logged(world);
		const forged = old.slice();
		forged[60]! ^= 1;
		const other = byAnotherKey(world);
		for (const bytes of [old, forged, other, new Uint8Array(0), new Uint8Array(1024), old.subarray(1)])
			for (let n = 0; n < 3; n++) {
				world.broker.publish(TOPIC, bytes, n === 0);
				world.time.run(1000);
			}
		assert.isTrue(world.inSession);
		assert.deepEqual([world.noticesFlash.writes, logged(world)], [writes, before]);
		assert.deepEqual(kinds(world, 0, 1, 2), ["listed", "revoked", "revoked"]);
	});

	it("that find no room make the site send a plan that has them", () => {
		const world = running();
		world.onDown = (topic) => topic === TOPIC;
		// The broker alone says them: the site hears of no change, and sends no plan.
		for (let n = 0; n < 10; n++) {
			const ids = Array.from({ length: 100 }, (_, i) => 1000 + 100 * n + i);
			world.broker.publish(TOPIC, signedBy(world, n + 1, ...ids), true);
			world.time.run(1000);
		}
		world.broker.publish(TOPIC, signedBy(world, 11, 2), true);
		world.time.run(1000);
		assert.deepEqual([world.reader.plan.notice, ...kinds(world, 2, 1999)], [10, "listed", "revoked"]);
		world.onDown = undefined;
		for (let n = 0; n < 10; n++) world.books.revoke([idOf(5000 + n)]);
		world.books.revoke([idOf(2)]);
		assert.isTrue(world.time.runUntil(() => kinds(world, 2)[0] === "revoked", 120_000));
		assert.isTrue(world.time.runUntil(() => world.reader.plan.notice === 11, 120_000));
	});
});

/** A notice of a site that has the name, and other keys. */
function byAnotherKey(world: SyncWorld): Uint8Array {
	const { signing } = world.books.keys;
	const pair = crypto.ed25519KeyPair(new Uint8Array(32).fill(77));
	const signer = {
		algorithm: signing.signer.algorithm,
		sign: (m: Uint8Array) => crypto.ed25519Sign(m, pair.secretKey),
	};
	return signRevocation({ site: SITE, sequence: 3, issued: BEGIN }, [idOf(0)], {
		...signing,
		crypto,
		signer,
	});
}
