// SPDX-License-Identifier: Apache-2.0

import { assert } from "chai";
import { NodeCrypto } from "../../../hal/node/crypto.js";
import { readUint32 } from "../../../protocol/bytes.js";
import { EphemeralPool } from "../../../protocol/edhoc/ephemeral.js";
import { NO_END } from "../../../protocol/plan/format.js";
import { topicUp } from "../../../protocol/sync/topics.js";
import { SimBroker } from "../../../sim/broker.js";
import { SeededRandom } from "../../../sim/random.js";
import { EPOCH, SimSite } from "../../../sim/site.js";
import { VirtualTime } from "../../../sim/time.js";
import { connectBroker, practiceServerKey, serverModel, UPLINK } from "../../../sim/uplink.js";
import { ALWAYS_OPEN, encodeTables, packRecords } from "../../../site/lib/plan/encode.js";
import type { DoorNews } from "../../../site/lib/sync/books.js";
import { MemoryBooks } from "../../../site/lib/sync/memory-books.js";
import { SiteSync } from "../../../site/lib/sync/site-sync.js";
import { LiarDoor } from "../../../tools/liar/door.js";

const crypto = new NodeCrypto();
const DOOR = "east";
const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;
const YEAR_S = 365 * 86_400;

/** A site with one door, and what its administrator is told. */
class Story {
	readonly time = new VirtualTime();
	readonly broker = new SimBroker(this.time, 1);
	readonly site: SimSite;
	readonly books: MemoryBooks;
	readonly news: DoorNews[] = [];
	sync!: SiteSync;
	readonly door: LiarDoor;
	readonly anna = new Uint8Array(8).fill(1);
	readonly ben = new Uint8Array(8).fill(2);
	/** By how much the site's clock is wrong, s. */
	siteAhead = 0;

	constructor() {
		const serverKey = practiceServerKey(crypto);
		this.site = new SimSite(crypto, new SeededRandom(1), "ACME", [serverModel(serverKey)], EPOCH);
		const { keys } = this.site;
		this.books = new MemoryBooks({
			...{ crypto, site: keys, serverKey, signing: { crypto, ...keys.signing } },
			seconds: () => this.seconds + this.siteAhead,
		});
		this.books.onNews = (_door, news) => this.news.push(news);
		this.serverUp();
		this.door = this.reader(3);
		const { books } = this;
		books.register(DOOR, this.door.reader);
		const image = { site: "ACME", door: DOOR, version: 1, issued: EPOCH - 60, expires: 0 };
		const records = packRecords([this.anna].map((id) => this.record(id)));
		books.setPlan({ ...image, tables: encodeTables(ALWAYS_OPEN), records });
	}

	/** The site's server starts, with what its books have. */
	serverUp(): void {
		const { books, broker, time } = this;
		const sync = new SiteSync(
			{
				...{ crypto, ephemerals: new EphemeralPool(crypto, new SeededRandom(2)) },
				seconds: () => this.seconds + this.siteAhead,
				clock: { now: () => time.now(), after: (ms, run) => time.after(ms * 1000, run) },
				publish: (topic, data, retain) => broker.publish(topic, data, retain),
			},
			books,
		);
		this.sync = sync;
		books.onChange = (door) => sync.changed(door);
		broker.watch(topicUp(this.site.id, "+"), ({ data, topic }) => sync.take(topic, data));
		sync.connected();
	}

	get seconds(): number {
		return EPOCH + Math.floor(this.time.micros / 1_000_000);
	}

	record(id: Uint8Array) {
		return { id, access: 0, flags: 0, from: 0, until: NO_END };
	}

	/** A reader of the door; one seed gives one reader, with its keys. */
	reader(seed: number): LiarDoor {
		const door = new LiarDoor(
			{
				...{ time: this.time, crypto, random: new SeededRandom(seed), server: UPLINK.server },
				seconds: () => this.seconds,
			},
			{ door: DOOR, trust: this.site.trust, by: this.site.keys.signing },
		);
		connectBroker(door.network, this.broker);
		return door;
	}

	/** The door's first session, and all that follows from it. */
	begin(): void {
		this.door.powerOn();
		assert.isTrue(this.drained(), "the first session");
	}

	/** What the site has of the log of this reader. */
	log(of = this.door) {
		return this.books.log(DOOR, of.reader);
	}

	/** Until the site has the whole log, and the newest plan is in force. */
	drained(of = this.door, ms = 10 * MINUTE_MS): boolean {
		return this.time.runUntil(() => {
			const { access } = of.device!.door!;
			return (
				access.plan.version === this.books.image(DOOR)!.version &&
				this.log(of).cursor.serial === access.log.last &&
				access.log.acknowledged === access.log.last
			);
		}, ms);
	}

	/** The records at the site are each serial once, and those that the reader still has are the reader's. */
	check(of = this.door): void {
		const { records } = this.log(of);
		records.forEach((record, i) => {
			assert.equal(readUint32(record, 0), i + 1);
		});
		const { log } = of.device!.door!.access;
		const cursor = log.read(log.oldest);
		for (let record = cursor.next(); record !== undefined; record = cursor.next())
			assert.deepEqual([...records[readUint32(record, 0) - 1]!], [...record]);
	}

	tap(id: Uint8Array, at = this.door): string {
		const { reason } = at.tap(id);
		this.time.run(6000);
		return reason;
	}

	told<K extends DoorNews["kind"]>(kind: K): Extract<DoorNews, { kind: K }>[] {
		return this.news.filter((news): news is Extract<DoorNews, { kind: K }> => news.kind === kind);
	}
}

