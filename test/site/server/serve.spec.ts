// SPDX-License-Identifier: Apache-2.0

/** What a server needs to start, and how it listens. */
import { generateKeyPairSync } from "node:crypto";
import { get } from "node:https";
import { join } from "node:path";
import { assert } from "chai";
import { Failure } from "../../../site/lib/files/failure.js";
import { newSeed } from "../../../site/lib/new-site.js";
import { markRestored, openFolder } from "../../../site/server/data-folder.js";
import { Postgres } from "../../support/postgres.js";
import { DAY, TestSite } from "./test-site.js";

/** Of localhost alone, until 2126, for this spec. */
const CERT = `-----BEGIN CERTIFICATE-----
MIIBmjCCAUGgAwIBAgIUEYDKh7F5piS9IFLVU/Wmy4f4vQEwCgYIKoZIzj0EAwIw
FDESMBAGA1UEAwwJbG9jYWxob3N0MCAXDTI2MTEyOTE5MDk0N1oYDzIxMjYxMTA1
MTkwOTQ3WjAUMRIwEAYDVQQDDAlsb2NhbGhvc3QwWTATBgcqhkjOPQIBBggqhkjO
PQMBBwNCAAQTPwIogEqbpf/uZyFIvSxtXv+TNmc3EDHIVRKSDG0+Dqv+yu3T7s+F
uxa1gdYkRc/wmNNec3CJm7o+RWFFFutno28wbTAdBgNVHQ4EFgQUOf/6Qo5xxWiP
P4lDBUcSBofEuTkwHwYDVR0jBBgwFoAUOf/6Qo5xxWiPP4lDBUcSBofEuTkwDwYD
VR0TAQH/BAUwAwEB/zAaBgNVHREEEzARgglsb2NhbGhvc3SHBH8AAAEwCgYIKoZI
zj0EAwIDRwAwRAIgQBxrFSjZSyhuT+weo1Ub5sO+IICW1xK7q3ebGTzyaHMCIB2r
9yZSEvCGoMfEq5y/0DMh645ii7eesGv5Y9bqxL3C
-----END CERTIFICATE-----`;
const KEY = `-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQg5SWcuQS6fWB+o5J8
DyZew5t1hEDyAF4QWeEa1cdIG2ehRANCAAQTPwIogEqbpf/uZyFIvSxtXv+TNmc3
EDHIVRKSDG0+Dqv+yu3T7s+Fuxa1gdYkRc/wmNNec3CJm7o+RWFFFutn
-----END PRIVATE KEY-----`;

const OTHER_KEY = generateKeyPairSync("ec", { namedCurve: "P-256" })
	.privateKey.export({ type: "pkcs8", format: "pem" })
	.toString();

describe("a site's server at its start", () => {
	let site: TestSite;
	beforeEach(() => {
		site = new TestSite();
	});
	afterEach(() => site.end());

	const refused = async (start: Promise<unknown>): Promise<string> => {
		const error = await start.then(
			() => assert.fail("it started"),
			(reason: unknown) => reason,
		);
		assert.instanceOf(error, Failure, String(error));
		assert.isNotEmpty((error as Failure).advice);
		return (error as Failure).reason;
	};

	it("has a good key, by the newest list that its folder has", async () => {
		const [server] = site.keys.keys;
		site.now += 90 * DAY;
		assert.equal(await refused(site.start()), "key-ended");
		site.now -= 90 * DAY;
		await site.start();
		const stolen = site.nextList((model) => ({
			...model,
			epoch: model.epoch + 1,
			keys: model.keys.map((key) =>
				Buffer.compare(key.publicKey, server!.publicKey) === 0 ? { ...key, state: "stolen" } : key,
			),
		}));
		const { status } = await site.ask("POST", "/api/trust", {
			body: { list: Buffer.from(stolen).toString("hex") },
		});
		assert.equal(status, 201);
		const { body } = await site.ask("GET", "/api/health");
		assert.include(JSON.stringify(body.problems), "no-key");
		await site.server.close();
		assert.equal(await refused(site.start()), "key-stolen");
	});

	it("takes no lists of another history, and no folder of another site", async () => {
		await site.start();
		await site.server.close();
		const other = new TestSite();
		assert.equal(await refused(site.start({ keys: other.keys })), "other-lists");
		await other.end();
		await (await openFolder(join(site.folder, "other"), "OTHER", 1)).close();
		assert.equal(await refused(site.start({ folder: join(site.folder, "other") })), "other-site");
	});

	it("says that it was restored from a backup, until an administrator has confirmed it", async () => {
		const told = async (): Promise<readonly string[]> => {
			const { warnings } = await site.start();
			await site.server.close();
			return warnings.filter((warning) => warning.includes("backup"));
		};
		assert.deepEqual(await told(), []);
		await markRestored(join(site.folder, "data", "site.db"), site.now);
		for (let n = 0; n < 2; n++) {
			const [warning] = await told();
			assert.match(
				warning ?? "none",
				/^A backup was restored at 2030-.*no door gets a plan.*\/api\/restore\/confirm/,
			);
		}
		await site.start();
		assert.equal((await site.ask("POST", "/api/restore/confirm", { body: {} })).status, 204);
		await site.server.close();
		assert.deepEqual(await told(), []);
	});

	it("leaves nothing open where it fails, and starts when that is mended", async () => {
		const { port } = new URL((await site.start()).url);
		const second = new TestSite();
		const taken = { host: "127.0.0.1", port: Number(port) };
		for (let i = 0; i < 3; i++) assert.equal(await refused(second.start({ http: taken })), "port-taken");
		await second.start();
		assert.match(second.owner, /^lintel_/, "the first start that succeeds tells it");
		await second.end();
	});

	it("listens by HTTPS where it has a certificate", async () => {
		const https = { cert: CERT, key: KEY };
		const { url } = await site.start({ https, http: { host: "0.0.0.0", port: 0 } });
		assert.match(url, /^https:/);
		const { port } = new URL(url);
		const status = await new Promise<number | undefined>((resolve, reject) => {
			const headers = { authorization: `Bearer ${site.owner}` };
			get({ host: "localhost", port, path: "/api/site", ca: CERT, headers, agent: false }, (response) => {
				response.resume();
				resolve(response.statusCode);
			}).on("error", reject);
		});
		assert.equal(status, 200);
		await site.server.close();
		assert.equal(await refused(site.start({ http: { host: "0.0.0.0", port: 0 } })), "no-https");
		for (const bad of [
			{ ...https, cert: "no PEM" },
			{ ...https, key: OTHER_KEY },
			{ cert: "", key: "" },
		])
			assert.equal(await refused(site.start({ https: bad })), "bad-certificate");
	});

	it("has its database for itself, and says so of another server in it", async function () {
		const postgres = await Postgres.start(this);
		try {
			site.store = await postgres.database();
			await site.start();
			assert.equal(await refused(site.start({ folder: join(site.folder, "other") })), "in-use");
			await site.server.close();
			await markRestored(site.store, site.now);
			await site.start();
			const { body } = await site.ask("GET", "/api/health");
			assert.include(JSON.stringify(body.problems), "restored");
			await site.server.close();
		} finally {
			await postgres.stop();
		}
	});

	it("tells no key that it made nothing of: a random one is in no list", async () => {
		const pair = site.crypto.ed25519KeyPair(newSeed());
		assert.equal(await refused(site.start({ keys: { ...site.keys, keys: [pair] } })), "wrong-role");
	});
});
