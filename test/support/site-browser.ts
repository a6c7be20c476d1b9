// SPDX-License-Identifier: Apache-2.0

/** A site's server in the process, and pages of it in the browser, with someone signed in. */
import type { PersonRole } from "../../site/server/api/roles.js";
import type { ServeOptions } from "../../site/server/serve.js";
import { TestSite } from "../site/server/test-site.js";
import { type Page, type PageOptions, useBrowser, withPage } from "./browser.js";

/** Who is signed in. */
interface Person {
	readonly role?: PersonRole;
	/** Of a manager. */
	readonly doors?: readonly string[];
}

const DAY = 86_400;

/** Its clock stands at the time of the browser's, until a spec moves it. */
export class BrowserSite extends TestSite {
	#people = 0;

	constructor() {
		super(Math.floor(Date.now() / 1000) - DAY);
	}

	get url(): string {
		return this.server.pages;
	}

	/** A page of the server, with nobody signed in. */
	page<T>(work: (page: Page) => Promise<T>, options: PageOptions = {}): Promise<T> {
		return withPage(work, { url: this.url, ...options });
	}

	/** A page of the server, with a person of this role signed in. */
	signedIn<T>(
		work: (page: Page) => Promise<T>,
		{ role = "owner", doors, ...options }: PageOptions & Person = {},
	): Promise<T> {
		return this.page(async (page) => {
			await this.signIn(page, role, doors);
			return work(page);
		}, options);
	}

	async signIn(page: Page, role: PersonRole, doors?: readonly string[]): Promise<void> {
		const [name, value] = (await this.person(role, doors, `${role}-${++this.#people}`)).split("=") as [
			string,
			string,
		];
		await page.context().addCookies([{ name, value, url: this.url, httpOnly: true, sameSite: "Strict" }]);
	}
}

/** A server and a browser for the specs of this suite. */
export function useBrowserSite(options: Partial<ServeOptions> = {}): BrowserSite {
	const site = new BrowserSite();
	useBrowser();
	before(() => site.start(options));
	after(() => site.end());
	return site;
}
