// SPDX-License-Identifier: Apache-2.0

import { assert } from "chai";
import { NodeCrypto } from "../../hal/node/crypto.js";
import { EphemeralPool } from "../../protocol/edhoc/ephemeral.js";
import { CAUSES, EVENTS } from "../../protocol/events.js";
import { decodeRecord } from "../../protocol/log/record.js";
import { NO_END } from "../../protocol/plan/format.js";
import { topicDown, topicLockdown, topicTrust, topicUp } from "../../protocol/sync/topics.js";
import { SimBroker } from "../../sim/broker.js";
import { withNextList } from "../../sim/practice-keys.js";
import { SeededRandom } from "../../sim/random.js";
import { SimSite } from "../../sim/site.js";
import { VirtualTime } from "../../sim/time.js";
import { signLockdown } from "../../site/lib/notice/sign.js";
import { ALWAYS_OPEN, encodeTables, packRecords } from "../../site/lib/plan/encode.js";
import { signingKey } from "../../site/lib/site-keys.js";
import { MemoryBooks } from "../../site/lib/sync/memory-books.js";
import { SiteSync } from "../../site/lib/sync/site-sync.js";
import { LiarDoor } from "../../tools/liar/door.js";

const crypto = new NodeCrypto();
const BEGIN = 1_577_836_800 + 86_400;
const SITE = "ACME";
const DOOR = "east";
const ADDRESS = "192.0.2.1";
const SERVER = { host: "broker", port: 1883, password: "practice", spread: 1 };
const ANN = new Uint8Array(8).fill(7);
const HOUR = 3600;

/** A door with the firmware of a device, its site and the broker between them. */
class Place {
	readonly time = new VirtualTime();
	readonly broker = new SimBroker(this.time, 1);
	readonly random = new SeededRandom(1);
	readonly books: MemoryBooks;
	readonly reader: LiarDoor;
	readonly traces: string[] = [];
	readonly site: SimSite;
	/** Of what the site sends, whether it arrives. */
	passes: (topic: string) => boolean = () => true;
	#sync: SiteSync | undefined;
	#forget: (() => void) | undefined;

	constructor() {
		const server = signingKey(crypto.ed25519KeyPair(new Uint8Array(32).fill(2)), crypto);
		this.site = new SimSite(crypto, this.random, SITE, [
			{ publicKey: server.publicKey, roles: ["sync"], until: BEGIN + 80 * 86_400 },
		]);
		const { keys } = this.site;
		this.books = new MemoryBooks({
			...{ crypto, site: keys, signing: { crypto, ...keys.signing }, serverKey: server },
			seconds: () => this.seconds,
		});
		this.reader = new LiarDoor(
			{ time: this.time, crypto, random: this.random, seconds: () => this.seconds, server: SERVER },
			{ door: DOOR, trust: keys.trust, by: keys.signing },
		);
		this.reader.onTrace = (text) => this.traces.push(text);
		this.reader.network.names.set(SERVER.host, ADDRESS);
		this.reader.network.listeners.set(`${ADDRESS}:${SERVER.port}`, this.broker.accept);
		this.books.register(DOOR, this.reader.reader);
		this.books.setPlan({
			...{ site: SITE, door: DOOR, version: 1, issued: BEGIN, expires: 0, tables: encodeTables(ALWAYS_OPEN) },
			records: packRecords([{ id: ANN, access: 0, flags: 0, from: 0, until: NO_END }]),
		});
	}

	get seconds(): number {
		return BEGIN + Math.floor(this.time.micros / 1_000_000);
	}

	siteUp(): void {
		const sync = new SiteSync(
			{
				...{ crypto, seconds: () => this.seconds, ephemerals: new EphemeralPool(crypto, this.random) },
				clock: { now: () => this.time.now(), after: (ms, run) => this.time.after(ms * 1000, run) },
				publish: (topic, data, retain) => {
					if (this.passes(topic)) this.broker.publish(topic, data, retain);
				},
			},
			this.books,
		);
		this.#sync = sync;
		this.books.onChange = (door) => sync.changed(door);
		this.#forget = this.broker.watch(topicUp(SITE, "+"), ({ data, topic }) => sync.take(topic, data));
		sync.connected();
	}

