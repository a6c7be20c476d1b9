// SPDX-License-Identifier: Apache-2.0

import type { CryptoCall } from "../../told-crypto.js";
import type { Span, SpanRecorder } from "../span.js";

/** Public-key work, which takes most of a tap's time. */
const TITLES: Readonly<Partial<Record<CryptoCall, string>>> = Object.freeze({
	x25519: "agrees on keys: X25519",
	x25519KeyPair: "makes an ephemeral key: X25519",
	ed25519Sign: "signs: Ed25519",
	ed25519Verify: "verifies a signature: Ed25519",
	ed25519KeyPair: "makes a key: Ed25519",
	p256KeyPair: "makes an ephemeral key: P-256",
	p256SharedSecret: "agrees on keys: P-256",
	p256Sign: "signs: P-256",
	p256Verify: "verifies a signature: P-256",
});
/** Hashes, ciphers and code nearer to each other than this, µs, are one span. */
const NEAR = 2000;
/** The same while the reader only polls: what it does for that is one span for all of the time. */
const NEAR_IDLE = 150_000;

/** What the reader computes, as it is charged (`work.ts`). */
export class ComputeSpans {
	readonly #recorder: SpanRecorder;
	#small: { span: Span; readonly counts: Map<string, number>; micros: number } | undefined;
	#idle = false;

	constructor(recorder: SpanRecorder) {
		this.#recorder = recorder;
	}

	/** The reader has just computed what began with this native call, or code of its own; `idle`: nobody wants anything of it. */
	take(call: CryptoCall | undefined, micros: number, idle: boolean): void {
		if (idle !== this.#idle) this.#small = undefined;
		this.#idle = idle;
		const to = this.#recorder.now;
		const from = to - micros;
		const title = call && TITLES[call];
		if (title === undefined) this.#add(familyOf(call), from, to);
		else {
			this.#small = undefined;
			this.#recorder.add("crypto", { from, to, title, detail: charged(micros) });
		}
	}

	#add(family: string, from: number, to: number): void {
		const small = this.#small;
		if (small === undefined || from - small.span.to > (this.#idle ? NEAR_IDLE : NEAR)) {
			const counts = new Map([[family, 1]]);
			const micros = to - from;
			const span = this.#recorder.add("crypto", {
				from,
				to,
				title: this.#told(counts),
				detail: charged(micros),
			});
			this.#small = { span, counts, micros };
			return;
		}
		const { counts } = small;
		counts.set(family, (counts.get(family) ?? 0) + 1);
		small.micros += to - from;
		small.span = this.#recorder.change(small.span, {
			to,
			title: this.#told(counts),
			detail: charged(small.micros),
		});
	}

	/** Of what is called often and takes little; of code it says nothing how often it ran on. */
	#told(counts: ReadonlyMap<string, number>): string {
		const families = [...counts].map(([family, count]) =>
			family === "JavaScript" ? family : `${family} ×${count}`,
		);
		return `${this.#idle ? "idle: " : ""}${families.join(", ")}`;
	}
}

function charged(micros: number): string {
	return `${micros / 1000} ms of the reader's processor.`;
}

/** Of what is called often and takes little. */
function familyOf(call: CryptoCall | undefined): string {
	if (call === undefined) return "JavaScript";
	return /^(aes|chacha)/.test(call) ? "AEAD" : "SHA-256";
}
