// SPDX-License-Identifier: Apache-2.0

/** People of a site and their phones' pages, for specs. */
import { assert } from "chai";
import type { Page } from "playwright-core";
import type { TestSite } from "../site/server/test-site.js";
import { type Modules, readQr } from "./qr-reader.js";

export const PHONE = { width: 360, height: 740 };

/** The computer's time, as readers in specs have it, and what has passed besides for site and page, s. */
export class SiteTime {
	ahead = 0;

	readonly now = (): number => Math.floor(Date.now() / 1000) + this.ahead;

	/** Time passes at the site and for a page whose clock was installed. */
	async pass(page: Page, seconds: number): Promise<void> {
		this.ahead += seconds;
		await page.clock.runFor(seconds * 1000);
	}
}

/** Adds a person; the id. */
export async function addPerson(site: TestSite, name: string, more: object = {}): Promise<string> {
	const { body, status } = await site.ask("POST", "/api/users", {
		body: { name, accessPlans: ["staff"], ...more },
	});
	assert.equal(status, 201, JSON.stringify(body));
	return body.id;
}

export async function invite(site: TestSite, user: string): Promise<{ id: string; link: string }> {
	const { body, status } = await site.ask("POST", `/api/users/${user}/invitations`, { body: { by: "link" } });
	assert.equal(status, 201, JSON.stringify(body));
	return body;
}

/** Opens a link and accepts it. */
export async function accept(page: Page, link: string): Promise<void> {
	await page.goto(link);
	await page.getByRole("button", { name: "Accept the key" }).click();
	await page.getByText("The key is on this phone.").waitFor();
}

/** Off line from now on, once the page is kept. */
export async function offLine(page: Page): Promise<void> {
	await page.evaluate("navigator.serviceWorker.ready.then(() => undefined)");
	await page.context().setOffline(true);
}

/** What a scanner reads of the code that the page draws: its dark modules, found by their place in the drawing. */
export async function scan(page: Page, label: RegExp): Promise<{ text: string; version: number }> {
	const picture = page.getByRole("img", { name: label });
	await picture.waitFor();
	const box = await picture.getAttribute("viewBox");
	const path = await picture.locator("path").getAttribute("d");
	return readQr(modulesOf(box!, path!));
}

/** Without the quiet zone of 4 modules, in which nothing may be. */
function modulesOf(box: string, path: string): Modules {
	const side = Number(box.split(" ")[2]);
	const rows = Array.from({ length: side }, () => new Array<boolean>(side).fill(false));
	for (const [, x, y, width] of path.matchAll(/M(\d+) (\d+)h(\d+)v1h-\d+z/g))
		rows[Number(y)]!.fill(true, Number(x), Number(x) + Number(width));
	const dark = rows.flat().filter((module) => module).length;
	const inner = rows.slice(4, -4).map((row) => row.slice(4, -4));
	assert.equal(inner.flat().filter((module) => module).length, dark, "nothing in the quiet zone");
	return inner;
}
