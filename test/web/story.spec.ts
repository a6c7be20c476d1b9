// SPDX-License-Identifier: Apache-2.0

/**
 * A site as it runs, all its parts together: the server, Mosquitto, a mail server, an SMS gateway, the firmware whole on its engine, the
 * owner's browser and the browsers of two phones.
 */
import { assert } from "chai";
import type { Page } from "playwright-core";
import { engineFor } from "../sim/installed.js";
import { picture, useBrowser } from "../support/browser.js";
import { FactoryDoor } from "../support/factory-door.js";
import { MailServer } from "../support/mail-server.js";
import { type Mosquitto, startMosquittoOf } from "../support/mosquitto.js";
import { PHONE, scan } from "../support/phone-person.js";
import { BrowserSite } from "../support/site-browser.js";
import { SmsGateway } from "../support/sms-gateway.js";
import { until } from "../support/until.js";

const PLAN = {
	site: "ACME",
	timeZone: "Europe/Vienna",
	schedules: {
		office: [
			{ days: ["mon-fri"], from: "08:00", to: "18:00" },
			{ days: ["sat"], from: "09:00", to: "12:00" },
		],
	},
	accessPlans: { staff: [{ schedule: "always" }], cleaning: [{ schedule: "office" }] },
	doors: { FRONT: {} },
	users: [],
};

describe("a site with all its parts", function () {
	this.timeout(600_000);
	useBrowser();
	const site = new BrowserSite();
	const now = (): number => Math.floor(Date.now() / 1000);
	let broker: Mosquitto | undefined;
	let mail: MailServer;
	let sms: SmsGateway;
	let door: FactoryDoor | undefined;

	before(async function () {
		const engine = engineFor(this);
		await site.start({ now });
		const { status, text } = await site.ask("PUT", "/api/plan", { body: PLAN });
		assert.equal(status, 204, text);
		broker = await startMosquittoOf(this, site.server.site.store);
		await site.server.close();
		await site.start({ now, broker: new URL(`mqtt://127.0.0.1:${broker.port}`) });
		mail = await MailServer.start();
		await site.ask("PUT", "/api/settings/mail", {
			body: { host: "127.0.0.1", port: mail.port, security: "none", from: "doors@acme.example" },
		});
		sms = await SmsGateway.start();
		await site.ask("PUT", "/api/settings/sms", {
			body: { url: sms.url, user: "AC1", password: "sesame", from: "+15005550006" },
		});
		door = new FactoryDoor(site, "FRONT", engine);
		await door.install();
	});
	after(async () => {
		door?.close();
		await site.end();
		await mail?.close();
		await sms?.close();
		await broker?.stop();
	});

	/** The owner's page of events, which shows what happens by itself. */
	const eventsOf = async (owner: Page): Promise<(person: string, words: string) => Promise<void>> => {
		const events = await owner.context().newPage();
		await events.goto("/events");
		await events.getByText("New events come by themselves.").waitFor();
		return (person, words) =>
			events.getByRole("row").filter({ hasText: person }).filter({ hasText: words }).waitFor();
	};

	/** Adds and invites a person in one form. */
	const addAndInvite = async (page: Page, name: string, way: string, label: string, to: string) => {
		await page.goto("/users");
		await page.getByRole("link", { name: "Add user" }).click();
		await page.getByLabel("Name").fill(name);
		await page.getByLabel("staff").check();
		await page.getByLabel("Invitation").selectOption({ label: way });
		await page.getByLabel(label).fill(to);
		await page.getByRole("button", { name: "Add and invite" }).click();
		await page.getByRole("heading", { level: 1, name }).waitFor();
	};

	/** Opens a link on a phone and accepts the key. */
	const accept = async (phone: Page, text: string): Promise<void> => {
		const [link] = new RegExp(`${site.url}/i/[\\w-]{43}`).exec(text) ?? [];
		await phone.goto(link!);
		await phone.getByRole("heading", { name: "ACME invites you" }).waitFor();
		await phone.getByRole("button", { name: "Accept the key" }).click();
		await phone.getByText("The key is on this phone.").waitFor();
		await phone.getByText("Active on 1 of 1 doors").waitFor();
	};

	/** What the door says to the phone at a tap. */
	const tap = async (phone: Page): Promise<string> => {
		door!.setClock();
		await phone.getByRole("button", { name: /^Open (a door|the same door again)$/ }).click();
		const said = phone.locator(".said .notice");
		await said.waitFor();
		return (await said.textContent())!;
	};

	it("invites by mail, accepts, opens by Bluetooth, revokes, and refuses the next tap", () =>
		site.signedIn((owner) =>
			site.page(async (phone) => {
				await door!.reach(phone);
				await addAndInvite(owner, "Ada Lovelace", "Invite by e-mail", "E-mail", "ada@example.com");
				const { text } = await mail.mailTo("ada@example.com");
				await accept(phone, text);
				await owner.getByText("Active on 1 of 1 door").waitFor();

				const shows = await eventsOf(owner);
				const releases = door!.countReleases();
				assert.equal(await tap(phone), "FRONT: The door is open.");
				await picture(phone, "phone-opened");
				assert.equal(releases(), 1);
				await shows("Ada Lovelace", "was let in");
				await picture(owner, "user");

				await owner.getByRole("button", { name: "Revoke" }).click();
				await owner.getByRole("dialog").getByRole("button", { name: "Revoke" }).click();
				await owner.getByText("Revoked on 1 of 1 door").waitFor();
				assert.include(await tap(phone), "Your site has withdrawn this key.");
				assert.equal(releases(), 1);
				await shows("Ada Lovelace", "the credential was revoked");
			}, PHONE),
		));

	it("invites by SMS, accepts, and opens by the code that the phone shows to the scanner", () =>
		site.signedIn((owner) =>
			site.page(async (phone) => {
				await addAndInvite(owner, "Ben Bowie", "Invite by SMS", "Phone number", "+43 660 1234567");
				await until("the SMS", () => sms.messages.length > 0);
				const [message] = sms.messages;
				assert.equal(message!.to, "+436601234567");
				assert.equal(await sms.tell(message!, "delivered"), 204);
				await owner.getByText("Delivered").waitFor();
				await accept(phone, message!.body);
				await owner.getByText("Active on 1 of 1 door").waitFor();

				const shows = await eventsOf(owner);
				const releases = door!.countReleases();
				await phone.getByRole("link", { name: "Show the code" }).click();
				const { text } = await scan(phone, /Code for a scanner of/);
				await picture(phone, "phone-code");
				await door!.shown(text, () => shows("Ben Bowie", "was let in"));
				assert.equal(releases(), 1);
				for (const [path, shown] of [
					["users", "Ada Lovelace"],
					["doors", "FRONT"],
					["events", "Ben Bowie"],
					["schedules/of/office", "Mon"],
				] as const) {
					await owner.goto(`/${path}`);
					await owner.getByRole("main").getByText(shown).first().waitFor();
					await picture(owner, path.split("/")[0]!);
				}
			}, PHONE),
		));
});
