// SPDX-License-Identifier: Apache-2.0

import { equal } from "../../../protocol/bytes.js";
import { isDoorId } from "../../../protocol/credential/names.js";
import { MAX_FRAME } from "../../../protocol/sync/bounds.js";
import { topicLockdown, topicRevoked, topicTrust, topicUp } from "../../../protocol/sync/topics.js";
import type { Books } from "./books.js";
import type { CommandResult, DoorCommand } from "./door-command.js";
import { DoorLink, type LinkState } from "./door-link.js";
import { Handshakes } from "./handshakes.js";
import type { SitePorts } from "./ports.js";
import type { SiteSide } from "./site-side.js";

/** Sessions get after so many ms what the retained topics have brought to most readers by then. */
const AFTER_TOPICS_MS = 2000;
/** Doors that are looked at in one turn. */
const TURN = 500;

/** How often sessions are looked at whose readers say nothing, ms. */
const WATCH_MS = 60_000;

/** The site's side of sync, for all of its doors. */
export class SiteSync {
	private readonly side: SiteSide;
	private readonly handshakes: Handshakes;
	private readonly links = new Map<string, DoorLink>();
	/** What was published to each retained topic. */
	private readonly retained = new Map<string, Uint8Array>();
	private readonly topics: { readonly trust: string; readonly revoked: string; readonly lockdown: string };
	/** What an up topic has before and behind the door. */
	private readonly upParts: readonly [string, string];
	private cancel: (() => void) | undefined;
	/** One timer for all doors, as soon as one has said something. */
	private unwatch: (() => void) | undefined;
	private isClosed = false;

	constructor(ports: SitePorts, books: Books) {
		const { site } = books.trust;
		this.side = { ports, books, site };
		this.handshakes = new Handshakes(ports.clock);
		this.topics = { trust: topicTrust(site), revoked: topicRevoked(site), lockdown: topicLockdown(site) };
		const [before, behind] = topicUp(site, "/").split("///");
		this.upParts = [`${before}/`, `/${behind}`];
	}

	/** Takes what came on a topic of the site's doors; other topics are passed over. */
	take(topic: string, frame: Uint8Array): void {
		const door = this.doorOf(topic);
		if (this.isClosed || door === undefined || frame.length === 0 || frame.length > MAX_FRAME) return;
		this.unwatch ??= this.side.ports.clock.after(WATCH_MS, () => this.watch());
		this.linkOf(door)?.take(frame);
	}

	/**
	 * The books have changed for this door, or for all. Without a door the retained topics come first, which bring a list or a notice to
	 * all readers at once; sessions follow for those whom they have not reached.
	 */
	changed(door?: string): void {
		if (door !== undefined) {
			this.links.get(door)?.changed();
			return;
		}
		this.publishRetained();
		this.cancel?.();
		this.cancel = this.side.ports.clock.after(AFTER_TOPICS_MS, () => this.look([...this.links.values()]));
	}

	/** The broker is connected, and may have lost what was retained. */
	connected(): void {
		this.retained.clear();
		this.changed();
	}

	/** Commands a door, in its session or not at all. `done` is called once, at once or within 10 s. */
	command(door: string, command: DoorCommand, done: (result: CommandResult) => void): void {
		const link = this.links.get(door);
		if (link === undefined) done({ refusal: "no-session" });
		else link.command(command, done);
	}

	/** Sessions of doors that are no more this server's end here. */
	release(isOurs: (door: string) => boolean): void {
		for (const [door, link] of [...this.links]) {
			if (isOurs(door)) continue;
			this.links.delete(door);
			link.close();
		}
	}

	/** How a door stands; `undefined` where it was not heard of since the start. */
	state(door: string): LinkState | undefined {
		return this.links.get(door)?.state;
	}

	close(): void {
		this.isClosed = true;
		this.cancel?.();
		this.unwatch?.();
		this.handshakes.close();
		for (const link of this.links.values()) link.close();
		this.links.clear();
	}

	private watch(): void {
		for (const link of this.links.values()) link.watch();
		this.unwatch = this.side.ports.clock.after(WATCH_MS, () => this.watch());
	}

	private look(links: readonly DoorLink[]): void {
		this.cancel = undefined;
		for (const link of links.slice(0, TURN)) link.changed();
		const rest = links.slice(TURN);
		if (rest.length > 0) this.cancel = this.side.ports.clock.after(0, () => this.look(rest));
	}

	private publishRetained(): void {
		const { lists, newestLockdown, newestNotice } = this.side.books;
		const list = lists.at(-1)!;
		// A longer one no reader takes from a topic: they ask for it.
		if (list.length <= MAX_FRAME) this.retain(this.topics.trust, list);
		this.retain(this.topics.revoked, newestNotice);
		this.retain(this.topics.lockdown, newestLockdown);
	}

	private retain(topic: string, content: Uint8Array | null | undefined): void {
		if (content === undefined) return;
		const data = content ?? new Uint8Array(0);
		const before = this.retained.get(topic);
		if (before !== undefined && equal(before, data)) return;
		this.retained.set(topic, data);
		this.side.ports.publish(topic, data.slice(), true);
	}

	private doorOf(topic: string): string | undefined {
		const [before, behind] = this.upParts;
		if (!topic.startsWith(before) || !topic.endsWith(behind)) return undefined;
		const door = topic.slice(before.length, -behind.length);
		return isDoorId(door) ? door : undefined;
	}

	/** Only doors with a registered reader have one, so that strangers on the broker make none. */
	private linkOf(door: string): DoorLink | undefined {
		const known = this.links.get(door);
		if (known !== undefined || this.side.books.registered(door) === undefined) return known;
		const link = new DoorLink(this.side, door, this.handshakes);
		this.links.set(door, link);
		return link;
	}
}
