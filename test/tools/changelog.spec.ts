// SPDX-License-Identifier: Apache-2.0

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { assert } from "chai";
import { NodeCrypto } from "../../hal/node/crypto.js";
import { SimFlash } from "../../sim/flash.js";
import { DEVICE_KEY } from "../../sim/self.js";
import { AtomicRecord, HEADER } from "../../src/config/record.js";
import { withFormats } from "../../tools/docs/formats.js";
import { planVectors } from "../../tools/docs/plan-example.js";
import { example } from "../../tools/log/document.js";
import { root } from "../support/host.js";

describe("CHANGELOG.md", () => {
	const text = readFileSync(join(root, "CHANGELOG.md"), "utf8");

	it("has the format versions of the code", () => {
		assert.equal(text, withFormats(text), "run `npm run docs`, and say in CHANGELOG.md what changed");
	});

	it("has no entry twice, and the entries of one part together", () => {
		const [, changes] = /### Changes\n\n([\s\S]*?)\n## /.exec(text)!;
		const entries = changes!.split(/\n(?=- )/).map((entry) => entry.replaceAll(/\s+/g, " "));
		assert.isAbove(entries.length, 30);
		const beginnings = entries.map((entry) => entry.slice(0, 80));
		assert.deepEqual(beginnings, [...new Set(beginnings)]);
		const parts = entries.map((entry) => /^- (\w+): /.exec(entry)?.[1]);
		const runs = parts.filter((part, i) => part !== parts[i - 1]);
		assert.deepEqual(runs, [...new Set(runs)]);
	});

	/** The bytes of a magic number as the page writes them: `LPS 1` is "LPS" and a byte 1. */
	function mark(format: string): Buffer {
		const written = new RegExp(`^\\| ${format} \\| \`(\\w{3,4})( \\d)?\``, "m").exec(text);
		assert.isNotNull(written, format);
		const [, letters, number] = written!;
		return Buffer.from([...Buffer.from(letters!), ...(number === undefined ? [] : [Number(number)])]);
	}

	it("has the marks that plan, log and configuration begin with", () => {
		const { envelope, delta } = planVectors();
		assert.isTrue(Buffer.from(envelope, "hex").includes(mark("plan: snapshot")));
		assert.isTrue(Buffer.from(delta, "hex").includes(mark("plan: delta")));
		assert.isTrue(mark("log: sector and checkpoint").equals(example().sector.subarray(0, 4)));
		const flash = new SimFlash({ size: 2 * 4096 });
		new AtomicRecord(flash, new NodeCrypto(), DEVICE_KEY).save(new Uint8Array(HEADER + 1));
		assert.isTrue(mark("configuration record").equals(flash.bytes.subarray(0, 4)));
	});
});
