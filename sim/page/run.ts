// SPDX-License-Identifier: Apache-2.0

import type { Crypto } from "../../protocol/crypto.js";
import { RealTime } from "../realtime.js";
import { ScriptError, type Values } from "../scene/act.js";
import { ACTS } from "../scene/acts.js";
import type { LogQuestion } from "../scene/log-check.js";
import { rehearse } from "../scene/rehearsal.js";
import { type Logged, Scene, type Told } from "../scene/scene.js";
import { parseScript, type Script, SETUP } from "../scene/script.js";
import { type SiteState, siteState } from "../scene/site-state.js";
import type { Span } from "../scene/span.js";
import { specOf } from "../scene/spec-text.js";
import type { ActInfo, News, Pace, ToScene } from "./messages.js";

/** From one message to the page to the next, ms. */
const NEWS_MS = 1000 / 30;

export interface SceneRunOptions {
	readonly crypto: Crypto;
	readonly send: (news: News) => void;
	/** Where the scene is not only of its script: on another engine, with real hardware. */
	readonly make?: (script: Script) => Scene;
	/** Acts that this world does not have, as that of a power supply which is a real one. */
	readonly without?: readonly string[];
}

/** A scene at the pace that the page asks for; it hears the page's messages and sends what is new. */
export class SceneRun {
	readonly #options: SceneRunOptions;
	#scene: Scene | undefined;
	/** Ties it to the computer's clock; `undefined`: it stands still. */
	#real: RealTime | undefined;
	#pace: Pace = 1;
	#timer: ReturnType<typeof setInterval> | undefined;
	#told: Told[] = [];
	#log: Logged[] = [];
	/** By id: what has grown since is told once. */
	readonly #spans = new Map<number, Span>();
	#acted = false;
	/** When the last phone came, µs of the scene. */
	#came: number | undefined;
	#opened: number | undefined;
	#isHere = false;
	/** Of what the site had when it was last told. */
	#siteKey = "";

	constructor(options: SceneRunOptions) {
		this.#options = options;
	}

	hear(message: ToScene): void {
		try {
			if (message.kind === "start") this.#start(message.script);
			else if (message.kind === "act") this.#act(message.name, message.values);
			else if (message.kind === "pace") this.#setPace(message.pace);
			else if (message.kind === "step") this.#on((scene) => scene.step());
			else if (message.kind === "run") this.#on((scene) => scene.run(message.ms));
			else if (message.kind === "log") this.#askLog(message);
			else if (message.kind === "rehearse") this.#rehearse(message.name, message.values);
			else if (this.#scene === undefined) return;
			else if (message.kind === "spec") this.#options.send({ spec: specOf(this.#scene) });
			else this.#options.send({ digest: this.#scene.digest() });
		} catch (error) {
			if (!(error instanceof ScriptError)) throw error;
			// A link that is no good leads to the door all the same.
			if (this.#scene === undefined) this.#start("");
			this.#options.send({ refused: error.message });
		}
	}

	/** Something from outside happens now. */
	now(action: () => void): void {
		if (this.#real === undefined) action();
		else this.#real.now(action);
	}

	#askLog(question: LogQuestion): void {
		const asked = this.#scene?.askLog(question);
		if (asked !== undefined) this.#options.send({ asked });
	}

	stop(): void {
		this.#real?.stop();
		this.#real = undefined;
		clearInterval(this.#timer);
	}

	#start(text: string): void {
		const script = parseScript(text);
		const { crypto, make, send } = this.#options;
		this.stop();
		this.#told = [];
		this.#log = [];
		this.#spans.clear();
		this.#came = this.#opened = undefined;
		this.#isHere = false;
		const scene = make?.(script) ?? new Scene({ crypto, script });
		this.#scene = scene;
		scene.onTold = (told) => this.#hearTold(scene, told);
		scene.onLog = (logged) => this.#log.push(logged);
		scene.onSpan = (span) => this.#spans.set(span.id, span);
		scene.onObservation = (seen) => {
			if (seen.kind !== "relay" || !seen.on || this.#came === undefined) return;
			this.#opened = seen.at - this.#came;
			this.#came = undefined;
		};
		send({ acts: this.#acts, setup: SETUP, state: scene.state(), script: scene.toString() });
		this.#siteKey = "";
		this.#tell();
		this.#setPace(this.#pace);
	}

	get #acts(): readonly ActInfo[] {
		const { without = [] } = this.#options;
		return ACTS.filter(({ name }) => !without.includes(name)).map(({ perform, ...info }) => info);
	}

	#hearTold(scene: Scene, told: Told): void {
		this.#told.push(told);
		const isHere = scene.visitors.present.length > 0;
		if (isHere && !this.#isHere) this.#came = told.at;
		this.#isHere = isHere;
	}

	#act(name: string, values: Values): void {
		const scene = this.#scene;
		if (scene === undefined) return;
		if (this.#options.without?.includes(name)) throw new ScriptError(`this world has no ${name}`);
		this.now(() => void scene.perform(name, values));
		this.#acted = true;
		this.#tell();
	}

	#rehearse(name: string, values: Values): void {
		const scene = this.#scene;
		if (scene === undefined) return;
		const { crypto, send } = this.#options;
		send({ writes: rehearse({ crypto, script: scene.script }, scene.micros, name, values) });
	}

	/** What the site has, where that is another since it was last told. */
	#siteNews(scene: Scene): SiteState | undefined {
		const site = siteState(scene);
		const key = `${scene.session.count} ${site?.lockdown} ${site?.version}`;
		if (key === this.#siteKey && !this.#acted) return undefined;
		this.#siteKey = key;
		return site;
	}

	#setPace(pace: Pace): void {
		this.stop();
		this.#pace = pace;
		if (pace === 0 || this.#scene === undefined) return;
		this.#real = new RealTime(this.#scene, pace).start();
		this.#timer = setInterval(() => this.#tell(), NEWS_MS);
	}

	#on(move: (scene: Scene) => void): void {
		if (this.#scene !== undefined) move(this.#scene);
		this.#tell();
	}

	#tell(): void {
		const scene = this.#scene;
		if (scene === undefined) return;
		const site = this.#siteNews(scene);
		const [told, log, spans] = [this.#told, this.#log, [...this.#spans.values()]];
		this.#options.send({
			state: scene.state(),
			...(told.length > 0 && { told }),
			...(log.length > 0 && { log }),
			...(spans.length > 0 && { spans }),
			...(site && { site }),
			...(this.#acted && { script: scene.toString() }),
			...(this.#opened !== undefined && { opened: this.#opened }),
		});
		this.#told = [];
		this.#log = [];
		this.#spans.clear();
		this.#acted = false;
		this.#opened = undefined;
	}
}
