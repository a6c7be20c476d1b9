// SPDX-License-Identifier: Apache-2.0

import { equal, readUint32, toHex } from "../../protocol/bytes.js";
import type { BareReader } from "../../sim/bare-reader.js";
import type { ReceivedLog } from "../../site/lib/sync/memory-books.js";

/** What a version of a door's plan says of a credential. */
export type Right = "open" | "paused";

/** One version of a door's plan, as the administrator meant it: nothing here is read from what the site signed. */
export interface MeantPlan {
	readonly version: number;
	readonly rights: ReadonlyMap<string, Right>;
}

/** A command may open the door from when it was given for so many ms: it is good for 5 s, and a reader's clock may be behind. */
const COMMAND_MS = 10_000;

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
	readonly reader: BareReader;
	readonly violations: string[] = [];
	readonly #now: () => number;
	/** By version. */
	readonly #plans = new Map<number, MeantPlan>();
	/** Sequence of the notice that took it back, by credential. */
	readonly #revokedBy: ReadonlyMap<string, number>;
	readonly #commands: GivenCommand[] = [];
	/** Credentials that the reader has refused as revoked. */
	readonly #refused = new Set<string>();
	/** What the reader had, at the least: none of it falls. */
	#version = 0;
	#notice = 0;
	/** Who is at the door now. */
	#tapping: string | undefined;
	#opened = 0;

	/** `revokedBy`: of the whole site; it grows. `now`: ms. */
	constructor(reader: BareReader, revokedBy: ReadonlyMap<string, number>, now: () => number) {
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
		this.#plans.set(plan.version, plan);
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

	/** Looks at what the reader has: neither plan nor notices go back. */
	look(): void {
		const plan = this.reader.device?.door?.access.plan;
		if (plan === undefined) return;
		const { version } = plan;
		const { notice = 0 } = plan as { readonly notice?: number };
		if (version < this.#version) this.#wrong(`its plan went back from ${this.#version} to ${version}`);
		if (notice < this.#notice) this.#wrong(`its notices went back from ${this.#notice} to ${notice}`);
		if (version > 0 && !this.#plans.has(version)) this.#wrong(`it has plan ${version}, which nobody made`);
		this.#version = Math.max(this.#version, version);
		this.#notice = Math.max(this.#notice, notice);
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
		const right = this.#plans.get(this.#version)?.rights.get(id);
		if (right !== "open") this.#wrong(`it let in ${id}, who is ${right ?? "not in"} plan ${this.#version}`);
		const revokedBy = this.#revokedBy.get(id);
		if (revokedBy !== undefined && revokedBy <= this.#notice)
			this.#wrong(`it let in ${id}, whom notice ${revokedBy} took back`);
		if (this.#refused.has(id)) this.#wrong(`it let in ${id}, whom it had refused as revoked`);
	}

	#wrong(what: string): void {
		this.violations.push(`${this.reader.door} at ${this.#now()} ms: ${what}`);
	}
}
