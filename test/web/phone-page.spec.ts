// SPDX-License-Identifier: Apache-2.0

/** The phone's page without a key: how it is installed and served, what it says where no key can be kept, and what it weighs. */
import { inflateSync } from "node:zlib";
import { assert } from "chai";
import type { Page } from "playwright-core";
import { iconPng } from "../../tools/web/icon.js";
import { axe, axeEverywhere, hasFocus, tabTo, withPage } from "../support/browser.js";
import { useBrowserSite } from "../support/site-browser.js";

const LINK = `/i/${"A".repeat(43)}`;
/** Of the page, its styles and its scripts, compressed. */
const MAX_BYTES = 100_000;

describe("the phone's page", () => {
	const site = useBrowserSite();
	const phone = { width: 360, height: 740 };

	it("says without a key how to get one, and what became of one that was here", () =>
		site.page(async (page) => {
			await page.goto("/phone/");
			await page.getByRole("heading", { name: "There is no key on this phone" }).waitFor();
			await page.getByText("7 days without a visit").waitFor();
			await axeEverywhere(page);
			await page.getByRole("main").getByRole("link", { name: "Lost or new phone" }).click();
			await page.getByRole("heading", { level: 1, name: "Lost or new phone" }).waitFor();
			await hasFocus(page, "Lost or new phone");
			await axeEverywhere(page);
		}, phone));

	it("is in German where the browser is, and stays in the language that is chosen", () =>
		site.page(
			async (page) => {
				await page.goto("/phone/");
				await page.getByRole("heading", { name: "Auf diesem Telefon ist kein Schlüssel" }).waitFor();
				assert.equal(await page.locator("html").getAttribute("lang"), "de");
				await page.getByLabel("Sprache").selectOption("en");
				await page.reload();
				await page.getByRole("heading", { name: "There is no key on this phone" }).waitFor();
			},
			{ ...phone, language: "de-AT" },
		));

	it("takes a link by the keyboard, and tells one from other texts", () =>
		site.page(async (page) => {
			await page.goto("/phone/add");
			await page.getByRole("heading", { name: "Add a key" }).waitFor();
			await tabTo(page, "Link");
			for (const text of [
				"https://doors.example/",
				`http://doors.example${LINK}`,
				`https://user@doors.example${LINK}`,
				`${site.url}${LINK}A`,
			]) {
				await page.getByLabel("Link").fill(text);
				await page.keyboard.press("Enter");
				await page.getByText("This is no link of an invitation").waitFor();
			}
			await axeEverywhere(page);
		}, phone));

	describe("where no key can be kept", () => {
		/** Opens a link in a browser that `script` has made another one. */
		const says = (script: string, words: string, agent?: string): Promise<void> =>
			withPage(
				async (page) => {
					if (agent !== undefined) await setAgent(page, agent);
					await page.addInitScript(script);
					await page.goto(LINK);
					await page.getByRole("alert").getByText(words).waitFor();
					await page.getByLabel("Link").waitFor();
					await axe(page);
				},
				{ ...phone, url: site.url },
			);

		it("says that the browser is too old", () =>
			says(
				`SubtleCrypto.prototype.generateKey = async () => {
					throw new DOMException("Unrecognized name.", "NotSupportedError");
				};`,
				"This browser is too old",
			));

		it("says that nothing is stored in this window", () =>
			says(
				`IDBFactory.prototype.open = () => { throw new DOMException("A mutation operation was attempted", "InvalidStateError"); };`,
				"This browser stores nothing here",
			));

		it("says that it was not opened by https", () =>
			says(
				'Object.defineProperty(globalThis, "isSecureContext", { value: false }); Object.defineProperty(crypto, "subtle", { value: undefined });',
				"This page was not opened by https",
			));

		for (const [app, agent] of [
			[
				"a chat app on Android",
				"Mozilla/5.0 (Linux; Android 14; Pixel 8; wv) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/140.0 Mobile Safari/537.36",
			],
			[
				"a mail app on an iPhone",
				"Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148",
			],
		] as const)
			it(`says that it is inside of ${app}, and gives the link to copy`, () =>
				says("", "inside of another app", agent));
	});

	it("is installable: a manifest with icons of every kind that home screens take", () =>
		site.page(async (page) => {
			await page.goto("/phone/");
			const session = await page.context().newCDPSession(page);
			const { errors, data } = (await session.send("Page.getAppManifest")) as {
				errors: unknown[];
				data?: string;
			};
			assert.deepEqual(errors, []);
			const { icons, id, start_url } = JSON.parse(data!) as {
				icons: { src: string; sizes: string; type: string; purpose?: string }[];
				id: string;
				start_url: string;
			};
			assert.deepEqual([id, start_url], ["/phone/", "/phone/"]);
			assert.sameMembers(
				icons.map(({ purpose = "any", sizes }) => `${sizes} ${purpose}`),
				["any any", "192x192 any", "512x512 any", "512x512 maskable"],
			);
			for (const { sizes, src, type } of [
				...icons,
				{ src: "/phone/apple-touch-icon.png", sizes: "180x180", type: "image/png" },
			]) {
				const answer = await fetch(site.server.url + src);
				assert.deepEqual([answer.status, answer.headers.get("content-type")], [200, type], src);
				if (type !== "image/png") continue;
				const bytes = Buffer.from(await answer.arrayBuffer());
				assert.equal(`${bytes.readUInt32BE(16)}x${bytes.readUInt32BE(20)}`, sizes, src);
			}
		}, phone));

	it("has icons as PNG that are the SVG's", () =>
		withPage(async (page) => {
			const svg = Buffer.from(await (await fetch(`${site.server.url}/icon.svg`)).arrayBuffer());
			const png = iconPng({ size: 192, shape: "round" });
			// The browser draws both, and says by how much they differ on average, of 255.
			const [difference, colours] = (await page.evaluate(`(async () => {
				const drawn = async (source) => {
					const image = new Image();
					image.src = source;
					await image.decode();
					const context = new OffscreenCanvas(192, 192).getContext("2d");
					context.drawImage(image, 0, 0, 192, 192);
					return context.getImageData(0, 0, 192, 192).data;
				};
				const a = await drawn("data:image/svg+xml;base64,${svg.toString("base64")}");
				const b = await drawn("data:image/png;base64,${png.toString("base64")}");
				return [a.reduce((sum, part, i) => sum + Math.abs(part - b[i]), 0) / a.length, new Set(a).size];
			})()`)) as [number, number];
			assert.isBelow(difference, 1);
			assert.isAbove(colours, 3, "there is a drawing");
		}));

	it("has icons that are whole PNG files", () => {
		const png = iconPng({ size: 32, shape: "full" });
		const length = png.readUInt32BE(33);
		const rows = inflateSync(png.subarray(41, 41 + length));
		assert.lengthOf(rows, 32 * (1 + 32 * 4));
		// To the edges: the corner is blue and not clear.
		assert.deepEqual([...rows.subarray(1, 5)], [0x1d, 0x4e, 0xd8, 0xff]);
	});

	it("weighs 100 kB at most, and asks nothing of others", () =>
		site.page(async (page) => {
			const sizes = new Map<string, number>();
			page.on("request", (request) => assert.equal(new URL(request.url()).origin, new URL(site.url).origin));
			const session = await page.context().newCDPSession(page);
			await session.send("Network.enable");
			const urls = new Map<string, string>();
			session.on("Network.responseReceived", ({ requestId, response }) => urls.set(requestId, response.url));
			session.on("Network.loadingFinished", ({ encodedDataLength, requestId }) =>
				sizes.set(urls.get(requestId)!, encodedDataLength),
			);
			await page.goto("/phone/", { waitUntil: "networkidle" });
			const page_ = [...sizes].filter(([url]) => !url.includes("sw.js"));
			assert.isAbove(page_.length, 3);
			assert.isAtMost(
				page_.reduce((sum, [, size]) => sum + size, 0),
				MAX_BYTES,
				JSON.stringify(page_),
			);
		}, phone));
});

async function setAgent(page: Page, userAgent: string): Promise<void> {
	const session = await page.context().newCDPSession(page);
	await session.send("Emulation.setUserAgentOverride", { userAgent });
}
