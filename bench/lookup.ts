// SPDX-License-Identifier: Apache-2.0

import type { Flash } from "../hal/contracts/flash.js";
import { NativeCrypto } from "../hal/crypto/native/crypto.js";
import { fromHex, writeUint32 } from "../protocol/bytes.js";
import { orderOf } from "../protocol/plan/format.js";
import { NOTICES_SIZE } from "../protocol/plan/layout.js";
/**
 * On XS: repeats recorded lookups of plans of growing size; what the flash's own reading costs is taken off. Prints one
 * line of JSON: for each size the cost of one lookup, in instructions on the emulated microcontroller, else in µs.
 */
import { decodeList } from "../protocol/trust/list.js";
import { DEVICE_KEY } from "../sim/self.js";
import { emptyEntry } from "../src/access/plan-entry.js";
import { AREA_HASH } from "../src/config/sealed-state.js";
import { MAX_IDS, NOTICE_RECORD, type NoticesPlace } from "../src/plan/notices.js";
import { PlanStore } from "../src/plan/store.js";
import type { Recording } from "./lookup-recording.js";

declare const host: {
	argument(index: number): string | undefined;
	readText(path: string): string | undefined;
	instructions(): number;
	microseconds(): number;
	print(line: string): void;
};

/** Instructions where the machine counts them, else the time. */
const counts = host.instructions() > 0;
const now = (): number => (counts ? host.instructions() : host.microseconds());

const recordings = JSON.parse(host.readText(host.argument(0)!)!) as Recording[];
const costs: { credentials: number; cost: number; withNotices: number }[] = [];

const crypto = new NativeCrypto();

/** The area of notices at its fullest: ids that nobody has, and what would have sealed them. */
function fullArea(): NoticesPlace {
	const records = new Uint8Array(MAX_IDS * NOTICE_RECORD);
	for (let at = 0, n = 1; at < records.length; at += NOTICE_RECORD) {
		writeUint32(records, at, 1);
		writeUint32(records, at + 4, 1 + Math.floor(at / NOTICE_RECORD / 100));
		for (let i = 8; i < NOTICE_RECORD; i++) {
			n = (Math.imul(n, 0x41c64e6d) + 12_345) >>> 0;
			records[at + i] = n >>> 16;
		}
	}
	const hash = crypto.sha256(records).subarray(0, AREA_HASH);
	const flash: Flash = {
		size: NOTICES_SIZE,
		sectorSize: 4096,
		read: (address, into) => {
			const start = now();
			into.set(records.subarray(address, address + into.length));
			foreign += now() - start;
		},
		write: () => undefined,
		erase: () => undefined,
	};
	return {
		flash,
		sealed: { notices: { bank: 0, count: MAX_IDS, newest: orderOf({ epoch: 1, version: 10 }), hash } },
	};
}

/** What the flash's own reading costs. */
let foreign = 0;
const AREA = fullArea();
for (const recording of recordings) {
	const contents = new Map<string, Uint8Array>();
	for (const [key, hex] of Object.entries(recording.reads)) contents.set(key, fromHex(hex));
	const flash: Flash = {
		size: recording.size,
		sectorSize: 4096,
		read: (address, into) => {
			const start = now();
			const bytes = contents.get(`${address}:${into.length}`);
			if (bytes === undefined) throw new Error(`not recorded: ${into.length} bytes at ${address}`);
			into.set(bytes);
			foreign += now() - start;
		},
		write: () => {
			throw new Error("a lookup writes");
		},
		erase: () => {
			throw new Error("a lookup erases");
		},
	};
	const ids = recording.ids.map(fromHex);
	const into = emptyEntry();
	const measure = (notices: { notices?: NoticesPlace }): number => {
		const store = new PlanStore({
			flash,
			rollbackCounter: { plan: recording.version, ahead: [], raisePlan: () => undefined },
			deviceKey: DEVICE_KEY,
			crypto,
			trust: decodeList(fromHex(recording.list))!,
			door: "FRONT",
			knownTime: () => undefined,
			...notices,
		});
		store.open();
		foreign = 0;
		const start = now();
		for (const id of ids)
			if (!store.lookup(id, into)) throw new Error("a credential of the plan is not found");
		return Math.round((now() - start - foreign) / ids.length);
	};
	costs.push({
		credentials: recording.credentials,
		cost: measure({}),
		withNotices: measure({ notices: AREA }),
	});
}
host.print(JSON.stringify({ counts, costs }));
