// SPDX-License-Identifier: Apache-2.0

/** What parsers and the provider's calls take on the emulated microcontroller, each by itself. */
import { parserInputs } from "./parser-inputs.js";
import { onRv32 } from "./rv32.js";

export interface ParserCost {
	readonly parser: string;
	/** Bytes of input. */
	readonly bytes: number;
	readonly instructions: number;
}

export interface CallCost {
	readonly call: string;
	readonly instructions: number;
}

export interface CallCosts {
	readonly parsers: readonly ParserCost[];
	readonly cryptoCalls: readonly CallCost[];
}

export function measureCalls(): CallCosts {
	const { parsers } = onRv32<Pick<CallCosts, "parsers">>("parsers", parserInputs());
	const { cryptoCalls } = onRv32<Pick<CallCosts, "cryptoCalls">>("crypto-calls");
	return { parsers, cryptoCalls };
}

/** For RESULTS.md. */
export function callTables({ parsers, cryptoCalls }: CallCosts): readonly string[] {
	return [
		"Parsers, each by itself, with the bytes that it gets in a tap (an installer's requests and the plan's header with those",
		"of the same site): instructions of one parse, the mean of 32 in a machine with much memory.",
		"",
		"| parser | bytes | instructions |",
		"|---|---|---|",
		...parsers.map((p) => `| ${p.parser} | ${p.bytes} | ${p.instructions} |`),
		"",
		"Calls of the native provider, each by itself, its JavaScript included: libsodium 1.0.18, mbedTLS 2.28 (AES-CCM) and BearSSL",
		"0.6 (P-256) in plain C, by `gcc -O2`. A device's SHA, AES and ECC peripherals would do those for less; its compiler is asked",
		"for small code (`-Os`), with which BearSSL takes 3 % less. Of a point as it is sent (EDHOC's G_X, a credential's key), x alone, y",
		"is found first. What has a secret (key pairs, agreements, signatures) takes the same number of instructions for each of eight",
		"secrets, extremes among them: the bench ends where it does not.",
		"",
		"| call | instructions |",
		"|---|---|",
		...cryptoCalls.map((c) => `| ${c.call} | ${c.instructions} |`),
		"",
	];
}
