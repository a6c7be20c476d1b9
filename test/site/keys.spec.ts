// SPDX-License-Identifier: Apache-2.0

import {
	appendFileSync,
	mkdtempSync,
	readdirSync,
	readFileSync,
	renameSync,
	rmSync,
	writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { assert } from "chai";
import { NodeCrypto } from "../../hal/node/crypto.js";
import { Failure } from "../../site/lib/files/failure.js";
import { KeyFile } from "../../site/lib/key-file.js";
import { keyWith, readKeys, readLists, replaceLists, writeKeys } from "../../site/lib/keys.js";
import { listsText, type SiteLists } from "../../site/lib/keys-text.js";
import { type NewSite, newSite } from "../../site/lib/new-site.js";
import { withoutReader } from "../../site/lib/trust/next.js";
import { signNext } from "../../site/lib/trust/sign.js";
import { makeSite } from "../support/site-files.js";

const crypto = new NodeCrypto();
const now = Math.floor(Date.now() / 1000);

function failure(run: () => unknown): Failure {
	try {
		run();
	} catch (error) {
		if (error instanceof Failure) return error;
		throw error;
	}
	return assert.fail("taken");
}

describe("a site's files", () => {
	let folder: string;
	let site: NewSite;
	const at = (name: string): string => join(folder, name);

	/** The lists of `from` and one that revokes reader `id`. */
	const revoking = (from: SiteLists, id: number): SiteLists =>
		signNext(from, withoutReader(from.trust, new Uint8Array(8).fill(id), now), [site.root], crypto);

	beforeEach(() => {
		folder = mkdtempSync(join(tmpdir(), "lintel-keys-"));
		site = makeSite(folder);
	});
	afterEach(() => rmSync(folder, { recursive: true }));

	describe("that lack a list, or have them in another order, are refused, and it is said where", () => {
		const ORDERS: readonly (readonly [name: string, order: readonly number[], says: RegExp])[] = [
			["the first is missing", [1, 2, 3], /begins with trust list 2: those before it are missing/],
			["all but the newest are missing", [3], /begins with trust list 4/],
			["one in the middle is missing", [0, 2, 3], /place 2: lists before it are missing/],
			["two changed places", [0, 2, 1, 3], /place 2: lists before it are missing/],
			["one stands twice", [0, 1, 1, 2], /place 3: it is older than the one before it, or the same/],
		];
		for (const [name, order, says] of ORDERS)
			it(name, () => {
				const { lists, trust } = [1, 2, 3].reduce<SiteLists>(revoking, site);
				const some = order.map((n) => lists[n]!);
				writeFileSync(at("site.json"), listsText("ACME", some));
				writeKeys(at("some.json"), site.seeds, { lists: some, trust });
				for (const read of [
					() => readLists(at("site.json"), crypto),
					() => readKeys(at("some.json"), crypto),
				]) {
					const { advice, message, reason } = failure(read);
					assert.equal(reason, "bad-trust");
					assert.match(message, says);
					assert.match(advice, /newest site\.json/);
				}
			});
	});

	it("take one list at a time: of two commands that sign one, the second is told so and loses none", () => {
		const [one, two] = [1, 2].map((id) => revoking(site, id));
		// Another command is between looking at the file and putting its list there.
		writeFileSync(at("site.json.part"), listsText("ACME", one!.lists));
		assert.equal(failure(() => replaceLists(at("site.json"), site, two!, crypto)).reason, "busy");
		renameSync(at("site.json.part"), at("site.json"));
		assert.equal(failure(() => replaceLists(at("site.json"), site, two!, crypto)).reason, "changed-lists");
		assert.deepEqual(readLists(at("site.json"), crypto).lists, one!.lists);
		assert.deepEqual(readdirSync(folder).sort(), ["root-key.json", "site-key.json", "site.json"]);
	});

	it("say of a key that is past its end what time it is here, since the clock may be wrong", () => {
		const past = { now: now - 1000, installUntil: now - 500 };
		const made = newSite("ACME", past, crypto);
		writeKeys(at("past.json"), made.seeds, made);
		rmSync(at("site.json"));
		const keys = readKeys(at("past.json"), crypto);
		const { advice, message, reason } = failure(() =>
			keyWith(keys, "install", undefined, "past.json", crypto),
		);
		assert.equal(reason, "key-ended");
		assert.match(message, /role "install", which has ended \(this computer's clock says 20\d\d-/);
		assert.match(advice, /lintel site key --role install/);
	});

	it("hold as many lists as a site makes in its life: 1,000 of 2 KB, and the file of a key has them too", () => {
		// Blanks in place of the lists, each of which takes a signature to make and some to check.
		const blanks = " ".repeat(1000 * 2 * 2100);
		for (const name of ["site.json", "site-key.json"]) appendFileSync(at(name), blanks);
		assert.equal(readLists(at("site.json"), crypto).trust.version, 1);
		assert.equal(readKeys(at("site-key.json"), crypto).trust.version, 1);
	});

	it("are refused where two administrators have signed two lists with one number, whichever file has more", () => {
		const [one, two] = [1, 2].map((id) => revoking(site, id));
		writeKeys(at("mine.json"), site.seeds, one!);
		const read = (): SiteLists => readKeys(at("mine.json"), crypto);
		assert.deepEqual(read().lists, one!.lists, "a site.json that is behind does no harm");
		for (const other of [two!, revoking(two!, 3)]) {
			writeFileSync(at("site.json"), listsText("ACME", other.lists));
			assert.equal(failure(read).reason, "other-lists", `${other.lists.length} lists`);
		}
		writeFileSync(at("site.json"), listsText("ACME", revoking(one!, 3).lists));
		assert.equal(read().trust.version, 3);
	});

	it("take one key at a time: of two commands that add one, the second is told so and takes none away", () => {
		const path = at("site-key.json");
		const seeds = (): string[] =>
			JSON.parse(readFileSync(path, "utf8")).keys.map((key: { seed: string }) => key.seed);
		const [first, second] = [1, 2].map(() => new KeyFile(path, site, crypto));
		const before = seeds();
		first!.add(new Uint8Array(32).fill(1), site);
		assert.equal(failure(() => second!.add(new Uint8Array(32).fill(2), site)).reason, "changed-keys");
		assert.deepEqual(seeds(), [...before, "01".repeat(32)]);
		first!.restore();
		assert.deepEqual(seeds(), before);
	});
});