describe("site sync: what an administrator reads", function () {
	this.timeout(120_000);

	it("a day without the network: the door goes by the plan it has; then all comes, and nothing is lost", () => {
		const story = new Story();
		story.begin();
		const { books } = story;
		story.door.reachable = false;
		story.time.run(DAY_MS / 2);
		books.edit(DOOR, { records: packRecords([story.record(story.anna), story.record(story.ben)]) });
		assert.equal(story.tap(story.anna), "granted");
		assert.equal(story.tap(story.ben), "unknown-credential");
		books.revoke([story.anna]);
		assert.equal(story.tap(story.anna), "granted", "nothing has reached the door");
		story.time.run(MINUTE_MS);
		assert.isFalse(story.sync.state(DOOR)!.inSession);
		const heard = story.sync.state(DOOR)!.heard!;
		assert.isBelow(heard, 20 * MINUTE_MS, "unreachable since then");
		story.time.run(DAY_MS / 2);
		story.door.reachable = true;
		assert.isTrue(story.drained());
		assert.isTrue(story.sync.state(DOOR)!.inSession);
		assert.equal(story.tap(story.anna), "revoked");
		assert.equal(story.tap(story.ben), "granted");
		assert.isTrue(story.drained());
		story.check();
		assert.isNotEmpty(story.told("silent"));
		assert.isEmpty(story.log().problems);
	});

	it("a day without the server: the same, and no session is believed to be there", () => {
		const story = new Story();
		story.begin();
		story.sync.close();
		story.broker.drop();
		story.time.run(DAY_MS);
		assert.equal(story.tap(story.anna), "granted");
		assert.isUndefined(story.sync.state(DOOR));
		const before = story.log().cursor.serial;
		// It starts again with what it had.
		story.serverUp();
		assert.isTrue(story.drained(story.door, 30 * MINUTE_MS));
		assert.isAbove(story.log().cursor.serial, before);
		story.check();
		assert.isEmpty(story.log().problems);
	});

	it("a site that has lost a day of its log is told, and is given it again", () => {
		const story = new Story();
		story.begin();
		for (let n = 0; n < 10; n++) story.tap(story.anna);
		assert.isTrue(story.drained());
		const log = story.log();
		const serial = 8;
		const link = log.records[serial - 1]!.slice(24);
		log.records.length = serial;
		log.cursor = { ...log.cursor, serial, link, before: link };
		story.broker.drop();
		assert.isTrue(story.drained());
		assert.deepEqual(story.told("ahead"), [{ kind: "ahead", of: "log" }]);
		story.check();
		assert.isEmpty(log.problems);
	});

	it("a reader that was replaced: the old one is refused, the new one's log is its own, the old one's stays", () => {
		const story = new Story();
		story.begin();
		const old = story.log().records.length;
		story.door.powerOff();
		const next = story.reader(4);
		story.books.register(DOOR, next.reader);
		assert.deepEqual(story.told("ended").at(-1), { kind: "ended", why: "not-registered" });
		next.powerOn();
		assert.isTrue(story.drained(next));
		story.check(next);
		assert.lengthOf(story.log().records, old);
		assert.equal(story.tap(story.anna, next), "granted");
		next.powerOff();
		const begun = story.told("begun").length;
		story.door.powerOn();
		story.time.run(10 * MINUTE_MS);
		const refused = story.told("refused");
		assert.isNotEmpty(refused);
		assert.include(refused[0]!.detail, "not the registered key");
		assert.equal(story.told("begun").length, begun);
		assert.isAbove(story.door.device!.door!.access.log.last, old, "what it has since is its own");
	});

	it("two readers with one identity: the second's log is another, of which nothing is acknowledged; both are kept", () => {
		const story = new Story();
		story.begin();
		const twin = story.reader(3);
		assert.deepEqual([...twin.reader], [...story.door.reader]);
		story.tap(story.anna);
		assert.isTrue(story.drained());
		const { serial } = story.log().cursor;
		twin.powerOn();
		story.time.run(5 * MINUTE_MS);
		assert.isNotEmpty(story.told("log-behind"), "a reader's log does not become shorter");
		assert.equal(twin.device!.door!.access.log.acknowledged, 0);
		assert.isAtLeast(story.log().cursor.serial, serial);
		story.check();
		// The second one alone, until it has as many records: no connection of the first one ends its sessions.
		story.door.powerOff();
		while (twin.device!.door!.access.log.last <= story.log().cursor.serial + 10) story.tap(story.anna, twin);
		story.broker.drop();
		story.time.run(10 * MINUTE_MS);
		assert.isNotEmpty(story.told("other-log"), "they have one serial with two links");
		assert.equal(twin.device!.door!.access.log.acknowledged, 0);
		assert.isNotEmpty(story.log().apart, "what came of it is kept apart");
		twin.powerOff();
		story.door.powerOn();
		assert.isTrue(story.drained(), "the first one goes on");
		story.check();
	});

	it("a site whose clock is a year ahead: the reader keeps its time, and goes on by it", () => {
		const story = new Story();
		story.begin();
		story.siteAhead = YEAR_S;
		story.broker.drop();
		story.time.run(10 * MINUTE_MS);
		const { wall } = story.door.device!.platform;
		assert.approximately(wall.now(), story.seconds, 10);
		assert.equal(story.tap(story.anna), "granted");
	});

	it("a reader whose clock is a year ahead: the server's key has ended for it, which it says; set by cable it goes on", () => {
		const story = new Story();
		story.begin();
		story.door.device!.door!.access.setTime(story.seconds + YEAR_S);
		story.broker.drop();
		story.time.run(10 * MINUTE_MS);
		const refused = story.told("refused");
		assert.isNotEmpty(refused);
		assert.equal(refused[0]!.reason, "peer-error");
		story.door.device!.door!.access.setTime(story.seconds);
		assert.isTrue(story.drained(story.door, 30 * MINUTE_MS));
		story.check();
	});
});
