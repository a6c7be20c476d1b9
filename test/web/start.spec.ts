// SPDX-License-Identifier: Apache-2.0

/** The overview: what a caretaker has to know first. */
import { assert } from "chai";
import { axeEverywhere } from "../support/browser.js";
import { useBrowserSite } from "../support/site-browser.js";

describe("the overview", () => {
	const site = useBrowserSite();

	it("says that nothing needs attention where nothing does", () =>
		site.signedIn(async (page) => {
			await page.goto("/");
			await page.getByText("Nothing needs attention.").waitFor();
			await page.getByRole("link", { name: "Add a user" }).click();
			await page.getByRole("heading", { name: "Add user" }).waitFor();
		}));

	it("says what does, with the way to it: a key that ends, and an invitation that was not delivered", async () => {
		const { now } = site;
		site.now = site.server.site.keys.end(now) - 5 * 86_400;
		await site.signedIn(
			async (page) => {
				const bounced = {
					...{ id: "0000000000000001", user: "u1", name: "Cleo", by: "email", state: "bounced" },
					...{ reason: "550 no such mailbox", made: now, until: now, doors: null },
				};
				await page.route("**/api/invitations?state=bounced*", (route) =>
					route.fulfill({ json: { invitations: [bounced], next: null } }),
				);
				await page.goto("/");
				await page.getByText("The server's key ends soon.").waitFor();
				await axeEverywhere(page);
				await page.getByRole("link", { name: "Look: 1 invitation was not delivered" }).click();
				await page.getByRole("row", { name: "Cleo" }).getByText("550 no such mailbox").waitFor();
				assert.match(page.url(), /\/invitations\?state=bounced$/);
			},
			{ role: "viewer" },
		);
		site.now = now;
	});
});
