// SPDX-License-Identifier: Apache-2.0

/** The rotating code of the phone's page: read back from what it draws, and looked at as a door's scanner does. */
import { assert } from "chai";
import type { Page } from "playwright-core";
import { toHex } from "../../protocol/bytes.js";
import { EDDSA, verifySign1 } from "../../protocol/credential/cose.js";
import { verifyQr } from "../../protocol/credential/credential.js";
import { decodeBase45 } from "../../protocol/qr/base45.js";
import { CODE_AAD, decodeCode, STEP_S } from "../../protocol/qr/code.js";
import { axeEverywhere } from "../support/browser.js";
import { PhoneDoor } from "../support/phone-door.js";
import { accept, addPerson, invite, offLine, PHONE, SiteTime, scan } from "../support/phone-person.js";
import { useBrowserSite } from "../support/site-browser.js";

const DAY = 86_400;
const LABEL = /Code for a scanner of/;

describe("the phone's rotating code", () => {
	const time = new SiteTime();
	const site = useBrowserSite({ now: time.now });
	let door: PhoneDoor;

	before(async () => {
		door = await PhoneDoor.open(site, "FRONT", "Front door");
		door.runsForLong();
		const plan = { site: "ACME", timeZone: "UTC0", accessPlans: { staff: [{ schedule: "always" }] } };
		await site.ask("PUT", "/api/plan", { body: { ...plan, doors: { FRONT: {} }, users: [] } });
	});
	after(() => door.close());

	/** Accepts a link, and shows the code. */
	const showCode = async (page: Page, name: string): Promise<string> => {
		const user = await addPerson(site, name);
		await accept(page, (await invite(site, user)).link);
		await page.getByRole("link", { name: "Show the code" }).click();
		return (await site.ask("GET", `/api/users/${user}`)).body.credentials[0].id;
	};

	/** The step of a code that is good at FRONT, whose it is and until when. Throws where it is not good. */
	const opened = (text: string): { step: number; id: string; expires: number } => {
		const bytes = Uint8Array.from(text, (character) => character.charCodeAt(0));
		const code = decodeCode(bytes.slice(0, decodeBase45(bytes, bytes.length)));
		const { expires, id, key } = verifyQr(code.credential, site.keys.trust, "FRONT", site.crypto);
		verifySign1(code.sign1, { algorithm: EDDSA, publicKey: key.publicKey }, site.crypto, CODE_AAD);
		return { step: code.step, id: toHex(id), expires: expires! };
	};
	const stepNow = (): number => Math.floor(time.now() / STEP_S);

	it("is the credential's, signed by the phone's key for the step of now, in version 10 at most", () =>
		site.page(async (page) => {
			const credential = await showCode(page, "Ada");
			const { text, version } = await scan(page, LABEL);
			const { id, step } = opened(text);
			assert.equal(id, credential);
			assert.approximately(step, stepNow(), 1);
			assert.isAtMost(version, 10);
			await axeEverywhere(page);
			// As wide as a phone has it: modules of half a millimetre on 6 cm.
			const box = await page.getByRole("img", { name: LABEL }).boundingBox();
			assert.isAbove(box!.width, 300);
		}, PHONE));

	it("opens the door that its scanner is at, off line; a photograph of it does not", () =>
		site.page(
			async (page) => {
				await showCode(page, "Fay");
				await page.getByRole("link", { name: "Keys" }).first().click();
				await page.getByText("Active on 1 of 1 doors").waitFor();
				await offLine(page);
				await page.getByRole("link", { name: "Show the code" }).click();
				const { text } = await scan(page, LABEL);
				const { released } = door.reader;
				assert.equal(await door.shown(text), "granted");
				assert.isAbove(door.reader.released, released);
				// Another visit, by the reader's clock.
				door.reader.ahead += 10_000;
				assert.equal(await door.shown(text), "used-code");
			},
			{ ...PHONE, strict: false },
		));

	it("is a new one in each step of 15 seconds, off line too", () =>
		site.page(
			async (page) => {
				await page.clock.install({ time: Date.now() });
				await showCode(page, "Ben");
				const before = opened((await scan(page, LABEL)).text).step;
				await time.pass(page, STEP_S);
				const after = await laterThan(page, before);
				assert.equal(after, before + 1);
				await offLine(page);
				await page.reload();
				await time.pass(page, 5 * STEP_S);
				assert.isAtLeast(await laterThan(page, after), after + 4);
				await page.getByRole("link", { name: "Keys" }).first().click();
				await page.getByText("No connection to the site.").waitFor();
				time.ahead = 0;
			},
			{ ...PHONE, strict: false },
		));

	/** The step that is drawn, once it is a later one. */
	async function laterThan(page: Page, before: number): Promise<number> {
		for (;;) {
			const { step } = opened((await scan(page, LABEL)).text);
			if (step > before) return step;
		}
	}

	it("goes by the site's time where the phone's clock is wrong, and says so", () =>
		site.page(async (page) => {
			await page.clock.setSystemTime(Date.now() + 185_000);
			await showCode(page, "Cyd");
			await page.getByText("This phone's clock is 3 minutes ahead of the site's.").waitFor();
			const { step } = opened((await scan(page, LABEL)).text);
			assert.approximately(step, stepNow(), 1);
			// The person sets the clock; the page finds out by its next request.
			await page.clock.setSystemTime(Date.now() - 400_000);
			await page.goto("/phone/");
			await page.getByText(/Active on . of 1 doors/).waitFor();
			await page.waitForResponse((response) => response.url().endsWith("/api/phone/state") && response.ok());
			await page.getByRole("link", { name: "Show the code" }).click();
			await page.getByText("This phone's clock is 7 minutes behind the site's.").waitFor();
			assert.approximately(opened((await scan(page, LABEL)).text).step, stepNow(), 1);
		}, PHONE));

	it("is by a renewed credential once a third of the life of the one before is left", () =>
		site.page(async (page) => {
			const id = await showCode(page, "Gil");
			const before = opened((await scan(page, LABEL)).text);
			time.ahead = 21 * DAY;
			try {
				await page.clock.setSystemTime(Date.now() + 21 * DAY * 1000);
				await page.goto("/phone/");
				await page.waitForResponse((response) => response.url().endsWith("/api/phone/state"));
				await page.getByRole("link", { name: "Show the code" }).click();
				let after = before;
				while (after.expires === before.expires) after = opened((await scan(page, LABEL)).text);
				assert.equal(after.id, id);
				assert.approximately(after.expires - before.expires, 21 * DAY, 60);
			} finally {
				time.ahead = 0;
			}
		}, PHONE));

	it("keeps the screen on while it is shown", () =>
		site.page(async (page) => {
			await page.addInitScript(`{
				globalThis.locks = [];
				Object.defineProperty(navigator, "wakeLock", { value: { request: async (kind) => {
					locks.push(kind);
					return { release: async () => { locks.pop(); } };
				} } });
			}`);
			await showCode(page, "Dan");
			await scan(page, LABEL);
			assert.deepEqual(await page.evaluate("locks"), ["screen"]);
			await page.getByRole("link", { name: "Keys" }).first().click();
			await page.getByRole("heading", { name: "Your keys" }).waitFor();
			assert.deepEqual(await page.evaluate("locks"), []);
		}, PHONE));

	it("is all there is where the browser gives no Bluetooth", () =>
		site.page(async (page) => {
			await page.addInitScript(`Object.defineProperty(navigator, "bluetooth", { value: undefined })`);
			await showCode(page, "Eve");
			await page.getByRole("link", { name: "Keys" }).first().click();
			await page.getByText("This browser gives pages no Bluetooth: show the code").waitFor();
			assert.equal(await page.getByRole("button", { name: /^Open/ }).count(), 0);
		}, PHONE));
});
