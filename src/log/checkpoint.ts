// SPDX-License-Identifier: Apache-2.0

import {
	AT,
	CHECKPOINT_SIZE,
	LINK_SIZE,
	MAGIC,
	RUNNING,
	SIGNED,
	signedPart,
} from "../../protocol/log/record.js";
import type { AuditLogOptions } from "./options.js";
import type { LogState } from "./recovery.js";

/** The checkpoint of a sector that begins now. `link`: of the newest record; `digest`: of the sector before. */
export function makeCheckpoint(
	sequence: number,
	state: Readonly<LogState>,
	link: Uint8Array,
	digest: Uint8Array,
	{ crypto, reader, sign, wall }: AuditLogOptions,
): Uint8Array {
	const checkpoint = new Uint8Array(CHECKPOINT_SIZE);
	const view = new DataView(checkpoint.buffer);
	view.setUint32(0, MAGIC);
	view.setUint32(AT.sequence, sequence);
	view.setUint32(AT.first, state.serial);
	view.setUint32(AT.oldest, state.oldest);
	view.setUint32(AT.lostFrom, state.lostFrom);
	view.setUint32(AT.lostTo, state.lostTo);
	view.setUint32(AT.acknowledged, state.acknowledged);
	view.setUint16(AT.memory, state.memory);
	view.setUint16(AT.flags, (sign === undefined ? 0 : SIGNED) | (state.running ? RUNNING : 0));
	checkpoint.set(reader, AT.reader);
	checkpoint.set(link, AT.link);
	checkpoint.set(digest, AT.digest);
	view.setUint32(AT.time, wall.trust() === "unset" ? 0 : wall.now());
	if (sign !== undefined) checkpoint.set(sign(signedPart(checkpoint)), AT.signature);
	checkpoint.set(crypto.sha256(checkpoint.subarray(0, AT.check)).subarray(0, LINK_SIZE), AT.check);
	return checkpoint;
}
