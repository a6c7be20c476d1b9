// SPDX-License-Identifier: Apache-2.0

import { NodeCrypto } from "../../hal/node/crypto.js";
import { toHex } from "../../protocol/bytes.js";
import type { ServerSettings } from "../../protocol/config/server.js";
import { EphemeralPool } from "../../protocol/edhoc/ephemeral.js";
import { FLAG, NO_END } from "../../protocol/plan/format.js";
import { topicUp } from "../../protocol/sync/topics.js";
import { SimBroker } from "../../sim/broker.js";
import { type PracticeKeys, withNextList } from "../../sim/practice-keys.js";
import { SeededRandom } from "../../sim/random.js";
import { SimSite } from "../../sim/site.js";
import { VirtualTime } from "../../sim/time.js";
import { ALWAYS_OPEN, encodeTables, packRecords } from "../../site/lib/plan/encode.js";
import { type SigningKey, signingKey } from "../../site/lib/site-keys.js";
import type { DoorNews } from "../../site/lib/sync/books.js";
import type { CommandResult } from "../../site/lib/sync/door-command.js";
import { MemoryBooks } from "../../site/lib/sync/memory-books.js";
import { SiteSync } from "../../site/lib/sync/site-sync.js";
import { type KeyModel, modelOf } from "../../site/lib/trust/model.js";
import { LiarDoor } from "./door.js";
import { DoorJudge, type MeantSite, type NoticeNumber, type Right } from "./judge.js";
import { type MeantLockdown, MeantLockdowns } from "./lockdown.js";

/** The trust list of practice is from the beginning of 2020, and a server's key lives for 90 days at most. */
const EPOCH = 1_577_836_800 + 86_400;
const SERVER: ServerSettings = { host: "broker", port: 1883, password: "practice", spread: 1 };
const [TRUE_ADDRESS, FALSE_ADDRESS] = ["192.0.2.1", "192.0.2.2"];
const BY = new Uint8Array(8).fill(1);
export const DOORS = ["east", "west"] as const;
export type Door = (typeof DOORS)[number];

const FLAGS: Readonly<Record<Right, number>> = { open: 0, override: FLAG.override, paused: FLAG.suspended };

const crypto = new NodeCrypto();

/** Two doors, their site, a broker between them that lies, and another one that plays the first. */
export class LiarWorld {
	readonly time = new VirtualTime();
	readonly broker: SimBroker;
	readonly other: SimBroker;
	readonly books: MemoryBooks;
	readonly judges: Record<Door, DoorJudge>;
	/** The people's credentials, by what the administrator means them to have at each door. */
	readonly people: Uint8Array[] = [];
	/** Sessions that began. */
	sessions = 0;
	/** What commands came to. */
	readonly results: CommandResult[] = [];
	readonly #random: SeededRandom;
	readonly #site: SimSite;
	readonly #meant: Record<Door, Map<string, Right>>;
	readonly #revokedBy = new Map<string, NoticeNumber>();
	readonly #lockdowns = new MeantLockdowns();
	/** What each signed lockdown says. */
	readonly #said = new Map<Uint8Array, MeantLockdown>();
	readonly #model: MeantSite = {
		...{ revokedBy: this.#revokedBy, lockdowns: this.#lockdowns },
		now: () => this.time.now(),
		seconds: () => this.seconds,
	};
	/** When the newest session of a door began, seconds since 1970. */
	readonly #began: Record<Door, number> = { east: 0, west: 0 };
	#keys: PracticeKeys;
	#sync: SiteSync | undefined;
	#forget: (() => void) | undefined;

