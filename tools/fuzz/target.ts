// SPDX-License-Identifier: Apache-2.0

/** One parser under attack. */
export interface FuzzTarget {
	readonly name: string;
	/** Valid inputs of our own encoders and of published vectors; mutation starts from them. */
	readonly corpus: readonly Uint8Array[];
	/** Feeds one input. What it throws has to pass `refuses`; returning is acceptance or a refusal by value. */
	run(input: Uint8Array): void;
	/** The parser's own typed refusals; anything else that is thrown is a finding. */
	refuses(error: unknown): boolean;
	/** Runs per share of 1: targets that verify signatures get fewer. */
	readonly share: number;
	/** One run may take this long, ms, before it counts as a hang. */
	readonly limitMs: number;
}

/** One character a byte. */
export function latin1(bytes: Uint8Array): string {
	let all = "";
	for (const byte of bytes) all += String.fromCharCode(byte);
	return all;
}

type Refusal = new (...parts: never[]) => Error;

/** The module's own errors, and with a reason that is a word: a bare Error is a finding. */
export function typed(...kinds: readonly Refusal[]): (error: unknown) => boolean {
	return (error) =>
		kinds.some((kind) => error instanceof kind) &&
		/^[a-z0-9]+(-[a-z0-9]+)*$/.test((error as { reason?: string }).reason ?? "");
}

/** For a parser that reports what is wrong by its result. */
export const never = (): boolean => false;

export function target(
	name: string,
	corpus: readonly Uint8Array[],
	refuses: (error: unknown) => boolean,
	run: (input: Uint8Array) => void,
	more: { share?: number; limitMs?: number } = {},
): FuzzTarget {
	return { name, corpus: corpus.map((b) => b.slice()), refuses, run, share: 1, limitMs: 500, ...more };
}
