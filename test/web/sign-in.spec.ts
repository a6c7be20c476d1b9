// SPDX-License-Identifier: Apache-2.0

/** Signing up, in and out in the browser, by its own passkeys and by passwords; and confirming before what permits. */
import { assert } from "chai";
import { PASSWORD } from "../site/server/test-site.js";
import { authenticator, axeEverywhere, type Page } from "../support/browser.js";
import { useBrowserSite } from "../support/site-browser.js";

describe("signing in at the server's pages", () => {
	const site = useBrowserSite();
	const heading = (page: Page, name: string): Promise<void> =>
		page.getByRole("heading", { name, exact: true }).waitFor();
	const press = (page: Page, name: string): Promise<void> =>
		page.getByRole("button", { name, exact: true }).click();

	it("an owner signs up by the server's first link with a passkey, keeps codes, and comes in again by each", () =>
		site.page(async (page) => {
			const urls: string[] = [];
			page.on("request", (request) => urls.push(request.url()));
			await authenticator(page);
			await page.goto(site.server.startLink!);
			await heading(page, "Welcome: you are the owner");
			await axeEverywhere(page);
			await page.getByLabel("Your name").fill("Olga Owner");
			await page.getByLabel("Name or e-mail address to sign in with").fill("Olga@acme.example");
			await press(page, "Sign up with a passkey");
			await heading(page, "Your recovery codes");
			const codes = await page.getByRole("listitem").locator("code").allTextContents();
			assert.lengthOf(codes, 8);
			await axeEverywhere(page);
			await press(page, "I have them");
			await heading(page, "Where is the site?");
			assert.notInclude(page.url(), "#");
			const [, secret] = site.server.startLink!.split("#");
			for (const url of urls) assert.notInclude(url, secret!);

			await page.getByRole("link", { name: "Olga Owner" }).click();
			await heading(page, "Your account");
			await axeEverywhere(page);
			await press(page, "Sign out");
			await heading(page, "Sign in");
			await press(page, "Sign in with a passkey");
			await heading(page, "Your account");
			await press(page, "Sign out");
			await page.getByText("With a recovery code").click();
			const byCode = page.locator("details");
			await byCode.getByLabel("Name or e-mail address").fill("olga@acme.example");
			await byCode.getByLabel("Recovery code").fill(codes[3]!.toLowerCase());
			await byCode.getByRole("button", { name: "Sign in" }).click();
			await heading(page, "Your account");
			await page.getByText("7 codes are left.").waitFor();

			await page.goto(site.server.startLink!);
			await page.getByText("This link was used or has ended.").waitFor();
		}));

	it("an administrator joins by a link with a password, and is told of a wrong one and of nothing else", () =>
		site.page(
			async (page) => {
				const invited = await site.ask("POST", "/api/administrators", {
					body: { name: "Otto", role: "administrator" },
				});
				await page.goto(invited.body.link);
				await heading(page, "Willkommen");
				assert.equal(await page.getByLabel("Ihr Name").inputValue(), "Otto");
				await page.getByLabel("Name oder E-Mail-Adresse zum Anmelden").fill("otto");
				await page.getByLabel("Neues Passwort").fill(PASSWORD);
				await press(page, "Mit einem Passwort beginnen");
				await press(page, "Ich habe sie");
				await heading(page, "Übersicht");
				await page.getByRole("link", { name: "Otto" }).click();
				await press(page, "Abmelden");
				const form = page
					.getByRole("region")
					.or(page.locator("section"))
					.filter({ hasText: "Mit einem Passwort" });
				const enter = async (login: string, password: string): Promise<void> => {
					await form.getByLabel("Name oder E-Mail-Adresse").fill(login);
					await form.getByLabel("Passwort").fill(password);
					await form.getByRole("button", { name: "Anmelden" }).click();
				};
				for (const [login, password] of [
					["otto", "wrong and wrong"],
					["nobody", PASSWORD],
				] as const) {
					await enter(login, password);
					await form.getByText("Das stimmt so nicht.").waitFor();
				}
				await enter("OTTO", PASSWORD);
				await heading(page, "Ihr Konto");
			},
			{ language: "de-DE" },
		));

	it("what permits asks again who it is, once, and goes on; giving up does nothing", () =>
		site.signedIn(async (page) => {
			await page.goto("/account");
			await heading(page, "Your account");
			site.now += 301;
			await press(page, "Make new codes");
			const dialog = page.getByRole("dialog");
			await dialog.getByText("Is it still you?").waitFor();
			await axeEverywhere(page);
			await dialog.getByRole("button", { name: "Cancel" }).click();
			await page.getByText("Show again who you are, then it is done.").waitFor();
			await press(page, "Make new codes");
			await dialog.getByLabel("Password").fill("not the password");
			await dialog.getByRole("button", { name: "Confirm", exact: true }).click();
			await dialog.getByText("This is not your password.").waitFor();
			await dialog.getByLabel("Password").fill(PASSWORD);
			await dialog.getByRole("button", { name: "Confirm", exact: true }).click();
			await press(page, "I have them");
			await page.getByText("8 codes are left.").waitFor();
		}));

	it("a person adds a passkey and confirms by it, ends it and other sessions, and sets another password", () =>
		site.signedIn(async (page) => {
			await authenticator(page);
			await page.goto("/account");
			await press(page, "Add a passkey");
			await page.getByText("The passkey is there.").waitFor();
			site.now += 301;
			await press(page, "Make new codes");
			await press(page, "Confirm with a passkey");
			await press(page, "I have them");
			const { login } = (await page.evaluate("fetch('/api/me/sign-in').then((a) => a.json())")) as {
				login: string;
			};
			await site.ask("POST", "/api/sign-in", { cookie: "", body: { login, password: PASSWORD } });
			await page.reload();
			await press(page, "Sign out everywhere else");
			await page.getByText("Signed out there.").waitFor();
			await page.getByRole("button", { name: "Sign out everywhere else" }).waitFor({ state: "hidden" });
			await page.getByLabel("New password").fill(`${PASSWORD} 2`);
			await press(page, "Set the password");
			await page.getByText("The password is set.").waitFor();
			await page.getByRole("button", { name: /^Remove/ }).click();
			await page.getByRole("dialog").getByRole("button", { name: "Remove" }).click();
			await page.getByText("You have no passkey yet.").waitFor();
		}));

	it("a session that ended elsewhere leads to the sign-in", () =>
		site.signedIn(async (page) => {
			await page.goto("/account");
			await heading(page, "Your account");
			await page.context().clearCookies();
			await press(page, "Make new codes");
			await heading(page, "Sign in");
		}));

	it("says where passkeys are possible, at the computer's address", () =>
		site.page(async (page) => {
			await page.goto(site.server.pages.replace("localhost", "127.0.0.1"));
			const link = page.getByRole("link", { name: "Open the same page by its name" });
			assert.equal(await link.getAttribute("href"), `${site.server.pages}/`);
			await axeEverywhere(page);
		}));
});
