// SPDX-License-Identifier: Apache-2.0

import { createHash, createPublicKey, verify } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { assert } from "chai";
import { EVENTS } from "../../../protocol/events.js";
import { MEANINGS } from "../../../site/lib/log/describe.js";
import { withLog } from "../../../tools/log/document.js";
import { BUSY, simulateYear } from "../../../tools/log/year.js";
import { root } from "../../support/host.js";

const text = readFileSync(join(root, "docs/log.md"), "utf8");

/** The bytes under a heading of the vectors, read from the page as anybody would. */
function vector(heading: string): Buffer {
	const after = text.slice(text.indexOf(`\n${heading}`) + heading.length + 1);
	const match = /^[^\n]*\n((?:[0-9a-f]+\n)+)/.exec(after);
	return Buffer.from(match![1]!.replaceAll("\n", ""), "hex");
}

function sha256(...parts: Uint8Array[]): Buffer {
	return createHash("sha256").update(Buffer.concat(parts)).digest();
}

describe("docs/log.md", () => {
	it("is what the code writes: else run npm run docs", () => {
		assert.equal(withLog(text), text);
	});

	it("has vectors that follow its own rules, by node:crypto and the page alone", () => {
		const checkpoint = vector("checkpoint of sector 0");
		const publicKey = vector("public key");
		assert.lengthOf(checkpoint, 160);
		assert.equal(checkpoint.toString("latin1", 0, 4), "LLG1");
		assert.deepEqual(checkpoint.subarray(32, 40), sha256(publicKey).subarray(0, 8));
		assert.deepEqual(checkpoint.subarray(152), sha256(checkpoint.subarray(0, 152)).subarray(0, 8));
		const key = createPublicKey({
			key: { kty: "OKP", crv: "Ed25519", x: publicKey.toString("base64url") },
			format: "jwk",
		});
		const signed = Buffer.concat([Buffer.from("lintel log 1"), checkpoint.subarray(0, 88)]);
		assert.isTrue(verify(null, signed, key, checkpoint.subarray(88, 152)));
		let link: Buffer = checkpoint.subarray(152);
		for (const [i, heading] of ["record 1:", "record 2:", "record 3:"].entries()) {
			const record = vector(heading);
			assert.lengthOf(record, 32);
			assert.equal(record.readUInt32BE(0), i + 1);
			assert.equal(record.readUInt32BE(4), 1_800_000_000);
			assert.deepEqual(record.subarray(24), sha256(link, record.subarray(0, 24)).subarray(0, 8));
			link = record.subarray(24);
		}
		assert.equal(vector("record 2:").readUInt32BE(12), 42);
		assert.equal(vector("record 2:").toString("hex", 16, 24), "c0ffee0000000001");
	});

	it("explains every kind of event, and no two share a number", () => {
		assert.sameMembers(Object.keys(MEANINGS), Object.keys(EVENTS));
		assert.lengthOf([...new Set(Object.values(EVENTS))], Object.keys(EVENTS).length);
		for (const code of Object.values(EVENTS)) assert.isTrue(code > 0 && code < 255);
	});
});

describe("a busy door's log", () => {
	it("stays whole, and its sectors wear evenly (a month; npm run year for the year)", () => {
		const month = simulateYear({ ...BUSY, days: 30, size: 64 * 1024 });
		assert.equal(month.events, 60_000);
		assert.isTrue(month.intact);
		assert.equal(month.gapRecords, 0);
		assert.equal(month.waits, 0, "no event waits for an erase");
		assert.isAtMost(month.wear[1] - month.wear[0], 4);
		const alone = simulateYear({ ...BUSY, days: 5, size: 64 * 1024, acknowledgeEvery: 0 });
		assert.isTrue(alone.intact);
		assert.isAbove(alone.gapRecords, 0);
	});
});
