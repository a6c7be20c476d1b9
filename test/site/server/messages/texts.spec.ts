// SPDX-License-Identifier: Apache-2.0

import { assert } from "chai";
import { isMailAddress, oneLine } from "../../../../site/server/messages/mail.js";
import { inWords } from "../../../../site/server/messages/outcome.js";
import { callbackState, e164, isGateway, isSender } from "../../../../site/server/messages/sms.js";
import {
	DEFAULT_TEXTS,
	LANGUAGES,
	MAX_TEXT,
	moment,
	OCCASIONS,
	render,
	wrongIn,
} from "../../../../site/server/messages/texts.js";

const LINK = `https://doors.example/i/${"a".repeat(43)}`;
const VALUES = {
	...{ person: "Ada", site: "ACME", doors: "Front door", until: "6 May 2030", from: "1 May", to: "2 May" },
	link: LINK,
};

describe("texts of messages", () => {
	it("that every site has are good ones in each language, and leave no name unfilled", () => {
		for (const language of LANGUAGES)
			for (const occasion of OCCASIONS) {
				const text = DEFAULT_TEXTS[language][occasion];
				assert.isUndefined(wrongIn(text));
				assert.isBelow(text.sms.length, MAX_TEXT.sms);
				const { html, sms, subject, text: mail } = render(text, VALUES, language);
				for (const shown of [html, sms, subject, mail]) assert.notMatch(shown, /[{}]/);
				assert.include(mail, LINK);
				assert.include(sms, LINK);
			}
	});

	it("have people's names as text: no markup, no paragraph, no header, no name in braces of their own", () => {
		const person = `<script>alert(1)</script>\r\nBcc: all@example.org\n\n"{link}" & Co`;
		const { html, subject, text } = render(
			{ subject: "For {person}", mail: "Hello {person},\n\n{link}", sms: "{link}" },
			{ ...VALUES, person, doors: "<b>{link}</b>" },
			"en",
		);
		assert.equal(subject, 'For <script>alert(1)</script> Bcc: all@example.org "{link}" & Co');
		assert.lengthOf(text.split("\n"), 3);
		assert.notInclude(html, "<script");
		assert.include(
			html,
			"&lt;script&gt;alert(1)&lt;/script&gt; Bcc: all@example.org &quot;{link}&quot; &amp; Co",
		);
		assert.deepEqual(html.match(/<a /g)?.length, 1);
	});

	it("without a link, with a link in the subject, or with names that stand for nothing are refused with words", () => {
		const good = { subject: "s", mail: "{link}", sms: "{link}" };
		assert.match(wrongIn({ ...good, mail: "no link" })!, /without \{link\}/);
		assert.match(wrongIn({ ...good, sms: "no link" })!, /without \{link\}/);
		assert.match(wrongIn({ ...good, subject: "{link}" })!, /secret/);
		assert.match(
			wrongIn({ ...good, subject: "{name}" })!,
			/\{name\} stands for nothing: there are \{person\}/,
		);
	});

	it("say moments as their language does, in the site's time zone, where that has a name", () => {
		assert.equal(moment(1_900_000_000, "en", "Europe/Vienna"), "March 17, 2030 at 6:46 PM");
		assert.equal(moment(1_900_000_000, "de", "Europe/Vienna"), "17. März 2030 um 18:46");
		assert.equal(moment(1_900_000_000, "de", "CET-1CEST,M3.5.0,M10.5.0/3"), "17. März 2030 um 17:46 UTC");
	});
});

describe("addresses of messages", () => {
	it("are e-mail addresses of one line and one person", () => {
		for (const good of ["ada@example.org", "a.b+c@sub.example.org", "ädä@schule.example"])
			assert.isTrue(isMailAddress(good), good);
		for (const bad of [
			...["ada", "@example.org", "ada@", "a@b@c", "a b@example.org", "a@example.org,b@example.org"],
			...["a@example.org\nBcc: x", "<a@example.org>", "a@-x", "a@x-", `${"a".repeat(65)}@example.org`],
			`a@${"x".repeat(254)}`,
		])
			assert.isFalse(isMailAddress(bad), bad);
		assert.equal(oneLine("a\r\nBcc: b\u2028c"), "a Bcc: b c");
	});

	it("are telephone numbers with their country, as people write them", () => {
		for (const [text, number] of [
			["+43 660 1234567", "+436601234567"],
			["0043 (660) 123-45.67", "+436601234567"],
			["+1/500/555-0006", "+15005550006"],
		])
			assert.equal(e164(text!), number);
		for (const bad of [
			"0660 1234567",
			"+0660123456",
			"+43",
			"+43x",
			"",
			`+${"1".repeat(16)}`,
			"+43660\n1234567x",
		])
			assert.isUndefined(e164(bad), bad);
	});

	it("of gateways are by HTTPS, or on this computer, and have no password in them", () => {
		for (const good of ["https://api.example/x", "http://127.0.0.1:80/x", "http://localhost/x"])
			assert.isTrue(isGateway(good), good);
		for (const bad of [
			"http://api.example/x",
			"https://u:p@api.example",
			"ftp://localhost",
			"x",
			"file:///etc/passwd",
		])
			assert.isFalse(isGateway(bad), bad);
		for (const good of ["+15005550006", "ACME Doors"]) assert.isTrue(isSender(good), good);
		for (const bad of ["12345", "", "ACME Doors and more", "A&B", "+0"]) assert.isFalse(isSender(bad), bad);
	});
});

describe("what a transport says", () => {
	it("is shown short, in one line, and without a link that it repeats", () => {
		assert.equal(inWords(`550 spam: ${LINK}\r\n x`), "550 spam: https://doors.example/i/… x");
		assert.lengthOf(inWords("x".repeat(1000)), 300);
	});

	it("of an SMS is that it arrived, or why it did not; all else ends nothing", () => {
		const told = (form: Record<string, string>): unknown => callbackState(new URLSearchParams(form));
		assert.deepEqual(told({ MessageStatus: "delivered" }), { state: "delivered", reason: undefined });
		assert.deepEqual(told({ SmsStatus: "failed", ErrorCode: "30003", ErrorMessage: "unreachable" }), {
			state: "bounced",
			reason: "the gateway says failed: unreachable, error 30003",
		});
		for (const status of ["queued", "sending", "sent", "accepted", "nonsense", ""])
			assert.isUndefined(told({ MessageStatus: status }));
	});
});
