// SPDX-License-Identifier: Apache-2.0

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { assert } from "chai";
import fc from "fast-check";
import { NodeCrypto } from "../../hal/node/crypto.js";
import { Failure } from "../../site/lib/files/failure.js";
import { readJson } from "../../site/lib/files/json-file.js";
import { decodeText, readText } from "../../site/lib/files/text-file.js";
import { readKeys, readLists } from "../../site/lib/keys.js";

/** As Windows' editor and PowerShell's `>` write it; made by Node's own encoder. */
const WAYS: Readonly<Record<string, (text: string) => Buffer>> = {
	"UTF-8": (text) => Buffer.from(text, "utf8"),
	"UTF-8 with a mark": (text) => Buffer.from(`\ufeff${text}`, "utf8"),
	"UTF-16, little end first": (text) => Buffer.from(`\ufeff${text}`, "utf16le"),
	"UTF-16, big end first": (text) => Buffer.from(`\ufeff${text}`, "utf16le").swap16(),
};

describe("text that people give", () => {
	let folder: string;
	const at = (name: string): string => join(folder, name);
	const written = (bytes: string | Uint8Array): string => {
		writeFileSync(at("file"), bytes);
		return at("file");
	};
	const refused = (read: () => unknown): Failure => {
		try {
			read();
		} catch (error) {
			if (error instanceof Failure) return error;
			throw error;
		}
		return assert.fail("was taken");
	};

	before(() => {
		folder = mkdtempSync(join(tmpdir(), "lintel-text-"));
	});

	after(() => rmSync(folder, { recursive: true }));

	for (const [way, encode] of Object.entries(WAYS)) {
		it(`is taken in ${way}`, () => {
			fc.assert(
				fc.property(fc.string({ unit: "grapheme" }), (text) => {
					fc.pre(!text.startsWith("\ufeff") && !text.includes("\0"));
					assert.deepEqual(decodeText(encode(text)), { text });
				}),
			);
			const door = { id: "FRONT", name: "Büro 東" };
			assert.deepEqual(readJson(written(encode(JSON.stringify(door))), "the configuration"), door);
		});
	}

	it("says of JSON that is none what is wrong in it, in words, and where", () => {
		const said = (text: string): string =>
			refused(() => readJson(written(text), "the configuration")).message.replace(at("file"), "FILE");
		const cases: readonly (readonly [string, RegExp])[] = [
			['{ "id": "A", }', /FILE:1:12: a comma too many: nothing follows it$/],
			['{\n\t"list": [1, 2,\n\t]\n}', /FILE:2:15: a comma too many/],
			['{ "id": "A" "b": 1 }', /FILE:1:13: a comma is missing before this$/],
			['{ "id" "A" }', /FILE:1:8: a colon is missing after the name$/],
			['{ "id": }', /FILE:1:9: a value is missing$/],
			["{ id: 1 }", /FILE:1:3: (this is no value|a name in double quotes)/],
			['{ "id": "A }', /the closing quote of this text is missing$/],
			['{ "id": "A"', /a closing brace \} is missing$/],
			['{ "list": [1', /a closing bracket \] is missing$/],
			['{ "id": "A" } more', /(there is more after the end|this is no value)/],
			['// door\n{ "id": "A" }', /FILE:1:1: no comment may stand here$/],
			['{ "id": 0x1 }', /FILE:1:\d+: /],
			["[]", /is no JSON object: FILE$/],
		];
		for (const [text, expected] of cases) {
			assert.match(said(text), expected, text);
			// The parser's own words have no spaces: CommaExpected.
			assert.notMatch(said(text), /[a-z][A-Z]/, text);
		}
	});

	it("is refused where it is none, and nothing of it is guessed", () => {
		const text = (bytes: Uint8Array): Failure => refused(() => readText(written(bytes), "the key", 1000));
		assert.match(text(Buffer.from("{}", "utf16le")).message, /UTF-16 without a byte order mark/);
		assert.match(text(Buffer.from("{}", "utf16le").swap16()).message, /UTF-16 without a byte order mark/);
		for (const bytes of ["Büro", "\x00\x00\x00\x00", "{\x00\x01}", "\xff\xfea", "\xff"])
			assert.match(text(Buffer.from(bytes, "latin1")).message, /not text in UTF-8 or UTF-16/);
		assert.equal(text(Buffer.alloc(1001, " ")).reason, "too-large");
		for (const nothing of ["", " \r\n", "\ufeff"]) assert.equal(text(Buffer.from(nothing)).reason, "empty");
		assert.equal(refused(() => readText(at("absent"), "the key", 1000)).reason, "unreadable");
		assert.equal(refused(() => readText(folder, "the key", 1000)).reason, "unreadable");
	});

	it("that is a key is in no message, whatever is wrong with it", () => {
		const seed = "c0ffee".repeat(10);
		const wrong = [
			`{"site":"ACME","algorithm":"Ed25519","seed":${seed}}`,
			`{"site":"ACME","algorithm":"Ed25519","seed":"${seed}`,
			`{"site":"ACME","algorithm":"Ed25519","seed":"${seed}"}`,
			`{"site":"ACME","site":"${seed}"}`,
			`"${seed}"`,
			`${seed}0000`,
			`[${seed}]`,
		];
		for (const text of wrong) {
			for (const encode of Object.values(WAYS)) {
				const file = written(encode(text));
				for (const read of [readKeys, readLists].map((one) => () => one(file, new NodeCrypto()))) {
					let said = "";
					try {
						read();
					} catch (error) {
						const { message, advice } = error as Failure;
						said = `${message} ${advice}`;
					}
					assert.notEqual(said, "");
					assert.notMatch(said, /c0ffee|eec0ff/);
				}
			}
		}
		const inline = refused(() => readKeys(`${seed}0000`, new NodeCrypto()));
		assert.equal(inline.reason, "key-on-command-line");
		assert.notInclude(inline.message, "c0ffee");
	});

	it("that says what readers believe is refused with a reason where its lists are none", () => {
		for (const lists of [undefined, [], [null], [1], ["xy"], ["00"], ["d86284"]]) {
			const file = written(JSON.stringify({ site: "ACME", lists }));
			assert.throws(() => readLists(file, new NodeCrypto()), /trust list/);
		}
	});
});
