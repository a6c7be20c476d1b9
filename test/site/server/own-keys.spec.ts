// SPDX-License-Identifier: Apache-2.0

/** A server renews its keys: it makes the next, the site's root lists it, and the server goes on with it. */
import { existsSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { assert } from "chai";
import { fromHex, toHex } from "../../../protocol/bytes.js";
import { Failure } from "../../../site/lib/files/failure.js";
import { keysText } from "../../../site/lib/keys-text.js";
import { newSeed } from "../../../site/lib/new-site.js";
import { serverKey } from "../../../site/lib/server-key.js";
import { withKey } from "../../../site/lib/trust/next.js";
import { signNext } from "../../../site/lib/trust/sign.js";
import { OwnKeys } from "../../../site/server/own-keys.js";
import { DAY, TestSite } from "./test-site.js";

describe("a server's next key", () => {
	let site: TestSite;
	let data: string;

	beforeEach(async () => {
		site = new TestSite();
		data = join(site.folder, "data");
		await site.start();
	});
	afterEach(() => site.end());

	const next = async (): Promise<string> => (await site.ask("POST", "/api/keys/next")).body.publicKey;
	/** The root lists it, away from the server. */
	const listed = (publicKey: string): string => {
		const key = serverKey(fromHex(publicKey), site.now);
		return toHex(
			signNext(site.keys, withKey(site.keys.trust, key, site.now), [site.root], site.crypto).lists.at(-1)!,
		);
	};
	const take = async (list: string): Promise<number> =>
		(await site.ask("POST", "/api/trust", { body: { list } })).status;

	it("works from the list on that names it, beyond the end of the one before, also after a start", async () => {
		const ends = async (): Promise<number> => (await site.ask("GET", "/api/health")).body.keyEnds;
		const before = await ends();
		site.now = before - 10 * DAY;
		assert.include(JSON.stringify((await site.ask("GET", "/api/health")).body.problems), "key-ends-soon");
		const key = await next();
		assert.equal(await ends(), before, "no list names it yet");
		assert.equal(await take(listed(key)), 201);
		assert.approximately(await ends(), site.now + 90 * DAY, DAY);
		const { body } = await site.ask("GET", "/api/health");
		assert.deepEqual(body.problems, []);
		await site.server.close();
		site.now += 20 * DAY;
		await site.start();
		assert.isAbove(await ends(), site.now + 60 * DAY);
	});

	it("is one, until it is listed; then comes another", async () => {
		const first = await next();
		assert.equal(await next(), first);
		await site.server.close();
		await site.start();
		assert.equal(await next(), first, "a start makes no other");
		await take(listed(first));
		assert.notEqual(await next(), first);
	});

	it("is in a file for the server alone, and its secret in no answer", async () => {
		const { text } = await site.ask("POST", "/api/keys/next");
		const waiting = join(data, "next-key.json");
		const { seed } = JSON.parse(readFileSync(waiting, "utf8"));
		assert.equal(statSync(waiting).mode & 0o777, 0o600);
		await take(listed(JSON.parse(text).publicKey));
		assert.isFalse(existsSync(waiting));
		const own = join(data, "server-key.json");
		assert.equal(statSync(own).mode & 0o777, 0o600);
		assert.include(readFileSync(own, "utf8"), seed);
		const answers = await Promise.all(
			["/api/trust", "/api/health", "/api/site"].map(async (path) => (await site.ask("GET", path)).text),
		);
		for (const answer of [text, ...answers]) assert.notInclude(answer, seed);
	});

	it("comes into force too where the process ended between the list and the key's file", async () => {
		const key = await next();
		const waiting = readFileSync(join(data, "next-key.json"));
		await take(listed(key));
		await site.server.close();
		writeFileSync(join(data, "next-key.json"), waiting, { mode: 0o600 });
		site.now += 60 * DAY;
		await site.start();
		assert.isFalse(existsSync(join(data, "next-key.json")));
		assert.equal(site.server.site.keys.keys.keys.length, 2, "it is there once");
	});

	it("of a file that others can read, or that is none, is not used", async () => {
		const own = new OwnKeys(data, site.crypto);
		writeFileSync(join(data, "next-key.json"), keysText([newSeed()], site.keys), { mode: 0o644 });
		const reason = (): string => {
			try {
				own.next();
			} catch (error) {
				if (error instanceof Failure) return error.reason;
				throw error;
			}
			return "none";
		};
		assert.equal(reason(), "key-readable");
		const { body, status } = await site.ask("POST", "/api/keys/next");
		assert.deepEqual([status, body.reason], [422, "key-readable"]);
	});
});
