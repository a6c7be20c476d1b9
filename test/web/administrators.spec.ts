// SPDX-License-Identifier: Apache-2.0

/** Administrators, tokens of programs and the audit, as an owner works with them in the browser. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { assert } from "chai";
import { axeEverywhere, type Page } from "../support/browser.js";
import { root } from "../support/host.js";
import { useBrowserSite } from "../support/site-browser.js";

describe("administrators, programs and the audit in the browser", () => {
	const site = useBrowserSite();
	const heading = (page: Page, name: string): Promise<void> =>
		page.getByRole("heading", { name, exact: true }).waitFor();
	const press = (page: Page, name: string): Promise<void> =>
		page.getByRole("button", { name, exact: true }).click();

	before(async () => {
		await site.server.site.planner.edit([{ kind: "door", id: "FRONT", entry: {} }]);
	});

	it("an owner invites a manager of a door, changes the role, makes a new link, and removes the person", () =>
		site.signedIn(async (page) => {
			await page.goto("/administrators");
			await press(page, "Invite someone");
			const dialog = page.getByRole("dialog");
			await dialog.getByLabel("Name").fill("Mona <b>Manager</b>");
			await dialog.getByLabel("Role").selectOption("Manager");
			await dialog.getByLabel("FRONT").check();
			await axeEverywhere(page);
			await dialog.getByRole("button", { name: "Invite someone" }).click();
			const link = await dialog.getByLabel(/Hand it over yourself/).inputValue();
			assert.match(link, /\/join#[A-Za-z0-9_-]{43}$/);
			await dialog.getByRole("button", { name: "Done" }).click();
			const row = page.getByRole("row").filter({ hasText: "Mona <b>Manager</b>" });
			await row.getByText("FRONT").waitFor();
			await axeEverywhere(page);
			await row.getByRole("button", { name: /^Change/ }).click();
			await dialog.getByLabel("Role").selectOption("Viewer");
			await dialog.getByRole("button", { name: "Save" }).click();
			await row.getByText("Viewer").waitFor();
			await row.getByRole("button", { name: /^New link/ }).click();
			await dialog.getByRole("button", { name: "New link" }).click();
			assert.notEqual(await dialog.getByLabel(/Hand it over yourself/).inputValue(), link);
			await dialog.getByRole("button", { name: "Done" }).click();
			await row.getByRole("button", { name: /^Remove/ }).click();
			await dialog.getByRole("button", { name: "Remove" }).click();
			await page.getByText("Mona <b>Manager</b> was removed.").waitFor();
			assert.equal(await row.count(), 0);
		}));

	it("an owner gives a program a token, which is shown once, and ends it", () =>
		site.signedIn(async (page) => {
			await page.goto("/tokens");
			await page.getByText("No program has a token.").waitFor();
			await press(page, "Make a token");
			const dialog = page.getByRole("dialog");
			await dialog.getByLabel("For which program").fill("Canteen");
			await axeEverywhere(page);
			await dialog.getByRole("button", { name: "Make a token" }).click();
			const token = await dialog.getByLabel(/Give it to the program/).inputValue();
			assert.equal((await site.ask("GET", "/api/me", { token })).body.role, "viewer");
			await dialog.getByRole("button", { name: "Done" }).click();
			await axeEverywhere(page);
			await page.getByRole("button", { name: "End: Canteen" }).click();
			await dialog.getByRole("button", { name: "End" }).click();
			await page.getByText("The token has ended.").waitFor();
			assert.equal((await site.ask("GET", "/api/me", { token })).status, 401);
		}));

	it("says in the audit what was done, finds it, and exports it with its proof", () =>
		site.signedIn(
			async (page) => {
				await site.ask("POST", "/api/users", { body: { name: "Vera", accessPlans: [] } });
				await page.goto("/audit");
				await heading(page, "Audit");
				await page.getByText("Added the user Vera").waitFor();
				await axeEverywhere(page);
				await page.getByLabel("Search").fill("vera");
				await page.getByText("Made a token for").waitFor({ state: "detached" });
				assert.equal(await page.getByRole("row").count(), 2);
				await page.getByLabel("Search").fill("nobody");
				await page.getByText("Nothing was found.").waitFor();
				const download = page.waitForEvent("download");
				await page.getByRole("link", { name: "Export with its proof" }).click();
				const file = await download;
				assert.equal(file.suggestedFilename(), "audit.jsonl");
				assert.match(readFileSync(await file.path(), "utf8"), /^\{"action":1,"record":"[0-9a-f]{64}"/);
			},
			{ role: "administrator" },
		));

	it("an owner says for how long the site keeps what it knows, and an administrator sees it", async () => {
		await site.signedIn(async (page) => {
			await page.goto("/privacy");
			await page.getByLabel("Events at the doors").fill("90");
			await axeEverywhere(page);
			await press(page, "Save");
			await page.getByRole("dialog").getByRole("button", { name: "Save" }).click();
			await page.getByText("Saved; what is older was erased.").waitFor();
		});
		assert.deepEqual((await site.ask("GET", "/api/settings/privacy")).body, {
			names: null,
			events: 90,
			audit: null,
		});
		await site.signedIn(
			async (page) => {
				await page.goto("/privacy");
				assert.equal(await page.getByLabel("Events at the doors").inputValue(), "90");
				assert.isTrue(await page.getByLabel("Events at the doors").isDisabled());
				await axeEverywhere(page);
			},
			{ role: "administrator" },
		);
	});

	it("gives out all that is known of a person, and forgets who it was", () =>
		site.signedIn(async (page) => {
			const { body } = await site.ask("POST", "/api/users", { body: { name: "Gina Gone", accessPlans: [] } });
			await page.goto(`/users/${body.id}`);
			await page.getByText("What is known of this person").click();
			await axeEverywhere(page);
			const download = page.waitForEvent("download");
			await page.getByRole("link", { name: "Give out all that is known" }).click();
			const file = await download;
			assert.equal(JSON.parse(readFileSync(await file.path(), "utf8")).person.name, "Gina Gone");
			await press(page, "Remove and forget who it was");
			await page.getByRole("dialog").getByRole("button", { name: "Remove and forget who it was" }).click();
			await page.getByText("The person is removed and forgotten.").waitFor();
			const { person } = (await site.ask("GET", `/api/users/${body.id}/export`)).body;
			assert.isNull(person);
		}));

	it("leaves out what is not for the role: an administrator changes no other, a viewer sees none", async () => {
		await site.signedIn(
			async (page) => {
				await page.goto("/administrators");
				await page.getByRole("row").nth(1).waitFor();
				assert.equal(await page.getByRole("button", { name: "Invite someone" }).count(), 0);
				assert.equal(await page.getByRole("link", { name: "Programs" }).count(), 0);
			},
			{ role: "administrator" },
		);
		await site.signedIn(
			async (page) => {
				await page.goto("/administrators");
				await heading(page, "This page is not for your role");
			},
			{ role: "viewer" },
		);
	});

	it("has words for each action that the server writes down", () => {
		const folder = join(root, "site/server");
		const names = new Set<string>();
		for (const file of readdirSync(folder, { recursive: true, encoding: "utf8" })) {
			if (!file.endsWith(".ts")) continue;
			const text = readFileSync(join(folder, file), "utf8");
			for (const [, name] of text.matchAll(/\.(?:act|action)\(\s*[^,()]+(?:\([^)]*\))?,\s*"([a-z-]+)"/g))
				names.add(name!);
		}
		assert.isAbove(names.size, 30);
		const words = readFileSync(join(root, "site/web/words/audit.ts"), "utf8");
		const [, en = "", de = ""] =
			/actionWords[\s\S]*?\ben: \{([\s\S]*?)\n\t\},[\s\S]*?de: \{([\s\S]*?)\n\t\},/.exec(words)!;
		for (const name of names)
			for (const language of [en, de]) assert.match(language, new RegExp(`\\n\\t\\t"?${name}"?: `), name);
	});
});
