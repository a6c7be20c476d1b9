// SPDX-License-Identifier: Apache-2.0

/** Users in and out as files of a spreadsheet, by the page. */
import { readFileSync } from "node:fs";
import { assert } from "chai";
import { axeEverywhere, type Page } from "../support/browser.js";
import { useBrowserSite } from "../support/site-browser.js";

describe("the page of import and export", () => {
	const site = useBrowserSite();

	before(async () => {
		const body = {
			site: "ACME",
			timeZone: "UTC0",
			accessPlans: { staff: [{ schedule: "always" }] },
			doors: { FRONT: {} },
			users: [{ name: "=Ada", accessPlans: ["staff"], credentials: [] }],
		};
		assert.equal((await site.ask("PUT", "/api/plan", { body })).status, 204);
	});

	const choose = async (page: Page, file: Buffer): Promise<void> => {
		await page.getByLabel("File").setInputFiles({ name: "people.csv", mimeType: "text/csv", buffer: file });
		await page.getByRole("button", { name: "Look at it" }).click();
	};
	const names = async (): Promise<string[]> =>
		(await site.ask("GET", "/api/users")).body.users.map(({ name }: { name: string }) => name);

	it("shows what each line of a file becomes, and does it when one says so", () =>
		site.signedIn(async (page) => {
			await page.goto("/users/files");
			await page.getByText("Columns").first().click();
			await axeEverywhere(page);
			// As a spreadsheet of a German Windows writes it.
			await choose(
				page,
				Buffer.from("Name;email;access plans\r\nZoë Größ;zoe@example.com;staff\r\n", "latin1"),
			);
			await page.getByText("1 user is added, 0 are changed, 0 stay as they are.").waitFor();
			await page.getByRole("row", { name: "Zoë Größ" }).waitFor();
			await axeEverywhere(page);
			assert.deepEqual(await names(), ["=Ada"]);
			await page.getByRole("button", { name: "Import" }).click();
			await page.getByRole("status").getByText("1 user is added, 0 are changed.").waitFor();
			assert.deepEqual(await names(), ["=Ada", "Zoë Größ"]);
		}));

	it("says of each wrong line what is wrong, and takes none", () =>
		site.signedIn(async (page) => {
			await page.goto("/users/files");
			await choose(page, Buffer.from("name,access_plans,until\nGood,staff,\nBad,nights,\nWorse,,1.1.2030\n"));
			await page.getByText("2 lines cannot be taken").waitFor();
			await page
				.getByRole("row", { name: "3 access_plans There is no access plan of this name. nights" })
				.waitFor();
			await page.getByRole("row", { name: "4 until This is no date" }).waitFor();
			assert.equal(await page.getByRole("button", { name: "Import" }).count(), 0);
			await axeEverywhere(page);
			await choose(page, Buffer.from("who\nAda"));
			await page.getByRole("alert").getByText("The first line has to name the columns").waitFor();
			assert.notInclude(await names(), "Good");
		}));

	it("gives all of them as a file that no spreadsheet runs", () =>
		site.signedIn(async (page) => {
			await page.goto("/users/files");
			const [download] = await Promise.all([
				page.waitForEvent("download"),
				page.getByRole("link", { name: "Download users.csv" }).click(),
			]);
			assert.equal(download.suggestedFilename(), "users.csv");
			const text = readFileSync(await download.path(), "utf8");
			assert.match(text, /^\ufeffid,name,email/);
			assert.include(text, "'=Ada");
		}));

	it("is for administrators", () =>
		site.signedIn(
			async (page) => {
				await page.goto("/users/files");
				await page.getByRole("heading", { name: "This page is not for your role" }).waitFor();
			},
			{ role: "viewer" },
		));
});
