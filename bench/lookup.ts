// SPDX-License-Identifier: Apache-2.0

import type { Flash } from "../hal/contracts/flash.js";
import { NativeCrypto } from "../hal/crypto/native/crypto.js";
import { fromHex } from "../protocol/bytes.js";
/**
 * On XS: repeats recorded lookups of plans of growing size; what the flash's own reading costs is taken off. Prints one
 * line of JSON: for each size the cost of one lookup, in instructions on the emulated microcontroller, else in µs.
 */
import { decodeList } from "../protocol/trust/list.js";
import { DEVICE_KEY } from "../sim/self.js";
import { emptyEntry } from "../src/access/plan-entry.js";
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
const costs: { credentials: number; cost: number }[] = [];
for (const recording of recordings) {
	const contents = new Map<string, Uint8Array>();
	for (const [key, hex] of Object.entries(recording.reads)) contents.set(key, fromHex(hex));
	let foreign = 0;
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
	const store = new PlanStore({
		flash,
		rollbackCounter: { plan: recording.version, ahead: [], raisePlan: () => undefined },
		deviceKey: DEVICE_KEY,
		crypto: new NativeCrypto(),
		trust: decodeList(fromHex(recording.list))!,
		door: "FRONT",
		knownTime: () => undefined,
	});
	store.open();
	const ids = recording.ids.map(fromHex);
	const into = emptyEntry();
	foreign = 0;
	const start = now();
	for (const id of ids) if (!store.lookup(id, into)) throw new Error("a credential of the plan is not found");
	costs.push({
		credentials: recording.credentials,
		cost: Math.round((now() - start - foreign) / ids.length),
	});
}
host.print(JSON.stringify({ counts, costs }));
