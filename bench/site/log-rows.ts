// SPDX-License-Identifier: Apache-2.0

import { NodeCrypto } from "../../hal/node/crypto.js";
import { concat, fromHex, writeUint16, writeUint32 } from "../../protocol/bytes.js";
import { EVENTS } from "../../protocol/events.js";
import { BODY_SIZE, LINK_SIZE, RECORD_SIZE, trustCode } from "../../protocol/log/record.js";
import { REASONS } from "../../protocol/reasons.js";
import { NO_LOG } from "../../site/lib/log/intake.js";
import { openStore } from "../../site/server/store/store.js";
import { credentialId, doorName } from "./people.js";

/** Records of one door in a transaction. */
const BATCH = 2_000;
const YEAR_S = 365 * 86_400;

/** Gives each door a reader and a share of the last year's `events`, in chains as readers make them. */
export async function writeLogs(
	file: string,
	doors: number,
	users: number,
	events: number,
	now: number,
): Promise<void> {
	const crypto = new NodeCrypto();
	const store = await openStore(file);
	const each = Math.ceil(events / doors);
	for (let door = 0; door < doors; door++) {
		const key = crypto.ed25519KeyPair(crypto.sha256(Uint8Array.of(door, door >> 8))).publicKey;
		await store.doors.register(
			doorName(door),
			{ publicKey: key, credential: new Uint8Array(148) },
			now - YEAR_S,
		);
		const reader = (await store.doors.find(doorName(door)))!.reader!.id;
		let { link } = NO_LOG;
		for (let from = 0; from < each; from += BATCH) {
			const count = Math.min(BATCH, each - from);
			const records = new Uint8Array(count * RECORD_SIZE);
			let before = link;
			for (let i = 0; i < count; i++) {
				const record = records.subarray(i * RECORD_SIZE, (i + 1) * RECORD_SIZE);
				write(record, from + i, door, users, now - YEAR_S + Math.floor(((from + i) / each) * YEAR_S));
				before = link;
				link = crypto.sha256(concat(link, record.subarray(0, BODY_SIZE))).slice(0, LINK_SIZE);
				record.set(link, BODY_SIZE);
			}
			await store.log.append(
				reader,
				records,
				{ serial: from + count, link, before, signed: false },
				now - YEAR_S + Math.floor(((from + count) / each) * YEAR_S),
			);
		}
	}
	await store.close();
}

/** Nine in ten are decisions, one in twenty of those denied; some are alarms. */
function write(record: Uint8Array, at: number, door: number, users: number, time: number): void {
	const dice = (at * 2_654_435_761 + door * 40_503) >>> 0;
	const isDecision = dice % 10 !== 0;
	writeUint32(record, 0, at + 1);
	writeUint32(record, 4, time);
	record[8] = isDecision ? EVENTS.decision : dice % 30 === 0 ? EVENTS.forced : EVENTS.acknowledged;
	record[9] = trustCode("synced");
	if (!isDecision) return;
	writeUint16(record, 10, dice % 20 === 1 ? REASONS["outside-schedule"] : REASONS.granted);
	record.set(fromHex(credentialId(dice % users)), 16);
}
