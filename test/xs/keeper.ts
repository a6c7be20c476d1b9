// SPDX-License-Identifier: Apache-2.0

/** Preloaded by `firmware-heap-main.ts`'s run, as a module of the firmware is: takes memory and keeps it, in each way. */

export class Keeper {
	#kept: unknown[] = [];
	#last: object | undefined;

	objects(count: number): void {
		for (let i = 0; i < count; i++) this.#last = { before: this.#last };
	}

	byBuiltIns(count: number): void {
		this.#kept.push(JSON.parse(`[${"{},".repeat(count)}0]`));
	}

	bytes(count: number): void {
		for (let i = 0; i < count; i++) this.#kept.push(new Uint8Array(1));
	}

	atOnce(bytes: number): void {
		this.#kept.push(new Uint8Array(bytes));
	}

	/** By a closure that is made now. */
	byClosure(count: number): void {
		const keep = (): void => {
			this.#last = { before: this.#last };
		};
		for (let i = 0; i < count; i++) keep();
	}

	/** What `make` makes is not the firmware's. */
	made(make: () => unknown): void {
		this.#kept.push(make());
	}

	/** Closures with some 300 bytes of code each. */
	closures(count: number): void {
		for (let i = 0; i < count; i++)
			this.#kept.push((a: number, b: number, c: number) => {
				const first = a * b + c * (a - b) + b * (c - a) + a * (b - c);
				const second = b * first + c * (first - b) + b * (c - first) + first * (b - c);
				const third = second * first + c * (first - second) + second * (c - first) + first * (second - c);
				return (first + second) * (second + third) * (third + first) * (first + second + third + a + b + c);
			});
	}

	drop(): void {
		this.#kept = [];
		this.#last = undefined;
	}
}
