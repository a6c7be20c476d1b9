// SPDX-License-Identifier: Apache-2.0

import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { brotliCompressSync } from "node:zlib";
import { assert } from "chai";

const FOLDER = new URL("../../page/", import.meta.url);
/** Of all that a browser gets, the firmware, its world and the crypto included. */
const MOST = 200_000;

describe("the simulator's page as a folder", () => {
	const names = readdirSync(FOLDER, { recursive: true, encoding: "utf8" }).filter((name) =>
		/\.(html|js|css|svg)$/.test(name),
	);

	it(`is no more than ${MOST / 1000} KB compressed`, function () {
		this.timeout(20_000);
		const sizes = names.map((name) => brotliCompressSync(readFileSync(new URL(name, FOLDER))).length);
		assert.isAtMost(
			sizes.reduce((sum, size) => sum + size, 0),
			MOST,
			fileURLToPath(FOLDER),
		);
	});

	it("names all by where it lies, so that any server and any path will do", () => {
		const html = readFileSync(new URL("index.html", FOLDER), "utf8");
		const addresses = [...html.matchAll(/(?:src|href|data-worker)="([^"]+)"/g)].map(
			([, address]) => address!,
		);
		assert.isAtLeast(addresses.length, 4);
		for (const address of addresses) {
			assert.notMatch(address, /^(?:\/|[a-z]+:)/);
			assert.include(names, address);
		}
		assert.notMatch(html, /<style|<script(?![^>]*\bsrc=)|\son[a-z]+=|\sstyle=/, "nothing inline");
	});
});
