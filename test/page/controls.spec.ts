// SPDX-License-Identifier: Apache-2.0

import { assert } from "chai";
import type { Page } from "../support/browser.js";
import { says, stands, until, usePage, withScene } from "../support/page.js";

/** Seconds of the scene, as the page has them on top. */
async function seconds(page: Page): Promise<number> {
	return Number.parseFloat((await page.locator(".elapsed").textContent())!);
}

const SECONDS = `Number.parseFloat(document.querySelector(".elapsed").textContent)`;

function press(page: Page, name: string): Promise<void> {
	return page.getByRole("button", { name, exact: true }).click();
}

describe("the page's controls", () => {
	usePage();

	it("stand still, step from event to event, and run again", async () => {
		await withScene("seed=1", async (page) => {
			await press(page, "Pause");
			await page.getByRole("button", { name: "Run", exact: true }).waitFor();
			await page.keyboard.press("1");
			await page.locator(".visitor.nfc").waitFor();
			const before = await seconds(page);
			await page.keyboard.press("h");
			await stands(page, "Door", "open");
			assert.closeTo(await seconds(page), before, 0.002, "an act takes no time");
			for (let i = 0; i < 30; i++) await press(page, "Step");
			await until(page, `${SECONDS} > ${before + 0.002}`);
			assert.isBelow(await seconds(page), before + 1, "thirty events are no second");
			await press(page, "Run");
			await says(page, /^Opened in \d+ ms/);
		});
	});

	it("run at a tenth of the pace", async () => {
		await withScene("seed=1", async (page) => {
			await press(page, "×0.1");
			await page.locator('[aria-pressed="true"]', { hasText: "×0.1" }).waitFor();
			const [from, begun] = [await seconds(page), performance.now()];
			await until(page, `${SECONDS} >= ${from + 0.1}`);
			// A busy computer makes it slower, never faster.
			assert.isAtLeast(performance.now() - begun, 500, "a tenth of a second takes one");
		});
	});

	it("give a link that does the same again, wherever it is opened", async () => {
		let link = "";
		let took = "";
		await withScene("seed=7", async (page) => {
			await page.keyboard.press("1");
			await says(page, /^Opened in \d+ ms/);
			took = (await page.locator(".caption .said").textContent())!;
			await press(page, "Copy the link");
			await press(page, "Copied");
			link = new URL(page.url()).hash.slice(1);
		});
		assert.match(link, /^seed=7&do=\d+\.tap$/);
		await withScene(link, async (page) => {
			await says(page, /^Opened in \d+ ms/);
			assert.equal(await page.locator(".caption .said").textContent(), took);
		});
	});

	it("play a story, and the same once more", async () => {
		await withScene("seed=7", async (page) => {
			for (let i = 0; i < 2; i++) {
				await press(page, "Another world");
				await page.getByRole("link", { name: "A break-in" }).click();
				await page.locator("body", { hasText: "a transport card is held to the reader" }).waitFor();
				assert.match(new URL(page.url()).hash, /^#seed=13&do=0\.pull~/);
				assert.isBelow(await seconds(page), 30, "from its beginning");
			}
		});
	});

	it("give a spec of what was done, which imports what it runs and wants what was seen", async () => {
		await withScene("seed=7", async (page) => {
			await page.context().grantPermissions(["clipboard-read", "clipboard-write"]);
			await page.keyboard.press("2");
			await says(page, /^It stays shut: revoked/);
			await press(page, "Copy as a spec");
			await page.getByRole("button", { name: "Copied" }).waitFor();
			const text = (await page.evaluate("navigator.clipboard.readText()")) as string;
			assert.match(text, /const script = "seed=7&do=\d+\.tap\.revoked";/);
			assert.include(text, "denied");
			assert.include(text, 'from "../../../sim/scene/scene.js"');
		});
	});

	it("begin another world, with a magnet in place of the strike", async () => {
		await withScene("seed=1", async (page) => {
			await press(page, "Another world");
			await page.locator("#world-lock").selectOption("magnet");
			await press(page, "Begin it");
			await stands(page, "Magnet", "holds");
			await page.keyboard.press("1");
			await stands(page, "Magnet", "released");
		});
	});

	it("say why a link is refused, and have the door all the same", async () => {
		await withScene("seed=1&do=0.fly", async (page) => {
			assert.equal(await page.getByRole("alert").textContent(), "there is no act fly");
			await page.keyboard.press("1");
			await says(page, /^Opened in \d+ ms/);
		});
	});
});
