// SPDX-License-Identifier: Apache-2.0

import type { Alarm, Clock } from "../contracts/time.js";

/** Node's monotonic time and its event loop. */
export class NodeClock implements Clock {
	readonly #origin = performance.now();

	now(): number {
		return Math.floor(performance.now() - this.#origin);
	}

	alarm(callback: () => void): Alarm {
		let timer: NodeJS.Timeout | undefined;
		const clear = (): void => {
			clearTimeout(timer);
			timer = undefined;
		};
		return {
			set(ms) {
				clear();
				timer = setTimeout(callback, ms);
			},
			clear,
			close: clear,
		};
	}
}
