// SPDX-License-Identifier: Apache-2.0

import { batch, signal } from "@preact/signals";
import type { News, Pace, Port, SceneState, Told, Values } from "./messages.js";

/** The scene as the page has it: signals of what is, and what one can ask for. */
export class Client {
	readonly state = signal<SceneState | undefined>(undefined);
	readonly told = signal<readonly Told[]>([]);
	/** As in the link. */
	readonly script = signal("");
	readonly pace = signal<Pace>(1);
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
		this.#port.post({ kind: "act", name, values });
	}

	setPace(pace: Pace): void {
		this.pace.value = pace;
		this.#port.post({ kind: "pace", pace });
	}

	step(): void {
		this.#port.post({ kind: "step" });
	}

	#hear({ begun, refused, script, state, told }: News): void {
		if (begun) this.told.value = [];
		if (state !== undefined) this.state.value = state;
		if (told !== undefined) this.told.value = [...this.told.value, ...told];
		if (script !== undefined) this.script.value = script;
		this.refused.value = refused;
	}
}
