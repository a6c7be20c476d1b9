// SPDX-License-Identifier: Apache-2.0

import {
	chmodSync,
	existsSync,
	mkdtempSync,
	readdirSync,
	readFileSync,
	rmSync,
	statSync,
	writeFileSync,
} from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { assert } from "chai";
import { serverModule } from "../../cli/server-modules.js";
import { SiteServer } from "../../cli/site-server.js";
import { NodeCrypto } from "../../hal/node/crypto.js";
import { toHex } from "../../protocol/bytes.js";
import type { Role } from "../../protocol/trust/list.js";
import { Failure } from "../../site/lib/files/failure.js";
import { writeKeys } from "../../site/lib/keys.js";
import { newSeed } from "../../site/lib/new-site.js";
import { withKey } from "../../site/lib/trust/next.js";
import { signNext } from "../../site/lib/trust/sign.js";
import { openStore } from "../../site/server/store/store.js";
import { makeSite } from "../support/site-files.js";
import { until } from "../support/until.js";
import { type Ended, Lintel } from "./lintel.js";

const DAY = 86_400;
const crypto = new NodeCrypto();
const now = (): number => Math.floor(Date.now() / 1000);

describe("lintel site serve", () => {
	let folder: string;
	const running: Lintel[] = [];
	const at = (name: string): string => join(folder, name);

	beforeEach(() => {
		folder = mkdtempSync(join(tmpdir(), "lintel-serve-"));
	});
	afterEach(async () => {
		for (const one of running.splice(0)) {
			one.interrupt();
			await one.ended;
		}
		rmSync(folder, { recursive: true, force: true });
	});

	/** A site with a server's key of these roles, which ends in so many days. */
	function serverKey(roles: Role[] = ["plan", "sync"], days = 80, name = "ACME"): string {
		const site = makeSite(folder, name);
		const seed = newSeed();
		const { publicKey } = crypto.ed25519KeyPair(seed);
		const model = withKey(site.trust, { publicKey, roles, until: now() + days * DAY }, now());
		writeKeys(at("server-key.json"), [seed], signNext(site, model, [site.root], crypto));
		return at("server-key.json");
	}

	const serveArgs = (...more: string[]): string[] => [
		...["site", "serve", "--data", at("data"), "--port", "0", "--broker-port", "0", ...more],
	];
	const run = (...args: string[]): Promise<Ended> => new Lintel(args).ended;
	const start = async (...more: string[]): Promise<Lintel> => {
		const lintel = new Lintel(serveArgs(...more));
		const ended = lintel.ended.then(({ err }) => {
			throw new Error(`it ended: ${err}`);
		});
		await Promise.race([until("it runs", () => lintel.out.includes("http")), ended]);
		ended.catch(() => {});
		running.push(lintel);
		return lintel;
	};
	const stop = async (): Promise<Ended> => {
		const lintel = running.pop()!;
		lintel.interrupt();
		return lintel.ended;
	};
	const refused = async (reason: string, advice: RegExp, ...args: string[]): Promise<void> => {
		const { code, out } = await run(...args, "--json");
		const { error } = JSON.parse(out);
		assert.equal(error.reason, reason);
		assert.equal(error.exit, code);
		assert.match(error.advice, advice);
	};
	const urlIn = (out: string): string => /https?:\/\/\S+?:\d+/.exec(out)![0];

	it("makes the store, tells the owner's token once, answers by it, and ends well", async () => {
		const key = serverKey();
		const { out } = await start("--site-key", key);
		const token = /lintel_\S+/.exec(out)![0];
		const response = await fetch(`${urlIn(out)}/api/site`, { headers: { authorization: `Bearer ${token}` } });
		assert.deepInclude(await response.json(), { site: "ACME", list: 2 });
		const { code, err } = await stop();
		assert.equal(code, 0);
		assert.notInclude(err, token);
		assert.equal(statSync(at("data/site.db")).mode & 0o777, 0o600);
		assert.notInclude(readFileSync(at("data/site.db"), "latin1"), token);
		const again = await start("--site-key", key);
		assert.notInclude(again.out, "lintel_");
	});

	it("needs nothing but --practice on a fresh machine, and keeps that site", async () => {
		const { err, out } = await start("--practice");
		assert.match(out, /^site PRACTICE: http/);
		assert.include(err, at("data/practice"));
		await stop();
		assert.isTrue(existsSync(at("data/practice/site-key.json")));
		const key = readFileSync(at("data/practice/server-key.json"), "utf8");
		await start("--practice");
		assert.equal(readFileSync(at("data/practice/server-key.json"), "utf8"), key);
	});

	it("is what `lintel commission --site` speaks to", async () => {
		const { out } = await start("--site-key", serverKey());
		writeFileSync(at("token"), /lintel_\S+/.exec(out)![0]);
		const server = await SiteServer.of({ site: urlIn(out), tokenFile: at("token") });
		const before = await server.registration("FRONT");
		assert.isNull(before.reader);
		const key = toHex(crypto.ed25519KeyPair(newSeed()).publicKey);
		const reader = { door: "FRONT", name: "Front", key, readerId: "00112233445566aa" };
		assert.deepEqual(await server.register(reader), { registered: "new", server: before.server });
		assert.equal((await server.registration("FRONT")).reader?.key, key);
		const other = toHex(crypto.ed25519KeyPair(newSeed()).publicKey);
		const error = await server.register({ ...reader, key: other }).catch((reason: unknown) => reason);
		assert.propertyVal(error, "reason", "other-reader");
	});

	it("without a key prints one link, by which a site is made", async () => {
		const { out } = await start();
		assert.match(out, /^no site is in .*data yet\. .* http:\/\/localhost:\d+\/start#[\w-]{43}\n$/);
		const response = await fetch(`${urlIn(out)}/api/setup`);
		assert.deepEqual(await response.json(), { stage: "site" });
		assert.equal((await stop()).code, 0);
		await refused("two-keys", /--practice/, ...serveArgs("--practice", "--site-key", serverKey()));
	});

	it("without a key says which command makes one where the folder's site was made elsewhere", async () => {
		await start("--site-key", serverKey());
		await stop();
		await refused("no-key", /site key --role sync plan.*--data FOLDER/s, ...serveArgs());
	});

	it("takes the key from the environment, and leaves it to nothing that it starts", async () => {
		process.env.LINTEL_SITE_KEY = readFileSync(serverKey(), "utf8");
		await start();
		assert.isUndefined(process.env.LINTEL_SITE_KEY);
	});

	it("refuses a key that others can read, or that has not both roles, before it makes anything", async () => {
		const key = serverKey();
		chmodSync(key, 0o644);
		await refused("key-readable", /chmod 600/, ...serveArgs("--site-key", key));
		chmodSync(key, 0o600);
		for (const roles of [["plan"], ["sync"]] as Role[][]) {
			const other = mkdtempSync(join(folder, "other-"));
			const before = folder;
			folder = other;
			const path = serverKey(roles);
			folder = before;
			await refused("wrong-role", /site key --role sync plan/, ...serveArgs("--site-key", path));
		}
		assert.isFalse(existsSync(at("data")), "nothing was made");
	});

	it("takes no password in the address of its database, and says so without it", async () => {
		const key = serverKey();
		for (const url of ["postgres://lintel:hunter2@db/site", "postgres://db/site?password=hunter2"]) {
			const { code, err, out } = await run(...serveArgs("--site-key", key, "--store", url));
			assert.notEqual(code, 0);
			assert.notInclude(err + out, "hunter2");
			assert.include(err, "PGPASSWORD");
		}
	});

	it("warns from two weeks before its key's end", async () => {
		const { err } = await start("--site-key", serverKey(["plan", "sync"], 13));
		assert.match(err, /key ends in 1[23] days/);
	});

	it("refuses a port that is taken, data in use, of another site, and HTTP on the network", async () => {
		const key = serverKey();
		const other = createServer().listen(0, "127.0.0.1");
		await until("it listens", () => other.listening);
		const { port } = other.address() as { port: number };
		const args = ["site", "serve", "--data", at("data"), "--site-key", key];
		const { out: first } = await run(...args, "--port", String(port), "--broker-port", "0");
		assert.notInclude(first, "lintel_");
		await refused("port-taken", /--port/, ...args, "--port", String(port), "--broker-port", "0");
		await refused("port-taken", /--broker-port/, ...args, "--port", "0", "--broker-port", String(port));
		other.close();
		await refused("no-https", /--tls-cert/, ...serveArgs("--site-key", key, "--listen", "0.0.0.0"));
		await refused("bad-broker", /mqtt:\/\//, ...serveArgs("--site-key", key, "--mqtt", "http://x"));
		const { out } = await start("--site-key", key);
		assert.include(out, "lintel_", "the token is told by the first start that succeeds");
		await refused("in-use", /Stop that one/, ...serveArgs("--site-key", key));
		await stop();
		const elsewhere = mkdtempSync(join(folder, "elsewhere-"));
		const before = folder;
		folder = elsewhere;
		const path = serverKey(["plan", "sync"], 80, "OTHER");
		folder = before;
		await refused("other-site", /--data another folder/, ...serveArgs("--site-key", path));
	});

	it("backs up while it runs, restores when it does not, and gives the owner another token", async () => {
		const key = serverKey();
		const { out } = await start("--site-key", key);
		const token = /lintel_\S+/.exec(out)![0];
		const backup = at("backup.db");
		assert.equal((await run("site", "backup", "--data", at("data"), "--out", backup)).code, 0);
		assert.equal(statSync(backup).mode & 0o777, 0o600);
		await refused("exists", /another name/, "site", "backup", "--data", at("data"), "--out", backup);
		await refused("in-use", /Stop that one/, "site", "restore", backup, "--data", at("data"), "--yes");
		const { out: made } = await run("site", "token", "--data", at("data"), "--yes");
		const status = async (by: string): Promise<number> =>
			(
				await fetch(`${urlIn(running.at(-1)!.out)}/api/tokens`, {
					headers: { authorization: `Bearer ${by}` },
				})
			).status;
		assert.equal(await status(made.trim()), 200);
		assert.equal(await status(token), 401);
		await stop();
		assert.equal((await run("site", "restore", backup, "--data", at("data"), "--yes")).code, 0);
		await start("--site-key", key);
		assert.equal(await status(token), 200, "as it was at the backup");
		const health = await fetch(`${urlIn(running.at(-1)!.out)}/api/health`, {
			headers: { authorization: `Bearer ${token}` },
		});
		assert.include(await health.text(), '"reason":"restored"');
	});

	it("lets an owner who is locked out in again, by a link of one use that is in the audit", async () => {
		const { out } = await start("--site-key", serverKey());
		const url = urlIn(out);
		const reset = (...more: string[]): Promise<Ended> =>
			run("site", "owner", "reset", ...more, "--data", at("data"), "--yes");
		const ask = async (path: string, body: object, cookie = ""): Promise<Response> =>
			fetch(url + path, {
				method: "POST",
				headers: { "content-type": "application/json", origin: url, cookie },
				body: JSON.stringify(body),
			});
		const signUp = async (link: string, login: string): Promise<Response> => {
			const [place, secret] = link.trim().split("#") as [string, string];
			assert.equal(place, `${url}/start`);
			return ask("/api/start", { secret, name: login, login, password: "a long enough password" });
		};
		const first = /its owner signs up here, once: (\S+)/.exec(out)![1]!;
		const { out: link } = await reset();
		assert.equal((await signUp(first, "olga")).status, 404, "a newer link is in its place");
		const session = await signUp(link, "olga");
		assert.equal(session.status, 204);
		const cookie = session.headers.get("set-cookie")!.split(";")[0]!;
		const { out: again } = await reset();
		const status = async (): Promise<number> =>
			(await fetch(`${url}/api/me`, { headers: { cookie } })).status;
		assert.equal(await status(), 200, "until it is used");
		const renewed = await signUp(again, "olga");
		assert.equal(renewed.status, 204);
		assert.equal(await status(), 401);
		await refused("no-owner", /olga/, "site", "owner", "reset", "otto", "--data", at("data"), "--yes");
		assert.match((await reset("OLGA")).out, /\/start#[A-Za-z0-9_-]{43}\n$/);
		await stop();
		const store = await openStore(join(at("data"), "site.db"));
		const actions = await store.actions.after(0, 100);
		await store.close();
		const resets = actions.filter(({ what }) => what === "reset-owner");
		assert.lengthOf(resets, 3);
		for (const { by, details } of resets) assert.deepEqual({ by, details }, { by: "machine", details: {} });
		assert.deepEqual(
			resets.map(({ to }) => to === undefined),
			[true, false, false],
		);
	});

	it("refuses to restore what is no backup", async () => {
		writeFileSync(at("nonsense"), "nonsense");
		writeFileSync(at("empty"), "");
		for (const file of ["nonsense", "empty"]) {
			await refused("no-backup", /file/, "site", "restore", at(file), "--data", at("data"), "--yes");
			assert.deepEqual(readdirSync(at("data")), ["lock"], "nothing of it stays");
		}
		await refused("no-backup", /site backup/, "site", "restore", at("absent"), "--data", at("data"), "--yes");
		await refused("no-store", /--data/, "site", "token", "--data", at("data"), "--yes");
		await refused("no-out", /--out/, "site", "backup", "--data", at("data"));
	});

	it("says what to install where the server's packages are missing", async () => {
		const error = await serverModule(() => import("no-such-package" as string)).catch(
			(reason: unknown) => reason,
		);
		assert.instanceOf(error, Failure);
		assert.equal((error as Failure).reason, "no-server-packages");
		assert.match((error as Failure).advice, /npm install .*fastify@5/);
	});
});
