// SPDX-License-Identifier: Apache-2.0

/**
 * What opens a root's backup, on paper: 7 groups of 5 characters, of which each group's last checks the others. 140 random
 * bits.
 */
import { Failure } from "../files/failure.js";
import { randomBytes } from "../random.js";

/** Crockford's base32: no I, L, O or U. */
const ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const GROUPS = 7;
/** Characters of a group before its check. */
const DATA = 4;
const LENGTH = GROUPS * (DATA + 1);

export function newRecoveryCode(): string {
	const random = randomBytes(GROUPS * DATA);
	return Array.from({ length: GROUPS }, (_, group) => {
		const data = [...random.subarray(group * DATA, (group + 1) * DATA)].map((byte) => byte & 31);
		return [...data, checkOf(group, data)].map((value) => ALPHABET[value]).join("");
	}).join("-");
}

/**
 * A code as it was typed, in the form in which `newRecoveryCode` made it: small letters, blanks, hyphens or none, O for 0, and I
 * or L for 1 are all the same. Throws `Failure`, which names the groups that cannot be right and quotes nothing.
 */
export function parseRecoveryCode(typed: string): string {
	const text = typed.replace(/[\s-]/g, "").toUpperCase().replaceAll("O", "0").replace(/[IL]/g, "1");
	if (text.length !== LENGTH)
		throw mistyped(`a recovery code has ${LENGTH} letters and digits, this one ${text.length}`);
	const groups = text.match(/.{5}/gs)!;
	const wrong = groups.flatMap((group, index) => (isGroup(group, index) ? [] : [index + 1]));
	if (wrong.length > 0)
		throw mistyped(`not as it was given out: group ${wrong.join(", ")} of the recovery code`);
	return groups.join("-");
}

function isGroup(group: string, index: number): boolean {
	const values = [...group].map((character) => ALPHABET.indexOf(character));
	return !values.includes(-1) && checkOf(index, values.slice(0, DATA)) === values[DATA];
}

/**
 * A weighted sum in GF(32), the group's place among its terms: one wrong character in a group, two that changed places, and
 * groups that did are found for certain.
 */
function checkOf(group: number, data: readonly number[]): number {
	return data.reduce((sum, value) => timesX(sum ^ value), group + 1);
}

/** In GF(32), modulo x^5 + x^2 + 1. */
function timesX(value: number): number {
	return (value << 1) ^ (value & 16 ? 0b100101 : 0);
}

function mistyped(message: string): Failure {
	return new Failure(
		"input",
		"mistyped-code",
		message,
		"Compare it with the paper, group by group. There is no letter I, L, O or U in it.",
	);
}
