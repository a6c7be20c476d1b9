// SPDX-License-Identifier: Apache-2.0

import { assert } from "chai";
import { Failure } from "../../../site/lib/files/failure.js";
import { newRecoveryCode, parseRecoveryCode } from "../../../site/lib/root/recovery-code.js";

/** Crockford's, whose I, L, O and U are no digits. */
const ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
/** Its checks were computed by another program, by multiplying in GF(32) place by place. */
const VECTOR = "0011P-ABCD9-ZZZZR-1000T-H0WX7-7K1MN-9P0TB";

function failure(typed: string): Failure {
	try {
		parseRecoveryCode(typed);
	} catch (error) {
		if (error instanceof Failure) return error;
		throw error;
	}
	throw new Error(`${typed} was taken`);
}

function swapped(items: readonly string[], a: number, b: number): string[] {
	return items.map((item, at) => (at === a ? items[b]! : at === b ? items[a]! : item));
}

/** Of a code: its characters without hyphens. */
const bare = (code: string): string => code.replaceAll("-", "");

describe("recovery code", () => {
	const code = newRecoveryCode();

	it("has 7 groups of 5 characters, none of which looks like another", () => {
		for (let i = 0; i < 100; i++)
			assert.match(newRecoveryCode(), new RegExp(`^[${ALPHABET}]{5}(-[${ALPHABET}]{5}){6}$`));
	});

	it("has 28 characters that are drawn evenly: each value comes at each place", () => {
		const seen = Array.from({ length: 35 }, () => new Set<string>());
		// A value is missed at one place with a chance of (31/32)^2000, 10^-28.
		for (let i = 0; i < 2000; i++)
			for (const [at, character] of [...bare(newRecoveryCode())].entries()) seen[at]!.add(character);
		for (const [at, { size }] of seen.entries()) assert.equal(size, 32, `place ${at}`);
	});

	it("is the same in small letters, with blanks, without hyphens, with O for 0 and I or L for 1", () => {
		const spellings = [
			code.toLowerCase(),
			bare(code),
			` ${code.replaceAll("-", "  ")}\n`,
			[...bare(code)].join(" "),
		];
		for (const spelling of spellings) assert.equal(parseRecoveryCode(spelling), code);
		for (const one of "1iIlL")
			for (const zero of "0oO")
				assert.equal(parseRecoveryCode(VECTOR.replaceAll("1", one).replaceAll("0", zero)), VECTOR);
	});

	it("each wrong character is found, and its group named, at each place", () => {
		const text = bare(code);
		for (let at = 0; at < text.length; at++)
			for (const wrong of `${ALPHABET}U*?`) {
				if (wrong === text[at]) continue;
				const { reason, message } = failure(text.slice(0, at) + wrong + text.slice(at + 1));
				assert.equal(reason, "mistyped-code");
				assert.include(message, `group ${Math.floor(at / 5) + 1} `);
				assert.notInclude(message, text.slice(0, 5));
			}
	});

	it("two characters or two groups that changed places are found", () => {
		for (let i = 0; i < 50; i++) {
			const groups = newRecoveryCode().split("-");
			for (let a = 0; a < 7; a++)
				for (let b = a + 1; b < 7; b++) {
					assert.include(failure(swapped(groups, a, b).join("-")).message, `group ${a + 1}, ${b + 1} `);
				}
			const [first, ...rest] = groups;
			for (let a = 0; a < 5; a++)
				for (let b = a + 1; b < 5; b++) {
					if (first![a] === first![b]) continue;
					const wrong = swapped([...first!], a, b).join("");
					assert.include(failure([wrong, ...rest].join("-")).message, "group 1 ");
				}
		}
	});

	it("one that is too short, too long, empty or huge is told by its length", () => {
		const text = bare(code);
		for (const typed of ["", text.slice(1), `${text}0`, "0".repeat(100_000)]) {
			const { reason, message } = failure(typed);
			assert.equal(reason, "mistyped-code");
			assert.include(message, `35 letters and digits, this one ${typed.length}`);
		}
	});
});
