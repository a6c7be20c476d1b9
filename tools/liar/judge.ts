// SPDX-License-Identifier: Apache-2.0

import { equal, readUint32, toHex } from "../../protocol/bytes.js";
import { orderOf, type PlanNumber } from "../../protocol/plan/format.js";
import type { ReceivedLog } from "../../site/lib/sync/memory-books.js";
import type { LiarDoor } from "./door.js";

/** What a version of a door's plan says of a credential. */
export type Right = "open" | "paused";

/** One version of a door's plan, as the administrator meant it: nothing here is read from what the site signed. */
export interface MeantPlan extends PlanNumber {
	readonly rights: ReadonlyMap<string, Right>;
}

/** A command may open the door from when it was given for so many ms: it is good for 5 s, and a reader's clock may be behind. */
const COMMAND_MS = 10_000;

/** Where a revocation notice stands among all of its site. */
export interface NoticeNumber {
	readonly epoch: number;
	readonly sequence: number;
}

interface GivenCommand {
	readonly at: number;
	/** It opens once. */
	used: boolean;
}

/**
 * What a door may do, by what its site has signed and when, and by what the reader had already: a model apart from the firmware and from
 * the site's code. It hears of every unlock.
 */
export class DoorJudge {
	readonly reader: LiarDoor;
	readonly violations: string[] = [];
	readonly #now: () => number;
	/** By `orderOf`. */
	readonly #plans = new Map<number, MeantPlan>();
	/** The notice that took it back, by credential. */
	readonly #revokedBy: ReadonlyMap<string, NoticeNumber>;
	readonly #commands: GivenCommand[] = [];
	/** Credentials that the reader has refused as revoked. */
	readonly #refused = new Set<string>();
	/** What the reader had, at the least: none of it falls. Notices by their epoch. */
	#order = 0;
	readonly #notices = new Map<number, number>();
	#list = 0;
	/** Who is at the door now. */
	#tapping: string | undefined;
	#opened = 0;

	/** `revokedBy`: of the whole site; it grows. `now`: ms. */
	constructor(reader: LiarDoor, revokedBy: ReadonlyMap<string, NoticeNumber>, now: () => number) {
		this.reader = reader;
		this.#revokedBy = revokedBy;
		this.#now = now;
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

	/** The administrator has commanded the door open. */
	commanded(): void {
		this.#commands.push({ at: this.#now(), used: false });
	}

	/** A phone is held to the door. Returns whether it opened. */
	tap(id: Uint8Array): boolean {
		const name = toHex(id);
		this.look();
		this.#tapping = name;
		const { granted, reason } = this.reader.tap(id);
		this.#tapping = undefined;
		if (reason === "revoked") this.#refused.add(name);
		return granted;
	}

	/** Looks at what the reader has: neither list, plan nor notices go back. */
	look(): void {
		const { device } = this.reader;
		const plan = device?.door?.access.plan;
		if (plan === undefined) return;
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
		const id = this.#tapping;
		if (id !== undefined) {
			this.#byTap(id);
			return;
		}
		const since = this.#now() - COMMAND_MS;
		const command = this.#commands.find(({ at, used }) => !used && at >= since);
		if (command === undefined) this.#wrong("it unlocked though nobody commanded it");
		else command.used = true;
	}

	#byTap(id: string): void {
		const plan = this.#plans.get(this.#order);
		const right = plan?.rights.get(id);
		if (right !== "open") this.#wrong(`it let in ${id}, who is ${right ?? "not in"} plan ${plan?.version}`);
		const by = this.#revokedBy.get(id);
		if (by !== undefined && by.sequence <= (this.#notices.get(by.epoch) ?? 0))
			this.#wrong(`it let in ${id}, whom notice ${by.sequence} took back`);
		if (this.#refused.has(id)) this.#wrong(`it let in ${id}, whom it had refused as revoked`);
	}

	#wrong(what: string): void {
		this.violations.push(`${this.reader.name} at ${this.#now()} ms: ${what}`);
	}
}