	constructor(seed: number) {
		this.#random = new SeededRandom(seed);
		this.broker = new SimBroker(this.time, seed);
		this.other = new SimBroker(this.time, seed ^ 0x07e3);
		const server = this.#serverKey();
		this.#site = new SimSite(crypto, this.#random, "ACME", [this.#listed(server)]);
		const { keys } = this.#site;
		this.#keys = keys;
		this.books = new MemoryBooks({
			...{ crypto, site: keys, signing: { crypto, ...keys.signing }, serverKey: server },
			seconds: () => this.seconds,
		});
		this.books.onNews = (door, news) => this.#news(door as Door, news);
		this.#meant = { east: new Map(), west: new Map() };
		this.judges = { east: this.#door("east"), west: this.#door("west") };
		this.siteUp();
	}

	get seconds(): number {
		return EPOCH + Math.floor(this.time.micros / 1_000_000);
	}

	#door(door: Door): DoorJudge {
		const { signing, trust } = this.#site.keys;
		const reader = new LiarDoor(
			{
				...{ time: this.time, crypto, random: new SeededRandom(this.#random.uint32()), server: SERVER },
				seconds: () => this.seconds,
			},
			{ door, trust, by: signing },
		);
		reader.network.names.set(SERVER.host, TRUE_ADDRESS);
		reader.network.listeners.set(`${TRUE_ADDRESS}:${SERVER.port}`, this.broker.accept);
		reader.network.listeners.set(`${FALSE_ADDRESS}:${SERVER.port}`, this.other.accept);
		const judge = new DoorJudge(reader, this.#model);
		this.books.register(door, reader.reader);
		this.books.setPlan({
			...{ site: this.#site.id, door, version: 1, issued: EPOCH, expires: 0 },
			...{ tables: encodeTables(ALWAYS_OPEN), records: new Uint8Array(0) },
		});
		judge.meant({ epoch: 1, version: 1, rights: new Map() });
		return judge;
	}

	#news(door: Door, news: DoorNews): void {
		if (news.kind === "begun") {
			this.sessions++;
			this.#began[door] = this.seconds;
		}
		if (news.kind !== "answered" || news.to.name !== "lockdown" || news.refusal !== null) return;
		const { envelope } = news.to;
		this.judges[door].lockdown.acknowledged(
			envelope === null ? undefined : this.#said.get(envelope),
			this.#began[door],
		);
	}

	/** The site's server starts. */
	siteUp(): void {
		const { books, broker, time } = this;
		const sync = new SiteSync(
			{
				...{ crypto, seconds: () => this.seconds, ephemerals: new EphemeralPool(crypto, this.#random) },
				clock: { now: () => time.now(), after: (ms, run) => time.after(ms * 1000, run) },
				publish: (topic, data, retain) => broker.publish(topic, data, retain),
			},
			books,
		);
		this.#sync = sync;
		books.onChange = (door) => sync.changed(door);
		this.#forget = broker.watch(topicUp(this.#site.id, "+"), ({ data, topic }) => sync.take(topic, data));
		sync.connected();
	}

	/** It ends without a word, and starts again with what its books have. */
	restartSite(): void {
		this.#forget?.();
		this.#sync?.close();
		this.siteUp();
	}

	/** Readers of these doors that connect from now on meet the liar's own broker, which knows all that the true one was ever given. */
	meetFalse(doors: readonly Door[]): void {
		this.other.past.splice(0, this.other.past.length, ...this.broker.past);
		const retained = this.broker.past.filter(({ retain }) => retain);
		for (const message of retained) this.other.retained.set(message.topic, message);
		for (const door of DOORS)
			this.judges[door].reader.network.names.set(
				SERVER.host,
				doors.includes(door) ? FALSE_ADDRESS : TRUE_ADDRESS,
			);
		(doors.length > 0 ? this.broker : this.other).drop();
	}

	/** A person gets a credential. */
	invite(): Uint8Array {
		const id = this.#random.bytes(8);
		this.people.push(id);
		return id;
	}

	/** What a person may at a door from now on; `undefined`: is not in its plan. */
	give(door: Door, id: Uint8Array, right: Right | undefined): void {
		const meant = this.#meant[door];
		if (right === undefined) meant.delete(toHex(id));
		else meant.set(toHex(id), right);
		this.#publish(door);
	}

	/** Takes credentials back for good, everywhere. */
	revoke(ids: readonly Uint8Array[]): void {
		const fresh = ids.filter((id) => !this.#revokedBy.has(toHex(id)));
		if (fresh.length === 0) return;
		const sequence = this.books.notice + 1;
		const before = DOORS.map((door) => this.books.image(door)!.version);
		for (const id of fresh) this.#revokedBy.set(toHex(id), { epoch: this.books.trust.epoch, sequence });
		const gone = DOORS.map((door) => {
			const meant = this.#meant[door];
			return fresh.filter((id) => meant.delete(toHex(id))).length > 0;
		});
		this.#meanNext(gone.map((isGone, i) => (isGone ? before[i]! + 1 : undefined)));
		this.books.revoke(fresh);
	}

	/** Locks doors down for `length` seconds; all where none is named. */
	lock(doors: readonly Door[], length: number): void {
		const { books } = this;
		const { epoch } = books.trust;
		const sequence = books.lockdownSequence + 1;
		const lockdown: MeantLockdown = { epoch, sequence, doors, issued: this.seconds, length };
		this.#lockdowns.add(lockdown);
		books.lock(doors, length);
		this.#said.set(books.newestLockdown!, lockdown);
	}

	/** Ends the lockdown that stands. */
	release(): void {
		this.#lockdowns.release();
		this.books.release();
	}

	/** The judge knows a plan before the site has signed it: what is signed may be in force in the same moment. */
	#meanNext(versions: readonly (number | undefined)[]): void {
		DOORS.forEach((door, i) => {
			const version = versions[i];
			if (version !== undefined)
				this.judges[door].meant({
					epoch: this.books.trust.epoch,
					version,
					rights: new Map(this.#meant[door]),
				});
		});
	}

	#publish(door: Door): void {
		const { version } = this.books.image(door)!;
		const records = [...this.#meant[door]].map(([name, right]) => ({
			...{ id: Uint8Array.from(name.match(/../g)!, (pair) => Number.parseInt(pair, 16)), access: 0 },
			...{ flags: FLAGS[right], from: 0, until: NO_END },
		}));
		// Those who were taken back stay named, so that a plan of before does not let them in.
		this.#meanNext(DOORS.map((one) => (one === door ? version + 1 : undefined)));
		this.books.edit(door, { records: packRecords(records) });
	}

	/** The owner signs the next list; of a new epoch all plans and notices begin anew. */
	nextList(isNewEpoch: boolean): void {
		const { trust } = this.#keys;
		const epoch = trust.epoch + (isNewEpoch ? 1 : 0);
		this.#keys = withNextList(this.#keys, { epoch });
		if (isNewEpoch) this.#lockdowns.release();
		if (isNewEpoch)
			for (const door of DOORS)
				this.judges[door].meant({ epoch, version: 1, rights: new Map(this.#meant[door]) });
		const { lists, signing } = this.#keys;
		this.books.addList(lists.at(-1)!, this.#keys.trust, { crypto, ...signing, epoch });
	}

	/** Before its server's key ends, the site lists another. */
	nextServer(): void {
		const server = this.#serverKey();
		const [signing] = modelOf(this.#keys.trust).keys;
		this.#keys = withNextList(this.#keys, { keys: [signing!, this.#listed(server)], issued: this.seconds });
		this.books.serverKey = server;
		this.books.addList(this.#keys.lists.at(-1)!, this.#keys.trust);
	}

	#serverKey(): SigningKey {
		return signingKey(crypto.ed25519KeyPair(this.#random.bytes(32)), crypto);
	}

	#listed({ publicKey }: SigningKey): KeyModel {
		return { publicKey, roles: ["sync"], until: this.seconds + 80 * 86_400 };
	}

	isRevoked(id: Uint8Array): boolean {
		return this.#revokedBy.has(toHex(id));
	}

	command(door: Door, what: string): void {
		this.judges[door].commanded(what);
		this.#sync!.command(door, { what, for: 0, by: BY }, (result) => this.results.push(result));
	}

	/** What the site has of the door's log. */
	log(door: Door) {
		return this.books.log(door, this.books.registered(door)!);
	}

	/** How far both ends of a door are, for a report. */
	describe(door: Door): string {
		const access = this.judges[door].reader.device?.door?.access;
		const { version } = this.books.image(door)!;
		const { serial } = this.log(door).cursor;
		return `plan ${access?.plan.version} of ${version}, log ${access?.log.last}, acknowledged ${access?.log.acknowledged}, at the site ${serial}`;
	}

	/** Both ends have all that there is. */
	get isSettled(): boolean {
		return DOORS.every((door) => {
			const { device } = this.judges[door].reader;
			const access = device?.door?.access;
			const { cursor } = this.log(door);
			return (
				this.judges[door].lockdown.agrees(this.#began[door]) &&
				access?.plan.epoch === this.books.trust.epoch &&
				access.plan.version === this.books.image(door)!.version &&
				cursor.serial === access.log.last &&
				access.log.acknowledged === cursor.serial
			);
		});
	}
}
