// SPDX-License-Identifier: Apache-2.0

import { equal, readUint32, toHex } from "../../protocol/bytes.js";
import {
	COMMANDS,
	commandOf,
	EVENTS,
	type EventSink,
	ORIGINS,
	READER_COMMANDS,
} from "../../protocol/events.js";
import { orderOf, type PlanNumber } from "../../protocol/plan/format.js";
import type { ReceivedLog } from "../../site/lib/sync/memory-books.js";
import type { LiarDoor } from "./door.js";
import { LockdownJudge, type MeantLockdowns } from "./lockdown.js";

/** What a version of a door's plan says of a credential. */
export type Right = "open" | "override" | "paused";

/** One version of a door's plan, as the administrator meant it: nothing here is read from what the site signed. */
export interface MeantPlan extends PlanNumber {
	readonly rights: ReadonlyMap<string, Right>;
}

/** A command may be done from when it was given for so many ms: it is good for 5 s, and a reader's clock may be behind. */
const COMMAND_MS = 10_000;

/** Where a revocation notice stands among all of its site. */
export interface NoticeNumber {
	readonly epoch: number;
	readonly sequence: number;
}

/** What a command of the log is called, by its number. */
const COMMAND_NAMES = new Map<number, string>(
	Object.entries({ ...COMMANDS, ...READER_COMMANDS }).map(([name, number]) => [number, name]),
);

interface GivenCommand {
	readonly at: number;
	readonly what: string;
	/** It is done once, */
	done: boolean;
	/** and an `open` opens once. */
	opened: boolean;
}

/** What the administrator of a site means, for all its doors. It grows. */
export interface MeantSite {
	/** The notice that took it back, by credential. */
	readonly revokedBy: ReadonlyMap<string, NoticeNumber>;
	readonly lockdowns: MeantLockdowns;
	/** ms. */
	now(): number;
	/** Seconds since 1970. */
	seconds(): number;
}

/**
 * What a door may do, by what its site has signed and when, and by what the reader had already: a model apart from the firmware and from
 * the site's code. It hears of every unlock.
 */
export class DoorJudge {
	readonly reader: LiarDoor;
	readonly violations: string[] = [];
	/** By `orderOf`. */
	readonly #plans = new Map<number, MeantPlan>();
	readonly #site: MeantSite;
	readonly lockdown: LockdownJudge;
	readonly #commands: GivenCommand[] = [];
	/** Credentials that the reader has refused as revoked. */
	readonly #refused = new Set<string>();
	/** What the reader had, at the least: none of it falls. Notices by their epoch. */
	#order = 0;
	readonly #notices = new Map<number, number>();
	#list = 0;
	/** A phone is at the door now. */
	#tapping = false;
	/** It was unlocked meanwhile. */
	#isOpen = false;
	/** Request-to-exit is pressed. */
	#leaving = false;
	#opened = 0;

