// SPDX-License-Identifier: Apache-2.0

import { EphemeralPool } from "../../../protocol/edhoc/ephemeral.js";
import { MAX_FRAME, RECORD_HEAD } from "../../../protocol/sync/bounds.js";
import { FRAME } from "../../../protocol/sync/frame.js";
import {
	decodeMessage,
	encodeMessage,
	type Message,
	type MessageName,
	type MessageOf,
	readClear,
} from "../../../protocol/sync/messages.js";
import type { ReaderHandshake, ReaderHandshakeOptions } from "../../../protocol/sync/reader-handshake.js";
import type { SyncSession } from "../../../protocol/sync/session.js";
import { topicDown, topicUp } from "../../../protocol/sync/topics.js";
import { listHash } from "../../../protocol/trust/list.js";
import { VirtualTime } from "../../../sim/time.js";
import { signingKey } from "../../../site/lib/site-keys.js";
import type { DoorNews } from "../../../site/lib/sync/books.js";
import { MemoryBooks } from "../../../site/lib/sync/memory-books.js";
import type { SitePorts } from "../../../site/lib/sync/ports.js";
import { SiteSync } from "../../../site/lib/sync/site-sync.js";
import { DOOR, NOW, SyncSite } from "../../protocol/sync/parties.js";
import { crypto } from "../../src/log/world.js";

/** From the site to a reader, µs. */
const LATENCY = 5000;

/** A site's side of sync over its books in memory, and a bearer that carries all. */
export class SiteWorld {
	readonly time = new VirtualTime();
	readonly parties: SyncSite;
	readonly books: MemoryBooks;
	readonly sync: SiteSync;
	readonly retained = new Map<string, Uint8Array>();
	readonly news: { readonly door: string; readonly news: DoorNews }[] = [];
	/** What the site published, by topic. */
	readonly published: { readonly topic: string; readonly data: Uint8Array; readonly retain: boolean }[] = [];
	/** False: what the site publishes is lost. */
	carries = true;
	readonly readers: ScriptedReader[] = [];

	constructor(seed = 1) {
		const parties = new SyncSite(crypto, seed);
		this.parties = parties;
		this.books = new MemoryBooks({
			...{ crypto, site: parties.keys, signing: { crypto, ...parties.keys.signing } },
			...{ serverKey: signingKey(parties.server, crypto), seconds: () => this.seconds() },
		});
		this.sync = new SiteSync(this.ports(), this.books);
		this.books.onChange = (door) => this.sync.changed(door);
		this.books.onNews = (door, news) => this.news.push({ door, news });
	}

	/** The site's clock. */
	seconds(): number {
		return NOW + Math.floor(this.time.now() / 1000);
	}

	ports(): SitePorts {
		return {
			crypto,
			ephemerals: new EphemeralPool(crypto, this.parties.random),
			clock: {
				now: () => this.time.now(),
				after: (ms, run) => this.time.after(ms * 1000, run),
			},
			seconds: () => this.seconds(),
			publish: (topic, data, retain) => {
				this.published.push({ topic, data, retain });
				if (retain) this.retained.set(topic, data);
				if (!this.carries) return;
				for (const reader of this.readers)
					if (topic === topicDown(this.parties.keys.site, reader.door))
						this.time.after(LATENCY, () => reader.take(data));
			},
		};
	}

	/** What was told of a kind. */
	told<K extends DoorNews["kind"]>(kind: K): Extract<DoorNews, { kind: K }>[] {
		return this.news
			.map(({ news }) => news)
			.filter((news): news is Extract<DoorNews, { kind: K }> => news.kind === kind);
	}

	reader(door = DOOR, credential = this.parties.reader(door)): ScriptedReader {
		const reader = new ScriptedReader(this, door, credential);
		this.readers.push(reader);
		return reader;
	}

	/** A reader that is registered and has a session. */
	begun(door = DOOR): ScriptedReader {
		const reader = this.reader(door);
		this.books.register(door, reader.publicKey);
		reader.begin();
		this.time.run(1000);
		return reader;
	}

