// SPDX-License-Identifier: Apache-2.0

/** What a phone's holder hands on: a pass to a visitor, the key to a new phone; and what comes by mail where the phone is lost. */
import { assert } from "chai";
import type { Page } from "playwright-core";
import { STEP_S } from "../../protocol/qr/code.js";
import { axeEverywhere } from "../support/browser.js";
import { MailServer } from "../support/mail-server.js";
import { PhoneDoor } from "../support/phone-door.js";
import { accept, addPerson, invite, PHONE, SiteTime, scan } from "../support/phone-person.js";
import { useBrowserSite } from "../support/site-browser.js";

describe("what a phone's holder hands on", () => {
	const time = new SiteTime();
	const site = useBrowserSite({ now: time.now });
	let door: PhoneDoor;

	before(async () => {
		door = await PhoneDoor.open(site, "FRONT", "Front door");
		door.runsForLong();
		const plan = { site: "ACME", timeZone: "UTC0", accessPlans: { staff: [{ schedule: "always" }] } };
		const { status } = await site.ask("PUT", "/api/plan", {
			body: { ...plan, doors: { FRONT: {}, GYM: {} }, users: [] },
		});
		assert.equal(status, 204);
	});
	after(() => door.close());

	/** The link that a page hands over: as its picture says it, and as its text does. */
	const handedOver = async (page: Page): Promise<string> => {
		const { text } = await scan(page, /^The link as a code/);
		assert.equal(await page.getByLabel("Link", { exact: true }).inputValue(), text);
		return text;
	};

	it("is a pass: made within what its holder may, scanned by a visitor, good at the scanner for once, withdrawn", async () => {
		const ada = await addPerson(site, "Ada");
		const lend = { doors: ["FRONT"], days: 2, count: 3 };
		assert.equal((await site.ask("PUT", `/api/users/${ada}/lend`, { body: lend })).status, 204);
		await site.page(async (holder) => {
			await accept(holder, (await invite(site, ada)).link);
			await holder.getByRole("link", { name: "Lend a pass" }).click();
			await holder.getByRole("heading", { name: "Passes of ACME" }).waitFor();
			// One door: it is chosen already. What has no count is more than Ada may.
			assert.isTrue(await holder.getByLabel("Front door").isChecked());
			assert.equal(await holder.getByLabel("How often it opens").inputValue(), "1");
			await holder.getByLabel("Name of the visitor").fill(`Vera <b>"Visit"</b>`);
			await axeEverywhere(holder);
			await holder.getByRole("button", { name: "Make the pass" }).click();
			await holder.getByRole("heading", { name: `The pass for Vera <b>"Visit"</b>` }).waitFor();
			await axeEverywhere(holder);
			const link = await handedOver(holder);

			await site.page(async (visitor) => {
				await door.reach(visitor);
				await visitor.clock.install({ time: Date.now() });
				await accept(visitor, link);
				await visitor.getByText(`Vera <b>"Visit"</b> · Visitor's pass`).waitFor();
				await visitor.getByText("Active on 1 of 1 doors").waitFor();
				assert.equal(await visitor.getByRole("button", { name: /^Open/ }).count(), 0, "for scanners alone");
				await axeEverywhere(visitor);
				await visitor.getByText("Doors and times").click();
				await visitor.getByText(/opens once$/).waitFor();
				await visitor.getByRole("link", { name: "Show the code" }).click();
				const first = await scan(visitor, /Code for a scanner/);
				assert.isAtMost(first.version, 10);
				assert.equal(await door.shown(first.text), "granted");
				// The next code, 15 s later: the pass is used up.
				await time.pass(visitor, STEP_S);
				let second = first;
				while (second.text === first.text) second = await scan(visitor, /Code for a scanner/);
				door.reader.ahead += 10_000;
				assert.equal(await door.shown(second.text), "uses-spent");
			}, PHONE);

			await holder.reload();
			await holder.getByRole("button", { name: /^Withdraw/ }).click();
			await holder.getByRole("dialog").getByRole("button", { name: "Withdraw" }).click();
			await holder.getByText("The pass was withdrawn.").waitFor();
			await holder.getByText("withdrawn", { exact: true }).waitFor();
		}, PHONE);
	});

	it("says what is wrong with a pass before it is made, and what the site refuses", () =>
		site.page(async (page) => {
			const ben = await addPerson(site, "Ben");
			await site.ask("PUT", `/api/users/${ben}/lend`, { body: { days: 1 } });
			await accept(page, (await invite(site, ben)).link);
			await page.getByRole("link", { name: "Lend a pass" }).click();
			await page.getByLabel("Name of the visitor").fill("Vic");
			const make = (): Promise<void> => page.getByRole("button", { name: "Make the pass" }).click();
			const says = (words: string): Promise<void> => page.getByRole("alert").getByText(words).waitFor();
			await make();
			await says("Choose a door.");
			await page.getByLabel("Front door").check();
			await page.getByLabel("GYM").check();
			await page.getByLabel("How often it opens").fill("2");
			await make();
			await says("A pass with a number is for one door: choose one.");
			await page.getByLabel("How often it opens").fill("");
			const begins = await page.getByLabel("Begins").inputValue();
			const ends = await page.getByLabel("Ends").inputValue();
			await page.getByLabel("Ends").fill(begins);
			await make();
			await says("The end has to be after the beginning.");
			await page.getByLabel("Ends").fill(ends);
			await site.ask("PUT", `/api/users/${ben}/lend`, { body: null });
			await make();
			await says("Your site does not let you lend passes any more.");
		}, PHONE));

	it("is the key itself to a new phone, which ends it here", () =>
		site.page(async (before) => {
			await accept(before, (await invite(site, await addPerson(site, "Cyd"))).link);
			await before.getByRole("link", { name: "New phone ACME" }).click();
			await before.getByRole("button", { name: "Make the link for the new phone" }).click();
			await before.getByRole("heading", { name: "Open this link on the new phone" }).waitFor();
			await axeEverywhere(before);
			const link = await handedOver(before);
			await site.page(async (after) => {
				await after.goto(link);
				await after.getByText("This key takes the place of the one on your other phone").waitFor();
				await axeEverywhere(after);
				await accept(after, link);
			}, PHONE);
			await before.goto("/phone/");
			await before.getByText("Your site has ended this key").waitFor();
		}, PHONE));

	it("comes by mail where the phone is lost, and is not told to whom the site does not know", async () => {
		const mail = await MailServer.start();
		try {
			await site.ask("PUT", "/api/settings/mail", {
				body: { host: "127.0.0.1", port: mail.port, security: "none", from: "doors@example.org" },
			});
			const dan = await addPerson(site, "Dan", { email: "dan@example.org" });
			await site.page((page) => invite(site, dan).then(({ link }) => accept(page, link)), PHONE);
			await site.page(async (page) => {
				const sent: string[] = [];
				for (const address of ["nobody@example.org", "dan@example.org"]) {
					await page.goto("/phone/help");
					await page.getByLabel("Your e-mail address").fill(address);
					await page.getByRole("button", { name: "Send me a fresh link" }).click();
					const said = page.getByText("If the site knows this address");
					await said.waitFor();
					sent.push((await said.textContent())!);
				}
				assert.equal(sent[0], sent[1]);
				await axeEverywhere(page);
				const { text } = await mail.mailTo("dan@example.org");
				const link = /http:\/\/localhost:\d+\/i\/[\w-]{43}/.exec(text)![0];
				assert.lengthOf(mail.mails, 1);
				await accept(page, link);
			}, PHONE);
		} finally {
			await mail.close();
		}
	});
});
