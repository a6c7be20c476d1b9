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

/** A site's server in simulated time, beside its broker: its books are what an administrator changes. */
export class SimSiteServer {
	readonly books: MemoryBooks;
	readonly sync: SiteSync;
	/** What happened at doors, the oldest first. */
	readonly news: { readonly door: string; readonly news: DoorNews }[] = [];
	/** What a reader has said last of what it has. */
	hello: MessageOf<"hello"> | undefined;
	onNews: ((door: string, news: DoorNews) => void) | undefined;

	constructor({ broker, crypto, random, seconds, serverKey, site, time }: SimSiteServerOptions) {
		this.books = new MemoryBooks({ crypto, site, serverKey, signing: { crypto, ...site.signing }, seconds });
		this.sync = new SiteSync(
			{
				...{ crypto, seconds, ephemerals: new EphemeralPool(crypto, random) },
				clock: { now: () => time.now(), after: (ms, run) => time.after(ms * 1000, run) },
				publish: (topic, data, retain) => broker.publish(topic, data, retain),
			},
			this.books,
		);
		this.books.onChange = (door) => this.sync.changed(door);
		this.books.onNews = (door, news) => {
			this.news.push({ door, news });
			if (news.kind === "hello") this.hello = news.hello;
			this.onNews?.(door, news);
		};
		broker.watch(topicUp(site.site, "+"), ({ topic, data }) => this.sync.take(topic, data));
	}
}
