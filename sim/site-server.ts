// SPDX-License-Identifier: Apache-2.0

import type { Crypto, Random } from "../protocol/crypto.js";
import { EphemeralPool } from "../protocol/edhoc/ephemeral.js";
import type { MessageOf } from "../protocol/sync/messages.js";
import { topicUp } from "../protocol/sync/topics.js";
import type { SigningKey } from "../site/lib/site-keys.js";
import type { DoorNews } from "../site/lib/sync/books.js";
import { MemoryBooks } from "../site/lib/sync/memory-books.js";
import { SiteSync } from "../site/lib/sync/site-sync.js";
import type { SimBroker } from "./broker.js";
import { overheard } from "./overhear.js";
import type { PracticeKeys } from "./practice-keys.js";
import type { VirtualTime } from "./time.js";

export interface SimSiteServerOptions {
	readonly time: VirtualTime;
	readonly crypto: Crypto;
	readonly random: Random;
	readonly site: PracticeKeys;
	/** Speaks for the site. */
	readonly serverKey: SigningKey;
	/** The time, seconds since 1970. */
	readonly seconds: () => number;
	readonly broker: SimBroker;
}

/** Something that has passed between the site and its doors over the broker, as the site has it. */
export interface Passed {
	/** µs since the world began. */
	readonly at: number;
	readonly from: "site" | "reader";
	readonly topic: string;
	readonly data: Uint8Array;
	/** The message in it, where it was sealed and the site could open it. */
	readonly content?: Uint8Array | undefined;
}

/** A site's server in simulated time, beside its broker: its books are what an administrator changes. */
export class SimSiteServer {
	readonly books: MemoryBooks;
	readonly sync: SiteSync;
	/** What happened at doors, the oldest first. */
	readonly news: { readonly door: string; readonly news: DoorNews }[] = [];
	/** What a reader has said last of what it has. */
	hello: MessageOf<"hello"> | undefined;
	onNews: ((door: string, news: DoorNews) => void) | undefined;
	onPassed: ((passed: Passed) => void) | undefined;
	/** The message that was sealed or opened last. */
	#sealed: Uint8Array | undefined;
	#opened: Uint8Array | undefined;
	/** What the site says because of what it hears is told after it. */
	#answers: Passed[] | undefined;

	constructor({ broker, crypto, random, seconds, serverKey, site, time }: SimSiteServerOptions) {
		const ears = overheard(crypto, {
			sealed: (content) => {
				this.#sealed = content;
			},
			opened: (content) => {
				this.#opened = content;
			},
		});
		this.books = new MemoryBooks({ crypto, site, serverKey, signing: { crypto, ...site.signing }, seconds });
		this.sync = new SiteSync(
			{
				...{ crypto: ears, seconds, ephemerals: new EphemeralPool(crypto, random) },
				clock: { now: () => time.now(), after: (ms, run) => time.after(ms * 1000, run) },
				publish: (topic, data, retain) => {
					const content = this.#sealed;
					this.#sealed = undefined;
					this.#tell({ at: time.micros, from: "site", topic, data: data.slice(), content });
					broker.publish(topic, data, retain);
				},
			},
			this.books,
		);
		this.books.onChange = (door) => this.sync.changed(door);
		this.books.onNews = (door, news) => {
			this.news.push({ door, news });
			if (news.kind === "hello") this.hello = news.hello;
			this.onNews?.(door, news);
		};
		broker.watch(topicUp(site.site, "+"), ({ topic, data }) => {
			const answers: Passed[] = [];
			this.#answers = answers;
			this.#opened = undefined;
			this.sync.take(topic, data);
			this.#answers = undefined;
			const at = time.micros;
			this.#tell({ at, from: "reader", topic, data: data.slice(), content: this.#opened });
			for (const answer of answers) this.#tell(answer);
		});
	}

	#tell(passed: Passed): void {
		if (this.#answers === undefined) this.onPassed?.(passed);
		else this.#answers.push(passed);
	}
}
