// SPDX-License-Identifier: Apache-2.0

import type { Server } from "node:http";
import { assert } from "chai";
import { NodeCrypto } from "../../hal/node/crypto.js";
import { toHex } from "../../protocol/bytes.js";
import { serveScene } from "../../sim/live-scene.js";
import type { News } from "../../sim/page/messages.js";
import { decodeNews, encodeNews } from "../../sim/page/wire.js";
import { servePage } from "../../sim/page-server.js";
import { type Logged, Scene } from "../../sim/scene/scene.js";
import { parseScript } from "../../sim/scene/script.js";
import { useBrowser, withPage } from "../support/browser.js";
import { Visitor } from "../support/live-visitor.js";
import { stands } from "../support/page.js";

const crypto = new NodeCrypto();

describe("the page of a world that runs in Node", () => {
	let server: Server;
	let address: string;
	useBrowser();

	before(async () => {
		({ server, address } = await servePage(0));
		serveScene(server, { crypto, without: ["power"] });
	});
	after(() => {
		server.closeAllConnections();
		server.close();
	});

	const visit = async (headers?: Record<string, string>): Promise<Visitor> =>
		(await new Visitor(address, headers).opened()) ?? assert.fail("turned away");

	it("shows it: a phone that is pressed opens the door there", async () => {
		await withPage(
			async (page) => {
				await page.goto(`${address}?live#seed=4`);
				await page.locator("[data-ready]").waitFor();
				await page.keyboard.press("1");
				await stands(page, "Strike", "released");
			},
			{ url: address },
		);
	});

	it("gives what a scene gives, byte by byte", async () => {
		const page = await visit();
		const script = "seed=3&do=0.tap~700.pull";
		page.say({ kind: "pace", pace: 0 });
		page.say({ kind: "start", script });
		const acts = await page.heard("acts");
		assert.include(
			acts.map(({ name }) => name),
			"tap",
		);
		page.say({ kind: "run", ms: 2000 });
		page.say({ kind: "digest" });
		const scene = new Scene({ crypto, script: parseScript(script) });
		scene.run(2000);
		assert.equal(toHex(await page.heard("digest")), toHex(scene.digest()));
		page.leave();
	});

	it("answers what the log and the break tab ask, as a scene in the page does", async () => {
		const page = await visit();
		page.say({ kind: "pace", pace: 0 });
		page.say({ kind: "start", script: "seed=3" });
		page.say({ kind: "run", ms: 100 });
		const [{ entry }] = (await page.heard("log")) as [Logged];
		page.say({ kind: "log", serial: entry.serial, at: 12 });
		const asked = await page.heard("asked");
		assert.equal(asked.serial, entry.serial);
		assert.isFalse(asked.report.intact);
		page.say({ kind: "rehearse", name: "tap", values: {} });
		const memories = (await page.heard("writes")).map(({ memory }) => memory);
		assert.include(memories, "log");
		page.leave();
	});

	it("refuses what is no message, and an act that its world does not have", async () => {
		const page = await visit();
		for (const text of [
			"",
			"[]",
			"null",
			'{"kind":"run","ms":1e12}',
			'{"kind":"pace","pace":7}',
			'{"kind":"act","name":"tap"}',
			'{"kind":"rehearse","name":"tap"}',
			'{"kind":"log"}',
			'{"kind":"log","serial":1,"at":"0"}',
		]) {
			page.say(text);
			assert.match(await page.heard("refused"), /no message/, text);
		}
		page.say({ kind: "start", script: "seed=1" });
		assert.notInclude(
			(await page.heard("acts")).map(({ name }) => name),
			"power",
		);
		page.say({ kind: "act", name: "power", values: {} });
		assert.match(await page.heard("refused"), /has no power/);
		page.say(JSON.stringify({ kind: "act", name: "tap", values: { who: ["valid"] } }));
		assert.match(await page.heard("refused"), /one of valid/);
		page.leave();
	});

	it("is one page's at a time, and never one's of another origin", async () => {
		const first = await visit();
		const ended = first.ended();
		const second = await visit();
		assert.equal(await ended, "Another page has this world now.");
		second.leave();
		for (const headers of [
			{ origin: "https://example.com" },
			{ origin: "null" },
			{ origin: "http://example.com", host: "example.com" },
		])
			assert.isUndefined(await new Visitor(address, headers).opened(), headers.origin);
	});
});

describe("news as text", () => {
	it("comes back as it went, bytes and all", () => {
		const scene = new Scene({ crypto, script: parseScript("seed=2&do=0.tap") });
		const news: Required<Pick<News, "spans" | "log" | "digest">> = {
			spans: [],
			log: [],
			digest: scene.digest(),
		};
		scene.onSpan = (span) => (news.spans as unknown[]).push(span);
		scene.onLog = (logged) => (news.log as unknown[]).push(logged);
		scene.run(1000);
		assert.isAbove(news.spans.length, 10);
		const text = encodeNews(news);
		const again = decodeNews(text);
		assert.equal(encodeNews(again), text);
		assert.instanceOf(again.digest, Uint8Array);
		assert.equal(toHex(again.digest!), toHex(news.digest));
		assert.equal(toHex(again.log!.at(-1)!.entry.subject), toHex(news.log.at(-1)!.entry.subject));
	});
});
