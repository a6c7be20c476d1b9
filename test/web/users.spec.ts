// SPDX-License-Identifier: Apache-2.0

/** Users as an administrator of a school works with them: found, added, invited, edited, paused, revoked, removed. */
import { assert } from "chai";
import { axeEverywhere, hasFocus, tabTo } from "../support/browser.js";
import { heading, notice, useUsers } from "../support/users-page.js";

describe("the page of users", () => {
	const site = useUsers(120);

	const stored = async (name: string) =>
		(await site.ask("GET", `/api/users?search=${encodeURIComponent(name)}`)).body.users[0];

	it("lists them in pages, and finds them by what is typed, which the address keeps", () =>
		site.signedIn(async (page) => {
			await page.goto("/users");
			await notice(page, "122 users");
			const rows = page.locator("tbody tr");
			assert.equal(await rows.count(), 50);
			await page.getByRole("button", { name: "Show more" }).click();
			await page.getByRole("link", { name: "Person 90", exact: true }).waitFor();
			await page.getByLabel("Search by name").fill("ben");
			await notice(page, "1 user");
			await page.getByLabel("State", { exact: true }).selectOption("Paused");
			await notice(page, "0 users");
			await page.reload();
			await page.getByText("Nobody is found.").waitFor();
			assert.equal(await page.getByLabel("Search by name").inputValue(), "ben");
		}));

	it("adds one with access plans and an invitation in one step, by the keyboard alone", () =>
		site.signedIn(async (page) => {
			await page.goto("/users");
			await tabTo(page, "Add user");
			await page.keyboard.press("Enter");
			await heading(page, "Add user");
			await hasFocus(page, "Add user");
			const type = async (label: string, text: string): Promise<void> => {
				await tabTo(page, label);
				await page.keyboard.type(text);
			};
			await type("Name", "Cleo Brandt");
			await type("E-mail", "cleo@example.com");
			await tabTo(page, "staff");
			await page.keyboard.press("Space");
			await type("Valid until", "06302030");
			await tabTo(page, "Invitation");
			await page.keyboard.type("Make a link");
			await tabTo(page, "Add and invite");
			await page.keyboard.press("Enter");
			const dialog = page.getByRole("dialog", { name: "Link for Cleo Brandt" });
			await dialog.waitFor();
			const link = await dialog.getByLabel("Link", { exact: true }).inputValue();
			assert.match(link, /^http:\/\/localhost:\d+\/i\/[\w-]{43}$/);
			await dialog.getByRole("img").waitFor();
			await page.keyboard.press("Escape");
			await heading(page, "Cleo Brandt");
			assert.isFalse(await dialog.isVisible());
			assert.notInclude(await page.content(), link, "it is shown once");
			const cleo = await stored("cleo");
			assert.deepInclude(cleo, {
				name: "Cleo Brandt",
				email: "cleo@example.com",
				accessPlans: ["staff"],
				until: "2030-06-30",
			});
			assert.equal(cleo.invitation.by, "link");
		}));

	it("changes one, keeps what was not touched, and shows what a name has as text", () =>
		site.signedIn(async (page) => {
			await page.goto("/users?search=eve");
			await page.getByRole("link", { name: "<b>Eve</b>" }).click();
			await heading(page, "<b>Eve</b>");
			await page.getByRole("link", { name: "Edit" }).click();
			await page.getByLabel("Name").fill("Eve <script>");
			await page.getByText("More options").click();
			await page.getByLabel("Opens during a lockdown").check();
			await page.getByLabel("pupils").check();
			await page.getByLabel("Valid from", { exact: true }).fill("2026-12-01");
			await page.getByLabel("Valid from: Time").fill("08:30");
			await page.getByRole("button", { name: "Save" }).click();
			await notice(page, "Saved.");
			await heading(page, "Eve <script>");
			await page.getByText("1 Dec 2026, 08:30").waitFor();
			assert.deepInclude(await stored("eve"), {
				name: "Eve <script>",
				accessPlans: ["pupils"],
				override: true,
				from: "2026-12-01T08:30",
			});
		}));

	it("says what the server refuses, and keeps what was typed", () =>
		site.signedIn(async (page) => {
			await page.goto("/users/new");
			await page.getByLabel("Name").fill("Fred");
			await page.getByLabel("Valid from", { exact: true }).fill("2030-06-30");
			await page.getByLabel("Valid until", { exact: true }).fill("2030-01-01");
			await page.getByRole("button", { name: "Add user" }).click();
			await page.getByRole("alert").getByText("is not after its beginning").waitFor();
			assert.equal(await page.getByLabel("Name").inputValue(), "Fred");
			assert.isUndefined(await stored("fred"));
		}));

	it("is in German, too", () =>
		site.signedIn(
			async (page) => {
				await page.goto("/users");
				await page.getByText("Benutzer").first().waitFor();
				await page.getByRole("link", { name: "Benutzer hinzufügen" }).click();
				await page.getByLabel("Gültig bis", { exact: true }).waitFor();
				await axeEverywhere(page);
			},
			{ language: "de-AT" },
		));
});
