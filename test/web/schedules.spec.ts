// SPDX-License-Identifier: Apache-2.0

/** Schedules, holidays and access plans as a caretaker makes them, up to the door that goes by them. */
import { assert } from "chai";
import { axeEverywhere, hasFocus, type Page } from "../support/browser.js";
import { BEN, useDoorSite } from "../support/site-door.js";
import { until } from "../support/until.js";

describe("the pages of schedules and access plans", () => {
	const site = useDoorSite();

	const heading = (page: Page, name: string): Promise<void> =>
		page.getByRole("heading", { name, level: 1 }).waitFor();
	const notice = (page: Page, text: string): Promise<void> =>
		page.getByRole("status").getByText(text).waitFor();
	const schedule = async (name: string) => (await site.ask("GET", "/api/plan/schedules")).body[name];
	const block = (page: Page, name: string) =>
		page.locator(".week button").and(page.getByLabel(name, { exact: true }));

	/** Draws by the mouse on a day's column, from one hour to another. */
	async function drag(page: Page, day: number, from: number, to: number): Promise<void> {
		const track = page.locator(".week .track").nth(day);
		await track.scrollIntoViewIfNeeded();
		const { height, width, x, y } = (await track.boundingBox())!;
		const at = (hour: number): [number, number] => [x + width / 2, y + (hour / 24) * height];
		await page.mouse.move(...at(from));
		await page.mouse.down();
		await page.mouse.move(...at((from + to) / 2), { steps: 4 });
		await page.mouse.move(...at(to), { steps: 4 });
		await page.mouse.up();
	}

	it("makes one by dragging, changes it by its ends, by keys and by typing, and saves what was drawn", () =>
		site.signedIn(
			async (page) => {
				await page.goto("/schedules");
				await page.getByText("There are no schedules yet.").waitFor();
				await page.getByRole("link", { name: "Add schedule" }).click();
				await heading(page, "Add schedule");
				await page.getByLabel("Name").fill("Office");
				await drag(page, 0, 8, 12);
				await block(page, "Monday 08:00–12:00").waitFor();
				// The end of it is dragged on, and the block to another day.
				await drag(page, 0, 11.9, 17);
				await block(page, "Monday 08:00–17:00").waitFor();
				await page.getByRole("button", { name: "Same on all weekdays: Monday" }).click();
				await block(page, "Friday 08:00–17:00").waitFor();
				// Keys: a quarter of an hour later, a longer end, and away.
				await block(page, "Friday 08:00–17:00").focus();
				await page.keyboard.press("ArrowDown");
				await hasFocus(page, "Friday 08:15–17:15");
				await page.keyboard.press("Shift+ArrowUp");
				await hasFocus(page, "Friday 08:15–17:00");
				await page.keyboard.press("ArrowRight");
				await hasFocus(page, "Saturday 08:15–17:00");
				await page.keyboard.press("Delete");
				assert.equal(await page.getByLabel(/^Saturday 08/).count(), 0);
				// Typed: over midnight, and what is no time is not taken.
				await page.getByRole("button", { name: "Add time: Sunday" }).click();
				const from = page.getByLabel("Sunday, time 1: from");
				const to = page.getByLabel("Sunday, time 1: to");
				await from.fill("22:00");
				await to.fill("02:00");
				await from.press("Tab");
				await page.getByText("on the next day").first().waitFor();
				await page.getByText("Not saved yet").waitFor();
				await axeEverywhere(page);
				await page.getByRole("button", { name: "Save" }).click();
				await notice(page, "Office is saved.");
				assert.deepEqual(await schedule("Office"), [
					{ days: ["mon-thu"], from: "08:00", to: "17:00" },
					{ days: ["sun"], from: "22:00", to: "02:00" },
				]);
				await page.getByRole("link", { name: "Office" }).click();
				await page.getByLabel("Sunday, time 1: to").waitFor();
				assert.equal(await page.getByLabel("Sunday, time 1: to").inputValue(), "02:00");
			},
			{ height: 1400 },
		));

	it("shows of a chosen week its holidays, and the hour that the clock leaves out", () =>
		site.signedIn(async (page) => {
			await page.goto("/schedules");
			await page.getByRole("link", { name: "Add holidays" }).click();
			await page.getByLabel("Kind").fill("Easter");
			await page.getByRole("button", { name: "Add a day or days" }).click();
			await page.getByLabel("First day").fill("2027-03-27");
			await page.getByLabel("Number of days").fill("3");
			await axeEverywhere(page);
			await page.getByRole("button", { name: "Save" }).click();
			await notice(page, "Easter is saved.");
			assert.deepEqual((await site.ask("GET", "/api/plan/holidays")).body, {
				Easter: [{ date: "2027-03-27", days: 3 }],
			});
			await site.ask("PUT", "/api/plan/schedules/Night", {
				body: [{ days: ["daily"], holidays: ["Easter"], from: "01:00", to: "04:00" }],
			});
			await page.goto("/schedules/of/Night");
			await page.getByText("See a week").click();
			await page.getByLabel("Week of").fill("2027-03-25");
			const day = page.getByRole("row", { name: /28 March 2027/ });
			await day.getByText("01:00–02:00 and 03:00–04:00").waitFor();
			await day.getByText("open 2 h").waitFor();
			await day.getByText("holiday (Easter)").waitFor();
			await day.getByText("the clock goes from 02:00 to 03:00").waitFor();
			await page.getByRole("button", { name: "Week after" }).click();
			await page
				.getByRole("row", { name: /4 April 2027/ })
				.getByText("open 3 h")
				.waitFor();
			await axeEverywhere(page);
		}));

	it("puts it into an access plan of a door; who has that is let in there some seconds later", () =>
		site.signedIn(async (page) => {
			await site.ask("PUT", "/api/plan/schedules/Whole", {
				body: [{ days: ["daily"], from: "00:00", to: "24:00" }],
			});
			assert.equal(site.reader.tap(BEN), "wrong-door");
			await page.goto("/plans");
			await axeEverywhere(page);
			await page.getByRole("link", { name: "Add access plan" }).click();
			await page.getByLabel("Name", { exact: true }).fill("Cleaners");
			await page.getByLabel("All doors, new ones too").uncheck();
			await page.getByRole("button", { name: "Save" }).click();
			await page.getByText("Choose a door, or all.").waitFor();
			await page.getByLabel("Front door").check();
			await page.getByLabel("Schedule").selectOption("Whole");
			await page.getByLabel("Valid until", { exact: true }).fill("2099-12-31");
			await axeEverywhere(page);
			await page.getByRole("button", { name: "Save" }).click();
			await notice(page, "Cleaners is saved.");
			await page.getByText("Front door: Whole, Valid until 31 Dec 2099").waitFor();
			assert.deepEqual((await site.ask("GET", "/api/plan/accessPlans")).body.Cleaners, [
				{ doors: ["FRONT"], schedule: "Whole", until: "2099-12-31" },
			]);
			const { users } = (await site.ask("GET", "/api/users?search=ben")).body;
			await site.ask("PUT", `/api/users/${users[0].id}`, {
				body: { name: "Ben", accessPlans: ["Cleaners"] },
			});
			await until("the delta is at the door", () => site.reader.tap(BEN) === "granted");
			// What is used is not taken away.
			await page.getByRole("link", { name: "Cleaners", exact: true }).click();
			await page.getByRole("button", { name: "Remove", exact: true }).click();
			await page.getByRole("dialog").getByRole("button", { name: "Remove" }).click();
			await page.getByText("It is still used").waitFor();
			await page.getByRole("link", { name: "Users with Cleaners" }).click();
			await page.getByRole("link", { name: "Ben" }).waitFor();
		}));

	it("is read by a viewer, and changed by none", () =>
		site.signedIn(
			async (page) => {
				await page.goto("/schedules/of/Night");
				await heading(page, "Schedule Night");
				assert.equal(await page.getByRole("button", { name: "Add time: Monday" }).count(), 0);
				await page.goto("/plans");
				await page.getByRole("link", { name: "staff", exact: true }).waitFor();
				assert.equal(await page.getByRole("link", { name: "Add access plan" }).count(), 0);
			},
			{ role: "viewer" },
		));
});
