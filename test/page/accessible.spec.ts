// SPDX-License-Identifier: Apache-2.0

import { assert } from "chai";
import { axe, axeEverywhere, hasFocus, type Page, tabTo } from "../support/browser.js";
import { says, stands, until, usePage, withScene } from "../support/page.js";

describe("the simulator's page", () => {
	usePage();

	it("is accessible in light and dark, on a desk and on a phone", async () => {
		await withScene("seed=1", async (page) => {
			await page.keyboard.press("1");
			await says(page, /^Opened/);
			await page.getByText("Everything a hand can do").click();
			await page.getByRole("button", { name: "Bluetooth", exact: true }).click();
			// The lanes have a spec of their own.
			for (const tab of await page.getByRole("tab", { name: /Site|Break/ }).all()) {
				await tab.click();
				await axeEverywhere(page);
			}
			await page.getByRole("button", { name: "Another world" }).click();
			await page.keyboard.press("2");
			await says(page, /^It stays shut/);
			await axe(page);
		});
	});

	it("is all there by the keyboard, and says what happens", async () => {
		await withScene("seed=1", async (page) => {
			await page.keyboard.press("Tab");
			await hasFocus(page, "To the door");
			await page.keyboard.press("Enter");
			await tabTo(page, "Valid in the plan");
			await page.keyboard.press("Enter");
			await says(page, /^Opened/);
			await page.getByRole("status", { name: "What happens" }).filter({ hasText: "granted" }).waitFor();
			await tabTo(page, "What happens");
			await page.keyboard.press("ArrowRight");
			await hasFocus(page, "Site");
			await page.keyboard.press("End");
			await hasFocus(page, "Break it");
			await page.locator("#panel-break:not([hidden])").waitFor({ state: "attached" });
		});
	});

	it("moves nothing for who wants no movement", async () => {
		await withScene("seed=1", async (page) => {
			await page.keyboard.press("h");
			await stands(page, "Door", "open");
			assert.deepEqual(await moving(page), []);
			await page.emulateMedia({ reducedMotion: "no-preference" });
			await page.keyboard.press("c");
			await stands(page, "Door", "shut");
			await until(page, `${MOVING}.includes("leaf")`);
		});
	});
});

/** Classes of what is moving now. */
const MOVING = `document.getAnimations().map(({ effect }) => effect.target?.className)`;

async function moving(page: Page): Promise<unknown> {
	return page.evaluate(MOVING);
}
