// SPDX-License-Identifier: Apache-2.0

import { assert } from "chai";
import { MailServer } from "../../../support/mail-server.js";
import { SmsGateway } from "../../../support/sms-gateway.js";
import { type Answer, TestSite } from "../test-site.js";

describe("settings of messages", () => {
	let site: TestSite;
	const opened: { close(): Promise<void> }[] = [];

	beforeEach(async () => {
		site = new TestSite();
		await site.start();
	});
	afterEach(async () => {
		await site.end();
		for (const one of opened.splice(0)) await one.close();
	});

	const MAIL = { host: "127.0.0.1", port: 25, security: "none", from: "doors@acme.example" };
	const put = (name: string, body: object): Promise<Answer> =>
		site.ask("PUT", `/api/settings/${name}`, { body });
	const refused = async (answer: Promise<Answer>, status: number, reason: string): Promise<void> => {
		const { body, status: was } = await answer;
		assert.deepEqual([was, body.reason], [status, reason], JSON.stringify(body));
	};
	const test = async (name: string, to: string): Promise<Answer["body"]> =>
		(await site.ask("POST", `/api/settings/${name}/test`, { body: { to } })).body;
	const mailServer = async (...options: Parameters<typeof MailServer.start>): Promise<MailServer> => {
		const server = await MailServer.start(...options);
		opened.push(server);
		return server;
	};

	it("never show a password again, and send none that was given for another server or user", async () => {
		const answers: string[] = [];
		const mail = { ...MAIL, user: "acme" };
		answers.push((await put("mail", { ...mail, password: "open sesame" })).text);
		answers.push((await site.ask("GET", "/api/settings/mail")).text);
		assert.deepInclude((await site.ask("GET", "/api/settings/mail")).body, {
			user: "acme",
			hasPassword: true,
		});
		answers.push((await put("mail", { ...mail, from: "office@acme.example" })).text);
		assert.equal((await site.server.site.store.facts.get("mail"))?.password, "open sesame");
		await refused(put("mail", { ...mail, host: "localhost" }), 422, "no-password");
		await refused(put("mail", { ...mail, port: 26 }), 422, "no-password");
		await refused(put("mail", { ...mail, user: "other" }), 422, "no-password");

		const sms = { url: "https://sms.example/x", user: "AC1", from: "ACME" };
		await refused(put("sms", sms), 422, "no-password");
		answers.push((await put("sms", { ...sms, password: "open sesame" })).text);
		answers.push((await put("sms", { ...sms, from: "+15005550006" })).text);
		answers.push((await site.ask("GET", "/api/settings/sms")).text);
		await refused(put("sms", { ...sms, url: "https://evil.example/x" }), 422, "no-password");
		answers.push(JSON.stringify(await site.server.site.store.actions.after(0, 100)));
		answers.push(JSON.stringify(site.said));
		for (const text of answers) assert.notInclude(text, "sesame");
		assert.equal((await site.ask("DELETE", "/api/settings/mail")).status, 204);
		assert.isNull((await site.ask("GET", "/api/settings/mail")).body);
		await refused(put("mail", mail), 422, "no-password");
	});

	it("are refused where links would go in the clear, or from and to what is no address", async () => {
		await refused(put("mail", { ...MAIL, host: "mail.example" }), 422, "in-the-clear");
		await refused(put("mail", { ...MAIL, from: "doors" }), 422, "bad-address");
		await refused(put("mail", { ...MAIL, replyTo: "a@b, c@d" }), 422, "bad-address");
		await refused(put("mail", { ...MAIL, from: "a@b.example\r\nX: y" }), 400, "invalid");
		await refused(put("mail", { ...MAIL, host: "a/b" }), 400, "invalid");
		const sms = { user: "AC1", password: "x", from: "ACME" };
		await refused(put("sms", { ...sms, url: "http://sms.example/x" }), 422, "bad-gateway");
		await refused(put("sms", { ...sms, url: "https://sms.example/x", from: "A&B" }), 422, "bad-sender");
	});

	it("are tested by a button, which says what the server says", async () => {
		await refused(
			site.ask("POST", "/api/settings/mail/test", { body: { to: "a@b.example" } }),
			409,
			"no-mail",
		);
		const server = await mailServer();
		await put("mail", { ...MAIL, port: server.port });
		assert.deepEqual(await test("mail", "ada@example.org"), { sent: true, words: "250 OK: message queued" });
		assert.equal((await server.mailTo("ada@example.org")).subject, "ACME: e-mail works.");
		server.refuseTo = () => ({ code: 550, words: "nobody here" });
		assert.deepEqual(await test("mail", "ada@example.org"), { sent: false, words: "550 nobody here" });

		const auth = await mailServer({
			authOptional: false,
			onAuth: ({ password }, _, done) =>
				password === "right" ? done(null, { user: "acme" }) : done(new Error("wrong password")),
		});
		await put("mail", { ...MAIL, port: auth.port, user: "acme", password: "wrong" });
		const answer = await test("mail", "ada@example.org");
		assert.isFalse(answer.sent);
		assert.match(answer.words, /refuses user and password/);
		assert.notInclude(answer.words, Buffer.from("wrong").toString("base64"));
		await put("mail", { ...MAIL, port: auth.port, user: "acme", password: "right" });
		assert.isTrue((await test("mail", "ada@example.org")).sent);

		// A server that offers no TLS gets no mail where TLS is asked for; nor one whose certificate nobody vouches for.
		await put("mail", { ...MAIL, port: server.port, security: "starttls" });
		assert.isFalse((await test("mail", "ada@example.org")).sent);
		const selfSigned = await mailServer({ secure: true });
		await put("mail", { ...MAIL, port: selfSigned.port, security: "tls" });
		assert.isFalse((await test("mail", "ada@example.org")).sent);
		assert.lengthOf(selfSigned.mails, 0);
	});

	it("of SMS are tested likewise", async () => {
		await refused(site.ask("POST", "/api/settings/sms/test", { body: { to: "+1" } }), 409, "no-sms");
		const gateway = await SmsGateway.start();
		opened.push(gateway);
		await put("sms", { url: gateway.url, user: "AC1", password: "x", from: "ACME" });
		assert.deepEqual(await test("sms", "+43 660 1234567"), { sent: true, words: "queued (201)" });
		assert.deepInclude(gateway.messages[0], {
			to: "+436601234567",
			body: "ACME: SMS works.",
			callback: null,
		});
		gateway.refuse = { status: 500, body: "<html>" };
		assert.deepEqual(await test("sms", "+43 660 1234567"), { sent: false, words: "status 500" });
	});

	it("are written texts in two languages, with a preview, and may be put back", async () => {
		const TEXT = "/api/settings/texts/de/invitation";
		const { body } = await site.ask("GET", "/api/settings/texts");
		assert.deepEqual(body.texts, body.defaults);
		assert.sameMembers(Object.keys(body.texts), ["en", "de"]);
		const text = { subject: "{site}: Tür", mail: "{person}: {link}", sms: "{link} ✓ Guten Tag" };
		const preview = await site.ask("POST", `${TEXT}/preview`, { body: text });
		assert.deepInclude(preview.body, { subject: "ACME: Tür", smsParts: 2 });
		assert.match(preview.body.text, /^Ada Lovelace: http:\/\/localhost:\d+\/i\/x{43}$/);
		assert.deepEqual(
			(await site.ask("GET", "/api/settings/texts")).body.texts,
			body.defaults,
			"nothing was kept",
		);
		assert.equal((await site.ask("PUT", TEXT, { body: text })).status, 204);
		const after = (await site.ask("GET", "/api/settings/texts")).body;
		assert.deepEqual(after.texts.de.invitation, text);
		assert.deepEqual(after.texts.de.pass, body.defaults.de.pass);
		await refused(site.ask("PUT", TEXT, { body: { ...text, sms: "no" } }), 422, "bad-text");
		await refused(site.ask("PUT", TEXT, { body: { ...text, subject: "a\nb" } }), 400, "invalid");
		await refused(
			site.ask("PUT", TEXT, { body: { ...text, mail: `{link}${"x".repeat(5000)}` } }),
			400,
			"invalid",
		);
		await refused(site.ask("PUT", "/api/settings/texts/fr/invitation", { body: text }), 400, "invalid");
		assert.equal((await site.ask("DELETE", TEXT)).status, 204);
		assert.deepEqual((await site.ask("GET", "/api/settings/texts")).body.texts, body.defaults);
		assert.equal((await put("messages", { language: "de", perHour: 50 })).status, 204);
		assert.deepInclude((await site.ask("GET", "/api/settings/texts")).body, { language: "de", perHour: 50 });
	});

	it("go with a mail whose names hold no header and no markup of their own", async () => {
		const server = await mailServer();
		await put("mail", { ...MAIL, port: server.port });
		const text = { subject: "Key for {person}", mail: "Hello {person}\n\n{link}", sms: "{link}" };
		await site.ask("PUT", "/api/settings/texts/en/invitation", { body: text });
		const person = {
			...{ name: "<img src=x onerror=alert(1)>\r\nBcc: evil@example.org\r\n\r\nfree text", accessPlans: [] },
			email: "ada@example.org",
		};
		const { body } = await site.ask("POST", "/api/users", { body: person });
		await site.ask("POST", `/api/users/${body.id}/invitations`, { body: { by: "email" } });
		const mail = await server.mailTo("ada@example.org");
		assert.deepEqual(mail.to, ["ada@example.org"]);
		const head = mail.raw.slice(0, mail.raw.indexOf("\r\n\r\n"));
		assert.notMatch(head, /^bcc:/im);
		assert.equal(mail.subject, "Key for <img src=x onerror=alert(1)> Bcc: evil@example.org free text");
		assert.notInclude(mail.html, "<img");
		assert.include(mail.html, "&lt;img src=x onerror=alert(1)&gt; Bcc: evil@example.org free text");
	});
});
