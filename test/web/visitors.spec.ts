// SPDX-License-Identifier: Apache-2.0

/** Visitors' passes as an administrator and a manager make and withdraw them, and users are let lend some. */
import { assert } from "chai";
import { TestPhone } from "../site/server/test-phone.js";
import { axeEverywhere, type Page } from "../support/browser.js";
import { useBrowserSite } from "../support/site-browser.js";

describe("the page of visitors", () => {
	const site = useBrowserSite();

	before(async () => {
		const body = {
			...{ site: "ACME", timeZone: "Europe/Vienna", doors: { FRONT: {}, GYM: {} } },
			accessPlans: { staff: [{ schedule: "always", doors: ["FRONT"] }] },
			users: [{ name: "Ada", accessPlans: ["staff"], credentials: [] }],
		};
		const { status, text } = await site.ask("PUT", "/api/plan", { body });
		assert.equal(status, 204, text);
	});

	const said = (page: Page, text: string): Promise<void> =>
		page.getByRole("status").getByText(text).waitFor();
	const row = (page: Page, name: string) => page.getByRole("row").filter({ hasText: name });

	it("makes a pass with window, door and count, hands over its link, follows it and withdraws it", () =>
		site.signedIn(async (page) => {
			await page.goto("/visitors");
			await page.getByText("There are no passes now.").waitFor();
			await page.getByRole("button", { name: "Make a pass" }).click();
			const dialog = page.getByRole("dialog", { name: "Make a pass" });
			await dialog.getByLabel("Visitor's name").fill("<i>Vera</i>");
			await dialog.getByRole("button", { name: "Make a pass" }).click();
			await dialog.getByText("Choose one door at least").waitFor();
			assert.isFalse(await dialog.getByLabel("Openings").isVisible());
			await dialog.getByLabel("GYM").check();
			await dialog.getByLabel("Openings").fill("3");
			await dialog.getByRole("button", { name: "Make a pass" }).click();
			const handed = page.getByRole("dialog", { name: "Link for <i>Vera</i>" });
			const link = await handed.getByLabel("Link", { exact: true }).inputValue();
			await handed.getByRole("button", { name: "Done" }).click();
			await row(page, "<i>Vera</i>").getByText("Not accepted yet").waitFor();
			const phone = new TestPhone(site);
			const told = await phone.accept(link);
			assert.deepEqual(told.body.pass, { count: 3 });
			// The page follows by itself.
			await row(page, "<i>Vera</i>").getByText("Accepted", { exact: true }).waitFor();
			await page.getByRole("button", { name: "Withdraw: <i>Vera</i>" }).click();
			await page
				.getByRole("dialog", { name: "Withdraw the pass of <i>Vera</i>?" })
				.getByRole("button", { name: "Withdraw" })
				.click();
			await said(page, "The pass is withdrawn.");
			await page.getByText("a visitor whose pass was withdrawn").waitFor();
			assert.equal((await phone.ask("/api/phone/state", { list: 9 })).body.reason, "revoked");
		}));

	it("is a manager's for own doors", () =>
		site.signedIn(
			async (page) => {
				await page.goto("/visitors");
				await page.getByRole("button", { name: "Make a pass" }).click();
				const dialog = page.getByRole("dialog", { name: "Make a pass" });
				await dialog.getByLabel("GYM").waitFor();
				assert.equal(await dialog.getByLabel("FRONT").count(), 0);
			},
			{ role: "manager", doors: ["GYM"] },
		));

	it("lets a user lend passes within limits", () =>
		site.signedIn(async (page) => {
			const { id } = (await site.ask("GET", "/api/users?search=ada")).body.users[0];
			await page.goto(`/users/${id}`);
			await page.getByText("Passes for visitors").click();
			await page.getByLabel("May lend passes to visitors").check();
			await page.getByLabel("Days that a pass lasts at most").fill("3");
			await page.getByLabel("Openings of a pass at most").fill("5");
			await page.getByRole("button", { name: "Save" }).click();
			await said(page, "Saved.");
			assert.deepEqual((await site.ask("GET", `/api/users/${id}/lend`)).body, { days: 3, count: 5 });
		}));

	it("has no faults that axe finds, light and dark, on a phone's width", () =>
		site.signedIn(async (page) => {
			const from = site.now;
			const pass = { name: "Wanda", doors: ["FRONT"], from, until: from + 86_400, by: "link" };
			assert.equal((await site.ask("POST", "/api/passes", { body: pass })).status, 201);
			await page.goto("/visitors");
			await row(page, "Wanda").waitFor();
			await axeEverywhere(page);
			await page.getByRole("button", { name: "Make a pass" }).click();
			await page.getByRole("dialog").getByLabel("GYM").waitFor();
			await axeEverywhere(page);
		}));
});
