// SPDX-License-Identifier: Apache-2.0

/** What administrators did, over the API, and as `lintel log verify` takes it. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { assert } from "chai";
import { verifyActions } from "../../../../site/lib/log/actions.js";
import { Lintel } from "../../../cli/lintel.js";
import { TestSite } from "../test-site.js";

describe("the audit", () => {
	let site: TestSite;
	let folder: string;
	let cookie: string;
	before(async () => {
		folder = mkdtempSync(join(tmpdir(), "lintel-audit-"));
		site = new TestSite();
		await site.start();
		cookie = await site.person("administrator", undefined, "otto");
		for (const name of ["Vera", "Victor", "Wanda"]) {
			site.now++;
			const body = { name, accessPlans: [] };
			assert.equal((await site.ask("POST", "/api/users", { cookie, body })).status, 201);
		}
		await site.token("viewer");
	});
	after(async () => {
		await site.end();
		rmSync(folder, { recursive: true, force: true });
	});

	const rows = async (
		query = "",
	): Promise<{ serial: number; what: string; name: string | null; who: string }[]> =>
		(await site.ask("GET", `/api/audit?${query}`, { cookie })).body.rows;

	it("is read in pages, the newest first, with the names of today beside the ids", async () => {
		const all = await rows();
		assert.deepEqual(
			all.map(({ name, what, who }) => [what, name, who]),
			[
				["make-token", "a viewer", "owner's token"],
				["add-user", "Wanda", "Some administrator"],
				["add-user", "Victor", "Some administrator"],
				["add-user", "Vera", "Some administrator"],
				["sign-up", "Some administrator", "Some administrator"],
			],
		);
		const { body } = await site.ask("GET", "/api/audit?limit=2", { cookie });
		assert.lengthOf(body.rows, 2);
		assert.deepEqual(await rows(`limit=9&cursor=${body.next}`), all.slice(2));
	});

	it("is searched by what was done, by whom, to whom, and when", async () => {
		const found = async (query: string): Promise<string[]> =>
			(await rows(query)).map(({ name }) => name ?? "");
		assert.deepEqual(await found("search=vi"), ["a viewer", "Victor"], "part of a name, and of a role");
		assert.deepEqual(await found("search=ADD-USER"), ["Wanda", "Victor", "Vera"]);
		assert.lengthOf(await found("search=some%20admin"), 4);
		assert.deepEqual(await found("search=%25"), []);
		assert.deepEqual(await found("search=_"), []);
		assert.deepEqual(await found(`since=${site.now - 1}&until=${site.now - 1}`), ["Victor"]);
		assert.deepEqual(await found("search='%20OR%201=1--"), []);
	});

	it("is exported as ids and links that `lintel log verify` checks", async () => {
		const { headers, text } = await site.ask("GET", "/api/audit/export", { cookie });
		assert.equal(headers.get("content-type"), "application/jsonl");
		for (const name of ["Vera", "otto", "Some"]) assert.notInclude(text, name);
		assert.isTrue(verifyActions(text, site.crypto).intact);
		const file = join(folder, "audit.jsonl");
		writeFileSync(file, text);
		const good = await new Lintel(["log", "verify", "--export", file]).ended;
		assert.equal(good.code, 0, good.err);
		assert.match(good.out, /^intact\n6 actions, serials 1 to 6\n {2}keep 6:[0-9a-f]{16} apart/);
		const [, kept] = /keep (\S+) apart/.exec(good.out)!;
		const again = await new Lintel(["log", "verify", "--export", file, "--acknowledged", kept!]).ended;
		assert.equal(again.code, 0);
		writeFileSync(file, text.replace("add-user", "add-door"));
		const bad = await new Lintel(["log", "verify", "--export", file, "--json"]).ended;
		assert.equal(bad.code, 1);
		assert.deepInclude(JSON.parse(bad.out), { intact: false, first: 1, last: 6 });
		const key = await new Lintel(["log", "verify", "--export", file, "--reader-key", "00".repeat(32)]).ended;
		assert.include(key.err, "no reader signs");
	});
});
