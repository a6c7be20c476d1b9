// SPDX-License-Identifier: Apache-2.0

import { picture } from "../support/browser.js";
import { says, stands, usePage, withScene } from "../support/page.js";

describe("the picture of the simulator", () => {
	usePage();

	it("is the moment in which the door opens: the phone at the reader, the light green, the lanes full", async () => {
		await withScene(
			"seed=1",
			async (page) => {
				// So slow that a computer that is busy has it before the hand takes the phone away.
				await page.getByRole("button", { name: "×0.1" }).click();
				await page.keyboard.press("1");
				await stands(page, "Relay", "on");
				await page.getByRole("button", { name: "Pause" }).click();
				await page.keyboard.press("o");
				await stands(page, "Door", "open");
				await stands(page, "Light", "green");
				await stands(page, "Strike", "released");
				await says(page, /^Opened in \d+ ms/);
				await page.locator(".visitor.nfc").waitFor();
				// The focus ring of the last button is no part of it.
				await page.evaluate("document.activeElement?.blur()");
				await page.mouse.move(0, 0);
				await picture(page, "simulator");
			},
			{ width: 1280, height: 935 },
		);
	});
});
