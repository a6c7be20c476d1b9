// SPDX-License-Identifier: Apache-2.0

/** What all pages have in common: how they are served, their languages, the keyboard, the menu. */
import { assert } from "chai";
import { axeEverywhere, hasFocus, tabTo } from "../support/browser.js";
import { useBrowserSite } from "../support/site-browser.js";

const CSP = /^default-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'/;

describe("the server's pages", () => {
	const site = useBrowserSite();
	const fetched = (path: string, headers: Record<string, string> = {}): Promise<Response> =>
		fetch(site.server.url + path, { headers });

	it("are served with a policy that takes nothing of others, and a file of a hashed name for ever", async () => {
		const page = await fetched("/users/7?search=x");
		const html = await page.text();
		assert.equal(page.status, 200);
		assert.match(page.headers.get("content-security-policy")!, CSP);
		assert.equal(page.headers.get("cache-control"), "no-cache");
		assert.equal(page.headers.get("referrer-policy"), "no-referrer");
		assert.notMatch(html, /<script(?![^>]*src=)|style=|\son\w+=/);
		const [, script] = /<script type="module" src="([^"]+)">/.exec(html)!;
		const asset = await fetched(script!);
		assert.match(asset.headers.get("cache-control")!, /immutable/);
		assert.match(asset.headers.get("content-type")!, /^text\/javascript/);
		assert.equal(asset.headers.get("content-encoding"), "gzip");
		const plain = await fetched(script!, { "accept-encoding": "identity" });
		assert.isNull(plain.headers.get("content-encoding"));
		const smaller = await fetched(script!, { "accept-encoding": "gzip, deflate, br" });
		assert.equal(smaller.headers.get("content-encoding"), "br");
		const text = await plain.text();
		assert.equal(await asset.text(), text);
		assert.equal(await smaller.text(), text);
	});

	it("are not sent again while they are the same", async () => {
		const etag = (await fetched("/")).headers.get("etag")!;
		const again = await fetched("/", { "if-none-match": etag });
		assert.equal(again.status, 304);
		assert.equal(await again.text(), "");
	});

	it("take no place of the API's and of files that are not there", async () => {
		for (const path of [
			"/api/nothing",
			"/assets/app-0.js",
			"/phone/none.js",
			"/%2e%2e/%2e%2e/package.json",
		]) {
			const { headers, status } = await fetched(path);
			assert.equal(status, 404, path);
			assert.match(headers.get("content-type")!, /problem\+json/, path);
		}
		assert.include(await (await fetched("/i/abc")).text(), "manifest.webmanifest");
		assert.equal((await fetched("/phone/sw.js")).status, 200);
	});

	it("come in the browser's language, and stay in the one that is chosen", () =>
		site.signedIn(
			async (page) => {
				await page.goto("/");
				await page.getByRole("heading", { name: "Übersicht" }).waitFor();
				assert.equal(await page.locator("html").getAttribute("lang"), "de");
				await page.getByLabel("Sprache").selectOption("English");
				await page.getByRole("heading", { name: "Overview" }).waitFor();
				await page.reload();
				await page.getByRole("heading", { name: "Overview" }).waitFor();
				assert.equal(await page.locator("html").getAttribute("lang"), "en");
			},
			{ language: "de-AT" },
		));

	it("say where an address leads nowhere, and lead back by the keyboard alone", () =>
		site.signedIn(async (page) => {
			await page.goto("/nowhere");
			await page.getByRole("heading", { name: "There is no such page" }).waitFor();
			await page.keyboard.press("Tab");
			await hasFocus(page, "Skip to content");
			await tabTo(page, "Overview");
			await page.keyboard.press("Enter");
			const heading = page.getByRole("heading", { name: "Overview" });
			await heading.waitFor();
			assert.equal(await page.evaluate("document.activeElement.tagName"), "H1");
			const link = page.getByRole("navigation").getByRole("link", { name: "Overview" });
			assert.equal(await link.getAttribute("aria-current"), "page");
			assert.equal(await page.title(), "Overview · Lintel");
		}));

	it("have a menu that opens on a phone's width", () =>
		site.signedIn(
			async (page) => {
				await page.goto("/");
				const link = page.getByRole("link", { name: "Overview" });
				await page.getByRole("heading", { name: "Overview" }).waitFor();
				assert.isFalse(await link.isVisible());
				await page.getByRole("button", { name: "Menu" }).click();
				await link.waitFor();
				assert.equal(await page.getByRole("button", { name: "Menu" }).getAttribute("aria-expanded"), "true");
			},
			{ width: 360 },
		));

	it("are accessible before and after someone has signed in", async () => {
		await site.page(async (page) => {
			await page.goto("/");
			await page.getByRole("heading", { name: "Sign in" }).waitFor();
			await axeEverywhere(page);
		});
		await site.signedIn(async (page) => {
			await page.goto("/");
			await page.getByRole("heading", { name: "Overview" }).waitFor();
			await axeEverywhere(page);
		});
	});
});
