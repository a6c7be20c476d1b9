// SPDX-License-Identifier: Apache-2.0

/** A server whose folder has no site: what it answers, and how it becomes a site's. */
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { assert } from "chai";
import { NodeCrypto } from "../../../hal/node/crypto.js";
import { fromHex, toHex } from "../../../protocol/bytes.js";
import { Failure } from "../../../site/lib/files/failure.js";
import { type NewSite, type NewSiteOptions, newSeed, newSite } from "../../../site/lib/new-site.js";
import { seedOf } from "../../../site/lib/root/root.js";
import { serverKey } from "../../../site/lib/server-key.js";
import type { KeyModel } from "../../../site/lib/trust/model.js";
import { openFolder } from "../../../site/server/data-folder.js";
import { OwnKeys } from "../../../site/server/own-keys.js";
import { type SiteServer, serve } from "../../../site/server/serve.js";
import { type SetupOptions, type SetupServer, serveSetup } from "../../../site/server/setup/setup-stage.js";

const NOW = 1_900_000_000;
const DAY = 86_400;

describe("a server without a site", () => {
	const crypto = new NodeCrypto();
	let folder: string;
	let server: SetupServer;
	let made: Omit<SiteServer, "close"> | undefined;
	let now: number;

	beforeEach(() => {
		folder = mkdtempSync(join(tmpdir(), "lintel-setup-"));
		now = NOW;
		made = undefined;
	});
	afterEach(async () => {
		await server?.close();
		rmSync(folder, { recursive: true });
	});

	const common = () => ({
		folder: join(folder, "data"),
		http: { host: "127.0.0.1", port: 0 },
		broker: { host: "127.0.0.1", port: 0 },
		log: () => {},
		now: () => now,
	});
	const start = async (options: Partial<SetupOptions> = {}): Promise<SetupServer> => {
		const done = (one: Omit<SiteServer, "close">): void => {
			made = one;
		};
		server = await serveSetup({ ...common(), made: done, ...options });
		return server;
	};
	const secret = (): string => new URL(server.link).hash.slice(1);
	const ask = async (
		path: string,
		body?: object,
		origin: string = new URL(server.link).origin,
		// biome-ignore lint/suspicious/noExplicitAny: what a server answers is what the spec looks at
	): Promise<{ status: number; body: any; text: string }> => {
		const response = await fetch(server.url + path, {
			...(body && { method: "POST", body: JSON.stringify(body) }),
			headers: { origin, ...(body && { "content-type": "application/json" }) },
		});
		const text = await response.text();
		return { status: response.status, text, body: text.startsWith("{") ? JSON.parse(text) : undefined };
	};
	/** A site as a page makes it, whose list names the server's key as `change` says. */
	const site = async (
		change: (key: KeyModel) => KeyModel = (key) => key,
		options: Partial<NewSiteOptions> = {},
	): Promise<NewSite> => {
		const { key } = (await ask("/api/setup/key", { secret: secret() })).body;
		const others = [change(serverKey(fromHex(key.publicKey), now))];
		return newSite("SCHOOL", { now, installUntil: now + 366 * DAY, others, ...options }, crypto);
	};
	const bring = ({ lists }: NewSite, name = "Riverside School") =>
		ask("/api/setup/site", { secret: secret(), name, list: toHex(lists[0]!) });

	it("answers of itself, and nothing of a site", async () => {
		await start();
		assert.match(server.link, /^http:\/\/localhost:\d+\/start#[A-Za-z0-9_-]{43}$/);
		assert.deepEqual((await ask("/api/setup")).body, { stage: "site" });
		assert.equal((await ask("/healthz")).text, "ok");
		assert.containsAllKeys((await ask("/api/openapi.json")).body.paths, ["/api/setup", "/api/setup/site"]);
		for (const path of ["/api/doors", "/api/trust", "/api/me", "/metrics"])
			assert.equal((await ask(path)).status, 404, path);
	});

	it("is made a site's by its first list, and goes on at the same address", async () => {
		await start();
		const done = await bring(await site());
		assert.deepEqual([done.status, done.body], [201, { site: "SCHOOL" }]);
		assert.deepEqual((await ask("/api/setup")).body, { stage: "running" });
		assert.equal(made?.url, server.url);
		assert.equal(made?.startLink, undefined, "its owner has the link");
		assert.equal(await made?.site.store.facts.get("siteName"), "Riverside School");
		for (const role of ["sync", "plan", "issue"] as const) made?.site.keys.key(role, now);
		const owner = { secret: secret(), name: "Ada", login: "ada", password: "correct horse battery" };
		assert.equal((await ask("/api/start", owner)).status, 204);
		assert.equal((await ask("/api/start", owner)).status, 404, "once");
		assert.equal((await ask("/api/doors")).status, 401);
		assert.equal((await ask("/api/setup/site", { secret: secret() })).status, 404);
	});

	it("starts as that site's by itself from then on, and knows nothing of its root", async () => {
		await start();
		const school = await site();
		await bring(school);
		await server.close();
		const data = join(folder, "data");
		const keys = new OwnKeys(data, crypto).read();
		assert.equal(statSync(join(data, "server-key.json")).mode & 0o777, 0o600);
		const again = await serve({ ...common(), keys: keys! });
		assert.equal(again.site.id, "SCHOOL");
		assert.isDefined(again.startLink, "no owner has signed up");
		await again.close();
		const secrets = [school.root, ...school.seeds.map((seed) => crypto.ed25519KeyPair(seed))].map(
			({ secretKey }) => secretKey.subarray(0, 32),
		);
		for (const name of readdirSync(data)) {
			const bytes = readFileSync(join(data, name));
			for (const one of [seedOf(school.root), ...secrets]) {
				assert.equal(bytes.indexOf(one), -1, name);
				assert.equal(bytes.indexOf(toHex(one)), -1, name);
			}
		}
	});

	it("takes the link's secret alone, from its own pages", async () => {
		await start();
		const other = "x".repeat(43);
		assert.equal((await ask("/api/setup/key", { secret: other })).body.reason, "no-link");
		assert.equal(
			(await ask("/api/setup/site", { secret: other, name: "X", list: "00" })).body.reason,
			"no-link",
		);
		const foreign = await ask("/api/setup/key", { secret: secret() }, "http://elsewhere.example");
		assert.deepEqual([foreign.status, foreign.body.reason], [403, "other-origin"]);
		let last = 0;
		for (let i = 0; i < 12; i++) last = (await ask("/api/setup/key", { secret: other })).status;
		assert.equal(last, 429);
		assert.equal((await ask("/api/setup/key", { secret: secret() })).status, 200, "a right one always");
		const before = secret();
		await server.close();
		await start();
		assert.equal(
			(await ask("/api/setup/key", { secret: before })).body.reason,
			"no-link",
			"of another start",
		);
	});

	it("tells its key's public half, the same at each start", async () => {
		await start();
		const first = await ask("/api/setup/key", { secret: secret() });
		const { seed } = JSON.parse(readFileSync(join(folder, "data", "next-key.json"), "utf8"));
		assert.notInclude(first.text, seed);
		await server.close();
		await start();
		const second = await ask("/api/setup/key", { secret: secret() });
		assert.equal(second.body.key.publicKey, first.body.key.publicKey);
	});

	const wrong: readonly (readonly [string, string, () => Promise<NewSite>])[] = [
		[
			"another server's key",
			"other-key",
			() => site((key) => ({ ...key, publicKey: crypto.ed25519KeyPair(newSeed()).publicKey })),
		],
		[
			"no right to issue",
			"wrong-role",
			() => site(({ days, ...key }) => ({ ...key, roles: ["plan", "sync"] })),
		],
		["an end that has come", "wrong-role", () => site((key) => ({ ...key, until: now - 1 }))],
		[
			"a date of another month",
			"clock",
			() => site((key) => ({ ...key, until: now }), { now: now - 40 * DAY }),
		],
	];
	for (const [what, reason, list] of wrong)
		it(`refuses a list with ${what}`, async () => {
			await start();
			const { body, status } = await bring(await list());
			assert.deepEqual([status, body.reason], [422, reason]);
			assert.isFalse(existsSync(join(folder, "data", "server-key.json")));
			assert.equal((await bring(await site())).status, 201, "and takes a good one");
		});

	it("refuses what is no list, or one that its root has not signed", async () => {
		await start();
		const school = await site();
		const changed = school.lists[0]!.slice();
		changed[changed.length - 1]! ^= 1;
		for (const [list, reason] of [
			[Uint8Array.of(1, 2, 3), "malformed"],
			[changed, "not-by-new-roots"],
		] as const)
			assert.equal((await bring({ ...school, lists: [list] })).body.reason, reason);
	});

	it("says what keeps the site's server from starting, and starts by the same list when that is mended", async () => {
		const taken = createServer();
		await new Promise<void>((resolve) => taken.listen(0, "127.0.0.1", resolve));
		const { port } = taken.address() as { port: number };
		await start({ broker: { host: "127.0.0.1", port } });
		const school = await site();
		const refused = await bring(school);
		assert.equal(refused.body.reason, "port-taken");
		await new Promise((resolve) => taken.close(resolve));
		assert.equal(
			(await bring(newSite("SCHOOL", { now, installUntil: now + DAY }, crypto))).body.reason,
			"made-already",
		);
		assert.equal((await bring(school)).status, 201);
		assert.deepEqual((await ask("/api/setup")).body, { stage: "running" });
	});

	it("does not begin in a folder that has a site, whose key it lacks", async () => {
		await (await openFolder(join(folder, "data"), "ACME", now)).close();
		const error = await start().then(
			() => assert.fail("it started"),
			(reason: unknown) => reason,
		);
		assert.instanceOf(error, Failure);
		assert.equal((error as Failure).reason, "no-key");
	});
});