	siteDown(): void {
		this.#forget?.();
		this.#sync?.close();
		this.#sync = undefined;
		this.books.onChange = () => {};
	}

	/** On, with the site, and the plan in force. */
	static running(): Place {
		const place = new Place();
		place.siteUp();
		place.reader.powerOn();
		assert.isTrue(
			place.time.runUntil(() => place.plan?.version === 1, 120_000),
			place.traces.join("\n"),
		);
		assert.equal(place.tap(), "granted");
		return place;
	}

	get plan() {
		return this.reader.device?.door?.access.plan;
	}

	/** The reason that a person at the door is told. */
	tap(): string {
		return this.reader.tap(ANN).reason;
	}

	/** What the session said before the lockdown came, told now. */
	staleWord(): void {
		assert.isNull(this.reader.device!.sync!.lockdowns.stated(null));
	}

	restart(offMs = 5000): void {
		this.reader.powerOff();
		this.time.run(offMs);
		this.reader.powerOn();
		this.time.run(1000);
	}

	/** Lockdowns and their ends, by the log. */
	get logged(): string[] {
		const found: string[] = [];
		const cursor = this.reader.device!.door!.access.log.read(1);
		for (let one = cursor.next(); one !== undefined; one = cursor.next()) {
			const { detail, kind, value } = decodeRecord(one);
			if (detail !== CAUSES.notice) continue;
			if (kind === EVENTS.lockdown) found.push(`${value} begins`);
			if (kind === EVENTS["lockdown-ended"]) found.push("ended");
		}
		return found;
	}

	/** One that the site signs and keeps for itself. */
	signed(sequence: number, length: number, doors: readonly string[] = [], issued = this.seconds): Uint8Array {
		const by = { crypto, ...this.site.keys.signing };
		return signLockdown({ site: SITE, sequence, issued, length, doors }, by);
	}

	says(signed: Uint8Array): void {
		this.broker.publish(topicLockdown(SITE), signed, true);
	}
}

