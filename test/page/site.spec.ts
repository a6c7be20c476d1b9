// SPDX-License-Identifier: Apache-2.0

import { assert } from "chai";
import { NodeCrypto } from "../../hal/node/crypto.js";
import { ACTS } from "../../sim/scene/acts.js";
import { Scene } from "../../sim/scene/scene.js";
import { parseScript } from "../../sim/scene/script.js";
import type { Page } from "../support/browser.js";
import { axe } from "../support/browser.js";
import { says, usePage, withScene } from "../support/page.js";

/** Shows a tab. */
async function tab(page: Page, name: string): Promise<void> {
	await page.getByRole("tab", { name }).click();
}

/** A row of the table of people. */
function person(page: Page, name: string): ReturnType<Page["locator"]> {
	return page.locator("tr", { has: page.locator("th span").getByText(name, { exact: true }) });
}

async function doorHas(page: Page, plan: number): Promise<void> {
	await page.locator(".versions", { hasText: new RegExp(`Plan ${plan}, .*the door has it`) }).waitFor();
}

describe("the page's site", () => {
	usePage();

	it("edits the plan, shows what travels, and the door does it", async () => {
		await withScene("seed=1", async (page) => {
			await tab(page, "Site");
			await doorHas(page, 2);

			await person(page, "valid").getByRole("combobox").selectOption("never");
			await doorHas(page, 3);
			const delta = page.locator(".messages tr", { hasText: "delta to plan 3" }).first();
			assert.match(
				(await delta.textContent()) ?? "",
				/^site ↓[\d.]+l1\/ACME0001\/FRONT\/ddelta to plan 3.*\d+, sealeddone, \d+ ms$/,
			);
			await page.keyboard.press("1");
			await says(page, /^It stays shut: outside.schedule/);

			await person(page, "valid").getByRole("combobox").selectOption("always");
			await doorHas(page, 4);
			await person(page, "valid").getByRole("button", { name: "Revoke" }).click();
			await doorHas(page, 5);
			await person(page, "valid").getByText("revoked", { exact: true }).waitFor();
			await page.keyboard.press("1");
			await says(page, /^It stays shut: revoked/);

			await page.getByRole("combobox", { name: "Who is added" }).selectOption("stranger");
			await page.getByRole("button", { name: "Add to the plan" }).click();
			await doorHas(page, 6);
			await page.keyboard.press("5");
			await says(page, /^Opened in \d+ ms/);

			await person(page, "stranger").getByRole("button", { name: "Remove" }).click();
			await doorHas(page, 7);
			assert.equal(await person(page, "stranger").count(), 0);
			await axe(page);
		});
	});
});

describe("the page's ways to break things", () => {
	usePage();

	it("cuts the power at a write that a rehearsal has told of, and tells what came of it", async () => {
		await withScene("seed=1", async (page) => {
			await tab(page, "Break it");
			await page.getByRole("button", { name: "Rehearse its writes" }).click();
			const slider = page.getByRole("slider", { name: /^Write 1 of \d+: 32 bytes of the log/ });
			await slider.waitFor();
			await page.getByRole("button", { name: "Do it, and cut there" }).click();
			const came = page.locator(".aftermath");
			await came.getByText(/the power is gone after the first bytes of the write/).waitFor();
			await came.getByText(/the reader starts: power-on; 1 place in its log is torn/).waitFor();
			await axe(page);
		});
	});

	it("has a control for each act that breaks something, which says what it did", async () => {
		const acts = ACTS.filter(({ group, name }) => group === "break" && name !== "cut");
		const scene = new Scene({ crypto: new NodeCrypto(), script: parseScript("seed=1") });
		await withScene("seed=1", async (page) => {
			await tab(page, "Break it");
			const controls = page.locator(".break .act-control button[type=submit]");
			await controls.first().waitFor();
			const titles = await controls.allTextContents();
			assert.deepEqual(
				titles,
				acts.map(({ title }) => title),
			);
			for (const { name, title } of acts) {
				const said = scene.perform(name);
				await page.getByRole("button", { name: title, exact: true }).click();
				// Which bit turns over depends on what was written before.
				const words = name === "flash-bit" ? /turns over/ : said;
				await page.locator(".aftermath li").filter({ hasText: words }).first().waitFor();
			}
		});
	});
});

describe("the page's calendar", () => {
	usePage();

	it("moves on by a step and to a day, and the door's hours with it", async () => {
		await withScene("seed=1", async (page) => {
			await tab(page, "Site");
			await person(page, "valid").getByRole("combobox").selectOption("weekend");
			await doorHas(page, 3);
			await page.locator(".calendar summary").click();
			await page.getByRole("button", { name: "+1 day" }).click();
			await page.locator("time.clock", { hasText: "Tue 2026-06-02" }).waitFor();
			await page.getByLabel("The site's local time").fill("2026-06-06T09:00");
			await page.getByRole("button", { name: "Go there" }).click();
			await page.locator("time.clock", { hasText: "Sat 2026-06-06 07:00" }).waitFor();
			await page.locator(".calendar summary").click();
			await page.keyboard.press("1");
			await says(page, /^Opened in/);
		});
	});
});
