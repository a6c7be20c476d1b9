// SPDX-License-Identifier: Apache-2.0

/** The phone's half of commands (`apdu.ts`). */

/** One parsed command, as a phone's app sees it. */
export interface CommandApdu {
	readonly cla: number;
	readonly ins: number;
	readonly p1: number;
	readonly p2: number;
	readonly data: Uint8Array;
	/** Bytes asked for, 1 to 256; 0 when none are. */
	readonly le: number;
}

/** Parses a short command; `undefined` when it is not one. */
export function decodeCommand(bytes: Uint8Array): CommandApdu | undefined {
	if (bytes.length < 4) return undefined;
	const [cla, ins, p1, p2] = bytes as unknown as [number, number, number, number];
	const body = bytes.subarray(4);
	const none = body.subarray(0, 0);
	if (body.length === 0) return { cla, ins, p1, p2, data: none, le: 0 };
	if (body.length === 1) return { cla, ins, p1, p2, data: none, le: body[0]! || 256 };
	const lc = body[0]!;
	// Lc 0 opens an extended length: not spoken here.
	if (lc === 0) return undefined;
	const data = body.subarray(1, 1 + lc);
	if (data.length !== lc) return undefined;
	const rest = body.subarray(1 + lc);
	if (rest.length > 1) return undefined;
	return { cla, ins, p1, p2, data, le: rest.length === 0 ? 0 : rest[0]! || 256 };
}