describe("lockdown by a notice of the site", () => {
	it("locks the named door down until its end, and is in the log with its sequence", () => {
		const place = Place.running();
		place.books.lock(["west"], HOUR);
		place.time.run(20_000);
		assert.equal(place.tap(), "granted", "that is another door");
		place.books.lock(["west", DOOR], HOUR);
		assert.isTrue(place.time.runUntil(() => place.tap() === "lockdown", 5000));
		place.time.run((HOUR - 10) * 1000);
		assert.equal(place.tap(), "lockdown");
		place.time.run(11_000);
		assert.equal(place.tap(), "granted");
		assert.deepEqual(place.logged, ["2 begins", "ended"]);
	});

	it("lasts over restarts, to the same end, and no longer", () => {
		const place = Place.running();
		place.books.lock([], HOUR);
		assert.isTrue(place.time.runUntil(() => place.tap() === "lockdown", 5000));
		place.siteDown();
		place.reader.reachable = false;
		for (let n = 0; n < 5; n++) {
			place.restart(60_000);
			assert.equal(place.tap(), "lockdown", `start ${n}`);
		}
		place.restart(HOUR * 1000);
		// The clock that a start restores may be behind by what the reader was off for, never ahead.
		assert.isTrue(place.time.runUntil(() => place.tap() === "granted", HOUR * 1000));
		assert.deepEqual(place.logged, ["1 begins", "ended"]);
		place.restart();
		assert.equal(place.tap(), "granted");
	});

	it("ends by the site's word in its session, also where that was said while the reader was away", () => {
		for (const isAway of [false, true]) {
			const place = Place.running();
			place.books.lock([], HOUR);
			assert.isTrue(place.time.runUntil(() => place.tap() === "lockdown", 5000));
			if (isAway) place.reader.powerOff();
			place.books.release();
			if (isAway) place.restart();
			assert.isTrue(place.time.runUntil(() => place.tap() === "granted", 60_000));
			assert.deepEqual(place.logged, ["1 begins", "ended"]);
		}
	});

	it("ends by command, and the same notice does not lock down again; the next one does", () => {
		const place = Place.running();
		place.books.lock([], HOUR);
		assert.isTrue(place.time.runUntil(() => place.tap() === "lockdown", 5000));
		place.reader.device!.door!.access.door.command("release");
		assert.equal(place.tap(), "granted");
		place.says(place.signed(1, HOUR));
		place.time.run(60_000);
		place.restart();
		place.time.run(60_000);
		assert.equal(place.tap(), "granted");
		place.books.lock([], HOUR);
		assert.isTrue(place.time.runUntil(() => place.tap() === "lockdown", 5000));
		assert.deepEqual(place.logged, ["1 begins", "ended", "2 begins"]);
	});

	it("a commanded lockdown has no end, and the site's word that none stands takes nothing from it", () => {
		const place = Place.running();
		const { door } = place.reader.device!.door!.access;
		door.command("lockdown");
		place.books.lock([], 60);
		place.time.run(90_000);
		place.books.release();
		place.restart();
		place.time.run(90_000);
		assert.equal(place.tap(), "lockdown");
		place.reader.device!.door!.access.door.command("release");
		assert.equal(place.tap(), "granted");
	});

	it("from the broker alone acts after ten seconds", () => {
		const place = Place.running();
		place.siteDown();
		place.says(place.signed(1, HOUR));
		place.time.run(9000);
		const { door } = place.reader.device!.door!.access;
		assert.isFalse(door.lockdown);
		// What comes waits for a phone, 2 s at most.
		place.time.run(3500);
		assert.isTrue(door.lockdown);
		assert.equal(place.tap(), "lockdown");
	});

	it("from the broker does not act where a list of another epoch comes before the ten seconds are over", () => {
		for (const epoch of [1, 2]) {
			const place = Place.running();
			place.siteDown();
			place.says(place.signed(1, HOUR));
			place.time.run(5000);
			place.broker.publish(topicTrust(SITE), withNextList(place.site.keys, { epoch }).lists.at(-1)!, true);
			place.time.run(30_000);
			assert.equal(place.reader.device!.store!.trust.version, 2);
			assert.deepEqual(place.logged, epoch === 1 ? ["1 begins"] : []);
		}
	});

	it("from the broker does not act where the session says that none stands, nor ever after", () => {
		const place = Place.running();
		place.says(place.signed(1, 10 * HOUR));
		place.restart();
		assert.isTrue(place.time.runUntil(() => place.reader.device!.sync?.server !== undefined, 60_000));
		place.time.run(60_000);
		assert.equal(place.tap(), "granted");
		place.siteDown();
		place.restart();
		place.time.run(60_000);
		assert.deepEqual([place.tap(), place.logged], ["granted", []]);
	});

	it("that the site has lifted, and a broker brings behind its word, ends as soon as the site hears of it", () => {
		const place = Place.running();
		place.time.run(60_000);
		place.says(place.signed(1, 10 * HOUR));
		place.time.run(15_000);
		assert.deepEqual([place.tap(), place.logged], ["granted", ["1 begins", "ended"]]);
		place.says(place.signed(1, 10 * HOUR));
		place.time.run(60_000);
		assert.lengthOf(place.logged, 2);
	});

	it("from the broker acts where the session says so after it had said that none stands", () => {
		const place = Place.running();
		place.books.onNews = (_door, { kind }) => {
			if (kind === "begun") place.passes = (topic) => topic !== topicDown(SITE, DOOR);
		};
		place.restart();
		assert.isTrue(place.time.runUntil(() => place.reader.device!.sync?.server !== undefined, 60_000));
		place.time.run(5000);
		// The session's word of before comes after the broker's.
		place.books.lock([], HOUR);
		place.time.run(1000);
		place.passes = () => true;
		place.time.run(30_000);
		assert.equal(place.tap(), "lockdown");
		assert.deepEqual(place.logged, ["1 begins"]);
	});

	it("from the broker that has begun is ended by a session's word of before it, and begins again where the session says that it stands", () => {
		const place = Place.running();
		place.books.lock([], HOUR);
		assert.isTrue(place.time.runUntil(() => place.tap() === "lockdown", 5000));
		// That it is over is under way for longer than the next one waits.
		place.passes = (topic) => topic !== topicDown(SITE, DOOR);
		place.books.release();
		place.reader.device!.door!.access.door.command("release");
		place.time.run(1000);
		place.books.lock([], HOUR);
		place.time.run(12_500);
		assert.deepEqual(place.logged, ["1 begins", "ended", "2 begins"]);
		place.passes = () => true;
		place.time.run(40_000);
		assert.equal(place.tap(), "lockdown");
		assert.deepEqual(place.logged, ["1 begins", "ended", "2 begins", "ended", "2 begins"]);
		// Once: the broker's alone counts no more.
		place.siteDown();
		place.reader.device!.door!.access.door.command("release");
		place.says(place.signed(2, HOUR));
		place.time.run(60_000);
		assert.equal(place.tap(), "granted");
	});

	it("that a session's word of before it has ended begins again also where the reader restarts before the session says that it stands", () => {
		for (const begun of [true, false]) {
			const place = Place.running();
			place.time.run(5000);
			// The session's word of before comes after the broker's, which waits or has begun; then the power fails.
			place.passes = (topic) => topic !== topicDown(SITE, DOOR);
			place.books.lock([], HOUR);
			place.time.run(begun ? 12_500 : 1000);
			assert.equal(place.tap(), begun ? "lockdown" : "granted");
			place.staleWord();
			assert.equal(place.tap(), "granted");
			place.siteDown();
			place.restart();
			// The broker's alone is over by that word, over restarts too.
			place.time.run(30_000);
			assert.equal(place.tap(), "granted");
			place.passes = () => true;
			place.siteUp();
			place.time.run(90_000);
			assert.equal(place.tap(), "lockdown", begun ? "begun" : "waiting");
			assert.equal(place.logged.at(-1), "1 begins");
			// An installer's release is the last word on it.
			place.reader.device!.door!.access.door.command("release");
			place.restart();
			place.time.run(90_000);
			assert.equal(place.tap(), "granted");
		}
	});

	it("that is over, of before, of a stranger, or for longer than a day does nothing", () => {
		const place = Place.running();
		place.books.lock([], 60);
		place.time.run(90_000);
		place.books.lock([], 60);
		place.time.run(90_000);
		assert.deepEqual(place.logged, ["1 begins", "ended", "2 begins", "ended"]);
		place.siteDown();
		const old = place.signed(1, 10 * HOUR);
		const forged = place.signed(3, HOUR);
		forged[forged.length - 1]! ^= 1;
		const over = place.signed(4, HOUR, [], place.seconds - HOUR);
		for (const bytes of [old, place.signed(2, HOUR), forged, over, new Uint8Array(0), new Uint8Array(1024)]) {
			place.says(bytes);
			place.time.run(20_000);
			assert.equal(place.tap(), "granted");
		}
		assert.lengthOf(place.logged, 4);
	});

	it("goes on to its end where the site says the time after it: the clock that a start restores is behind", () => {
		for (const isFromBroker of [true, false]) {
			const place = Place.running();
			place.reader.powerOff();
			place.time.run(2 * HOUR * 1000);
			place.books.lock([], HOUR);
			if (isFromBroker) place.siteDown();
			place.reader.powerOn();
			place.time.run(30_000);
			if (isFromBroker) place.siteUp();
			const { wall } = place.reader.device!.platform;
			assert.isTrue(place.time.runUntil(() => wall.trust() === "synced", 600_000));
			place.time.run(20_000);
			assert.equal(place.tap(), "lockdown");
			assert.isTrue(place.time.runUntil(() => place.tap() === "granted", (HOUR + 60) * 1000));
			assert.deepEqual(place.logged, ["1 begins", "ended"]);
			assert.closeTo(place.seconds, BEGIN + 3 * HOUR, 60);
		}
	});

	it("counts from its receipt where the reader's clock is behind, or unset", () => {
		const place = Place.running();
		place.siteDown();
		place.says(place.signed(1, HOUR, [], place.seconds + 10 * HOUR));
		place.time.run(13_000);
		assert.equal(place.tap(), "lockdown");
		place.time.run(HOUR * 1000);
		assert.equal(place.tap(), "granted");
		Object.assign(place.reader.device!.platform.wall, { trust: () => "unset" });
		place.says(place.signed(2, HOUR, [], BEGIN - 86_400 * 365));
		place.time.run(13_000);
		assert.equal(place.tap(), "lockdown");
		assert.equal(place.reader.device!.store!.lockdown.end, HOUR);
		place.time.run((HOUR - 15) * 1000);
		assert.equal(place.tap(), "lockdown");
		place.time.run(18_000);
		assert.notEqual(place.tap(), "lockdown");
	});
});
