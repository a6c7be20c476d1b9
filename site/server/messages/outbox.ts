// SPDX-License-Identifier: Apache-2.0

import type { SiteClock } from "../../lib/sync/ports.js";
import type { QueuedMessage } from "../store/messages.js";
import type { SiteStore } from "../store/store.js";
import type { Outcome } from "./outcome.js";

/** Waits before a message is tried again, s; the last one is repeated. */
const WAITS_S: readonly number[] = [60, 300, 900, 3600];
/** After so long it is given up, s. */
const GIVE_UP_S = 86_400;
/** A process that has taken a message up has sent it by then, s. */
const LEASE_S = 180;
/** So often it is looked whether another process has left some, s. */
const LOOK_S = 60;
/** Messages that may wait at a time. */
export const MAX_QUEUED = 20_000;

/** Who makes the messages of a kind. */
export interface Sender {
	/** Sends it now. `undefined`: it is not wanted any more. `wait`: it has to be tried after so many seconds, which is no failure. */
	send(ref: string): Promise<Outcome | { readonly kind: "wait"; readonly seconds: number } | undefined>;
	/** What has become of it; `isLast`: it is not tried again. */
	tell(ref: string, outcome: Outcome, isLast: boolean): Promise<void>;
}

export interface OutboxPorts {
	readonly store: SiteStore;
	readonly clock: SiteClock;
	/** Seconds since 1970. */
	readonly now: () => number;
	readonly failed: (error: unknown) => void;
	/** All waiting messages were tried: connections may end. */
	readonly idle: () => void;
}

/** Sends what waits in the store, one after the other, and again after failures: also what waited when the server was last ended. */
export class Outbox {
	readonly #ports: OutboxPorts;
	readonly #senders = new Map<string, Sender>();
	readonly #works = new Set<Promise<void>>();
	#running: Promise<void> | undefined;
	#again = false;
	#cancel: (() => void) | undefined;
	#isClosed = false;

	constructor(ports: OutboxPorts) {
		this.#ports = ports;
	}

	/** Who sends messages of a kind, before any of it is added. */
	register(kind: string, sender: Sender): void {
		this.#senders.set(kind, sender);
	}

	/** There is something to send. */
	look(): void {
		if (this.#isClosed) return;
		this.#again = true;
		this.#running ??= this.#run().finally(() => {
			this.#running = undefined;
			if (this.#again) this.look();
		});
	}

	/** What is done after an answer, which is not to say how it went. */
	run(work: () => Promise<void>): void {
		const done = work()
			.catch(this.#ports.failed)
			.finally(() => this.#works.delete(done));
		this.#works.add(done);
	}

	/** Resolves when all that is due was tried. */
	async settled(): Promise<void> {
		await Promise.all(this.#works);
		while (this.#running !== undefined) await this.#running;
	}

	/** What is being sent is ended first; the rest waits in the store. */
	async close(): Promise<void> {
		this.#isClosed = true;
		this.#cancel?.();
		await this.settled();
	}

	async #run(): Promise<void> {
		this.#again = false;
		this.#cancel?.();
		const { clock, failed, idle, now, store } = this.#ports;
		let next: number | undefined;
		try {
			while (!this.#isClosed) {
				const message = await store.messages.claim(now(), now() + LEASE_S);
				if (message === undefined) break;
				await this.#send(message);
			}
			next = await store.messages.next();
		} catch (error) {
			failed(error);
		}
		idle();
		if (this.#isClosed) return;
		const seconds = Math.min(LOOK_S, Math.max(1, (next ?? Number.POSITIVE_INFINITY) - now()));
		this.#cancel = clock.after(seconds * 1000, () => this.look());
	}

	async #send(message: QueuedMessage): Promise<void> {
		const { now, store } = this.#ports;
		const sender = this.#senders.get(message.kind);
		const outcome = await sender?.send(message.ref);
		if (sender === undefined || outcome === undefined) {
			await store.messages.remove(message);
			return;
		}
		if (outcome.kind === "wait") {
			await store.messages.giveBack(message, now() + outcome.seconds);
			return;
		}
		const isLast = outcome.kind !== "failed" || now() >= message.made + GIVE_UP_S;
		if (isLast) await store.messages.remove(message);
		else await store.messages.later(message, now() + WAITS_S[Math.min(message.tries, WAITS_S.length) - 1]!);
		await sender.tell(message.ref, outcome, isLast);
	}
}
