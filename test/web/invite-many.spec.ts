// SPDX-License-Identifier: Apache-2.0

/** Many users are invited at once, by mail; one whose mail is not taken is told of first thing, and gets another try. */
import { assert } from "chai";
import { axeEverywhere } from "../support/browser.js";
import { MailServer } from "../support/mail-server.js";
import { useBrowserSite } from "../support/site-browser.js";

describe("users who are invited together", () => {
	const site = useBrowserSite();
	let mail: MailServer;

	before(async () => {
		mail = await MailServer.start();
		await site.ask("PUT", "/api/settings/mail", {
			body: { host: "127.0.0.1", port: mail.port, security: "none", from: "doors@acme.example" },
		});
		await site.ask("PUT", "/api/plan", {
			body: {
				site: "ACME",
				timeZone: "UTC0",
				accessPlans: { pupils: [{ schedule: "always" }], staff: [{ schedule: "always" }] },
				doors: { GYM: {} },
				users: [],
			},
		});
		const people = [
			["Ada", "ada@example.com", "pupils"],
			["Ben", "ben@example.com", "pupils"],
			["Cleo", "", "pupils"],
			["Dora", "dora@example.com", "staff"],
		];
		const lines = people.map((cells) => cells.join());
		const csv = ["name,email,access_plans", ...lines].join("\n");
		const { body } = await site.ask("POST", "/api/users/import", { body: { csv, apply: true } });
		assert.equal(body.added, 4);
	});
	after(() => mail?.close());

	it("are those that are searched for; who has no address is named", () =>
		site.signedIn(async (page) => {
			mail.refuseTo = (address) =>
				address.startsWith("ben") ? { code: 550, words: "no such mailbox" } : undefined;
			await page.goto("/users");
			await page.getByText("4 users").waitFor();
			assert.equal(await page.getByRole("button", { name: "Invite these users" }).count(), 0);
			await page.getByLabel("Access plan").selectOption("pupils");
			await page.getByText("3 users").waitFor();
			await page.getByRole("button", { name: "Invite these users" }).click();
			const dialog = page.getByRole("dialog", { name: "Invite 3 users?" });
			await axeEverywhere(page);
			await dialog.getByRole("button", { name: "Invite" }).click();
			await page.getByRole("heading", { name: "2 users are invited." }).waitFor();
			await page.getByText("Cleo: This user has no address for that.").waitFor();
			await axeEverywhere(page);
			await page.getByRole("button", { name: "Done" }).click();
			const { text } = await mail.mailTo("ada@example.com");
			assert.match(text, new RegExp(`${site.url}/i/[\\w-]{43}`));
			assert.isEmpty(mail.mails.filter(({ to }) => to.includes("dora@example.com")));
		}));

	it("are told of where a mail is not taken, and get another", () =>
		site.signedIn(async (page) => {
			await page.goto("/");
			await page.getByRole("link", { name: "Look: 1 invitation was not delivered" }).click();
			const row = page.getByRole("row", { name: "Ben" });
			await row.getByText("no such mailbox").waitFor();
			mail.refuseTo = undefined;
			await row.getByRole("button", { name: "Send again" }).click();
			await page.getByRole("status").getByText("Ben has a new link").waitFor();
			await mail.mailTo("ben@example.com");
			await page.getByText("There are no invitations here.").waitFor();
			await page.goto("/");
			await page.getByText("Nothing needs attention.").waitFor();
		}));
});
