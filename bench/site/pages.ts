// SPDX-License-Identifier: Apache-2.0

import { existsSync } from "node:fs";
import { type Browser, chromium, type Page } from "playwright-core";

const CHROMIUM = "/usr/bin/chromium";
/** In the page: when it has its heading and waits for nothing any more, in ms since it was asked for. */
const SHOWN = `new Promise((resolve) => {
	const look = () => {
		const isThere = document.querySelector("main h1") && !document.querySelector("main [aria-busy=true]");
		if (isThere) resolve(performance.now());
		else requestAnimationFrame(look);
	};
	look();
})`;

export interface PageBench {
	/** Paths of all pages of the menu. */
	readonly menu: readonly string[];
	/** How long it takes, ms, until someone who was never there before sees what the page is for. */
	open(path: string): Promise<number>;
	close(): Promise<void>;
}

/** The server's pages in a browser, by the owner's token; `undefined`: there is no browser here. */
export async function pageBench(url: string, token: string): Promise<PageBench | undefined> {
	if (!existsSync(CHROMIUM)) return undefined;
	const browser = await chromium.launch({ executablePath: CHROMIUM, chromiumSandbox: false });
	return {
		menu: await visit(browser, url, token, "/", async (page) => {
			await page.evaluate(SHOWN);
			const links = page.getByRole("navigation").getByRole("link");
			return Promise.all((await links.all()).map(async (link) => (await link.getAttribute("href"))!));
		}),
		open: (path) => visit(browser, url, token, path, async (page) => (await page.evaluate(SHOWN)) as number),
		close: () => browser.close(),
	};
}

async function visit<T>(
	browser: Browser,
	url: string,
	token: string,
	path: string,
	look: (page: Page) => Promise<T>,
): Promise<T> {
	const context = await browser.newContext({
		baseURL: url,
		extraHTTPHeaders: { authorization: `Bearer ${token}` },
	});
	try {
		const page = await context.newPage();
		await page.goto(path);
		return await look(page);
	} finally {
		await context.close();
	}
}
