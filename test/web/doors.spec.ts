// SPDX-License-Identifier: Apache-2.0

/** Doors as a caretaker sees and works them: their state as it changes, unlocked, locked down, set. */
import { assert } from "chai";
import { axeEverywhere, type Page } from "../support/browser.js";
import { ADA, useDoorSite } from "../support/site-door.js";
import { until } from "../support/until.js";

describe("the pages of doors", () => {
	// The reader has no inputs: with any configured it would refuse each change of its settings.
	const site = useDoorSite({ door: { position: "none", requestToExit: "none" } });

	const notice = (page: Page, text: string | RegExp): Promise<void> =>
		page.getByRole("status").getByText(text).waitFor();
	/** Chooses what is to be done, and says yes. */
	async function command(page: Page, act: string): Promise<void> {
		await page.getByRole("button", { name: act, exact: true }).click();
		await page.getByRole("dialog").getByRole("button", { name: act, exact: true }).click();
	}

	it("list them with their state, which follows the door", () =>
		site.signedIn(async (page) => {
			await page.goto("/doors");
			const row = page.getByRole("row", { name: /Front door/ });
			await row.getByText("Has everything").waitFor();
			await row.getByText(/^Plan \d+, of /).waitFor();
			await row.getByText(/^Right, said /).waitFor();
			await axeEverywhere(page);
			site.reader.powerOff();
			await row.getByText(/^Unreachable since /).waitFor();
			site.reader.powerOn();
			await row.getByText("Has everything").waitFor();
			await row.getByText("Reader restarted unasked").waitFor();
		}));

	it("unlock one with confirmation, and do nothing without it", () =>
		site.signedIn(async (page) => {
			await page.goto("/doors/FRONT");
			await page.getByRole("heading", { name: "Front door", level: 1 }).waitFor();
			await axeEverywhere(page);
			const before = site.reader.released;
			await page.getByRole("button", { name: "Unlock", exact: true }).click();
			const dialog = page.getByRole("dialog", { name: "Unlock: Front door?" });
			await axeEverywhere(page);
			await dialog.getByRole("button", { name: "Cancel" }).click();
			assert.equal(site.reader.released, before);
			await page.getByLabel("Seconds", { exact: true }).fill("7");
			await command(page, "Unlock");
			await notice(page, "Unlock: done at Front door.");
			assert.isAbove(site.reader.released, before);
			await command(page, "Identify");
			await notice(page, "Identify: done at Front door.");
			await command(page, "Lock now");
			await notice(page, "Lock now: done at Front door.");
			await command(page, "As scheduled");
			await notice(page, "As scheduled: done at Front door.");
			await site.logged();
			await page.getByRole("link", { name: "Events of this door" }).click();
			await page.getByText("Some owner: open once (7 s)").waitFor();
		}));

	it("lock one down by command, and the whole site by notice; both are ended", () =>
		site.signedIn(async (page) => {
			await page.goto("/doors/FRONT");
			await command(page, "Lock down");
			await notice(page, "Lock down: done at Front door.");
			assert.equal(site.reader.tap(ADA), "lockdown");
			await command(page, "End lockdown here");
			await notice(page, "End lockdown here: done");
			assert.equal(site.reader.tap(ADA), "granted");

			await page.goto("/doors");
			await page.getByRole("button", { name: "Lock down all doors" }).click();
			const dialog = page.getByRole("dialog", { name: "Lock down all doors?" });
			await dialog.getByLabel("For how many hours").fill("2");
			await axeEverywhere(page);
			await dialog.getByRole("button", { name: "Lock down all doors" }).click();
			await page.getByText(/^Lockdown of the site until /).waitFor();
			await until("it is locked down", () => site.reader.tap(ADA) === "lockdown");
			await page
				.getByRole("row", { name: /Front door/ })
				.getByText(/^Lockdown until /)
				.waitFor();
			await page.getByRole("button", { name: "End the lockdown" }).click();
			await page.getByRole("dialog").getByRole("button", { name: "End the lockdown" }).click();
			await notice(page, "The lockdown is ended.");
			await until("it is ended", () => site.reader.tap(ADA) === "granted");
		}));

	it("set what a door does by itself, its name and its sounds", () =>
		site.signedIn(async (page) => {
			await page.goto("/doors/FRONT");
			await page.getByRole("button", { name: "Add a line" }).click();
			const line = page.getByRole("group", { name: "Line 1" });
			await line.getByLabel("Schedule").selectOption("Never");
			await line.getByLabel("Mode").selectOption("Unlocked: opens for everybody");
			await page.getByLabel("Time zone").fill("Europe/London");
			const modes = page.getByRole("region", { name: "What the door does by itself" });
			await modes.getByRole("button", { name: "Save" }).click();
			await notice(page, "Saved. The door has it in some seconds");
			assert.deepEqual((await site.ask("GET", "/api/plan/doors")).body.FRONT, {
				modes: [{ schedule: "never", mode: "unlocked" }],
				timeZone: "Europe/London",
			});
			await page.getByLabel("Time zone").fill("Nowhere");
			await modes.getByRole("button", { name: "Save" }).click();
			await page.getByRole("alert").getByText("Nowhere").waitFor();

			await page.getByLabel("Sounds").selectOption("Alarms alone");
			await page.getByRole("button", { name: "Send to the door" }).click();
			await notice(page, "Sent.");
			await page.getByText(/^(Waiting for the door|The door has taken it)$/).waitFor();
			await page.getByLabel("Name", { exact: true }).fill("Main entrance");
			await page
				.getByRole("region", { name: "Settings", exact: true })
				.getByRole("button", { name: "Save" })
				.click();
			await page.getByRole("heading", { name: "Main entrance", level: 1 }).waitFor();
			await page.getByLabel("Name", { exact: true }).fill("Front door");
			await page
				.getByRole("region", { name: "Settings", exact: true })
				.getByRole("button", { name: "Save" })
				.click();
			await page.getByRole("heading", { name: "Front door", level: 1 }).waitFor();
		}));

	it("speak German, and show a viewer no buttons", () =>
		site.signedIn(
			async (page) => {
				await page.goto("/doors");
				await page.getByText("Hat alles").waitFor();
				await page.goto("/doors/FRONT");
				await page.getByRole("heading", { name: "Front door", level: 1 }).waitFor();
				assert.equal(await page.getByRole("button", { name: "Öffnen" }).count(), 0);
			},
			{ role: "viewer", language: "de-AT" },
		));
});
