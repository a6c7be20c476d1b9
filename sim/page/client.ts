// SPDX-License-Identifier: Apache-2.0

import { batch, signal } from "@preact/signals";
import type { Values } from "../scene/act.js";
import type { LogAnswer, LogQuestion } from "../scene/log-check.js";
import type { Write } from "../scene/rehearsal.js";
import type { Logged, SceneState, Told } from "../scene/scene.js";
import type { SiteState } from "../scene/site-state.js";
import type { Span } from "../scene/span.js";
import { mergeSpans } from "../scene/window.js";
import type { ActInfo, News, Pace, Port } from "./messages.js";

/** What a list keeps: a page that is open for a day must not grow. */
const KEPT = 5000;
const KEPT_SPANS = 2000;

/** The scene as the page has it: signals of what is, and what one can ask for. */
export class Client {
	readonly state = signal<SceneState | undefined>(undefined);
	/** What can be done in this world. */
	readonly acts = signal<readonly ActInfo[]>([]);
	/** How the reader of a world can be built. */
	readonly setup = signal<Readonly<Record<string, readonly string[]>>>({});
	readonly told = signal<readonly Told[]>([]);
	readonly log = signal<readonly Logged[]>([]);
	readonly spans = signal<readonly Span[]>([]);
	/** The record of the log that is looked at. */
	readonly asked = signal<LogAnswer | undefined>(undefined);
	/** What was done, as the spec that was asked for last. */
	readonly spec = signal<string | undefined>(undefined);
	readonly site = signal<SiteState | undefined>(undefined);
	/** Of the last rehearsal; `undefined` while there is none. */
	readonly writes = signal<readonly Write[] | undefined>(undefined);
	/** As in the link. */
	readonly script = signal("");
	readonly pace = signal<Pace>(1);
	/** From the last phone's coming to the relay, µs; `undefined` where it has not opened since. */
	readonly opened = signal<number | undefined>(undefined);
	/** Why the last thing asked for was not done. */
	readonly refused = signal<string | undefined>(undefined);
	readonly #port: Port;

	constructor(port: Port) {
		this.#port = port;
		port.onNews = (news) => batch(() => this.#hear(news));
	}

	/** Begins another world. */
	start(script: string): void {
		this.#port.post({ kind: "start", script });
	}

	act(name: string, values: Values = {}): void {
		this.refused.value = undefined;
		this.#port.post({ kind: "act", name, values });
	}

	/** Asks which writes an act would bring about now: they are in `writes` then. */
	rehearse(name: string, values: Values = {}): void {
		this.writes.value = undefined;
		this.#port.post({ kind: "rehearse", name, values });
	}

	setPace(pace: Pace): void {
		this.pace.value = pace;
		this.#port.post({ kind: "pace", pace });
	}

	/** Stands still, one event further. */
	step(): void {
		if (this.pace.value !== 0) this.setPace(0);
		this.#port.post({ kind: "step" });
	}

	askSpec(): void {
		this.spec.value = undefined;
		this.#port.post({ kind: "spec" });
	}

	askLog(question: LogQuestion): void {
		this.#port.post({ kind: "log", ...question });
	}

	#hear(news: News): void {
		const {
			acts,
			asked,
			log = [],
			opened,
			refused,
			script,
			setup,
			site,
			spans = [],
			spec,
			state,
			told = [],
			writes,
		} = news;
		if (acts !== undefined) {
			this.acts.value = acts;
			this.told.value = [];
			this.log.value = [];
			this.spans.value = [];
			this.asked.value = undefined;
			this.opened.value = undefined;
			this.site.value = undefined;
			this.writes.value = undefined;
			this.refused.value = undefined;
		}
		if (setup !== undefined) this.setup.value = setup;
		if (state !== undefined) this.state.value = state;
		if (told.length > 0) this.told.value = [...this.told.value, ...told].slice(-KEPT);
		if (log.length > 0) this.log.value = [...this.log.value, ...log].slice(-KEPT);
		if (spans.length > 0) this.spans.value = mergeSpans(this.spans.value, spans, KEPT_SPANS);
		if (asked !== undefined) this.asked.value = asked;
		if (spec !== undefined) this.spec.value = spec;
		if (script !== undefined) this.script.value = script;
		if (site !== undefined) this.site.value = site;
		if (writes !== undefined) this.writes.value = writes;
		if (opened !== undefined) this.opened.value = opened;
		if (refused !== undefined) this.refused.value = refused;
	}
}
