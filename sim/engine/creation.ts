// SPDX-License-Identifier: Apache-2.0

/** The sizes that an XS machine gets on a device: `creation` of manifest.json. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "../../tools/xs/build.js";

export interface Creation {
	/** Bytes of chunks (buffers, strings, arrays). */
	readonly chunk: number;
	/** Slots of 16 bytes. */
	readonly heap: number;
	/** Slots. */
	readonly stack: number;
}

export function deviceCreation(): Creation {
	const { creation } = JSON.parse(readFileSync(join(root, "manifest.json"), "utf8")) as {
		creation: {
			chunk: { initial: number; incremental: number };
			heap: { initial: number; incremental: number };
			stack: number;
		};
	};
	const { chunk, heap, stack } = creation;
	if (chunk.incremental !== 0 || heap.incremental !== 0)
		throw new Error("a device's memory does not grow: manifest.json must say incremental 0");
	return { chunk: chunk.initial, heap: heap.initial, stack };
}

/**
 * As much for a 64-bit XS. Slots are counted, so they stay; what a reader has in chunks is a quarter more there, because
 * pointers and headers in them are twice as long, and what is allocated at once may be half more.
 */
export function onThisProcessor(creation: Creation): Creation {
	return { ...creation, chunk: creation.chunk * 1.5 };
}
