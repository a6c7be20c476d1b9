// SPDX-License-Identifier: Apache-2.0

/**
 * Which key has which id, as far as credentials were issued here: `issued.jsonl`, a line for each, beside the site's key. Plans
 * know a credential by its id alone, so an id with two keys is two phones that open.
 */
import { appendFileSync, existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { equal, fromHex, toHex } from "../../protocol/bytes.js";
import { Failure } from "./files/failure.js";
import { readText } from "./files/text-file.js";

/** Bytes: some 200,000 credentials. */
const MAX_SIZE = 50_000_000;

export interface Issued {
	readonly site: string;
	readonly id: Uint8Array;
	readonly publicKey: Uint8Array;
}

/** The register beside the key file; beside what is written where the key comes from standard input. */
export function registerOf(siteKey: string, out: string): string {
	return join(dirname(siteKey === "-" ? out : siteKey), "issued.jsonl");
}

/** The key that last had this id, where that is another one. Throws `Failure` at a register that cannot be read. */
export function otherKeyOf(register: string, { site, id, publicKey }: Issued): Uint8Array | undefined {
	if (!existsSync(register)) return undefined;
	const text = readText(register, "the register of credentials", MAX_SIZE);
	let last: Uint8Array | undefined;
	for (const [index, line] of text.split("\n").entries()) {
		if (line.trim() === "") continue;
		const issued = parse(line);
		if (issued === undefined)
			throw new Failure(
				"input",
				"bad-register",
				`${register}:${index + 1} is no credential that was issued`,
				"Bring that line back from a copy, or delete it.",
			);
		if (issued.site === site && equal(issued.id, id)) last = issued.publicKey;
	}
	return last !== undefined && !isSameKey(last, publicKey) ? last : undefined;
}

export function remember(register: string, { site, id, publicKey }: Issued): void {
	const line = { site, id: toHex(id), publicKey: toHex(publicKey), at: new Date().toISOString() };
	appendFileSync(register, `${JSON.stringify(line)}\n`);
}

function parse(line: string): Issued | undefined {
	try {
		const { site, id, publicKey } = JSON.parse(line);
		return { site, id: fromHex(id), publicKey: fromHex(publicKey) };
	} catch {
		return undefined;
	}
}

/** A key of P-256 is the same in 33 and in 65 bytes: the y that is left out has one secret or its negative. */
function isSameKey(a: Uint8Array, b: Uint8Array): boolean {
	if (a.length === b.length) return equal(a, b);
	return a.length > 32 && b.length > 32 && equal(a.subarray(1, 33), b.subarray(1, 33));
}
