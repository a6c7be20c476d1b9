// SPDX-License-Identifier: Apache-2.0

import { readdirSync, readFileSync } from "node:fs";
import { posix } from "node:path";
import { assert } from "chai";
import { servePage } from "../../sim/page-server.js";

const FOLDER = new URL("../../page/", import.meta.url);
/** Of what a first visit loads, as it travels: the firmware, its world and the crypto included. */
const MOST = 200 * 1024;
/** Today's browsers say so to a computer's own server, and over HTTPS. */
const ACCEPTED = { "accept-encoding": "gzip, deflate, br" };

function text(name: string): string {
	return readFileSync(new URL(name, FOLDER), "utf8");
}

/** The addresses in the page's HTML. */
function named(): string[] {
	return [...text("index.html").matchAll(/(?:src|href|data-worker)="([^"]+)"/g)].map(
		([, address]) => address!,
	);
}

/** What a file of script imports at once; what it imports later stands in brackets. */
function importsOf(name: string): string[] {
	return [...text(name).matchAll(/\b(?:from|import)"(\.\/[^"]+)"/g)].map(([, at]) =>
		posix.join(posix.dirname(name), at!),
	);
}

describe("the simulator's page as a folder", () => {
	it(`loads no more than ${MOST / 1024} KB compressed`, async () => {
		const loaded = new Set(["index.html", ...named()]);
		for (const name of loaded) if (name.endsWith(".js")) for (const each of importsOf(name)) loaded.add(each);
		assert.isAtLeast(loaded.size, 6);
		const { address, server } = await servePage(0);
		try {
			let sum = 0;
			for (const name of loaded) {
				const answer = await fetch(address + name, { headers: ACCEPTED });
				assert.equal(await answer.text(), text(name));
				sum += Number(answer.headers.get("content-length"));
			}
			assert.isAtMost(sum, MOST);
			assert.isAbove(sum, MOST / 2);
		} finally {
			server.close();
		}
	});

	it("names all by where it lies, so that any server and any path will do", () => {
		const names = readdirSync(FOLDER, { recursive: true, encoding: "utf8" });
		assert.isAtLeast(named().length, 4);
		for (const address of named()) {
			assert.notMatch(address, /^(?:\/|[a-z]+:)/);
			assert.include(names, address);
		}
		assert.notMatch(
			text("index.html"),
			/<style|<script(?![^>]*\bsrc=)|\son[a-z]+=|\sstyle=/,
			"nothing inline",
		);
	});
});
