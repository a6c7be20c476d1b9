// SPDX-License-Identifier: Apache-2.0

import type { Operation } from "../../cost-model.js";
import type { Span, SpanRecorder } from "../span.js";

/** Public-key work, which takes most of a tap's time. */
const TITLES: Readonly<Partial<Record<Operation, string>>> = Object.freeze({
	x25519: "agrees on keys: X25519",
	x25519KeyPair: "makes an ephemeral key: X25519",
	ed25519Sign: "signs: Ed25519",
	ed25519Verify: "verifies a signature: Ed25519",
	ed25519KeyPair: "makes a key: Ed25519",
	p256Multiply: "agrees or signs: P-256",
	p256Verify: "verifies a signature: P-256",
});
/** Hashes and ciphers nearer to each other than this, µs, are one span. */
const NEAR = 2000;

/** What the reader computes, as it is charged (`cost-model.ts`). */
export class ComputeSpans {
	readonly #recorder: SpanRecorder;
	#small: { span: Span; readonly counts: Map<Operation, number>; micros: number } | undefined;

	constructor(recorder: SpanRecorder) {
		this.#recorder = recorder;
	}

	/** The reader has just computed this. */
	take(operation: Operation, micros: number): void {
		const to = this.#recorder.now;
		const from = to - micros;
		const title = TITLES[operation];
		if (title === undefined) this.#add(operation, from, to);
		else {
			this.#small = undefined;
			this.#recorder.add("crypto", { from, to, title, detail: charged(micros) });
		}
	}

	#add(operation: Operation, from: number, to: number): void {
		const small = this.#small;
		if (small === undefined || from - small.span.to > NEAR) {
			const counts = new Map([[operation, 1]]);
			const micros = to - from;
			const span = this.#recorder.add("crypto", { from, to, title: told(counts), detail: charged(micros) });
			this.#small = { span, counts, micros };
			return;
		}
		const { counts } = small;
		counts.set(operation, (counts.get(operation) ?? 0) + 1);
		small.micros += to - from;
		small.span = this.#recorder.change(small.span, {
			to,
			title: told(counts),
			detail: charged(small.micros),
		});
	}
}

function charged(micros: number): string {
	return `${micros / 1000} ms of the reader's processor.`;
}

function told(counts: ReadonlyMap<Operation, number>): string {
	const names: Partial<Record<Operation, string>> = { sha256: "SHA-256", aead: "AEAD" };
	return [...counts].map(([operation, count]) => `${names[operation] ?? operation} ×${count}`).join(", ");
}
