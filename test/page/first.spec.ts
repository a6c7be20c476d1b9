// SPDX-License-Identifier: Apache-2.0

import { assert } from "chai";
import { says, stands, usePage, withScene } from "../support/page.js";

describe("the page, on a first visit", () => {
	usePage();

	it("lets a phone come and the door open by itself, says how long it took, and after one button keeps it shut", async () => {
		await withScene("", async (page) => {
			await says(page, /^Opened in \d+ ms/);
			const took = Number(/\d+/.exec((await page.locator(".caption").textContent()) ?? "")![0]);
			assert.isAbove(took, 100);
			assert.isBelow(took, 400);
			await stands(page, "Door", "open");
			await stands(page, "Door", "shut");
			await page.getByRole("button", { name: "Now revoke it" }).click();
			await says(page, /^It stays shut: revoked/);
			await stands(page, "Relay", "off");
			await page.getByRole("button", { name: "From the start" }).click();
			await says(page, /^Opened in \d+ ms/);
		});
	});

	it("leaves the door to the first who touches the page", async () => {
		await withScene("", async (page) => {
			await page.keyboard.press("2");
			await says(page, /^It stays shut: revoked/);
			await stands(page, "Door", "shut");
		});
	});

	it("does what a key asks for that was pressed before the world was there", async () => {
		await withScene("", async (page) => {
			// The page's script has run by then; the Worker has still to begin.
			await page.addInitScript(
				`addEventListener("DOMContentLoaded", () => dispatchEvent(new KeyboardEvent("keydown", { key: "2" })))`,
			);
			await page.reload();
			await says(page, /^It stays shut: revoked/);
			await stands(page, "Door", "shut");
		});
	});
});
