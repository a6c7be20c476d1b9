// SPDX-License-Identifier: Apache-2.0

/** A record as the server has it. */
export interface SentRecord {
	readonly door: string;
	readonly serial: number;
	/** In hexadecimal. */
	readonly link: string;
}

/** By door: serial and link of each record, in their order. */
export type OwnLogs = ReadonlyMap<string, readonly (readonly [serial: number, link: string])[]>;

/** Records that doors have and the server has not, and those that it has more than once. */
export function compareLogs(
	own: OwnLogs,
	taken: readonly SentRecord[],
): { readonly lost: number; readonly doubled: number; readonly taken: number } {
	const links = new Map<string, string>();
	let doubled = 0;
	for (const { door, link, serial } of taken) {
		const name = `${door} ${serial}`;
		if (links.has(name)) doubled++;
		links.set(name, link);
	}
	let lost = 0;
	for (const [door, records] of own)
		for (const [serial, link] of records) if (links.get(`${door} ${serial}`) !== link) lost++;
	return { lost, doubled, taken: taken.length };
}
