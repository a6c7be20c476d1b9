// SPDX-License-Identifier: Apache-2.0

import type { Crypto } from "../../protocol/crypto.js";
import type { LogEntry } from "../../protocol/log/record.js";
import { inWords } from "../../site/lib/log/describe.js";
import { DOOR } from "../commission.js";
import { EPOCH } from "../site.js";
import { World, type WorldOptions } from "../world.js";
import { checkValues, type Values } from "./act.js";
import { actOf } from "./acts.js";
import { Administrator, firstDocument } from "./administrator.js";
import { ObservationDigest } from "./digest.js";
import { askLog, type LogAnswer, type LogQuestion } from "./log-check.js";
import { News } from "./news.js";
import { type Observation, observeWorld } from "./observe.js";
import { Plaintexts } from "./plaintexts.js";
import { formatScript, type Script, type Setup, type Step } from "./script.js";
import { SessionLines } from "./session.js";
import { type Span, Spans } from "./spans.js";
import { type Present, Visitors } from "./visitors.js";

/**
 * How long before the scene begins the reader was switched on, s: by then it is in a session with its site, and takes codes, which it does not in
 * the first 45 s.
 */
const SINCE_S = 50;

/** Something that was said of the world, at a µs of the scene. */
export interface Told {
	readonly at: number;
	readonly text: string;
}

/** A record of the log, at the µs of the scene when it was in the flash. */
export interface Logged {
	readonly at: number;
	readonly entry: LogEntry;
	readonly words: string;
}

/** What is to be seen, as plain data. */
export interface SceneState {
	/** µs of the scene. */
	readonly at: number;
	/** The calendar, seconds since 1970. */
	readonly seconds: number;
	readonly powered: boolean;
	/** Colour of the reader's light, and hertz of its sounder; 0 is silence. */
	readonly light: string;
	readonly tone: number;
	readonly lock: NonNullable<Setup["lock"]>;
	readonly door: {
		readonly open: boolean;
		readonly locked: boolean;
		readonly relay: boolean;
		readonly exit: boolean;
		readonly tamper: boolean;
		readonly fire: boolean;
		readonly lockdown: boolean;
	};
	/** The PN532's field is on. */
	readonly field: boolean;
	/** The site has a session with the reader. */
	readonly session: boolean;
	readonly present: readonly Present[];
}

/** Longest command of the PN532 that may be under way as a scene begins, µs. */
const LEAD = 1_000_000;

export interface SceneOptions {
	readonly crypto: Crypto;
	readonly script: Script;
	/** What the world has besides: an engine, a radio of the computer's own. */
	readonly world?: Partial<WorldOptions>;
	/** How long the reader has been on when the scene begins, s; 0 where real hardware has its own pace. */
	readonly since?: number;
}

/**
 * A world and the script that runs in it. The same script gives the same bytes wherever it runs, in however many pieces its
 * time passes.
 */
export class Scene {
	readonly world: World;
	readonly visitors: Visitors;
	readonly administrator: Administrator;
	/** What travels between the site and its door. */
	readonly session = new SessionLines();
	onTold: ((told: Told) => void) | undefined;
	onLog: ((logged: Logged) => void) | undefined;
	onSpan: ((span: Span) => void) | undefined;
	/** Everything that is seen, as it happens. */
	onObservation: ((observation: Observation) => void) | undefined;
	/** When the scene began, µs of the world. */
	readonly #began: number;
	readonly #head: Omit<Script, "steps">;
	/** What was done, and what the script has still to do. */
	readonly #done: Step[] = [];
	readonly #steps: Step[];
	readonly #crypto: Crypto;
	readonly #digest: ObservationDigest;
	readonly #news: News;
	readonly #seen = { results: 0 };
	/** Of the log, until there is `onLog`. */
	readonly #unlogged: LogEntry[] = [];

