// SPDX-License-Identifier: Apache-2.0

import type { SiteStore, Store } from "./store/store.js";

/** What a door has said, as it is kept and as watchers hear of it. */
export interface KeptNews {
	readonly door: string;
	readonly at: number;
	/** Under which name watchers hear of it. */
	readonly kind: string;
	/** Under which name a door's newest report of the kind is kept. */
	readonly report: string;
	readonly body: unknown;
	/** What the door has taken, or refused for good: it is not said again. */
	readonly settled: "settings" | "configuration" | undefined;
	/** Raises and ends alarms of it, within the transaction. */
	readonly alarms: ((tx: Store) => Promise<void>) | undefined;
}

export interface KeeperPorts {
	readonly store: SiteStore;
	/** The feed has more. */
	fed(): void;
	/** What was said could not be kept. */
	failed(error: unknown): void;
}

/** The most in one transaction: others wait for it. */
const MOST = 500;

/** Keeps what doors say, in its order. What comes while the store is at work is one transaction: after a power cut all doors speak at once. */
export class NewsKeeper {
	readonly #ports: KeeperPorts;
	#news: KeptNews[] = [];
	#keeping: Promise<void> | undefined;

	constructor(ports: KeeperPorts) {
		this.#ports = ports;
	}

	add(news: KeptNews): void {
		this.#news.push(news);
		// Before an administrator sets the next.
		if (news.settled !== undefined) this.#keep(this.#news.splice(0)).catch(this.#ports.failed);
		else this.#keeping ??= this.#keepAll();
	}

	/** Resolves when all is kept. */
	async ended(): Promise<void> {
		await this.#keeping;
	}

	async #keepAll(): Promise<void> {
		while (this.#news.length > 0) await this.#keep(this.#news.splice(0, MOST)).catch(this.#ports.failed);
		this.#keeping = undefined;
	}

	async #keep(news: readonly KeptNews[]): Promise<void> {
		await this.#ports.store.transaction(async (tx) => {
			for (const { alarms, at, body, door, kind, report, settled } of news) {
				if (settled === "settings") await tx.doors.setSettings(door, undefined);
				if (settled === "configuration") await tx.doors.setConfiguration(door, undefined);
				await tx.doors.report({ door, kind: report, at, body });
				await tx.feed.add({ at, kind, door, body });
				await alarms?.(tx);
			}
		});
		this.#ports.fed();
	}
}
