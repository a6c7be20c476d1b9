// SPDX-License-Identifier: Apache-2.0

import { NodeCrypto } from "../../hal/node/crypto.js";
import { toHex } from "../../protocol/bytes.js";
import { EDDSA, signer } from "../../protocol/credential/cose.js";
import { NO_END, PAGE } from "../../protocol/plan/format.js";
import {
	encodeTables,
	type PlanImage,
	packRecords,
	signDelta,
	signSnapshot,
	tombstone,
} from "../../site/lib/plan/encode.js";
import { fill } from "./fill.js";
import { withCapacities } from "./flash.js";

/** The vectors and figures of docs/plan.md, computed: what is between the marks is written by `npm run docs`. */

const crypto = new NodeCrypto();
const pair = crypto.ed25519KeyPair(new Uint8Array(32).fill(1));
const signing = {
	crypto,
	epoch: 1,
	signer: signer(crypto, EDDSA, pair.secretKey),
	kid: pair.publicKey.slice(0, 4),
};
const id = (n: number): Uint8Array => new Uint8Array(8).fill(n);

const tables = encodeTables({
	zone: "CET-1CEST,M3.5.0,M10.5.0/3",
	strictTime: false,
	grace: 86400,
	defaultMode: "locked",
	modes: [{ schedule: 0, mode: "unlocked-after-first" }],
	holidays: [{ year: 0, month: 12, day: 25, days: 2, kind: 0 }],
	schedules: [[{ days: 0b0111110, from: 420, to: 1110 }]],
	plans: [[{ schedule: 0, from: 0, until: NO_END }]],
});

const base = { site: "ACME", door: "front", issued: 1_790_000_000, expires: 1_792_592_000, tables };
const listed = { access: 0, flags: 0, from: 0, until: NO_END };
const one: PlanImage = {
	...base,
	version: 1,
	records: packRecords([
		{ id: id(0x11), ...listed },
		{ id: id(0x22), ...listed },
	]),
};
const two: PlanImage = {
	...base,
	version: 2,
	records: packRecords([{ id: id(0x11), ...listed }, tombstone(id(0x22))]),
};

export function planVectors(): {
	seed: string;
	tables: string;
	records: string;
	body: Uint8Array;
	envelope: string;
	delta: string;
} {
	const snapshot = signSnapshot(one, signing);
	return {
		seed: "01".repeat(32),
		tables: toHex(tables),
		records: toHex(one.records),
		body: snapshot.body,
		envelope: toHex(snapshot.envelope),
		delta: toHex(signDelta(one, two, signing)),
	};
}

function block(hex: string): string {
	return `\`\`\`\n${hex.replace(/(.{64})(?=.)/g, "$1\n")}\n\`\`\``;
}

function example(): string {
	const v = planVectors();
	const trailers = [0, 1].map((n) => toHex(v.body.subarray((n + 1) * PAGE - 16, (n + 1) * PAGE)));
	return [
		`Seed of the site's key: \`${v.seed}\`. Tables (${v.tables.length / 2} bytes):`,
		block(v.tables),
		"Records of version 1:",
		block(v.records),
		`Body: 2 pages, their trailers \`${trailers[0]}\` and \`${trailers[1]}\`; SHA-256 \`${toHex(crypto.sha256(v.body))}\`.`,
		`Signed header (${v.envelope.length / 2} bytes):`,
		block(v.envelope),
		`Delta to version 2, which revokes \`2222222222222222\` (${v.delta.length / 2} bytes):`,
		block(v.delta),
	].join("\n\n");
}

/** The text of docs/plan.md with its computed parts as they are now. */
export function withPlan(text: string): string {
	return withCapacities(fill(text, "example", example()));
}
