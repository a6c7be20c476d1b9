// SPDX-License-Identifier: Apache-2.0

/** What the page and the scene behind it say to each other: by messages of a Worker, or over a WebSocket where the world runs elsewhere. */

/** Seconds of the world in a second; 0 stands still. */
export type Pace = 0 | 0.1 | 1;

export const PACES: readonly Pace[] = Object.freeze([0, 0.1, 1]);

export type Values = Readonly<Record<string, string | number>>;

export type ToScene =
	/** Makes another world, as the script says, in place of the one there is. */
	| { readonly kind: "start"; readonly script: string }
	| { readonly kind: "act"; readonly name: string; readonly values: Values }
	| { readonly kind: "pace"; readonly pace: Pace }
	/** On to the next event. */
	| { readonly kind: "step" };

/** What is at one moment, for the stage. */
export interface SceneState {
	/** µs since the world began. */
	readonly micros: number;
	/** Seconds since 1970 in the world. */
	readonly seconds: number;
	readonly powered: boolean;
	/** Colour of the light. */
	readonly light: string;
	/** Hertz of the sounder; 0 is silence. */
	readonly tone: number;
	readonly relay: boolean;
	readonly locked: boolean;
	readonly open: boolean;
	readonly exitPressed: boolean;
}

/** What was said of the world at an instant: by an act, by what came of it. */
export interface Told {
	/** µs since the world began. */
	readonly at: number;
	readonly text: string;
}

/** What is new since the last one: at most 30 a second. */
export interface News {
	/** A world has begun: what was before is of another. */
	readonly begun?: boolean;
	readonly state?: SceneState;
	readonly told?: readonly Told[];
	/** The script up to now, as it is in a link. */
	readonly script?: string;
	/** Why a script or an act was not taken. */
	readonly refused?: string;
}

/** Where a scene is: a Worker, or the far end of a WebSocket. */
export interface Port {
	post(message: ToScene): void;
	onNews: ((news: News) => void) | undefined;
}
