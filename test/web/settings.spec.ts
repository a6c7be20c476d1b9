// SPDX-License-Identifier: Apache-2.0

/** The site's settings as an administrator sets them: mail and SMS tried out, texts in two languages, what phones get. */
import { assert } from "chai";
import { axeEverywhere, type Page } from "../support/browser.js";
import { MailServer } from "../support/mail-server.js";
import { useBrowserSite } from "../support/site-browser.js";
import { SmsGateway } from "../support/sms-gateway.js";

describe("the page of settings", () => {
	const site = useBrowserSite();
	let mail: MailServer;
	let sms: SmsGateway;

	before(async () => {
		mail = await MailServer.start();
		sms = await SmsGateway.start();
	});
	after(async () => {
		await mail.close();
		await sms.close();
	});

	const part = (page: Page, name: string) => page.getByRole("region", { name });
	const said = (page: Page, text: string): Promise<void> =>
		page.getByRole("status").getByText(text).waitFor();
	const settings = async (name: string) => (await site.ask("GET", `/api/settings/${name}`)).body;

	it("takes a mail server, never shows its password again, and tries it out with the server's answer in words", () =>
		site.signedIn(async (page) => {
			await page.goto("/settings");
			const section = part(page, "E-mail");
			await section.getByLabel("Mail server", { exact: true }).fill("127.0.0.1");
			await section.getByLabel("Protection").selectOption("None, on this computer alone");
			assert.equal(await section.getByLabel("Port").inputValue(), "25");
			await section.getByLabel("Port").fill(String(mail.port));
			await section.getByLabel("Sender's address").fill("doors@acme.example");
			await section.getByRole("button", { name: "Save" }).click();
			await said(page, "Saved.");
			assert.deepInclude(await settings("mail"), { host: "127.0.0.1", port: mail.port, hasPassword: false });

			await section.getByLabel("Send a mail to").fill("ada@example.org");
			await section.getByRole("button", { name: "Send a test mail" }).click();
			await section.getByText("250 OK: message queued").waitFor();
			await mail.mailTo("ada@example.org");
			mail.refuseTo = () => ({ code: 550, words: "no such user here" });
			await section.getByRole("button", { name: "Send a test mail" }).click();
			await section.getByText("550 no such user here").waitFor();
			mail.refuseTo = undefined;

			await section.getByLabel("User name").fill("acme");
			await section.getByLabel("Password").fill("open sesame");
			await section.getByRole("button", { name: "Save" }).click();
			await section.getByText("One is stored. Leave this empty to keep it.").waitFor();
			assert.equal(await section.getByLabel("Password").inputValue(), "");
			assert.notInclude(await page.content(), "sesame");
			// To another server it is not sent.
			await section.getByLabel("Mail server", { exact: true }).fill("localhost");
			await section.getByRole("button", { name: "Save" }).click();
			await section.getByText("Give the password: server or user are others than before.").waitFor();
			await section.getByRole("button", { name: "Forget it: E-mail" }).click();
			const dialog = page.getByRole("dialog", { name: "Forget the mail server?" });
			await dialog.getByRole("button", { name: "Forget it" }).click();
			await said(page, "It is forgotten.");
			assert.isNull(await settings("mail"));
		}));

	it("takes an SMS gateway, and tries it out", () =>
		site.signedIn(async (page) => {
			await page.goto("/settings");
			const section = part(page, "SMS");
			await section.getByLabel("Address of the gateway").fill(sms.url);
			await section.getByLabel("Account").fill("AC1");
			await section.getByLabel("Password or token").fill("open sesame");
			await section.getByLabel("Sender").fill("ACME");
			await section.getByRole("button", { name: "Save" }).click();
			await section.getByLabel("Send an SMS to").fill("0660 1234567");
			await section.getByRole("button", { name: "Send a test SMS" }).click();
			await section.getByText("this is no number with its country").waitFor();
			await section.getByLabel("Send an SMS to").fill("+43 660 1234567");
			await section.getByRole("button", { name: "Send a test SMS" }).click();
			await section.getByText("queued (201)").waitFor();
			assert.equal(sms.messages[0]?.to, "+436601234567");
		}));

	it("has a text written in German, shown as it will look, stored, and put back", () =>
		site.signedIn(async (page) => {
			await page.goto("/settings");
			const section = part(page, "Messages");
			await section.getByLabel("Language of the text").selectOption("Deutsch");
			await section.getByLabel("Message", { exact: true }).selectOption("Visitor's pass");
			assert.equal(await section.getByLabel("Subject of the mail").inputValue(), "Ihr Besuch bei {site}");
			await section.getByLabel("Subject of the mail").fill("Besuch <b>{person}</b>");
			await section.getByLabel("SMS", { exact: true }).fill("ohne");
			await section.getByRole("button", { name: "Show how it looks" }).click();
			await section.getByText("without {link} nobody can accept").waitFor();
			await section.getByLabel("SMS", { exact: true }).fill("{link}");
			await section.getByRole("button", { name: "Show how it looks" }).click();
			await section.getByText("Besuch <b>Ada Lovelace</b>").waitFor();
			await section.getByRole("button", { name: "Save" }).last().click();
			await section.getByRole("button", { name: "Back to the standard text" }).waitFor();
			const { texts } = await settings("texts");
			assert.equal(texts.de.pass.subject, "Besuch <b>{person}</b>");
			await section.getByRole("button", { name: "Back to the standard text" }).click();
			await section.getByRole("button", { name: "Back to the standard text" }).waitFor({ state: "hidden" });
			assert.equal((await settings("texts")).texts.de.pass.subject, "Ihr Besuch bei {site}");
		}));

	it("says what phones get and whether somebody can be invited", () =>
		site.signedIn(async (page) => {
			await page.goto("/settings");
			const section = part(page, "The site");
			await section.getByText("Links work in this computer's own browser alone.").waitFor();
			await section.getByText("allows 30 days at most").waitFor();
			await section.getByLabel("Name of the site").fill("Acme School");
			await section.getByLabel("Days for which a phone's key is good").fill("7");
			await section.getByLabel("Codes for scanners").selectOption("Visitors' phones alone show codes");
			await section.getByLabel("People may have a link").uncheck();
			await section.getByRole("button", { name: "Save" }).click();
			await said(page, "Saved.");
			assert.deepInclude(await settings("site"), {
				...{ name: "Acme School", credentialDays: 7, codes: "visitors", lostByMail: false },
			});
		}));

	it("is an administrator's, and has no faults that axe finds, light and dark, on a phone's width", async () => {
		await site.signedIn(
			async (page) => {
				await page.goto("/settings");
				await page.getByText("This page is not for your role").first().waitFor();
			},
			{ role: "viewer" },
		);
		await site.signedIn(async (page) => {
			await page.goto("/settings");
			await part(page, "Messages").getByLabel("Subject of the mail").waitFor();
			await axeEverywhere(page);
		});
	});
});
