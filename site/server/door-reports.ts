// SPDX-License-Identifier: Apache-2.0

import type { MessageOf } from "../../protocol/sync/messages.js";
import type { DoorNews, SessionEnd } from "../lib/sync/books.js";
import { answerOf, type ConfigurationAnswer, type SettingsAnswer } from "./door-settings.js";
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
	/** Its trust list is of another history than the site's: it takes nothing that the site signs. */
	isForeign?: boolean;
	/** Why its last try to begin a session came to nothing: a reason, and what the reader itself said of it. */
	refused?: { readonly at: number; readonly reason: string; readonly detail?: string | undefined };
	/** What it has said of what the site gave it last. */
	settings?: { readonly at: number; readonly says: SettingsAnswer };
	configuration?: { readonly at: number; readonly says: ConfigurationAnswer };
	/** When it said anything last. */
	heard?: number;
}

/** What the site tells of a door without a word of it. */
const SILENT: readonly string[] = ["silent", "refused"] satisfies readonly DoorNews["kind"][];

export class DoorReports {
	readonly #doors = new Map<string, DoorReport>();

	constructor(stored: readonly Report[]) {
		this.#read(stored);
	}

	/** Another reader may be at the door. `stored`: what is kept of it. */
	again(door: string, stored: readonly Report[]): void {
		this.#doors.delete(door);
		this.#read(stored);
	}

	#read(stored: readonly Report[]): void {
		for (const report of stored) this.take(report);
	}

	/** As the store has it. */
	take({ at, body, door, kind }: Report): void {
		const report = this.#of(door);
		const isWord = !SILENT.includes(kind) && (kind !== "session" || (body as { up: boolean }).up);
		if (isWord) report.heard = Math.max(report.heard ?? 0, at);
		if (kind === "session") report.session = { ...(body as { up: boolean }), at };
		else if (kind === "hello") report.hello = { at, says: body as Said<"hello">["says"] };
		else if (kind === "health") report.health = { at, says: body as Said<"health">["says"] };
		// They are in the order of their kinds; it is told with the hello that shows it.
		else if (kind === "other-list") report.isForeign = at >= (report.hello?.at ?? 0);
		else if (kind === "refused") report.refused = { ...(body as { reason: string; detail?: string }), at };
		else if (kind === "settings") report.settings = { at, says: body as SettingsAnswer };
		else if (kind === "configuration") report.configuration = { at, says: body as ConfigurationAnswer };
	}

	/** The process that had these doors has them no more, and may have told nothing of their sessions' end. */
	moved(hasMoved: (door: string) => boolean, at: number): void {
		for (const [door, report] of this.#doors)
			if (report.session?.up && hasMoved(door)) report.session = { up: false, at };
	}

	of(door: string): Readonly<DoorReport> {
		return this.#doors.get(door) ?? {};
	}

	told(door: string, news: DoorNews, at: number): void {
		const report = this.#of(door);
		if (news.kind !== "ended" && !SILENT.includes(news.kind)) report.heard = at;
		if (news.kind === "begun") report.session = { up: true, at };
		else if (news.kind === "ended") report.session = { up: false, why: news.why, at };
		else if (news.kind === "hello") {
			report.hello = { at, says: news.hello };
			report.isForeign = false;
		} else if (news.kind === "other-list") report.isForeign = true;
		else if (news.kind === "health") report.health = { at, says: news.health };
		else if (news.kind === "refused") report.refused = { at, reason: news.reason, detail: news.detail };
		else if (news.kind === "answered" && news.to.name === "settings")
			report.settings = { at, says: answerOf(news) as SettingsAnswer };
		else if (news.kind === "answered" && news.to.name === "configuration")
			report.configuration = { at, says: answerOf(news) as ConfigurationAnswer };
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
