// SPDX-License-Identifier: Apache-2.0

import { createDecipheriv } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { decode } from "cborg";
import { assert } from "chai";
import { toHex } from "../../protocol/bytes.js";
import { MESSAGES } from "../../protocol/sync/messages.js";
import { syncExample, syncKeys, withSync } from "../../tools/docs/sync-example.js";
import { root } from "../support/host.js";

const { cred, cwt, frames, said } = syncExample();
const keys = syncKeys();
const document = readFileSync(join(root, "docs/formats/sync.md"), "utf8");

/** A record as the page says that it is opened. */
function opened(record: Uint8Array, { iv, key }: typeof keys.up, direction: number): Uint8Array {
	assert.equal(record[0], 6);
	const nonce = Buffer.from(iv);
	for (let i = 0; i < 4; i++) nonce[8 + i]! ^= record[1 + i]!;
	const cipher = createDecipheriv("chacha20-poly1305", key, nonce, { authTagLength: 16 });
	const text = record.subarray(5, -16);
	const head = Buffer.concat([Buffer.of(1), frames[0].subarray(1, 9), Buffer.of(direction, 6)]);
	cipher.setAAD(head, { plaintextLength: text.length });
	cipher.setAuthTag(record.subarray(-16));
	return Buffer.concat([cipher.update(text), cipher.final()]);
}

describe("docs/formats/sync.md", () => {
	it("has the table and the session that the code gives", () => {
		assert.equal(document, withSync(document), "run `npm run docs`");
	});

	it("its records open by the keys that the page's formulas give, and hold what another library reads", () => {
		const counters = { reader: 0, site: 0 };
		for (const { bytes, from, message, record } of said) {
			const text = opened(record, from === "reader" ? keys.up : keys.down, from === "reader" ? 0 : 1);
			assert.equal(toHex(text), toHex(bytes));
			assert.equal(Buffer.from(record).readUInt32BE(1), ++counters[from]);
			const [number, id, ...fields] = decode(text) as [number, number, ...unknown[]];
			assert.equal(number, MESSAGES[message.name].number);
			const { id: said, name, ...rest } = message;
			assert.equal(id, said);
			assert.deepEqual(fields, Object.values(rest), name);
		}
	});

	it("its handshake names the server by kid and the reader by value; what each signs for is in the page", () => {
		const tags = { useMaps: true } as const;
		assert.deepEqual(
			decode(cred, tags),
			new Map<number, unknown>([
				[1, "harbour1"],
				[2, "+sync"],
				[
					8,
					new Map([
						[
							1,
							new Map<number, unknown>([
								[1, 1],
								[-1, 6],
								[-2, publicKey()],
							]),
						],
					]),
				],
			]),
		);
		// C_R is empty, ID_CRED_R a kid without its map, then the signature.
		const { plaintext2, plaintext3 } = keys;
		assert.equal(toHex(plaintext2.subarray(0, 6)), `4044${toHex(publicKey().subarray(0, 4))}`);
		assert.equal(toHex(plaintext2.subarray(6, 8)), "5840");
		assert.lengthOf(plaintext2, 72);
		assert.equal(toHex(plaintext3.subarray(0, 2 + cwt.length)), `a10d${toHex(cwt)}`);
		// EAD_1 closes message_1: -19539, critical, and the version.
		assert.equal(toHex(frames[0].slice(-5)), `394c52${"4101"}`);
		assert.isTrue(frames.every((frame, n) => frame[0] === n + 1 && frame.length < 400));
	});
});

function publicKey(): Uint8Array {
	const line = /server's key, public \(32 bytes\)\n {2}([0-9a-f]{64})/.exec(document)![1]!;
	return Uint8Array.from(Buffer.from(line, "hex"));
}
