// SPDX-License-Identifier: Apache-2.0

import { assert } from "chai";
import { NodeCrypto } from "../../../hal/node/crypto.js";
import { RECORD_SIZE } from "../../../protocol/log/record.js";
import { Scene } from "../../../sim/scene/scene.js";
import { parseScript } from "../../../sim/scene/script.js";

const crypto = new NodeCrypto();

describe("one byte of the log is changed", () => {
	const script = parseScript("seed=1&do=100.tap.valid.nfc~2000.tap.revoked.nfc");
	let scene: Scene;
	let serial: number;
	let last: number;

	before(() => {
		scene = new Scene({ crypto, script });
		const told: number[] = [];
		scene.onLog = ({ entry, words }) => {
			if (words.startsWith("decision")) told.push(entry.serial);
		};
		scene.run(9000);
		assert.lengthOf(told, 2);
		[serial] = told as [number];
		last = scene.world.auditor.entries().at(-1)!.serial;
	});

	it("as it is, the log is whole, and signed by its reader", () => {
		const { report, words } = scene.askLog({ serial })!;
		assert.match(words, /^decision granted/);
		assert.deepInclude(report, { intact: true, last, signed: 1, problems: [] });
	});

	it("of any byte of a record the check finds it, at that record or behind it", () => {
		for (let at = 0; at < RECORD_SIZE; at++) {
			const { report } = scene.askLog({ serial, at })!;
			assert.isFalse(report.intact, `byte ${at}`);
			assert.isTrue(
				report.problems.some(({ from, to }) => from <= serial + 1 && to >= serial),
				JSON.stringify(report.problems),
			);
		}
	});

	it("of the newest record, which looks as a power cut leaves it: the site knows better", () => {
		const { report } = scene.askLog({ serial: last, at: 11 })!;
		assert.deepInclude(report, { intact: false, torn: 1 });
		assert.deepEqual(
			report.problems.map(({ reason, from, to }) => [reason, from, to]),
			[["behind-site", last, last]],
		);
	});

	it("says what the record would say then", () => {
		const { words, record } = scene.askLog({ serial, at: 11 })!;
		// Reason 0, granted, becomes 1.
		assert.match(words, /^decision denied malformed/);
		assert.equal(record[11], 1);
	});

	it("changes nothing of the reader's own", () => {
		const before = scene.world.flash.log.snapshot();
		scene.askLog({ serial, at: 3 });
		assert.deepEqual(scene.world.flash.log.bytes, before);
		assert.isTrue(scene.askLog({ serial })!.report.intact);
	});

	it("there is no such record or byte", () => {
		assert.isUndefined(scene.askLog({ serial: 9999 }));
		for (const at of [-1, RECORD_SIZE]) assert.isUndefined(scene.askLog({ serial, at }));
	});
});
