// SPDX-License-Identifier: Apache-2.0

/** One phone's page with keys of two sites, each with a server of its own. */
import { assert } from "chai";
import { axeEverywhere } from "../support/browser.js";
import { accept, addPerson, invite, PHONE, scan } from "../support/phone-person.js";
import { BrowserSite, useBrowserSite } from "../support/site-browser.js";

describe("a phone with keys of two sites", () => {
	const school = useBrowserSite();
	const club = new BrowserSite();

	before(async () => {
		await club.start();
		for (const [site, name] of [
			[school, "The school"],
			[club, "The club"],
		] as const) {
			const plan = { site: "ACME", timeZone: "UTC0", accessPlans: { staff: [{ schedule: "always" }] } };
			await site.ask("PUT", "/api/plan", { body: { ...plan, doors: { FRONT: {} }, users: [] } });
			await site.server.site.store.facts.set("siteName", name);
		}
	});
	after(() => club.end());

	it("keeps them side by side, each with its code, and removes one alone", () =>
		school.page(async (page) => {
			await accept(page, (await invite(school, await addPerson(school, "Ada"))).link);
			const { link } = await invite(club, await addPerson(club, "Ada of the club"));
			await page.getByRole("link", { name: "Add a key" }).click();
			await page.getByLabel("Link").fill(link);
			await page.keyboard.press("Enter");
			// Whose page could use the key is said before, and the way without that is there.
			await page.getByText(`This link is of another site, ${new URL(club.url).host}.`).waitFor();
			assert.equal(await page.getByRole("link", { name: "Open it by itself" }).getAttribute("href"), link);
			await axeEverywhere(page);
			await page.getByRole("button", { name: "Keep it on this page" }).click();
			await page.getByRole("heading", { name: "The club invites you" }).waitFor();
			await page.getByRole("button", { name: "Accept the key" }).click();
			await page.getByText("The key is on this phone.").waitFor();
			const names = page.locator(".key h2");
			assert.sameMembers(await names.allTextContents(), ["The school", "The club"]);
			await axeEverywhere(page);

			const texts: string[] = [];
			for (const name of ["The school", "The club"]) {
				await page.locator(".key", { hasText: name }).getByRole("link", { name: "Show the code" }).click();
				texts.push((await scan(page, new RegExp(name))).text);
				await page.getByRole("link", { name: "Keys" }).first().click();
			}
			assert.notEqual(texts[0], texts[1]);

			await page.getByRole("button", { name: "Remove The school" }).click();
			await page.getByRole("dialog").getByRole("button", { name: "Remove" }).click();
			await page.getByText("The key was removed.").waitFor();
			await page.reload();
			await page.getByRole("heading", { level: 2, name: "The club" }).waitFor();
			assert.deepEqual(await names.allTextContents(), ["The club"]);
		}, PHONE));

	it("keeps what the other one's server may see to itself: requests go to the site that they are about", () =>
		school.page(async (page) => {
			await accept(page, (await invite(school, await addPerson(school, "Ben"))).link);
			await page.goto("/phone/add");
			await page.getByLabel("Link").fill((await invite(club, await addPerson(club, "Ben"))).link);
			await page.keyboard.press("Enter");
			await page.getByRole("button", { name: "Keep it on this page" }).click();
			await page.getByRole("button", { name: "Accept the key" }).click();
			await page.getByText("The key is on this phone.").waitFor();
			const asked: string[] = [];
			page.on("request", (request) => {
				const credential = request.headers()["lintel-credential"];
				if (credential !== undefined) asked.push(`${new URL(request.url()).origin} ${credential}`);
			});
			await page.goto("/phone/");
			await page.locator(".key").nth(1).waitFor();
			const credentials = await Promise.all(
				[school, club].map(async (site) => {
					const { body } = await site.ask("GET", "/api/users?search=Ben");
					return `${site.url} ${body.users[0].credentials[0].id}`;
				}),
			);
			while (asked.length < 2) await page.waitForRequest("**/api/phone/state");
			assert.sameMembers([...new Set(asked)], credentials);
		}, PHONE));
});
