// SPDX-License-Identifier: Apache-2.0

/** Links that invite, good ones and others, at the real server. */
import { assert } from "chai";
import { axeEverywhere } from "../support/browser.js";
import { accept, addPerson, invite, PHONE, SiteTime } from "../support/phone-person.js";
import { useBrowserSite } from "../support/site-browser.js";

const DAY = 86_400;
const PLAN = {
	site: "ACME",
	timeZone: "Europe/Vienna",
	schedules: { lessons: [{ days: ["mon-fri"], from: "07:00", to: "17:30" }] },
	accessPlans: { staff: [{ schedule: "always" }], pupils: [{ schedule: "lessons", doors: ["FRONT"] }] },
	doors: { FRONT: {} },
	users: [],
};
/** What a browser would run where a page took it for markup. */
const MARKUP = `<img src=x onerror="globalThis.ran=1"><script>globalThis.ran=1</script>"'&amp;`;

describe("a phone's page that is invited", () => {
	const time = new SiteTime();
	const site = useBrowserSite({ now: time.now });

	before(async () => {
		assert.equal((await site.ask("PUT", "/api/plan", { body: PLAN })).status, 204);
	});

	const add = (name: string, accessPlans = ["staff"]): Promise<string> =>
		addPerson(site, name, { accessPlans });
	const linkFor = async (name: string, ...plans: string[]): Promise<string> =>
		(await invite(site, await add(name, plans.length > 0 ? plans : undefined))).link;

	it("says nothing to the site but the public key, and stores a private key that nobody can read", () =>
		site.page(async (page) => {
			const bodies: string[] = [];
			page.on("request", (request) => {
				if (request.url().includes("/api/phone/accept")) bodies.push(request.postData()!);
			});
			await accept(page, await linkFor("Ben"));
			assert.sameMembers(Object.keys(JSON.parse(bodies[0]!)), ["token", "publicKey", "signature"]);
			const kept = (await page.evaluate(`new Promise((resolve) => {
				indexedDB.open("lintel-phone").onsuccess = ({ target: { result } }) => {
					result.transaction("credentials").objectStore("credentials").getAll().onsuccess = async ({ target }) => {
						const [one] = target.result;
						const exported = await Promise.all(["pkcs8", "jwk", "raw"].map((format) =>
							crypto.subtle.exportKey(format, one.privateKey).then(() => "exported", ({ name }) => name)));
						resolve({ extractable: one.privateKey.extractable, exported, text: JSON.stringify(one) });
					};
				};
			})`)) as { extractable: boolean; exported: string[]; text: string };
			assert.isFalse(kept.extractable);
			assert.notInclude(kept.exported, "exported");
			assert.notInclude(kept.text, JSON.parse(bodies[0]!).token, "the link's token is not kept");
		}, PHONE));

	it("asks its site in the background, where the browser wakes its worker", () =>
		site.page(
			async (page) => {
				const eve = await add("Eve");
				await accept(page, (await invite(site, eve)).link);
				const session = await page.context().newCDPSession(page);
				const registrations: { registrationId: string; scopeURL: string }[] = [];
				session.on("ServiceWorker.workerRegistrationUpdated", (told) =>
					registrations.push(...told.registrations),
				);
				await session.send("ServiceWorker.enable");
				await page.evaluate("navigator.serviceWorker.ready.then(() => undefined)");
				while (registrations.length === 0) await page.evaluate("0");
				// The page asks no more: only the worker is left.
				await page.goto("about:blank");
				assert.equal((await site.ask("POST", `/api/users/${eve}/pause`)).status, 200);
				const { registrationId } = registrations.find(({ scopeURL }) => scopeURL.endsWith("/phone/"))!;
				const asked = page.context().waitForEvent("response", {
					predicate: (response) => response.url().endsWith("/api/phone/state"),
				});
				await session.send("ServiceWorker.dispatchPeriodicSyncEvent", {
					origin: site.url,
					registrationId,
					tag: "lintel-renew",
				});
				assert.equal((await asked).status(), 200);
				await page.route("**/api/phone/state", (route) => route.abort());
				await page.goto("/phone/");
				await page.getByText("Your site has paused your access.").waitFor();
			},
			{ ...PHONE, strict: false },
		));

	it("takes an answer that was lost by the same link once more", () =>
		site.page(
			async (page) => {
				const link = await linkFor("Fay");
				let isLost = true;
				await page.route("**/api/phone/accept", async (route) => {
					if (!isLost) return route.continue();
					isLost = false;
					await route.fetch();
					await route.abort();
				});
				await page.goto(link);
				await page.getByRole("button", { name: "Accept the key" }).click();
				await page.getByRole("alert").getByText("The site does not answer.").waitFor();
				// The page was closed meanwhile; the site says that the link was used, and by this phone.
				await page.goto(link);
				await page.getByText("The key is on this phone.").waitFor();
				assert.lengthOf(await page.locator(".key").all(), 1);
				await page.goto(link);
				await page.waitForURL("**/phone/");
				assert.lengthOf(await page.locator(".key").all(), 1);
			},
			{ ...PHONE, strict: false },
		));

	it("says that the browser did not store the key, and accepts when it does", () =>
		site.page(async (page) => {
			await page.goto(await linkFor("Gus"));
			await page.getByRole("button", { name: "Accept the key" }).waitFor();
			await page.evaluate(`{
				const { put } = IDBObjectStore.prototype;
				globalThis.heal = () => { IDBObjectStore.prototype.put = put; };
				IDBObjectStore.prototype.put = function () {
					this.transaction.abort();
					throw new DOMException("full", "QuotaExceededError");
				};
			}`);
			await page.getByRole("button", { name: "Accept the key" }).click();
			await page.getByRole("alert").getByText("The browser did not store the key").waitFor();
			await page.evaluate("heal()");
			await page.getByRole("button", { name: "Accept the key" }).click();
			await page.getByText("The key is on this phone.").waitFor();
		}, PHONE));

	describe("by a link that is not good", () => {
		const says = (link: string, words: string): Promise<void> =>
			site.page(async (page) => {
				await page.goto(link);
				await page.getByRole("alert").getByText(words).waitFor();
				assert.isFalse(await page.getByRole("button", { name: "Accept the key" }).isVisible());
				await axeEverywhere(page);
			}, PHONE);

		it("says that another phone has used it", async () => {
			const link = await linkFor("Hal");
			await site.page((page) => accept(page, link), PHONE);
			await says(link, "This link was used already");
		});

		it("says that it is too old", async () => {
			const link = await linkFor("Ida");
			time.ahead = 8 * DAY;
			try {
				await says(link, "This link is too old.");
			} finally {
				time.ahead = 0;
			}
		});

		it("says that it was withdrawn", async () => {
			const { id, link } = await invite(site, await add("Jim"));
			assert.equal((await site.ask("DELETE", `/api/invitations/${id}`)).status, 204);
			await says(link, "This link was withdrawn.");
		});

		it("says that a newer one took its place, or that it is not whole", async () => {
			const { id, link } = await invite(site, await add("Kim"));
			assert.equal((await site.ask("POST", `/api/invitations/${id}/resend`)).status, 200);
			await says(link, "This link is not good");
		});

		it("says that the site does not answer, and tries again", () =>
			site.page(
				async (page) => {
					const link = await linkFor("Lea");
					await page.route("**/api/phone/invitations/*", (route) => route.abort());
					await page.goto(link);
					await page.getByRole("alert").getByText("The site does not answer.").waitFor();
					await page.unroute("**/api/phone/invitations/*");
					await page.getByRole("button", { name: "Try again" }).click();
					await page.getByRole("button", { name: "Accept the key" }).waitFor();
				},
				{ ...PHONE, strict: false },
			));

		it("takes no answer of what is no site", () =>
			site.page(async (page) => {
				const link = await linkFor("Max");
				await page.goto(link);
				await page.getByRole("button", { name: "Accept the key" }).waitFor();
				for (const spoil of [
					(body: string) => body.replace(/"invitation":\d+/, '"invitation":99'),
					(body: string) => body.replace(/"trust":"..../, '"trust":"ffff'),
					(body: string) => body.replace(/("credential":"[0-9a-f]{100,}?)[0-9a-f]{64}"/, '$1"'),
					() => "<html>captive portal</html>",
				]) {
					await page.route("**/api/phone/accept", async (route) => {
						const response = await route.fetch();
						await route.fulfill({ response, body: spoil(await response.text()) });
					});
					await page.getByRole("button", { name: "Accept the key" }).click();
					await page.getByRole("alert").getByText("What answered is no site of Lintel").waitFor();
					await page.unroute("**/api/phone/accept");
				}
				await page.getByRole("button", { name: "Accept the key" }).click();
				await page.getByText("The key is on this phone.").waitFor();
			}, PHONE));
	});

	it("shows names as they are: nothing in them is run", () =>
		site.page(async (page) => {
			const link = await linkFor(MARKUP);
			await site.server.site.store.facts.set("siteName", MARKUP);
			try {
				await page.goto(link);
				await page.getByRole("heading", { name: `${MARKUP} invites you` }).waitFor();
				await page.getByRole("button", { name: "Accept the key" }).click();
				await page.getByRole("heading", { level: 2, name: MARKUP }).waitFor();
				await page.getByRole("button", { name: /^Remove/ }).click();
				await page.getByRole("heading", { name: `Remove the key of ${MARKUP}?` }).waitFor();
				assert.isUndefined(await page.evaluate("globalThis.ran"));
				assert.equal(await page.locator("img, main script").count(), 0);
			} finally {
				await site.server.site.store.facts.set("siteName", "ACME");
			}
		}, PHONE));
});
