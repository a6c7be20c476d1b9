// SPDX-License-Identifier: Apache-2.0

/** From a link to an open door: the real server, the firmware of a reader, and the phone's page between them. */
import { assert } from "chai";
import type { Page } from "playwright-core";
import { axeEverywhere, hasFocus, tabTo } from "../support/browser.js";
import { PhoneDoor } from "../support/phone-door.js";
import { accept, addPerson, invite, offLine, PHONE } from "../support/phone-person.js";
import { useBrowserSite } from "../support/site-browser.js";

const PLAN = {
	site: "ACME",
	timeZone: "Europe/Vienna",
	schedules: { lessons: [{ days: ["mon-fri"], from: "07:00", to: "17:30" }] },
	accessPlans: { staff: [{ schedule: "always" }], pupils: [{ schedule: "lessons", doors: ["FRONT"] }] },
	doors: { FRONT: {} },
	users: [],
};

describe("a phone's page at a door", () => {
	const site = useBrowserSite({ now: () => Math.floor(Date.now() / 1000) });
	let door: PhoneDoor;

	before(async () => {
		door = await PhoneDoor.open(site, "FRONT", "Front door");
		assert.equal((await site.ask("PUT", "/api/plan", { body: PLAN })).status, 204);
	});
	after(() => door.close());

	const add = (name: string, accessPlans = ["staff"]): Promise<string> =>
		addPerson(site, name, { accessPlans });
	const linkFor = async (name: string, ...plans: string[]): Promise<string> =>
		(await invite(site, await add(name, plans.length > 0 ? plans : undefined))).link;
	const isActive = (page: Page): Promise<void> => page.getByText("Active on 1 of 1 doors").waitFor();
	/** What the door says. */
	const opened = async (page: Page): Promise<string> => {
		await page.getByRole("button", { name: /^Open (a door|the same door again)$/ }).click();
		const said = page.locator(".said .notice");
		await said.waitFor();
		return (await said.textContent())!;
	};

	it("shows who invites, accepts, is active, opens the door over Bluetooth, on line and off line", () =>
		site.page(
			async (page) => {
				const bluetooth = await door.reach(page);
				await page.goto(await linkFor("Ada Lovelace", "pupils"));
				await page.getByRole("heading", { name: "ACME invites you" }).waitFor();
				for (const text of ["Ada Lovelace", "Front door", "every door: Mon–Fri 07:00 to 17:30"])
					await page.getByText(text, { exact: true }).waitFor();
				await axeEverywhere(page);
				await accept(page, await linkFor("Ben"));
				assert.equal(new URL(page.url()).pathname, "/phone/");
				await isActive(page);
				await axeEverywhere(page);
				bluetooth.chooses = false;
				await page.getByRole("button", { name: "Open a door" }).click();
				bluetooth.chooses = true;
				const { released } = door.reader;
				assert.equal(await opened(page), "Front door: The door is open.");
				assert.isAbove(door.reader.released, released);

				await offLine(page);
				await page.reload();
				await page.getByText("No connection to the site.").waitFor();
				assert.equal(await opened(page), "Front door: The door is open.");
				await page.goto("/phone/help");
				await page.getByRole("heading", { level: 1, name: "Lost or new phone" }).waitFor();
			},
			{ ...PHONE, strict: false },
		));

	it("tells that its person is paused; why the door stays shut; and that a key has ended, which is then removed", () =>
		site.page(async (page) => {
			await door.reach(page);
			const cyd = await add("Cyd");
			await accept(page, (await invite(site, cyd)).link);
			await isActive(page);
			assert.equal((await site.ask("POST", `/api/users/${cyd}/pause`)).status, 200);
			// The page is asked for again once it is looked at; until then the door says it.
			let said = "";
			while (!said.includes("access")) said = await opened(page);
			assert.equal(said, "Front door: Your access is paused. Ask your site.");
			await page.getByText("Your site has paused your access.").waitFor();
			assert.isFalse(await page.getByRole("button", { name: /^Open/ }).isVisible());
			await axeEverywhere(page);

			const { credentials } = (await site.ask("GET", `/api/users/${cyd}`)).body;
			await site.ask("DELETE", `/api/users/${cyd}/credentials/${credentials[0].id}`);
			await page.reload();
			await page.getByText("Your site has ended this key").waitFor();
			await axeEverywhere(page);
			await tabTo(page, "Remove ACME");
			await page.keyboard.press("Enter");
			await page.getByRole("dialog").waitFor();
			await page.keyboard.press("Escape");
			await hasFocus(page, "Remove ACME");
			await page.keyboard.press("Enter");
			await page.getByRole("dialog").getByRole("button", { name: "Remove" }).click();
			await page.getByRole("heading", { name: "There is no key on this phone" }).waitFor();
			await page.reload();
			await page.getByRole("heading", { name: "There is no key on this phone" }).waitFor();
		}, PHONE));

	it("tells at the next tap that the site has withdrawn the key", () =>
		site.page(async (page) => {
			await door.reach(page);
			const dan = await add("Dan");
			await accept(page, (await invite(site, dan)).link);
			await isActive(page);
			assert.equal(await opened(page), "Front door: The door is open.");
			const { credentials } = (await site.ask("GET", `/api/users/${dan}`)).body;
			await site.ask("DELETE", `/api/users/${dan}/credentials/${credentials[0].id}`);
			let said = "";
			while (!said.includes("key")) said = await opened(page);
			assert.equal(
				said,
				"Front door: Your site has withdrawn this key. If you need one, ask for a new link.",
			);
			await page.getByText("Your site has ended this key").waitFor();
		}, PHONE));
});
