// SPDX-License-Identifier: Apache-2.0

import { assert } from "chai";
import { axeEverywhere, focused, hasFocus, type Page } from "../support/browser.js";
import { usePage, withScene } from "../support/page.js";

/** A valid phone, and then a revoked one: what is told of them is there when the second one has gone. */
const TWO = "seed=1&do=100.tap.valid.nfc~1500.tap.revoked.nfc";

/** The lane, and behind it what was decided. */
const DECISION = /Decision(?:granted|denied)/;

const bars = (page: Page) => page.locator(".spans button");
const opened = (page: Page) => page.getByRole("region", { name: "The chosen bar" });
const record = (page: Page) => page.getByRole("region", { name: "The chosen record" });

/** Waits until the last visit has come to a decision. */
async function decided(page: Page, title: string): Promise<void> {
	await bars(page)
		.filter({ hasText: `Decision${title}` })
		.waitFor();
}

/** Opens the bar of the list that says this. */
async function open(page: Page, text: string): Promise<void> {
	await bars(page).filter({ hasText: text }).first().click();
	await opened(page).waitFor();
}

describe("the lanes of time, and the log", () => {
	usePage();

	it("a tap fills each lane, and a bar opens into bytes with names and clauses, those that were encrypted too", async () => {
		await withScene("seed=1&do=100.tap.valid.nfc", async (page) => {
			await decided(page, "granted");
			const text = await page.locator(".spans").textContent();
			for (const lane of [
				"Who is there",
				"PN532 bus",
				"Transaction",
				"EDHOC",
				"Computing",
				"Decision",
				"Relay",
				"Flash",
			])
				assert.include(text!, lane);
			for (const title of ["SELECT", "message_1", "message_2", "message_3", "agrees on keys: X25519"])
				assert.include(text!, title);
			await open(page, "EDHOCmessage_3");
			const section = opened(page);
			const row = section.getByRole("row", { name: /^cti, the credential's id/ });
			assert.match((await row.textContent())!, /RFC 8392 3\.1\.7[\s\S]*h'[0-9a-f]{16}'/);
			assert.equal(await row.locator(".decrypted").count(), 1);
			assert.isAbove(await section.locator("tbody tr").count(), 20);
			await open(page, "PN532 busInListPassiveTarget");
			assert.equal(
				await opened(page)
					.getByRole("row", { name: /^SENS_RES/ })
					.count(),
				1,
			);
		});
	});

	it("a bar of the picture opens the same", async () => {
		await withScene("seed=1&do=100.tap.valid.nfc", async (page) => {
			await decided(page, "granted");
			await page.locator(".bar", { hasText: /^message_2, \d+ bytes$/ }).click();
			assert.match((await opened(page).locator("h2").textContent())!, /^message_2, \d+ bytes$/);
			await opened(page).getByRole("button", { name: "Close" }).click();
			assert.equal(await opened(page).count(), 0);
		});
	});

	it("a decision says why: what the reason means, and the rule that fired with its file", async () => {
		await withScene("seed=1&do=100.tap.revoked.nfc", async (page) => {
			await decided(page, "denied: revoked");
			await open(page, "denied: revoked");
			const text = await opened(page).textContent();
			assert.include(text!, "The site has revoked the credential.");
			assert.include(text!, "src/access/decide.ts");
			assert.include(text!, "denied revoked by nfc");
		});
	});

	it("goes by keys: arrows in the list, Enter opens, Escape leads back", async () => {
		await withScene("seed=1&do=100.tap.valid.nfc", async (page) => {
			await decided(page, "granted");
			assert.equal(await page.locator(".spans button[tabindex='0']").count(), 1, "one stop of the tab key");
			await page.locator(".spans button[tabindex='0']").focus();
			await page.keyboard.press("Home");
			const first = await focused(page);
			await page.keyboard.press("ArrowDown");
			const second = await focused(page);
			assert.notEqual(second, first);
			await page.keyboard.press("Enter");
			await opened(page).waitFor();
			assert.include(second, await focused(page));
			await page.keyboard.press("Escape");
			assert.equal(await opened(page).count(), 0);
			await hasFocus(page, second);
		});
	});

	it("shows the last visit, or the time up to now", async () => {
		await withScene(TWO, async (page) => {
			await decided(page, "denied: revoked");
			assert.equal(await bars(page).filter({ hasText: DECISION }).count(), 1);
			await page.getByRole("button", { name: "10 s" }).click();
			await bars(page).filter({ hasText: "Decisiongranted" }).waitFor();
			assert.equal(await bars(page).filter({ hasText: DECISION }).count(), 2);
		});
	});

	it("the log is in words; one byte changed breaks it at that record, put back it is whole", async () => {
		await withScene(TWO, async (page) => {
			const rows = page.locator(".records tbody tr");
			await rows.filter({ hasText: "decision denied revoked" }).waitFor();
			const granted = rows.filter({ hasText: "decision granted" });
			await granted.getByRole("button").click();
			await record(page)
				.getByText(/^Whole: \d+ records/)
				.waitFor();
			assert.match(await focused(page), /^Record \d+: decision granted/);
			await record(page).getByRole("button", { name: "Change this byte" }).click();
			await record(page)
				.getByText(/^Broken: record \d+ was changed after it was written/)
				.waitFor();
			const broken = rows.filter({ hasText: "does not hold" });
			assert.equal(await broken.count(), 1);
			assert.include((await broken.textContent())!, "decision denied malformed");
			await record(page).getByRole("button", { name: "Put it back" }).click();
			await record(page)
				.getByText(/^Whole: \d+ records/)
				.waitFor();
			assert.equal(await broken.count(), 0);
			await record(page).getByRole("button", { name: "Close" }).click();
			assert.match(await focused(page), /^Open record \d+$/);
		});
	});

	it("is accessible, on a phone's width too", async () => {
		await withScene("seed=1&do=100.tap.valid.nfc", async (page) => {
			await decided(page, "granted");
			await page.locator(".records button").first().click();
			await record(page).waitFor();
			await open(page, "EDHOCmessage_3");
			await axeEverywhere(page);
		});
	});
});
