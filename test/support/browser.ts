// SPDX-License-Identifier: Apache-2.0

/** The browser of specs: Debian's Chromium, driven by Playwright. A suite has one, each spec a context of its own in it. */
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { assert } from "chai";
import { type Browser, chromium, type Page } from "playwright-core";
import { needs } from "../sim/installed.js";

export type { Page } from "playwright-core";

const CHROMIUM = "/usr/bin/chromium";
const ARGUMENTS = [
	// Web Bluetooth is behind this switch on Linux.
	"--enable-features=WebBluetooth",
	"--disable-gpu",
	"--disable-dev-shm-usage",
];
/** Until a spec gives something up, ms: long, since a busy machine is no failure. */
const PATIENCE_MS = 240_000;

let browser: Browser | undefined;

/** Starts the browser for the specs of this suite, or skips them where there is none. */
export function useBrowser(): void {
	before(async function () {
		needs(this, { chromium: "chromium" });
		// CI runs as root, where Chromium's sandbox cannot; the pages are our own.
		browser = await chromium.launch({
			executablePath: CHROMIUM,
			args: ARGUMENTS,
			chromiumSandbox: false,
			// Its own parts, such as a date's fields, are in this language and order on any computer.
			env: { ...process.env, LANGUAGE: "en_US" },
		});
	});
	after(async () => {
		await browser?.close();
		browser = undefined;
	});
}

export interface PageOptions {
	/** Where addresses without a host lead. */
	readonly url?: string;
	readonly width?: number;
	readonly height?: number;
	readonly dark?: boolean;
	readonly language?: string;
	/** `false`: what a page says of errors is the spec's own matter. */
	readonly strict?: boolean;
}

/** A page of a browser that nobody has used yet. What goes wrong in it fails the spec. */
export async function withPage<T>(
	work: (page: Page) => Promise<T>,
	{ url, width = 1280, height = 800, dark = false, language = "en-GB", strict = true }: PageOptions = {},
): Promise<T> {
	const context = await browser!.newContext({
		...(url !== undefined && { baseURL: url }),
		viewport: { width, height },
		colorScheme: dark ? "dark" : "light",
		locale: language,
		// What is being faded in has not its colours yet.
		reducedMotion: "reduce",
		acceptDownloads: true,
	});
	try {
		context.setDefaultTimeout(PATIENCE_MS);
		const page = await context.newPage();
		const errors: string[] = [];
		page.on("pageerror", (error) => errors.push(String(error.stack ?? error)));
		page.on("console", (message) => {
			// The browser itself says of each refusal of the server that it was one.
			if (message.type() === "error" && !/^Failed to load resource: .*status of 4\d\d/.test(message.text()))
				errors.push(message.text());
		});
		const result = await work(page);
		if (strict) assert.deepEqual(errors, [], "errors in the page");
		return result;
	} finally {
		await context.close();
	}
}

/** A security key in the browser, which says yes to all (WebAuthn Level 3, section 11). Passkeys that are made are in it. */
export async function authenticator(page: Page): Promise<void> {
	const session = await page.context().newCDPSession(page);
	await session.send("WebAuthn.enable");
	await session.send("WebAuthn.addVirtualAuthenticator", {
		options: {
			protocol: "ctap2",
			transport: "internal",
			hasResidentKey: true,
			hasUserVerification: true,
			isUserVerified: true,
			automaticPresenceSimulation: true,
		},
	});
}

/** What has the focus, by its label or its text. */
export async function focused(page: Page): Promise<string> {
	const name = await page.evaluate(`(({ labels, ariaLabel, textContent }) =>
		labels?.[0]?.textContent ?? ariaLabel ?? textContent)(document.activeElement)`);
	return String(name).trim();
}

/** Frames that what takes the focus may take to do so, which a busy machine makes long. */
const FRAMES = 600;

/** Waits until what is so named has the focus. */
export async function hasFocus(page: Page, name: string): Promise<void> {
	for (let frame = 0; frame < FRAMES; frame++) {
		if ((await focused(page)) === name) return;
		await page.evaluate("new Promise(requestAnimationFrame)");
	}
	assert.equal(await focused(page), name);
}

/** Goes on by the Tab key, as one without a mouse, until what is so named has the focus. */
export async function tabTo(page: Page, name: string): Promise<void> {
	const passed: string[] = [];
	while (passed.length < 200) {
		await page.keyboard.press("Tab");
		passed.push(await focused(page));
		if (passed.at(-1) === name) return;
	}
	assert.fail(`no Tab leads to "${name}": ${passed.slice(0, 40).join(" · ")}`);
}

const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

/** What of axe's results a spec looks at. */
interface Violation {
	readonly id: string;
	readonly impact: string;
	readonly help: string;
	readonly nodes: readonly { readonly html: string; readonly failureSummary: string }[];
}

/** Fails where axe finds something serious or critical in the page as it is. */
export async function axe(page: Page): Promise<void> {
	// Not as a script of the page, which its policy would refuse.
	await page.evaluate(AXE);
	const violations = (await page.evaluate(
		"axe.run(document, { resultTypes: ['violations'] }).then(({ violations }) => violations)",
	)) as Violation[];
	const grave = violations.filter(({ impact }) => impact === "serious" || impact === "critical");
	assert.deepEqual(
		grave.map(({ help, id, nodes }) => ({
			id,
			help,
			nodes: nodes.map(({ html, failureSummary }) => [html, failureSummary]),
		})),
		[],
		`axe at ${page.url()}`,
	);
}

/** `axe` in light and dark, on a desk and on a phone, where nothing may stand out to the side. */
export async function axeEverywhere(page: Page): Promise<void> {
	const before = page.viewportSize()!;
	for (const width of [1280, 360]) {
		await page.setViewportSize({ width, height: 800 });
		const wide = await page.evaluate("document.documentElement.scrollWidth");
		assert.isAtMost(wide as number, width, `${page.url()} is wider than ${width} px`);
		for (const colorScheme of ["light", "dark"] as const) {
			await page.emulateMedia({ colorScheme });
			await axe(page);
		}
	}
	await page.emulateMedia({ colorScheme: "light" });
	await page.setViewportSize(before);
}

/** Keeps what a page shows as a picture of docs, where `npm run docs:pictures` asks for them. */
export async function picture(page: Page, name: string): Promise<void> {
	if (process.env.LINTEL_PICTURES === undefined) return;
	await page.bringToFront();
	await page.screenshot({ path: join(process.env.LINTEL_PICTURES, `${name}.png`) });
}
