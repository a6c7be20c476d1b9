// SPDX-License-Identifier: Apache-2.0

import type { MessageOf } from "../../protocol/sync/messages.js";
import type { DoorNews, SessionEnd } from "../lib/sync/books.js";
import type { Report } from "./store/doors.js";

type Said<N extends "hello" | "health"> = {
	readonly at: number;
	readonly says: Omit<MessageOf<N>, "id" | "name">;
};

/** What a door has said last, in memory: lists of doors and metrics ask for all of them at once. */
export interface DoorReport {
	/** The session's begin or end. */
	session?: { readonly up: boolean; readonly why?: SessionEnd; readonly at: number };
	hello?: Said<"hello">;
	health?: Said<"health">;
	/** When it said anything last. */
	heard?: number;
}

/** What the site tells of a door without a word of it. */
const SILENT: readonly string[] = ["silent", "refused"] satisfies readonly DoorNews["kind"][];

export class DoorReports {
	readonly #doors = new Map<string, DoorReport>();

	constructor(stored: readonly Report[]) {
		for (const { at, body, door, kind } of stored) {
			const report = this.#of(door);
			const isWord = !SILENT.includes(kind) && (kind !== "session" || (body as { up: boolean }).up);
			if (isWord) report.heard = Math.max(report.heard ?? 0, at);
			if (kind === "session") report.session = { ...(body as { up: boolean }), at };
			else if (kind === "hello") report.hello = { at, says: body as Said<"hello">["says"] };
			else if (kind === "health") report.health = { at, says: body as Said<"health">["says"] };
		}
	}

	of(door: string): Readonly<DoorReport> {
		return this.#doors.get(door) ?? {};
	}

	told(door: string, news: DoorNews, at: number): void {
		const report = this.#of(door);
		if (news.kind !== "ended" && !SILENT.includes(news.kind)) report.heard = at;
		if (news.kind === "begun") report.session = { up: true, at };
		else if (news.kind === "ended") report.session = { up: false, why: news.why, at };
		else if (news.kind === "hello") report.hello = { at, says: news.hello };
		else if (news.kind === "health") report.health = { at, says: news.health };
	}

	#of(door: string): DoorReport {
		let report = this.#doors.get(door);
		if (report === undefined) {
			report = {};
			this.#doors.set(door, report);
		}
		return report;
	}
}
