// SPDX-License-Identifier: Apache-2.0

import type { Cut, Power } from "../../sim/flash.js";

/** What survives a power cut (memories on one `power`), and what the outside was told. */
export interface PowercutWorld {
	readonly power: Power;
}

/**
 * Work during which the power may go away at any moment. Deterministic: the same cuts give the same world.
 */
export interface Scenario<W extends PowercutWorld = PowercutWorld> {
	readonly name: string;
	/** The world before, cheap: one for each case. */
	begin(): W;
	/**
	 * Starts the device and works to the end. Notes in the world what the outside was told was done. Throws `PowerCut`
	 * from within; is then called again, and must get to the end from whatever is there.
	 */
	run(world: W): void;
	/** With the power back: starts the device and throws an Error that says what is lost. `finished`: `run` ended. */
	check(world: W, finished: boolean): void;
}

/** One case: its cuts hit run after run. */
export interface Case {
	readonly scenario: string;
	readonly cuts: readonly Cut[];
}

/** `install/17:torn:5/3:garbage:99`: number of the operation, kind, and byte or seed. */
export function caseId({ scenario, cuts }: Case): string {
	return [
		scenario,
		...cuts.map((c) => `${c.at}:${c.kind}:${c.kind === "torn" ? (c.byte ?? 0) : (c.seed ?? 0)}`),
	].join("/");
}

/** Throws SyntaxError on what is no case. */
export function parseCase(id: string): Case {
	const [scenario, ...rest] = id.split("/");
	const cuts = rest.map((text): Cut => {
		const match = /^(\d+):(dropped|torn|partial|garbage|done):(\d+)$/.exec(text);
		if (match === null) throw new SyntaxError(`"${text}" is no cut: NUMBER:KIND:BYTE-OR-SEED`);
		const kind = match[2] as Cut["kind"];
		const value = Number(match[3]);
		return kind === "torn"
			? { at: Number(match[1]), kind, byte: value }
			: { at: Number(match[1]), kind, seed: value };
	});
	if (scenario === undefined || cuts.length === 0) throw new SyntaxError(`"${id}" is no case`);
	return { scenario, cuts };
}
