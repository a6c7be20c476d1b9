// SPDX-License-Identifier: Apache-2.0

import type { News, Port, ToScene } from "./messages.js";

/** A scene in a Worker of this page. */
export class WorkerPort implements Port {
	onNews: ((news: News) => void) | undefined;
	readonly #worker: Worker;

	constructor(address: string) {
		this.#worker = new Worker(address, { type: "module" });
		this.#worker.onmessage = ({ data }: MessageEvent<News>) => this.onNews?.(data);
		this.#worker.onerror = ({ message }) => this.onNews?.({ refused: `The world has ended: ${message}` });
	}

	post(message: ToScene): void {
		this.#worker.postMessage(message);
	}
}
