// SPDX-License-Identifier: Apache-2.0

import { assert } from "chai";
import { MailServer } from "../../../support/mail-server.js";
import { type ReceivedSms, SmsGateway } from "../../../support/sms-gateway.js";
import { ENGINES } from "../store/engines.js";
import { TestPhone } from "../test-phone.js";
import { type Answer, DAY, TestSite } from "../test-site.js";

const PLAN = {
	...{ site: "ACME", timeZone: "Europe/Vienna", accessPlans: { all: [{ schedule: "always" }] } },
	...{ doors: { FRONT: {} }, users: [] },
};

for (const engine of ENGINES)
	describe(`invitations by message, on ${engine.name}`, () => {
		before(function () {
			this.timeout(60_000);
			return engine.start(this);
		});
		after(() => engine.stop());

		let site: TestSite;
		let mail: MailServer;
		let sms: SmsGateway;

		beforeEach(async () => {
			mail = await MailServer.start();
			sms = await SmsGateway.start();
			site = new TestSite();
			if (engine.name !== "SQLite") site.store = (await engine.make()).place;
			await site.start();
			await site.ask("PUT", "/api/plan", { body: PLAN });
		});
		afterEach(async () => {
			await site.end();
			await mail.close();
			await sms.close();
			assert.deepEqual(
				site.said.filter((line) => line !== "the broker is there: doors are served"),
				[],
			);
		});

		const mailBody = (more: object = {}): object => ({
			...{ host: "127.0.0.1", port: mail.port, security: "none", from: "doors@acme.example", ...more },
		});
		const smsBody = (more: object = {}): object => ({
			...{ url: sms.url, user: "AC1", password: "sesame", from: "+15005550006", ...more },
		});
		const set = async (
			name: "mail" | "sms",
			body = name === "mail" ? mailBody() : smsBody(),
		): Promise<void> => {
			const answer = await site.ask("PUT", `/api/settings/${name}`, { body });
			assert.equal(answer.status, 200, answer.text);
		};
		const add = async (name: string, more: object = {}): Promise<string> => {
			const body = {
				name,
				accessPlans: ["all"],
				email: "ada@example.org",
				phone: "+43 660 1234567",
				...more,
			};
			return (await site.ask("POST", "/api/users", { body })).body.id;
		};
		const invite = (user: string, by: string): Promise<Answer> =>
			site.ask("POST", `/api/users/${user}/invitations`, { body: { by } });
		const stateOf = async (id: string): Promise<Answer["body"]> =>
			(await site.ask("GET", `/api/invitations/${id}`)).body;
		const settled = (): Promise<void> => site.server.site.outbox.settled();
		const linkIn = (text: string): string => /https?:\/\/\S+\/i\/[\w-]{43}/.exec(text)![0];
		const refused = async (answer: Promise<Answer>, status: number, reason: string): Promise<void> => {
			const { body, status: was } = await answer;
			assert.deepEqual([was, body.reason], [status, reason], JSON.stringify(body));
		};

		it("go out by e-mail with a link that a phone accepts; a newer one ends it", async () => {
			await set("mail");
			const ada = await add("Ada");
			const { body } = await invite(ada, "email");
			assert.deepInclude(body, { state: "queued", link: null });
			const first = await mail.mailTo("ada@example.org");
			await settled();
			assert.deepInclude(await stateOf(body.id), { state: "sent", sent: site.now, reason: null });
			assert.equal(first.from, "doors@acme.example");
			assert.equal(first.subject, "Your key for ACME");
			assert.match(first.raw, /^Auto-Submitted: auto-generated\r$/im);
			assert.include(first.text, "FRONT");
			await site.ask("POST", `/api/invitations/${body.id}/resend`);
			const second = await mail.mailTo("ada@example.org", 1);
			await refused(new TestPhone(site).accept(linkIn(first.text)), 404, "unknown-link");
			assert.include(second.html, `<a href="${linkIn(second.text)}">`);
			assert.equal((await new TestPhone(site).accept(linkIn(second.text))).status, 200);
			assert.equal((await stateOf(body.id)).state, "accepted");
		});

		it("bounce with the mail server's reason, at the address or at the content", async () => {
			await set("mail");
			mail.refuseTo = (address) =>
				address.startsWith("gone") ? { code: 550, words: "no such user here" } : undefined;
			const gone = await invite(await add("Gone", { email: "gone@example.org" }), "email");
			await settled();
			assert.deepInclude(await stateOf(gone.body.id), { state: "bounced" });
			assert.match((await stateOf(gone.body.id)).reason, /no such user here/);
			mail.refuseData = { code: 554, words: "looks like spam" };
			const spam = await invite(await add("Spam"), "email");
			await settled();
			assert.match((await stateOf(spam.body.id)).reason, /looks like spam/);
			// Mended, and sent again.
			mail.refuseData = undefined;
			await site.ask("POST", `/api/invitations/${spam.body.id}/resend`);
			await mail.mailTo("ada@example.org");
			await settled();
			assert.equal((await stateOf(spam.body.id)).state, "sent");
		});

		it("are tried again after a failure that may pass, with the reason shown, and given up after a day", async () => {
			await set("mail");
			mail.refuseTo = () => ({ code: 451, words: "greylisted, come back" });
			const { body } = await invite(await add("Ada"), "email");
			await settled();
			assert.deepInclude(await stateOf(body.id), { state: "queued" });
			assert.match((await stateOf(body.id)).reason, /greylisted/);
			mail.refuseTo = undefined;
			const look = async (): Promise<void> => {
				site.server.site.outbox.look();
				await settled();
			};
			site.now += 59;
			await look();
			assert.lengthOf(mail.mails, 0);
			site.now += 1;
			await look();
			assert.lengthOf(mail.mails, 1);
			assert.deepInclude(await stateOf(body.id), { state: "sent", reason: null });
			mail.refuseTo = () => ({ code: 451, words: "greylisted, come back" });
			const other = await invite(await add("Ben"), "email");
			await settled();
			site.now += DAY;
			await look();
			assert.deepInclude(await stateOf(other.body.id), { state: "bounced" });
		});

		it("survive a restart of the server, and one that is withdrawn is not sent", async () => {
			const { port } = mail;
			await set("mail");
			await mail.close();
			const [ada, ben] = [await add("Ada"), await add("Ben", { email: "ben@example.org" })];
			const [first, second] = [await invite(ada, "email"), await invite(ben, "email")];
			await settled();
			assert.equal((await stateOf(first.body.id)).state, "queued");
			assert.match((await stateOf(first.body.id)).reason, /does not answer|failed/);
			await site.ask("DELETE", `/api/invitations/${second.body.id}`);
			await site.server.close();
			mail = await MailServer.start({}, port);
			site.now += 60;
			await site.start();
			const { text } = await mail.mailTo("ada@example.org");
			await settled();
			assert.lengthOf(mail.mails, 1);
			assert.equal((await new TestPhone(site).accept(linkIn(text))).status, 200);
		});

		it("go out by SMS; the gateway tells whether they arrived, at an address that nobody guesses", async () => {
			await set("sms");
			const ada = await add("Ada");
			const { body } = await invite(ada, "sms");
			await settled();
			const [message] = sms.messages as [ReceivedSms];
			assert.deepInclude(message, { to: "+436601234567", from: "+15005550006" });
			assert.equal(message.authorization, `Basic ${Buffer.from("AC1:sesame").toString("base64")}`);
			assert.equal((await stateOf(body.id)).state, "sent");
			assert.equal(await sms.tell(message, "queued"), 204);
			assert.equal((await stateOf(body.id)).state, "sent");
			assert.equal(await sms.tell(message, "delivered"), 204);
			assert.equal((await stateOf(body.id)).state, "delivered");
			const guessed = { ...message, callback: message.callback!.replace(/[\w-]{43}$/, "A".repeat(43)) };
			assert.equal(await sms.tell(guessed, "failed"), 404);
			const phone = new TestPhone(site);
			await phone.look(linkIn(message.body));
			assert.equal((await stateOf(body.id)).state, "opened");
			// Too late to say so.
			assert.equal(await sms.tell(message, "undelivered"), 204);
			assert.equal((await stateOf(body.id)).state, "opened");
			assert.equal((await phone.accept(linkIn(message.body))).status, 200);
			const again = await invite(ada, "sms");
			await settled();
			assert.equal(await sms.tell(sms.messages[1]!, "undelivered", { ErrorCode: "30003" }), 204);
			assert.deepInclude(await stateOf(again.body.id), {
				state: "bounced",
				reason: "the gateway says undelivered: error 30003",
			});
		});

		it("by SMS need a number with its country, and bounce where the gateway knows better", async () => {
			await set("sms");
			await refused(invite(await add("Ada", { phone: "0660 1234567" }), "sms"), 422, "bad-address");
			await refused(invite(await add("Ada", { phone: "+0660 1234567" }), "sms"), 422, "bad-address");
			sms.refuse = {
				status: 400,
				body: JSON.stringify({ code: 21211, message: "'To' is not a valid number" }),
			};
			const { body } = await invite(await add("Ada"), "sms");
			await settled();
			assert.deepInclude(await stateOf(body.id), {
				state: "bounced",
				reason: "'To' is not a valid number (400)",
			});
			sms.refuse = { status: 401, body: JSON.stringify({ message: "Authenticate" }) };
			const later = await invite(await add("Ada"), "sms");
			await settled();
			assert.deepInclude(await stateOf(later.body.id), { state: "queued", reason: "Authenticate (401)" });
		});

		it("need a mail server, a gateway, an address", async () => {
			const ada = await add("Ada");
			await refused(invite(ada, "email"), 409, "no-mail");
			await refused(invite(ada, "sms"), 409, "no-sms");
			await set("mail");
			await refused(invite(await add("Nix", { email: undefined }), "email"), 422, "no-address");
			for (const email of [
				"ada",
				"a@b@c",
				"ada@example.org\r\nBcc: all@example.org",
				"Ada <ada@example.org>",
			])
				await refused(invite(await add("Nix", { email }), "email"), 422, "bad-address");
		});

		it("replace a lost phone by a mail to the person's own address, and say nothing of who is known", async () => {
			await set("mail");
			const ada = await add("Ada");
			const before = new TestPhone(site);
			const { body } = await site.ask("POST", `/api/users/${ada}/invitations`, { body: { by: "link" } });
			await before.accept(body.link);
			await add("Ben", { email: "ben@example.org" });
			const lost = (email: string): Promise<Answer> =>
				site.ask("POST", "/api/phone/lost", { body: { email }, token: "" });
			const answers = [
				await lost(" ADA@example.org"),
				await lost("ben@example.org"),
				await lost("x@example.org"),
			];
			for (const { status, text } of answers) assert.deepEqual([status, text], [204, ""]);
			const { subject, text } = await mail.mailTo("ada@example.org");
			await settled();
			assert.lengthOf(mail.mails, 1, "Ben has no phone that could be lost");
			assert.equal(subject, "Your new key for ACME");
			assert.equal((await before.ask("/api/phone/state", { list: 2 })).status, 200, "until it is accepted");
			assert.equal((await new TestPhone(site).accept(linkIn(text))).status, 200);
			await refused(before.ask("/api/phone/state", { list: 2 }), 410, "revoked");
			for (let i = 0; i < 2; i++) await lost("x@example.org");
			await refused(lost("x@example.org"), 429, "too-many-tries");
			const settings = { name: "ACME", credentialDays: 30, codes: "everyone", lostByMail: false };
			await site.ask("PUT", "/api/settings/site", { body: settings });
			await refused(lost("ada@example.org"), 403, "not-by-mail");
		});

		it("go to many at once: what is refused for one is done for the others", async () => {
			await set("mail");
			const users = [
				await add("A", { email: "a@example.org" }),
				await add("B", { email: undefined }),
				await add("C", { email: "c@example.org" }),
			];
			const { body } = await site.ask("POST", "/api/invitations", { body: { users, by: "email" } });
			assert.equal(body.made, 2);
			assert.deepEqual(
				body.refused.map(({ reason, user }: Answer["body"]) => [user, reason]),
				[[users[1], "no-address"]],
			);
			await settled();
			assert.sameMembers(
				mail.mails.flatMap(({ to }) => to),
				["a@example.org", "c@example.org"],
			);
		});

		it("are bounded: six links in an hour for a person; more messages than the site sends in an hour wait", async () => {
			await set("mail");
			const ada = await add("Ada");
			const { body } = await site.ask("POST", `/api/users/${ada}/invitations`, { body: { by: "link" } });
			for (let i = 0; i < 5; i++)
				assert.equal((await site.ask("POST", `/api/invitations/${body.id}/resend`)).status, 200);
			await refused(site.ask("POST", `/api/invitations/${body.id}/resend`), 429, "too-many-for-person");
			site.now += 3600;
			assert.equal((await site.ask("POST", `/api/invitations/${body.id}/resend`)).status, 200);

			await site.ask("PUT", "/api/settings/messages", { body: { language: "en", perHour: 2 } });
			const users = await Promise.all([1, 2, 3].map((i) => add(`${i}`, { email: `${i}@example.org` })));
			await site.ask("POST", "/api/invitations", { body: { users, by: "email" } });
			await settled();
			assert.lengthOf(mail.mails, 2);
			site.now += 3601;
			site.server.site.outbox.look();
			await settled();
			assert.lengthOf(mail.mails, 3);
		});

		it("are in the audit, and neither their links nor passwords are in logs, feed or audit", async () => {
			await set("mail", mailBody({ user: "acme", password: "open sesame" }));
			const { body } = await invite(await add("Ada"), "email");
			await settled();
			await set("mail");
			await site.ask("POST", `/api/invitations/${body.id}/resend`);
			const { text } = await mail.mailTo("ada@example.org");
			await settled();
			const { store } = site.server.site;
			const kept = JSON.stringify([
				await store.actions.after(0, 1000),
				await store.feed.after(0, 1000),
				await store.invitations.find(body.id),
				site.said,
			]);
			const token = linkIn(text).split("/i/")[1]!;
			assert.notInclude(kept, token);
			assert.notInclude(kept, "sesame");
			const actions = (await store.actions.after(0, 1000)).map(({ what }) => what);
			assert.includeMembers(actions, ["put-mail", "invite", "resend-invitation"]);
		});
	});
