// SPDX-License-Identifier: Apache-2.0

/**
 * What chai and fast-check look for and XS lacks. Only for the libraries of the specs: the firmware has none of it, and
 * the type check and the linter keep it so.
 */
import { utf8Encode } from "../../protocol/bytes.js";

declare const host: { trace(text: string): void };

const console = Object.freeze({
	log: (...parts: unknown[]) => host.trace(`${parts.join(" ")}\n`),
	warn: (...parts: unknown[]) => host.trace(`${parts.join(" ")}\n`),
	error: (...parts: unknown[]) => host.trace(`${parts.join(" ")}\n`),
});

const target = globalThis as Record<string, unknown>;
target.console ??= console;
target.Event ??= class {
	readonly type: string;
	constructor(type: string) {
		this.type = type;
	}
};
target.EventTarget ??= class {
	addEventListener(): void {}
	removeEventListener(): void {}
	/** chai tells plugins what it does; there are none here. */
	dispatchEvent(): boolean {
		return true;
	}
};
/** Timeouts of asynchronous properties: no spec of the firmware has one, so none may ever fire. */
const noTimer = (): never => {
	throw new Error("no timers on XS");
};
target.setTimeout ??= noTimer;
target.clearTimeout ??= () => undefined;
target.TextEncoder ??= class {
	encode(text: string): Uint8Array {
		return utf8Encode(text);
	}
};
