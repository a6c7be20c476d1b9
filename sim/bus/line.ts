// SPDX-License-Identifier: Apache-2.0

import type { Digital, DigitalClass, DigitalOptions } from "../../hal/contracts/io.js";
import type { VirtualTime } from "../time.js";

/** One wire between a host's pin and a chip's pin. Without a driver the pull-up holds it high. */
export class Line {
	/** For the host: an ECMA-419 Digital class on this wire. */
	readonly Digital: DigitalClass;

	readonly #time: VirtualTime;
	#chip: number | undefined;
	#host: number | undefined;
	/** Brings the chip's driver up to the present before the level is read: the host may have computed past what was due. */
	settle: (() => void) | undefined;
	readonly #watchers = new Set<(level: number) => void>();

	constructor(time: VirtualTime) {
		this.#time = time;
		const line = this;
		this.Digital = class extends LineDigital {
			constructor(options: DigitalOptions) {
				super(line, options);
			}
		};
	}

	/** Low wins. */
	get level(): number {
		this.settle?.();
		return this.#level;
	}

	get #level(): number {
		return Math.min(this.#chip ?? 1, this.#host ?? 1);
	}

	/** The chip's driver; `undefined`: lets go. */
	drive(level: number | undefined): void {
		this.#change(() => {
			this.#chip = level;
		});
	}

	driveFromHost(level: number | undefined): void {
		this.#change(() => {
			this.#host = level;
		});
	}

	/** `watcher` hears each change as it happens; the function given back ends it. */
	watch(watcher: (level: number) => void): () => void {
		this.#watchers.add(watcher);
		return () => this.#watchers.delete(watcher);
	}

	/** Calls back from the event loop, as interrupts of a platform do. */
	later(action: () => void): void {
		this.#time.after(0, action);
	}

	#change(set: () => void): void {
		const before = this.#level;
		set();
		const level = this.#level;
		if (level !== before) for (const watcher of [...this.#watchers]) watcher(level);
	}
}

class LineDigital implements Digital {
	readonly #line: Line;
	readonly #output: boolean;
	#unwatch: (() => void) | undefined;
	#open = true;

	constructor(line: Line, options: DigitalOptions) {
		this.#line = line;
		this.#output = options.mode === "output" || options.mode === "output-open-drain";
		if (this.#output) {
			if (options.initialValue !== undefined) line.driveFromHost(options.initialValue);
			return;
		}
		const { onReadable, edge = "both" } = options;
		if (onReadable)
			this.#unwatch = line.watch((level) => {
				if (edge !== "both" && (edge === "rising") !== (level === 1)) return;
				line.later(() => {
					if (this.#open) onReadable();
				});
			});
	}

	read(): number {
		this.#check();
		return this.#line.level;
	}

	write(level: number): void {
		this.#check();
		if (!this.#output) throw new Error("not an output");
		this.#line.driveFromHost(level ? 1 : 0);
	}

	close(): void {
		if (!this.#open) return;
		this.#open = false;
		this.#unwatch?.();
		if (this.#output) this.#line.driveFromHost(undefined);
	}

	#check(): void {
		if (!this.#open) throw new Error("closed");
	}
}
