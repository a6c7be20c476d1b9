// SPDX-License-Identifier: Apache-2.0

import { assert } from "chai";
import { TestPhone } from "../test-phone.js";
import { type Answer, BEGAN, DAY, TestSite } from "../test-site.js";

describe("the site's settings", () => {
	let site: TestSite;
	afterEach(() => site.end());

	const SETTINGS = { name: "Acme School", credentialDays: 7, codes: "visitors", lostByMail: true };

	it("name the site for people and say how long credentials live and who gets codes", async () => {
		site = new TestSite();
		await site.start();
		const { body } = await site.ask("GET", "/api/settings/site");
		const { port } = new URL(site.server.url);
		assert.deepEqual(body, {
			...{ name: "ACME", credentialDays: 30, codes: "everyone", lostByMail: true },
			address: { pages: `http://localhost:${port}`, links: `http://localhost:${port}` },
			issues: { days: 30, until: BEGAN + 89 * DAY },
		});
		assert.equal((await site.ask("PUT", "/api/settings/site", { body: SETTINGS })).status, 204);
		assert.deepInclude((await site.ask("GET", "/api/settings/site")).body, SETTINGS);
		const add = async (): Promise<string> =>
			(await site.ask("POST", "/api/users", { body: { name: "Ada", accessPlans: [] } })).body.id;
		const accept = async (): Promise<Answer["body"]> => {
			const { body } = await site.ask("POST", `/api/users/${await add()}/invitations`, {
				body: { by: "link" },
			});
			return (await new TestPhone(site).accept(body.link)).body;
		};
		const told = await accept();
		assert.deepInclude(told, { siteName: "Acme School", expires: site.now + 7 * DAY });
		assert.notProperty(told, "code");
		await site.ask("PUT", "/api/settings/site", {
			body: { ...SETTINGS, codes: "everyone", credentialDays: 366 },
		});
		const more = await accept();
		assert.property(more, "code");
		assert.equal(more.expires, site.now - 600 + 30 * DAY, "the server's key may no more");
		for (const wrong of [{ name: "" }, { name: "a\nb" }, { credentialDays: 0 }, { codes: "nobody" }])
			assert.equal(
				(await site.ask("PUT", "/api/settings/site", { body: { ...SETTINGS, ...wrong } })).status,
				400,
			);
	});

	it("say that nobody can be invited, where the server's key may not issue, or phones do not find it by HTTPS", async () => {
		site = new TestSite(BEGAN, ["plan", "sync"]);
		await site.start();
		assert.isNull((await site.ask("GET", "/api/settings/site")).body.issues);
	});
});
