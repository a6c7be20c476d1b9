// SPDX-License-Identifier: Apache-2.0

import type { Crypto } from "../../protocol/crypto.js";
import { ScriptError, type Values } from "../scene/act.js";
import { ACTS } from "../scene/acts.js";
import { type Logged, Scene, type SceneOptions, type Told } from "../scene/scene.js";
import { parseScript } from "../scene/script.js";
import type { Span } from "../scene/spans.js";
import type { ActInfo, News, Pace, ToScene } from "./messages.js";

/** From one message to the page to the next, ms. */
const NEWS_MS = 1000 / 30;
/** The longest between two looks at the computer's clock, ms. */
const LOOK_MS = 16;
/** The most that passes in the world at once, ms: where the computer was busy or asleep, the world has stood still. */
const MAX_STEP_MS = 100;

const INFOS: readonly ActInfo[] = ACTS.map(({ perform, ...info }) => info);

export interface SceneRunOptions {
	readonly crypto: Crypto;
	readonly send: (news: News) => void;
	readonly world?: SceneOptions["world"];
}

/** A scene at the pace that the page asks for; it hears the page's messages and sends what is new. */
export class SceneRun {
	readonly #options: SceneRunOptions;
	#scene: Scene | undefined;
	#pace: Pace = 1;
	#timer: ReturnType<typeof setTimeout> | undefined;
	/** When the world was last brought up to the present, ms of the computer. */
	#last = 0;
	#lastNews = 0;
	#told: Told[] = [];
	#log: Logged[] = [];
	#spans: Span[] = [];
	#acted = false;
	/** When the last phone came, µs of the scene. */
	#came: number | undefined;
	#opened: number | undefined;
	#isHere = false;

	constructor(options: SceneRunOptions) {
		this.#options = options;
	}

	hear(message: ToScene): void {
		try {
			if (message.kind === "start") this.#start(message.script);
			else if (message.kind === "act") this.#act(message.name, message.values);
			else if (message.kind === "pace") this.#setPace(message.pace);
			else this.#step();
		} catch (error) {
			if (!(error instanceof ScriptError)) throw error;
			this.#options.send({ refused: error.message });
		}
	}

	stop(): void {
		clearTimeout(this.#timer);
		this.#timer = undefined;
	}

	#start(text: string): void {
		const script = parseScript(text);
		const { crypto, send, world } = this.#options;
		this.stop();
		this.#told = [];
		this.#log = [];
		this.#spans = [];
		this.#came = this.#opened = undefined;
		const scene = new Scene({ crypto, script, ...(world && { world }) });
		this.#scene = scene;
		scene.onTold = (told) => this.#hearTold(scene, told);
		scene.onLog = (logged) => this.#log.push(logged);
		scene.onSpan = (span) => this.#spans.push(span);
		scene.onObservation = (seen) => {
			if (seen.kind !== "relay" || !seen.on || this.#came === undefined) return;
			this.#opened = seen.at - this.#came;
			this.#came = undefined;
		};
		send({ acts: INFOS, state: scene.state(), script: scene.toString() });
		this.#setPace(this.#pace);
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
		this.#catchUp();
		scene.perform(name, values);
		this.#acted = true;
		this.#tell();
	}

	#setPace(pace: Pace): void {
		this.#catchUp();
		this.#pace = pace;
		this.#last = performance.now();
		this.stop();
		if (pace !== 0) this.#look();
	}

	#step(): void {
		this.#scene?.step();
		this.#tell();
	}

	#look(): void {
		this.#timer = setTimeout(() => {
			this.#catchUp();
			if (performance.now() - this.#lastNews >= NEWS_MS) this.#tell();
			this.#look();
		}, LOOK_MS);
	}

	#catchUp(): void {
		if (this.#scene === undefined || this.#pace === 0) return;
		const now = performance.now();
		const passed = Math.min(now - this.#last, MAX_STEP_MS) * this.#pace;
		this.#last = now;
		this.#scene.run(passed);
	}

	#tell(): void {
		const scene = this.#scene!;
		this.#lastNews = performance.now();
		const [told, log, spans] = [this.#told, this.#log, this.#spans];
		this.#options.send({
			state: scene.state(),
			...(told.length > 0 && { told }),
			...(log.length > 0 && { log }),
			...(spans.length > 0 && { spans }),
			...(this.#acted && { script: scene.toString() }),
			...(this.#opened !== undefined && { opened: this.#opened }),
		});
		this.#told = [];
		this.#log = [];
		this.#spans = [];
		this.#acted = false;
		this.#opened = undefined;
	}
}
