// SPDX-License-Identifier: Apache-2.0

import { assert } from "chai";
import { Failure } from "../../../../site/lib/files/failure.js";
import { SiteAddress } from "../../../../site/server/address.js";
import { TestPhone, tokenOf } from "../test-phone.js";
import { type Answer, TestSite } from "../test-site.js";

describe("links of invitations", () => {
	let site: TestSite;

	beforeEach(() => {
		site = new TestSite();
	});
	afterEach(() => site.end());

	const invited = async (): Promise<{ id: string; link: string }> => {
		const { body } = await site.ask("POST", "/api/users", { body: { name: "Ada", accessPlans: [] } });
		return (await site.ask("POST", `/api/users/${body.id}/invitations`, { body: { by: "link" } })).body;
	};
	const get = (path: string, method = "GET"): Promise<Answer> => site.ask(method, path, { token: "" });
	/** What a page has a browser load. */
	const loads = (html: string): string[] =>
		[...html.matchAll(/(?:src|href)="([^"]+)"/g)]
			.map(([, path]) => path!)
			.filter((path) => path.startsWith("/"));

	it("are not used up by a scanner of mails that follows them and loads all that they load", async () => {
		await site.start();
		const { id, link } = await invited();
		const { pathname } = new URL(link);
		const page = await get(pathname);
		assert.equal(page.status, 200);
		const seen = new Set<string>();
		for (const waiting = loads(page.text); waiting.length > 0; ) {
			const path = waiting.pop()!;
			if (seen.has(path)) continue;
			seen.add(path);
			const { headers, status, text } = await get(path);
			assert.equal(status, 200, path);
			if (/css|html/.test(headers.get("content-type") ?? "")) waiting.push(...loads(text));
		}
		assert.isAbove(seen.size, 1, "a script and a style at least");
		await get(pathname, "HEAD");
		await get(`/api/phone/invitations/${tokenOf(link)}`);
		await get(`/api/phone/invitations/${tokenOf(link)}`, "HEAD");
		const { body } = await site.ask("GET", `/api/invitations/${id}`);
		assert.deepInclude(body, { state: "sent", opened: null, accepted: null });
		assert.equal((await new TestPhone(site).accept(link)).status, 200);
	});

	it("are told to no other site and to no cache by the page that has them in its address", async () => {
		await site.start();
		const { link } = await invited();
		const page = await get(new URL(link).pathname);
		assert.include(["no-referrer", "same-origin"], page.headers.get("referrer-policy"));
		const told = await get(`/api/phone/invitations/${tokenOf(link)}`);
		assert.equal(told.headers.get("cache-control"), "no-store");
		assert.notInclude(page.text, tokenOf(link));
	});

	it("are in no log of the server, whatever goes wrong with them", async () => {
		await site.start();
		const { link } = await invited();
		const token = tokenOf(link);
		await get(`/api/phone/invitations/${token}x`);
		await site.ask("POST", "/api/phone/accept", {
			token: "",
			body: { token, publicKey: "00", signature: "" },
		});
		await site.ask("POST", "/api/phone/accept", { token: "", body: `{"token":"${token}"` });
		await site.ask("POST", "/api/phone/accept", { token: "", body: { token, more: "x".repeat(10_000) } });
		await site.ask("PUT", `/api/phone/invitations/${token}`, { token: "" });
		// A defect in the middle of it.
		const { store } = site.server.site;
		const find = store.invitations.findLink.bind(store.invitations);
		store.invitations.findLink = async () => {
			throw new Error("a defect");
		};
		const { body, text } = await get(`/api/phone/invitations/${token}`);
		store.invitations.findLink = find;
		assert.equal(body.reason, "internal");
		assert.match(site.said.join("\n"), /a defect/);
		assert.notInclude(site.said.join("\n") + text, token);
	});

	it("that are guessed are counted by the address from which a request comes; a proxy says so only where one is named", async () => {
		const guess = async (from: string): Promise<string> => {
			const path = `/api/phone/invitations/${"A".repeat(43)}`;
			const answer = await site.ask("GET", path, { token: "", headers: { "x-forwarded-for": from } });
			return answer.body.reason;
		};
		const guesses = async (addresses: (i: number) => string): Promise<Set<string>> => {
			const reasons = new Set<string>();
			for (let i = 0; i < 15; i++) reasons.add(await guess(addresses(i)));
			return reasons;
		};
		await site.start();
		assert.include(
			[...(await guesses((i) => `192.0.2.${i}`))],
			"too-many-tries",
			"what anybody says is not believed",
		);
		await site.server.close();
		await site.start({ publicUrl: "https://doors.example" });
		assert.deepEqual([...(await guesses((i) => `192.0.2.${i}`))], ["unknown-link"]);
		assert.include([...(await guesses(() => "192.0.2.77"))], "too-many-tries");
		assert.equal(await guess("192.0.2.78"), "unknown-link");
		// What the browser claims stands before what the proxy has added.
		assert.equal(await guess("192.0.2.79, 192.0.2.77"), "too-many-tries");
	});

	it("begin with an address that is named, by HTTPS; else with this computer's own, or with none that phones could use", () => {
		const links = (listens: string, named?: string): string | undefined =>
			new SiteAddress(listens, named).forLinks;
		assert.equal(links("http://127.0.0.1:4191"), "http://localhost:4191");
		assert.equal(links("http://127.0.0.1:4191", "https://doors.example"), "https://doors.example");
		assert.equal(links("http://127.0.0.1:4191", "https://doors.example:8443/"), "https://doors.example:8443");
		assert.equal(links("https://192.0.2.1:4191"), "https://192.0.2.1:4191");
		assert.isUndefined(links("https://0.0.0.0:4191"));
		assert.isUndefined(links("https://[::]:4191"));
		for (const bad of [
			...["http://doors.example", "doors.example", "https://doors.example/path", "https://a:b@doors.example"],
			...[
				"https://doors.example?x",
				"ftp://doors.example",
				"javascript:alert(1)",
				"http://localhost.evil.example",
			],
		])
			assert.throws(() => new SiteAddress("http://127.0.0.1:4191", bad), Failure, undefined, bad);
	});
});