	constructor(reader: LiarDoor, site: MeantSite) {
		this.reader = reader;
		this.#site = site;
		this.lockdown = new LockdownJudge(reader, site.lockdowns, site.seconds, (what) => this.#wrong(what));
		reader.onEvent = this.#event;
		reader.relay.watch(() => {
			if (reader.relay.on) this.#unlocked();
		});
	}

	/** How often the door was unlocked. */
	get opened(): number {
		return this.#opened;
	}

	/** The administrator has made this the newest plan. */
	meant(plan: MeantPlan): void {
		this.#plans.set(orderOf(plan), plan);
	}

	/** The administrator has commanded the door. */
	commanded(what: string): void {
		this.#commands.push({ at: this.#site.now(), what, done: false, opened: false });
		if (what === "release") this.lockdown.released();
	}

	/** A phone is held to the door. Returns whether it opened. */
	tap(id: Uint8Array): boolean {
		const name = toHex(id);
		this.look();
		this.#tapping = true;
		this.#isOpen = false;
		const { granted, reason } = this.reader.tap(id);
		this.#tapping = false;
		if (granted || this.#isOpen) this.#byTap(name);
		if (reason === "revoked") this.#refused.add(name);
		return granted;
	}

	/** Request-to-exit is pressed: whatever the mode, people get out. */
	leave(): void {
		const { reader } = this;
		this.#leaving = true;
		reader.exit(true);
		if (!reader.relay.on) this.#wrong("request-to-exit does not open");
		reader.exit(false);
		this.#leaving = false;
	}

	/** Looks at what the reader has: neither list, plan nor notices go back. */
	look(): void {
		const { device } = this.reader;
		const plan = device?.door?.access.plan;
		if (plan === undefined) return;
		this.lockdown.look();
		const { epoch, version: list } = device!.store!.trust;
		const { notice, version } = plan;
		const order = orderOf({ epoch: plan.epoch, version });
		const before = this.#notices.get(epoch) ?? 0;
		if (list < this.#list) this.#wrong(`its list went back from ${this.#list} to ${list}`);
		if (order < this.#order) this.#wrong(`its plan went back to ${plan.epoch}, ${version}`);
		if (notice < before) this.#wrong(`its notices went back from ${before} to ${notice}`);
		if (version > 0 && !this.#plans.has(order)) this.#wrong(`it has plan ${version}, which nobody made`);
		this.#list = Math.max(this.#list, list);
		this.#order = Math.max(this.#order, order);
		this.#notices.set(epoch, Math.max(before, notice));
	}

	/** What the site has of its log, beside what is in its flash. */
	compareLog(site: ReceivedLog): void {
		const log = this.reader.device!.events.log!;
		if (log.acknowledged > site.cursor.serial)
			this.#wrong(`it holds ${log.acknowledged} acknowledged, the site has ${site.cursor.serial}`);
		site.records.forEach((record, i) => {
			if (readUint32(record, 0) !== i + 1) this.#wrong(`record ${i + 1} at the site is another`);
		});
		const cursor = log.read(log.oldest);
		for (let record = cursor.next(); record !== undefined; record = cursor.next()) {
			const there = site.records[readUint32(record, 0) - 1];
			if (there !== undefined && !equal(there, record))
				this.#wrong(`record ${readUint32(record, 0)} at the site differs from the reader's`);
		}
		for (const { from, reason, to } of site.problems)
			this.#wrong(`the log at the site: ${reason} ${from} to ${to}`);
		if (site.apart.length > 0) this.#wrong("the site took the reader's log for another's");
	}

	#unlocked(): void {
		this.#opened++;
		this.#isOpen = true;
		if (this.#tapping || this.#leaving) return;
		const command = this.#given("open", ({ opened }) => !opened);
		if (command === undefined) this.#wrong("it unlocked though nobody commanded it");
		else command.opened = true;
		if (this.lockdown.isOn) this.#wrong("a command opened it in lockdown");
	}

	readonly #event: EventSink = (kind, detail, value, subject) => {
		this.lockdown.event(kind, detail, value, subject);
		if (kind !== EVENTS.command || detail >> 8 !== ORIGINS.site) return;
		const what = COMMAND_NAMES.get(commandOf(detail)) ?? String(detail);
		const command = this.#given(what, ({ done }) => !done);
		if (command === undefined) this.#wrong(`it did ${what} though nobody commanded it`);
		else command.done = true;
	};

	/** What was commanded, and may still be done. */
	#given(what: string, isLeft: (command: GivenCommand) => boolean): GivenCommand | undefined {
		const since = this.#site.now() - COMMAND_MS;
		return this.#commands.find((one) => one.what === what && one.at >= since && isLeft(one));
	}

	#byTap(id: string): void {
		const plan = this.#plans.get(this.#order);
		const right = plan?.rights.get(id);
		if (right !== "open" && right !== "override")
			this.#wrong(`it let in ${id}, who is ${right ?? "not in"} plan ${plan?.version}`);
		if (right !== "override" && this.lockdown.isOn) this.#wrong(`it let in ${id} in lockdown`);
		const by = this.#site.revokedBy.get(id);
		if (by !== undefined && by.sequence <= (this.#notices.get(by.epoch) ?? 0))
			this.#wrong(`it let in ${id}, whom notice ${by.sequence} took back`);
		if (this.#refused.has(id)) this.#wrong(`it let in ${id}, whom it had refused as revoked`);
	}

	#wrong(what: string): void {
		this.violations.push(`${this.reader.name} at ${this.#site.now()} ms: ${what}`);
	}
}
