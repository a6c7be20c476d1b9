// SPDX-License-Identifier: Apache-2.0

/** Preloaded by `frozen-main.ts`'s run, as a module of the firmware is: one value of each kind, and ways to write to it. */

export class Thing {
	static count = 0;
	static #made = 0;
	field = 0;
	#secret = 0;

	static make(): void {
		Thing.#made = Thing.#made + 1;
	}

	method(): number {
		return this.#secret;
	}

	hide(): void {
		this.#secret++;
	}
}

export class Sealed {
	#secret = 0;

	constructor() {
		Object.freeze(this);
	}

	hide(): number {
		return ++this.#secret;
	}
}

export function plainFunction(): void {}

export const arrow = (): void => {};
export const accessor = {
	get value(): number {
		return 1;
	},
};
export const object: Record<string, unknown> = { property: 0 };
export const array = [1];
export const frozenObject: Record<string, unknown> = Object.freeze({ property: 0, inner: { property: 0 } });
export const frozenArray = Object.freeze([1]) as number[];
export const thing = new Thing();
export const sealed = new Sealed();
export const map = new Map<object | string, number>([["key", 1]]);
export const set = new Set([1]);
export const weakMap = new WeakMap<object, number>([[object, 1]]);
export const weakSet = new WeakSet<object>([object]);
export const buffer = new ArrayBuffer(8);
export const bytes = new Uint8Array(8);
export const view = new DataView(buffer);
export const pattern = /a/g;
export const promise = Promise.resolve(1);

let number = 0;
let held: unknown = object;
let callback: () => void = () => undefined;
let later: (() => void) | undefined;

export function bindNumber(): number {
	number++;
	return number;
}

export function bindObject(): unknown {
	held = array;
	return held;
}

export function bindCallback(): () => void {
	callback = arrow;
	return callback;
}

export function bindLater(): unknown {
	later = arrow;
	return later;
}

function counter(): { next(): number } {
	let count = 0;
	return { next: () => ++count };
}

export const counted = counter();
