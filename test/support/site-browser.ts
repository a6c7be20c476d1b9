// SPDX-License-Identifier: Apache-2.0

/** A site's server in the process, and pages of it in the browser, with someone signed in. */
import { TestSite } from "../site/server/test-site.js";
import { type Page, type PageOptions, useBrowser, withPage } from "./browser.js";

export type PersonRole = "viewer" | "manager" | "administrator" | "owner";

const DAY = 86_400;

/** Its clock stands at the time of the browser's, until a spec moves it. */
export class BrowserSite extends TestSite {
	constructor() {
		super(Math.floor(Date.now() / 1000) - DAY);
	}

	/** As a person types it: passkeys are for names alone. */
	get url(): string {
		return this.server.url.replace("127.0.0.1", "localhost");
	}

	/** A page of the server, with nobody signed in. */
	page<T>(work: (page: Page) => Promise<T>, options: PageOptions = {}): Promise<T> {
		return withPage(work, { url: this.url, ...options });
	}

	/** A page of the server, with a person of this role signed in. */
	signedIn<T>(
		work: (page: Page) => Promise<T>,
		{ role = "owner", ...options }: PageOptions & { readonly role?: PersonRole } = {},
	): Promise<T> {
		return this.page(async (page) => {
			await this.signIn(page, role);
			return work(page);
		}, options);
	}

	async signIn(page: Page, role: PersonRole): Promise<void> {
		const token =
			role === "owner" ? this.owner : await this.token(role === "manager" ? "administrator" : role);
		await page.setExtraHTTPHeaders({ authorization: `Bearer ${token}` });
		await page.route("**/api/me", (route) => route.fulfill({ json: { id: "1", name: "Ada Owner", role } }));
	}
}

/** A server and a browser for the specs of this suite. */
export function useBrowserSite(): BrowserSite {
	const site = new BrowserSite();
	useBrowser();
	before(() => site.start());
	after(() => site.end());
	return site;
}