	run(ms = 1000): void {
		this.time.run(ms);
	}
}

/** The reader's end of sync as a spec drives it: it does nothing by itself but answer what it is told to. */
export class ScriptedReader {
	readonly door: string;
	readonly publicKey: Uint8Array;
	readonly world: SiteWorld;
	readonly credential: ReturnType<SyncSite["reader"]>;
	/** What the site said, answers included. */
	readonly heard: Message[] = [];
	readonly frames: Uint8Array[] = [];
	/** Lists in the clear. */
	readonly lists: MessageOf<"list">[] = [];
	/** The refusal of what the site says, or null; `undefined`: no answer. */
	answer: (message: Message) => string | null | undefined = () => null;
	/** Changes what the handshake is made of. */
	options: Partial<ReaderHandshakeOptions> = {};
	handshake: ReaderHandshake | undefined;
	session: SyncSession | undefined;
	/** What a handshake threw. */
	error: unknown;
	private lastId = 0;

	constructor(world: SiteWorld, door: string, credential: ReturnType<SyncSite["reader"]>) {
		this.world = world;
		this.door = door;
		this.credential = credential;
		this.publicKey = credential.publicKey;
	}

	begin(): void {
		const { parties } = this.world;
		this.handshake = parties.readerSide(this.credential, { door: this.door, ...this.options });
		this.session = undefined;
		this.lastId = 0;
		this.send(this.handshake.begin());
	}

	send(frame: Uint8Array): void {
		this.frames.push(frame.slice());
		this.world.sync.take(topicUp(this.world.parties.keys.site, this.door), frame);
	}

	take(frame: Uint8Array): void {
		if (frame[0] === FRAME.record) this.open(frame);
		else if (frame[0] === FRAME.clear) {
			const message = readClear(frame, "site");
			if (message?.name === "list") this.lists.push(message);
		} else this.goOn(frame);
	}

	/** Says a message; `id` to say one again. */
	say(message: Omit<Message, "id"> & Record<string, unknown>, id = ++this.lastId): number {
		const content = encodeMessage({ ...message, id } as Message);
		const buffer = new Uint8Array(MAX_FRAME);
		buffer.set(content, RECORD_HEAD);
		this.send(buffer.slice(0, this.session!.seal(buffer, content.length)));
		return id;
	}

	/** Says `hello`, as one that knows the time and has no plan unless told otherwise. */
	hello(more: Partial<MessageOf<"hello">> = {}): number {
		const { trust } = this.world.parties.keys;
		return this.say({
			...{ name: "hello", trust: trust.version, listHash: listHash(trust, crypto), epoch: 1, version: 0 },
			...{ notice: 0, lockdown: 0, log: 0, acknowledged: 0, link: new Uint8Array(8), image: 1 },
			clock: this.world.seconds(),
			...more,
		});
	}

	/** Of what the site said, the messages of a name. */
	of<N extends MessageName>(name: N): MessageOf<N>[] {
		return this.heard.filter((message): message is MessageOf<N> => message.name === name);
	}

	private goOn(frame: Uint8Array): void {
		try {
			const next = this.handshake?.take(frame);
			if (next !== undefined) this.send(next);
		} catch (error) {
			this.error = error;
			return;
		}
		this.session = this.handshake?.session ?? this.session;
	}

	private open(frame: Uint8Array): void {
		const bytes = frame.slice();
		const length = this.session?.open(bytes, bytes.length) ?? 0;
		if (length === 0) return;
		const message = decodeMessage(bytes.subarray(RECORD_HEAD, RECORD_HEAD + length), "site");
		if (message.name === "unknown") throw new Error("the site says what is in no table");
		this.heard.push(message);
		if (["ack", "time", "piece", "logged"].includes(message.name)) return;
		const refusal = this.answer(message);
		if (refusal !== undefined) this.say({ name: "ack", of: message.id, refusal });
	}
}
