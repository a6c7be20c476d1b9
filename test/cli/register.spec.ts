// SPDX-License-Identifier: Apache-2.0

import { writeFileSync } from "node:fs";
import { assert } from "chai";
import { checkedUrl } from "../../cli/site-server.js";
import { type CborMap, decodeValue, encodeValue } from "../../protocol/cbor/value.js";
import { FrameDemux } from "../../protocol/provisioning/demux.js";
import { encodeFrame } from "../../protocol/provisioning/frame.js";
import { EXIT, Failure } from "../../site/lib/files/failure.js";
import { readDoorRegistration, readRegistered } from "../../site/lib/registration.js";
import { BROKER, RegistrationServer, TOKEN } from "../support/registration-server.js";
import type { Ended } from "./lintel.js";
import { type Installation, plugIn } from "./terminal.js";

const FORMER = { key: "ab".repeat(32), readerId: "cd".repeat(8), since: 1_780_000_000, events: 812 };

describe("a reader and its site's server", () => {
	let site: Installation;
	let server: RegistrationServer;

	plugIn(1, ([made]) => {
		site = made!;
	});

	beforeEach(async () => {
		server = await new RegistrationServer().open();
		writeFileSync(site.file("token"), `${TOKEN}\n`);
	});

	afterEach(() => server.close());

	const key = (): string[] => ["--site-key", site.file("key.json")];
	const at = (): string[] => ["--site", server.url, "--token-file", site.file("token")];
	const commission = (...more: string[]): Promise<Ended> =>
		site.lintel("commission", site.file("door.json"), ...key(), ...at(), ...more);
	const register = (...more: string[]): Promise<Ended> =>
		site.lintel("server", "register", ...key(), ...at(), ...more);

	it("know each other after one command; the same again changes nothing", async () => {
		const first = await commission("--json");
		assert.equal(first.code, 0, first.err);
		const told = JSON.parse(first.out);
		assert.deepInclude(told, { commissioned: true, changed: true, door: "FRONT", registered: "new" });
		const { key: readerKey, readerId } = server.readers.get("FRONT")!;
		assert.deepEqual([told.key, told.readerId], [readerKey, readerId]);
		assert.equal(server.names.get("FRONT"), "Front door");
		assert.deepEqual(site.reader.store.server, BROKER);
		assert.equal(site.reader.store.revision, 1, "site and server as one change");
		assert.deepEqual(server.asked, ["GET /api/doors/FRONT/registration", "POST /api/doors"]);
		const again = await commission("--json");
		assert.equal(again.code, 0, again.err);
		assert.deepEqual(JSON.parse(again.out), {
			...{ commissioned: true, changed: false, key: readerKey, readerId, registered: "same" },
		});
		assert.equal(site.reader.store.revision, 1);
		for (const text of [first.out, first.err, again.out, again.err]) {
			assert.notInclude(text, TOKEN);
			assert.notInclude(text, BROKER.password);
		}
	});

	it("take the token from the environment too, and never from the command line", async () => {
		const before = process.env.LINTEL_TOKEN;
		const args = ["commission", site.file("door.json"), ...key(), "--site", server.url];
		try {
			delete process.env.LINTEL_TOKEN;
			const none = await site.lintel(...args);
			assert.equal(none.code, EXIT.usage);
			assert.match(none.err, /a token of the server is needed[\s\S]*LINTEL_TOKEN/);
			process.env.LINTEL_TOKEN = TOKEN;
			assert.equal((await site.lintel(...args)).code, 0);
		} finally {
			if (before === undefined) delete process.env.LINTEL_TOKEN;
			else process.env.LINTEL_TOKEN = before;
		}
		const typed = await site.lintel(...args, "--token-file", TOKEN);
		assert.equal(typed.code, EXIT.input);
		assert.notInclude(typed.err, TOKEN, "it may have been given in the file's place");
		const both = ["server", "register", "--site", server.url, "--token-file", "-", "--site-key", "-"];
		const refused = await site.run([...both, "--port", site.reader.path], "x");
		assert.equal(refused.code, EXIT.usage);
	});

	it("nothing of the reader is changed where the server is not there, refuses, or is none", async () => {
		const { url } = server;
		for (const [answer, exit, words] of [
			[
				{ status: 401, body: { reason: "no-token", detail: "a good token is needed" } },
				EXIT.refused,
				/LINTEL_TOKEN/,
			],
			[{ status: 403, body: { reason: "wrong-role", detail: "no" } }, EXIT.refused, /administrator/],
			[{ status: 409, body: { reason: "revoked", detail: "no" } }, EXIT.refused, /lintel reset/],
			[{ status: 404, body: { message: "Not Found" } }, EXIT["no-server"], /no site's server/],
			[{ status: 200, body: { reader: null } }, EXIT["no-server"], /no site's server/],
			[
				{ status: 200, body: { reader: null, server: { ...BROKER, port: 0 } } },
				EXIT["no-server"],
				/no site's server/,
			],
			[{ status: 200, body: "x".repeat(20_000) }, EXIT["no-server"], /too long/],
			[{ status: 302, body: {}, location: `${url}/elsewhere` }, EXIT["no-server"], /not reached/],
		] as const) {
			server.answer = (_, response) => {
				const headers = "location" in answer ? { location: answer.location } : {};
				response.writeHead(answer.status, headers).end(JSON.stringify(answer.body));
				return true;
			};
			const { code, err } = await commission();
			assert.equal(code, exit, err);
			assert.match(err, words);
		}
		assert.notInclude(server.asked.join(), "elsewhere", "a token goes to the server alone");
		const args = ["commission", site.file("door.json"), ...key(), ...at()];
		server.close();
		const gone = await site.lintel(...args);
		assert.equal(gone.code, EXIT["no-server"]);
		assert.match(gone.err, /is not reached/);
		assert.isUndefined(site.reader.store.membership);
	});

	it("a server that fails after commissioning costs nothing: it is said how to go on, and that goes on", async () => {
		server.answer = ({ method }, response) => {
			if (method !== "POST") return false;
			response.writeHead(503).end(JSON.stringify({ reason: "closing", detail: "the server ends" }));
			return true;
		};
		const { code, out, err } = await commission();
		assert.equal(code, EXIT.refused);
		assert.match(out, /^door FRONT of site ACME\nreader's key/, "what was done is told");
		assert.match(err, /commissioned, and not registered: the server refused: the server ends/);
		assert.include(err, `\`lintel server register --site ${server.url}\``);
		assert.equal(site.reader.store.membership?.door, "FRONT");
		const json = await commission("--json");
		const lines = json.out
			.trim()
			.split("\n")
			.map((line) => JSON.parse(line));
		assert.deepInclude(lines[0], { commissioned: true });
		assert.equal(lines[1].error.reason, "closing");
		server.answer = undefined;
		const on = await register("--json");
		assert.equal(on.code, 0, on.err);
		const { key: readerKey, readerId } = server.readers.get("FRONT")!;
		assert.deepEqual(JSON.parse(on.out), {
			...{ registered: "new", door: "FRONT", key: readerKey, readerId },
			...{ host: BROKER.host, port: BROKER.port },
		});
		assert.match(
			(await register()).out,
			/registered with the server already\nits broker is broker.example:1884/,
		);
	});

	it("one that is a door already is registered by server register, and has its server then", async () => {
		const fresh = await register();
		assert.equal(fresh.code, EXIT.refused);
		assert.match(fresh.err, /no site yet/);
		await site.lintel("commission", site.file("door.json"), ...key());
		assert.isUndefined(site.reader.store.server);
		const { code, out, err } = await register();
		assert.equal(code, 0, err);
		assert.match(out, /^door FRONT: registered with the server\nits broker is broker\.example:1884\n$/);
		assert.deepEqual(site.reader.store.server, BROKER);
		server.broker = { ...BROKER, password: "renewed" };
		assert.equal((await register()).code, 0);
		assert.deepEqual(site.reader.store.server, server.broker);
		assert.equal(server.names.get("FRONT"), "Front door");
	});

	it("a replacement takes the place of the door's reader where a person says so, who reads what becomes of that one", async () => {
		server.readers.set("FRONT", FORMER);
		const refused = await commission();
		assert.equal(refused.code, EXIT.usage);
		assert.match(
			refused.err,
			/door FRONT has another reader at the server: key abababababababab\.\.\., id cdcdcdcdcdcdcdcd, since 2026-05-28; nothing was changed\n.*--replace/,
		);
		assert.isUndefined(site.reader.store.membership, "the new reader is none of the site's yet");
		assert.deepEqual(server.readers.get("FRONT"), FORMER);
		const args = ["commission", site.file("door.json"), ...key(), ...at(), "--port", site.reader.path];
		const no = await site.answer(args, [/take its place\? \[y\/N\] /, "n\r"]);
		assert.equal(no.code, EXIT.usage);
		for (const words of [
			/the server has that reader's log up to record 812, and keeps it/,
			/speaks with that reader no more[\s\S]*lintel log export/,
			/lintel site revoke --reader cdcdcdcdcdcdcdcd/,
		])
			assert.match(no.out.replaceAll(/\r?\n/g, " "), words);
		assert.isUndefined(site.reader.store.membership);
		const yes = await site.answer(args, [/take its place\? \[y\/N\] /, "y\r"]);
		assert.equal(yes.code, 0, yes.out);
		assert.match(yes.out, /registered with the server, in the place of the former reader/);
		assert.notEqual(server.readers.get("FRONT")?.key, FORMER.key);
	});

	it("a second reader that is a door already takes the place of the first by --replace alone", async () => {
		await site.lintel("commission", site.file("door.json"), ...key());
		server.readers.set("FRONT", { ...FORMER, events: 0 });
		const refused = await register();
		assert.equal(refused.code, EXIT.usage);
		assert.isUndefined(site.reader.store.server);
		const { code, out, err } = await register("--replace", "--json");
		assert.equal(code, 0, err);
		assert.equal(JSON.parse(out).registered, "replaced");
		assert.notEqual(server.readers.get("FRONT")?.key, FORMER.key);
	});

	it("another reader that was registered since the question is not put out of its place", async () => {
		server.readers.set("FRONT", FORMER);
		server.answer = ({ method }) => {
			if (method === "POST") server.readers.set("FRONT", { ...FORMER, key: "ef".repeat(32) });
			return false;
		};
		const { code, err } = await commission("--replace");
		assert.equal(code, EXIT.refused);
		assert.match(err, /commissioned, and not registered[\s\S]*--replace/);
		assert.equal(server.readers.get("FRONT")?.key, "ef".repeat(32));
	});

	it("firmware that passes over servers is told apart: its reader is registered, and to be updated", async () => {
		const { provisioning } = site.reader;
		const feed = provisioning.feed.bind(provisioning);
		const frames = new FrameDemux({
			onFrame: (frame) => {
				const [name, parameters] = decodeValue(frame.payload) as [string, CborMap];
				if (name !== "finish") return;
				const { server: _, ...rest } = parameters;
				feed(encodeFrame({ ...frame, payload: encodeValue([name, rest]) }));
			},
		});
		// As if it did not know the field.
		provisioning.feed = (bytes) => {
			frames.feed(bytes);
			if (!Buffer.from(bytes).includes("finish")) feed(bytes);
		};
		const { code, err } = await commission();
		assert.equal(code, EXIT.version);
		assert.match(err, /knows no servers\n.*`lintel server register`/);
		assert.equal(site.reader.store.membership?.door, "FRONT");
		assert.isTrue(server.readers.has("FRONT"));
	});

	it("--site is https or this machine, and nothing secret; what goes with it asks for it", async () => {
		for (const text of [
			"https://doors.example.org",
			"http://127.0.0.1:4191",
			"http://localhost:4191",
			"http://[::1]:4191",
		])
			assert.equal(checkedUrl(text, false).origin, text);
		assert.equal(checkedUrl("http://doors.example.org", true).origin, "http://doors.example.org");
		assert.equal(checkedUrl("https://example.org/doors?x=1#y", false).href, "https://example.org/doors/");
		for (const text of [
			"http://doors.example.org",
			"http://127.0.0.1.example.org",
			"http://localhost.example.org",
			"ftp://doors.example.org",
			"https://admin:hunter2@doors.example.org",
			"site.json",
			"",
		])
			assert.throws(() => checkedUrl(text, false), Failure, /^(?!.*hunter2)/);
		for (const option of [["--replace"], ["--insecure"], ["--token-file", site.file("token")]]) {
			const { code, err } = await site.lintel("commission", site.file("door.json"), ...key(), ...option);
			assert.equal(code, EXIT.usage);
			assert.match(err, /--site https/);
		}
	});

	it("nothing in a server's answer is believed unseen", () => {
		const good = { reader: FORMER, server: BROKER };
		assert.deepEqual(readDoorRegistration(good), good);
		assert.deepEqual(readDoorRegistration({ ...good, reader: null, more: 1 }), {
			reader: null,
			server: BROKER,
		});
		for (const value of [
			...[null, 7, "x", [], {}, { server: BROKER }, { reader: null }],
			...[
				{ ...good, server: { ...BROKER, host: "a b" } },
				{ ...good, reader: {} },
				{ ...good, reader: 7 },
			],
			...[
				{ key: "AB".repeat(32) },
				{ key: "ab" },
				{ readerId: 7 },
				{ since: -1 },
				{ since: 2 ** 40 },
				{ events: "x" },
			].map((wrong) => ({ ...good, reader: { ...FORMER, ...wrong } })),
		])
			assert.isUndefined(readDoorRegistration(value), JSON.stringify(value));
		assert.deepEqual(readRegistered({ registered: "same", server: BROKER }), {
			registered: "same",
			server: BROKER,
		});
		for (const value of [
			null,
			{ server: BROKER },
			{ registered: "constructor", server: BROKER },
			{ registered: "new" },
		])
			assert.isUndefined(readRegistered(value), JSON.stringify(value));
	});
});
