// SPDX-License-Identifier: Apache-2.0

/** A site with users, and what specs of their pages look for. */
import { assert } from "chai";
import type { Page } from "./browser.js";
import { type BrowserSite, useBrowserSite } from "./site-browser.js";

/** Ben's credential. */
const BEN = "00112233445566aa";

/** Ben of the staff, Eve whose name is markup, and `pupils` more, who are let in at GYM alone. */
export function useUsers(pupils: number): BrowserSite {
	const site = useBrowserSite();
	before(async () => {
		const people = Array.from({ length: pupils }, (_, i) => ({
			name: `Person ${i}`,
			accessPlans: ["pupils"],
			credentials: [],
		}));
		const body = {
			site: "ACME",
			timeZone: "Europe/Vienna",
			accessPlans: { staff: [{ schedule: "always" }], pupils: [{ schedule: "always", doors: ["GYM"] }] },
			doors: { FRONT: {}, GYM: {} },
			users: [
				{ name: "Ben", accessPlans: ["staff"], credentials: [{ id: BEN }] },
				{ name: "<b>Eve</b>", accessPlans: [], credentials: [] },
				...people,
			],
		};
		const { status, text } = await site.ask("PUT", "/api/plan", { body });
		assert.equal(status, 204, text);
	});
	return site;
}

export const heading = (page: Page, name: string): Promise<void> =>
	page.getByRole("heading", { name, level: 1 }).waitFor();

export const notice = (page: Page, text: string): Promise<void> =>
	page.getByRole("status").getByText(text).waitFor();
