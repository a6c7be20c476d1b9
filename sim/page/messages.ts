// SPDX-License-Identifier: Apache-2.0

/** What the page and the scene behind it say to each other: by messages of a Worker, or over a WebSocket where the world runs elsewhere. */
import type { Act, Values } from "../scene/act.js";
import type { LogAnswer, LogQuestion } from "../scene/log-check.js";
import type { Write } from "../scene/rehearsal.js";
import type { Logged, SceneState, Told } from "../scene/scene.js";
import type { SiteState } from "../scene/site-state.js";
import type { Span } from "../scene/span.js";

/** Seconds of the world in a second; 0 stands still. */
export type Pace = 0 | 0.1 | 1;

export type ToScene =
	/** Makes another world, as the script says, in place of the one there is. */
	| { readonly kind: "start"; readonly script: string }
	| { readonly kind: "act"; readonly name: string; readonly values: Values }
	| { readonly kind: "pace"; readonly pace: Pace }
	/** On to the next event. */
	| { readonly kind: "step" }
	/** On by so many ms, as fast as it goes. */
	| { readonly kind: "run"; readonly ms: number }
	/** Asks for a record of the log, and what the log is worth with that byte of it changed. */
	| ({ readonly kind: "log" } & LogQuestion)
	/** Asks for what was done as the text of a spec. */
	| { readonly kind: "spec" }
	/** Asks which writes to the flash an act would bring about now. */
	| { readonly kind: "rehearse"; readonly name: string; readonly values: Values }
	/** Asks for the digest of all that was seen until now. */
	| { readonly kind: "digest" };

/** An act as a control has it. */
export type ActInfo = Omit<Act, "perform">;

/** What is new since the last one: at most 30 a second. */
export interface News {
	/** A world has begun, and this can be done in it: what was before is of another. */
	readonly acts?: readonly ActInfo[];
	/** How a reader can be built, and the choices of each; the first is what it is unless told otherwise. */
	readonly setup?: Readonly<Record<string, readonly string[]>>;
	readonly state?: SceneState;
	readonly told?: readonly Told[];
	readonly log?: readonly Logged[];
	readonly spans?: readonly Span[];
	/** The record that was asked for. */
	readonly asked?: LogAnswer;
	/** The site as its administrator has it, and what travels between it and the door. */
	readonly site?: SiteState;
	/** Which writes to the flash an act would have brought about when that was asked. */
	readonly writes?: readonly Write[];
	/** The script up to now, as it is in a link. */
	readonly script?: string;
	/** From the last phone's coming to the relay, µs. */
	readonly opened?: number;
	/** What was done until now as a spec, where it was asked for. */
	readonly spec?: string;
	/** SHA-256 over all bytes until now, where it was asked for. */
	readonly digest?: Uint8Array;
	/** Why a script or an act was not taken. */
	readonly refused?: string;
}

/** Where a scene is: a Worker, or the far end of a WebSocket. */
export interface Port {
	post(message: ToScene): void;
	onNews: ((news: News) => void) | undefined;
}
