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
