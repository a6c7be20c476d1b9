// SPDX-License-Identifier: Apache-2.0

import { fromHex, toHex } from "../../../protocol/bytes.js";
import type { MessageOf } from "../../../protocol/sync/messages.js";
import { Failure } from "../../lib/files/failure.js";
import type { CommandResult, DoorCommand } from "../../lib/sync/door-command.js";
import type { SiteSync } from "../../lib/sync/site-sync.js";
import type { DoorReports } from "../door-reports.js";
import type { FeedWatch } from "../events/feed-watch.js";
import type { ServerKeys } from "../server-keys.js";
import type { SiteCore } from "../site-core.js";
import type { FeedEvent } from "../store/feed.js";
import type { SiteStore } from "../store/store.js";
import type { Cluster, ClusterEvents } from "./cluster.js";
import type { EditNews } from "./turns.js";

export interface FollowerPorts {
	readonly cluster: Cluster;
	readonly core: SiteCore;
	readonly sync: SiteSync;
	readonly reports: DoorReports;
	readonly keys: ServerKeys;
	readonly store: SiteStore;
	readonly feed: FeedWatch;
	/** Seconds since 1970. */
	seconds(): number;
	failed(error: unknown): void;
}

/** Keeps a process in step with the others of its site: by the feed, which has what each of them does in one order. */
export class Follower implements ClusterEvents {
	readonly #ports: FollowerPorts;
	#last: Promise<void> = Promise.resolve();
	#unwatch: (() => void) | undefined;

	static async open(ports: FollowerPorts): Promise<Follower> {
		const follower = new Follower(ports);
		const { newest } = await ports.feed.bounds();
		follower.#unwatch = await ports.feed.watch(newest, (event) => follower.#take(event));
		await ports.cluster.join(follower);
		return follower;
	}

	private constructor(ports: FollowerPorts) {
		this.#ports = ports;
	}

	async catchUp(): Promise<void> {
		await this.#ports.core.planner.catchUp();
	}

	/** Something of a door has changed. */
	async tell(kind: "door" | "lists", door?: string): Promise<void> {
		const { cluster, feed, seconds, store } = this.#ports;
		await store.feed.add({ at: seconds(), kind, door, body: { by: cluster.id } });
		feed.look();
	}

	async tellLists(): Promise<void> {
		const { keys, store } = this.#ports;
		await store.facts.set("lists", keys.lists.map(toHex));
		await this.tell("lists");
	}

	async close(): Promise<void> {
		this.#unwatch?.();
		await this.#ports.cluster.leave();
		await this.#last;
	}

	state(door: string): ReturnType<SiteSync["state"]> {
		const { cluster, reports, sync } = this.#ports;
		if (cluster.owns(door)) return sync.state(door);
		const { session } = reports.of(door);
		return session === undefined ? undefined : { inSession: session.up, heard: undefined };
	}

	command(door: string, command: DoorCommand, done: (result: CommandResult) => void): void {
		const { cluster, failed, sync } = this.#ports;
		if (cluster.owns(door)) sync.command(door, command, done);
		else cluster.ask(door, command).then(done, failed);
	}

	written(): void {
		this.#ports.feed.look();
	}

	/** Readers begin anew when they see the newest list once more. */
	settled(first: boolean): void {
		const { core, sync } = this.#ports;
		core.planner.keepAll();
		if (first) sync.connected();
	}

	async moved(): Promise<void> {
		const { cluster, core, reports, seconds, sync } = this.#ports;
		const isOurs = (door: string): boolean => cluster.owns(door);
		sync.release(isOurs);
		core.plans.keep(isOurs);
		reports.moved((door) => cluster.hasMoved(door), seconds());
		await core.books.readAll();
		await core.planner.moved();
	}

	async beat(): Promise<void> {
		this.#ports.feed.look();
		await this.catchUp();
	}

	failed(error: unknown): void {
		this.#ports.failed(error);
	}

	#take(event: FeedEvent): void {
		this.#last = this.#last.then(() => this.#follow(event)).catch(this.#ports.failed);
	}

	async #follow({ at, body, door, kind }: FeedEvent): Promise<void> {
		const { cluster, core, keys, reports, store, sync } = this.#ports;
		const { by } = (body ?? {}) as { by?: string };
		if (by === cluster.id) return;
		if (kind === "edit") await core.planner.follow(body as EditNews);
		else if (kind === "lists") {
			if (!(await takeLists(store, keys, at))) return;
			await core.planner.keysChanged();
			sync.changed();
		}
		// What this process's own doors say it has heard itself.
		if (door === undefined || (kind !== "door" && cluster.owns(door))) return;
		if (kind === "door") {
			const before = core.books.registered(door);
			await core.books.doorChanged(door);
			if (before !== undefined && core.books.registered(door) !== before) core.planner.hasAnotherReader(door);
			reports.again(door, await store.doors.reports(door));
			sync.changed(door);
		} else if (kind === "plan") core.plans.forget(door);
		else {
			reports.take({ at, body, door, kind });
			if (kind === "hello") core.planner.heardElsewhere(door, body as MessageOf<"hello">);
		}
	}
}

/** Takes the site's lists that other processes were brought, and leaves them those that they lack. Whether there was a newer one. */
export async function takeLists(store: SiteStore, keys: ServerKeys, now: number): Promise<boolean> {
	const known = (await store.facts.get("lists")) ?? [];
	const own = keys.lists.map(toHex);
	if (known.some((list, i) => i < own.length && list !== own[i]))
		throw new Failure(
			"input",
			"other-lists",
			"the database has other trust lists of this site than the key",
			"Two lists with one number were signed: compare `lintel site show` with the site's administrators.",
		);
	const more = known.slice(own.length);
	for (const list of more) keys.takeList(fromHex(list));
	if (own.length > known.length)
		await store.transaction(async (tx) => {
			await tx.facts.set("lists", own);
			await tx.feed.add({ at: now, kind: "lists", door: undefined, body: {} });
		});
	return more.length > 0;
}
