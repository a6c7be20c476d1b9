// SPDX-License-Identifier: Apache-2.0

import { NodeCrypto } from "../../hal/node/crypto.js";
import { toHex } from "../../protocol/bytes.js";
import {
	CAUSES,
	COMMANDS,
	EVENTS,
	type EventName,
	INPUT_FAULTS,
	INPUTS,
	ORIGINS,
	OUTCOMES,
	READER_COMMANDS,
	RESTARTS,
	SYNC_ENDS,
	TIME_SOURCES,
} from "../../protocol/events.js";
import { CHECKPOINT_SIZE, RECORD_SIZE, signedPart } from "../../protocol/log/record.js";
import { SimFlash } from "../../sim/flash.js";
import { VirtualTime } from "../../sim/time.js";
import { MEANINGS } from "../../site/lib/log/describe.js";
import { AuditLog } from "../../src/log/log.js";
import { renew } from "../door-table/table.js";

/** The example of docs/log.md: a reader with the Ed25519 seed 00 01 … 1f, a restart, a grant, an opening. */
export interface Example {
	readonly publicKey: Uint8Array;
	/** The first sector. */
	readonly sector: Uint8Array;
	readonly signed: Uint8Array;
	readonly records: readonly Uint8Array[];
}

export function example(): Example {
	const crypto = new NodeCrypto();
	const pair = crypto.ed25519KeyPair(Uint8Array.from({ length: 32 }, (_, i) => i));
	const flash = new SimFlash({ size: 3 * 4096 });
	const log = new AuditLog({
		flash,
		crypto,
		clock: new VirtualTime(),
		wall: { now: () => 1_800_000_000, trust: () => "synced", set: () => {} },
		reader: crypto.sha256(pair.publicKey).slice(0, 8),
		sign: (message) => crypto.ed25519Sign(message, pair.secretKey),
	});
	log.open("power-on");
	log.append(EVENTS.decision, 0, 42, Uint8Array.of(0xc0, 0xff, 0xee, 0, 0, 0, 0, 1));
	log.append(EVENTS["door-opened"], CAUSES.grant, 1);
	const sector = flash.bytes.slice(0, 4096);
	const at = (n: number): number => CHECKPOINT_SIZE + n * RECORD_SIZE;
	return {
		publicKey: pair.publicKey,
		sector,
		signed: signedPart(sector.subarray(0, CHECKPOINT_SIZE)),
		records: [0, 1, 2].map((n) => sector.slice(at(n), at(n + 1))),
	};
}

function lines(bytes: Uint8Array): string {
	return toHex(bytes)
		.match(/.{1,64}/g)!
		.join("\n");
}

function events(): string {
	return (Object.keys(EVENTS) as EventName[])
		.map((name) => {
			const { means, detail = "", value = "", subject = "" } = MEANINGS[name];
			return `| ${EVENTS[name]} | ${name} | ${means} | ${detail} | ${value} | ${subject} |`;
		})
		.join("\n");
}

function codes(): string {
	const tables = {
		CAUSES,
		OUTCOMES,
		RESTARTS,
		COMMANDS,
		READER_COMMANDS,
		ORIGINS,
		INPUTS,
		INPUT_FAULTS,
		TIME_SOURCES,
		SYNC_ENDS,
	};
	return Object.entries(tables)
		.map(([name, table]) => {
			const list = Object.entries(table).map(([word, code]) => `${code} ${word}`);
			return `| ${name} | ${list.join(", ")} |`;
		})
		.join("\n");
}

/** docs/log.md brought up to date with the code. */
export function withLog(text: string): string {
	const { publicKey, records, sector } = example();
	const [restart, decision, opened] = records.map(lines);
	return renew(text, {
		events: `| kind | event | is | detail | value | subject |\n|---|---|---|---|---|---|\n${events()}`,
		codes: `| table | codes |\n|---|---|\n${codes()}`,
		vectors: `\`\`\`
public key
${lines(publicKey)}
checkpoint of sector 0
${lines(sector.subarray(0, CHECKPOINT_SIZE))}
record 1: restart by power-on
${restart}
record 2: granted over NFC by plan 42 to the credential c0ffee0000000001
${decision}
record 3: the door opened
${opened}
\`\`\``,
	});
}