	constructor({ crypto, script, since = SINCE_S, world: more }: SceneOptions) {
		const { steps, ...head } = script;
		this.#head = head;
		this.#crypto = crypto;
		this.#began = since * 1_000_000;
		this.#steps = [...steps];
		const plaintexts = new Plaintexts(crypto);
		const spans = new Spans((span) => this.onSpan?.(span), plaintexts);
		this.world = new World({ crypto: plaintexts.crypto, ...worldOf(script, since), ...more });
		this.#digest = new ObservationDigest(crypto);
		const observe = (observation: Observation): void => {
			// The 50 s before are in what follows: the same flash, the same session.
			if (observation.at >= 0) this.#digest.add(observation);
			// What is under way as it begins has its beginning before.
			if (observation.at >= -LEAD) spans.take(observation);
			if (observation.kind === "trace") this.#news.trace(observation.text);
			this.onObservation?.(observation);
		};
		const now = (): number => this.micros;
		observeWorld(this.world, now, observe);
		this.visitors = new Visitors(this.world, now, observe);
		const { server, site, people } = this.world;
		this.administrator = new Administrator(this.world, firstDocument(site.id, people));
		this.#news = new News(this.world, this.tell);
		if (server !== undefined) server.onPassed = (passed) => this.session.add(passed, passed.at - this.#began);
		this.world.plan.install();
		this.world.powerOn();
		this.#runTo(0);
	}

	/** µs since the scene began. */
	get micros(): number {
		return this.world.time.micros - this.#began;
	}

	/** When something is due next, µs of the scene; `undefined`: never. */
	get next(): number | undefined {
		const [step] = this.#steps;
		const { next } = this.world.time;
		const due = next === undefined ? undefined : next - this.#began;
		return step === undefined ? due : Math.min(step.at * 1000, due ?? Number.POSITIVE_INFINITY);
	}

	/** What was done so far, and what is still to be done. */
	get script(): Script {
		return { ...this.#head, steps: [...this.#done, ...this.#steps] };
	}

	/** What was done so far. */
	get done(): readonly Step[] {
		return this.#done;
	}

	/** Does an act at the next whole millisecond, and notes it in the script; gives what there is to say of it. */
	perform(name: string, values: Values = {}): string {
		const act = actOf(name);
		const checked = checkValues(act, values);
		this.settle();
		return this.#act({ at: this.micros / 1000, act: name, values: checked });
	}

	/** To the next whole millisecond past which the reader does not compute. */
	settle(): void {
		do this.runTo(Math.ceil(this.micros / 1000) * 1000);
		while (this.micros % 1000 !== 0);
	}

	/** Time passes, and what the script has for it is done. */
	run(ms: number): void {
		this.runTo(this.micros + ms * 1000);
	}

	/** Until this µs of the scene, or a little past it where the reader computes then. */
	runTo(micros: number): void {
		for (let step = this.#steps[0]; step !== undefined && step.at * 1000 <= micros; step = this.#steps[0]) {
			this.#runTo(step.at * 1000);
			this.#steps.shift();
			this.#act(step);
		}
		this.#runTo(micros);
	}

	/** To the next instant at which something happens. */
	step(): void {
		const { next } = this;
		if (next !== undefined) this.runTo(next);
	}

	readonly tell = (text: string): void => this.onTold?.({ at: this.micros, text });

	state(): SceneState {
		const { world } = this;
		const { board, door, panel, server } = world;
		const { open, locked, relay, exitPressed, tampered, fire, lockdown } = door;
		return {
			at: this.micros,
			seconds: world.seconds,
			powered: world.powered,
			light: panel.colour,
			tone: panel.tone,
			lock: this.#head.setup?.lock ?? "strike",
			door: { open, locked, relay: relay.on, exit: exitPressed, tamper: tampered, fire, lockdown },
			field: board.field.on,
			session: server?.hello !== undefined,
			present: this.visitors.present,
		};
	}

	/** SHA-256 over all bytes of bus, air and flash until now. */
	digest(): Uint8Array {
		const { plan, log, config, notices } = this.world.flash;
		return this.#digest.digest([plan, log, config, notices].map(({ bytes }) => bytes));
	}

	/** Looks at a record of the log and checks all of it, with a byte changed where that is asked for; `undefined`: no such record. */
	askLog(question: LogQuestion): LogAnswer | undefined {
		const { flash, readerKey: publicKey, server } = this.world;
		const site = server && publicKey && server.books.cursor(DOOR, publicKey);
		return askLog(flash.log.bytes, question, this.#crypto, { publicKey, site });
	}

	/** The script as a link has it. */
	toString(): string {
		return formatScript(this.script);
	}

	#act(step: Step): string {
		this.#done.push(step);
		const said = actOf(step.act).perform(this, step.values);
		this.tell(said);
		this.#notice();
		return said;
	}

	#runTo(micros: number): void {
		const { time } = this.world;
		const end = micros + this.#began;
		for (let at = time.next; at !== undefined && at <= end; at = time.next) {
			time.step();
			this.#notice();
		}
		time.runTo(end);
		// A firmware with a clock of its own writes between events.
		this.#notice();
	}

	/** Tells what is new after an event. */
	#notice(): void {
		const { auditor, phones, power } = this.world;
		const entries = power.on ? auditor.newEntries() : [];
		this.#news.look(entries);
		this.#unlogged.push(...entries);
		for (; this.#seen.results < phones.results.length; this.#seen.results++) {
			const result = phones.results[this.#seen.results]!;
			const shown = result.kind === "decision" ? (result.decision?.reason ?? "done") : result.error.message;
			this.tell(`the phone shows: ${shown}`);
		}
		if (this.onLog === undefined) return;
		for (const entry of this.#unlogged.splice(0))
			this.onLog({ at: this.micros, entry, words: inWords(entry) });
	}
}

function worldOf({ seed, starts = EPOCH, setup = {} }: Script, since: number): Partial<WorldOptions> {
	const { lock = "strike", bus = "spi", suite = "4", bluetooth = "near-or-tap" } = setup;
	return {
		...{ seed, bus, suite: Number(suite), server: true, starts: starts - since },
		document: firstDocument,
		configuration: {
			...{ bluetooth, scanner: { model: "gm861" } },
			door: {
				...{ tamper: "normally-closed", fireInput: "normally-closed", lockdownInput: "normally-open" },
				// A magnet holds while it is fed, so the contact that is closed at rest feeds it.
				...(lock === "magnet" && { lock: "fail-safe", contact: "normally-closed" }),
			},
		},
	};
}
