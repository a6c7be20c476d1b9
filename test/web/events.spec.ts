// SPDX-License-Identifier: Apache-2.0

/** Events and alarms as a caretaker follows, finds, exports and acknowledges them. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { assert } from "chai";
import { EVENTS } from "../../protocol/events.js";
import { Lintel } from "../cli/lintel.js";
import { axeEverywhere, type Page } from "../support/browser.js";
import { ADA, BEN, useDoorSite } from "../support/site-door.js";

describe("the pages of events and alarms", () => {
	const site = useDoorSite();
	let folder: string;

	before(() => {
		folder = mkdtempSync(join(tmpdir(), "lintel-events-"));
	});
	after(() => rmSync(folder, { recursive: true, force: true }));

	const row = (page: Page, text: string | RegExp) => page.getByRole("row").filter({ hasText: text });

	it("show what happens as it happens, with person, door, reason and what to do", () =>
		site.signedIn(async (page) => {
			await page.goto("/events");
			await page.getByText("New events come by themselves.").waitFor();
			site.reader.tap(ADA);
			await row(page, "Ada Obermeier was let in").getByText("Front door").waitFor();
			site.reader.tap(BEN);
			const refused = row(page, "Ben was refused: no access plan for this door").first();
			await refused.waitFor();
			await refused.getByText("What to do").click();
			await refused.getByText("Give the person an access plan with this door.").waitFor();
			await axeEverywhere(page);
			await refused.getByRole("link", { name: "Ben" }).click();
			await page.getByRole("heading", { name: "Ben", level: 1 }).waitFor();
			await page.getByRole("link", { name: "What this user did" }).click();
			await row(page, "Ben was refused").first().waitFor();
			assert.equal(await row(page, "Ada Obermeier").count(), 0);
		}));

	it("are searched by words, door, kind, reason and day; the address keeps it", () =>
		site.signedIn(async (page) => {
			await site.logged();
			await page.goto("/events");
			await row(page, "Ada Obermeier was let in").first().waitFor();
			await page.getByLabel("Search: names, doors, words").fill("obermeier");
			await row(page, "Ben was refused").first().waitFor({ state: "detached" });
			await row(page, "Ada Obermeier was let in").first().waitFor();
			await page.getByLabel("Search: names, doors, words").fill("ben obermeier");
			await page.getByText("Nothing is found.").waitFor();
			await page.reload();
			await page.getByText("Nothing is found.").waitFor();
			await page.getByLabel("Search: names, doors, words").fill("");
			await page.getByLabel("Reason").selectOption("All refusals");
			await row(page, "Ben was refused").first().waitFor();
			assert.equal(await row(page, "Ada Obermeier").count(), 0);
			await page.getByLabel("Reason").selectOption("lockdown");
			await page.getByText("Nothing is found.").waitFor();
			await page.getByLabel("Reason").selectOption("All reasons");
			await page.getByLabel("Kind").selectOption("The readers themselves");
			await row(page, "The reader is connected").first().waitFor();
			await page.getByLabel("From", { exact: true }).fill("2099-01-01");
			await page.getByText("Nothing is found.").waitFor();
		}));

	it("are exported with their proof, which the command line verifies, and as a table", () =>
		site.signedIn(async (page) => {
			await site.logged();
			await page.goto("/events");
			await page.getByText("Choose one door for an export with proof.").waitFor();
			await page.getByLabel("Door", { exact: true }).selectOption("Front door");
			const command = await page.locator("code").textContent();
			const [download] = await Promise.all([
				page.waitForEvent("download"),
				page.getByRole("link", { name: "Export with proof" }).click(),
			]);
			const file = join(folder, download.suggestedFilename());
			await download.saveAs(file);
			const args = command!.trim().split(" ").slice(1);
			const { code, err, out } = await new Lintel(args.map((arg) => (arg.endsWith(".jsonl") ? file : arg)))
				.ended;
			assert.equal(code, 0, err);
			assert.match(out, /^intact$/m);
			const [table] = await Promise.all([
				page.waitForEvent("download"),
				page.getByRole("link", { name: "Export as a table" }).click(),
			]);
			let text = "";
			for await (const part of await table.createReadStream()) text += part;
			assert.match(text, /FRONT,Front door,Ada Obermeier,decision,Ada Obermeier was let in,granted,/);
		}));

	it("tell of an alarm at once, in the door's words too, until somebody has seen it", () =>
		site.signedIn(async (page) => {
			await page.goto("/alarms");
			// This reader lacks the inputs that its configuration names.
			await row(page, "Fault of a wire or contact").getByRole("button").click();
			await page.getByText("Nothing is open.").waitFor();
			site.reader.device.events.record(EVENTS.forced, 0, 0);
			const alarm = row(page, "Door forced open");
			await alarm.getByText("Front door").waitFor();
			await axeEverywhere(page);
			await site.becomes("alarmed", ({ alarms }) => alarms.includes("forced"));
			await alarm.getByRole("button", { name: "I have seen it: Door forced open, Front door" }).click();
			await page.getByText("Nothing is open.").waitFor();
			await page.getByLabel("Show").selectOption("All");
			await row(page, /Door forced open.*Seen by /s).waitFor();
			await site.becomes("seen", ({ alarms }) => alarms.length === 0);
			await axeEverywhere(page);
		}));

	it("of a manager are those of the manager's doors", () =>
		site.signedIn(
			async (page) => {
				await page.goto("/events");
				await page.getByText("Nothing is found.").waitFor();
				await page.goto("/alarms?state=all");
				await page.getByText("There were none.").waitFor();
			},
			{ role: "manager", doors: ["BACK"] },
		));
});
