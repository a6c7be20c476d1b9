// SPDX-License-Identifier: Apache-2.0

/** The simulator's page in the browser of specs. */
import type { Server } from "node:http";
import { assert } from "chai";
import { servePage } from "../../sim/page-server.js";
import { type Page, type PageOptions, useBrowser, withPage } from "./browser.js";

let server: Server | undefined;
let address = "";

/** Serves the page for the specs of this suite, and starts their browser. */
export function usePage(): void {
	useBrowser();
	before(async () => {
		({ server, address } = await servePage(0));
	});
	after(() => server?.close());
}

/** The page with a scene, whose script is `script`: without one it is as on a first visit, where a phone comes by itself. */
export async function withScene<T>(
	script: string,
	work: (page: Page) => Promise<T>,
	options: PageOptions = {},
): Promise<T> {
	return withPage(
		async (page) => {
			await page.goto(script === "" ? address : `${address}#${script}`);
			await page.locator('[data-ready="true"]').waitFor();
			return work(page);
		},
		{ ...options, url: address },
	);
}

/** Waits until the list of what stands how has this value. */
export async function stands(page: Page, name: string, value: string): Promise<void> {
	const rows = page.locator(".standing > div");
	await rows.filter({ hasText: new RegExp(`^${name}${value}$`) }).waitFor();
}

/** Waits until the caption says this. */
export async function says(page: Page, text: RegExp): Promise<void> {
	await page.locator(".caption", { hasText: text }).waitFor();
}

/** Waits until this expression is true in the page. */
export async function until(page: Page, expression: string): Promise<void> {
	// Not by the page's own `eval`, which its policy would refuse.
	await page.evaluate(
		`new Promise((resolve) => {
			const look = () => (${expression} ? resolve() : requestAnimationFrame(look));
			look();
		})`,
	);
}

/** What a scene in a Worker of this page gives for a script, ms of it later: its digest in hexadecimal. */
export async function digestInPage(page: Page, script: string, ms: number): Promise<string> {
	const digest = await page.evaluate(
		`new Promise((resolve, reject) => {
			const { worker } = document.querySelector("script[data-worker]").dataset;
			const scene = new Worker(new URL(worker, document.baseURI), { type: "module" });
			scene.onerror = ({ message }) => reject(new Error(message));
			scene.onmessage = ({ data: { digest, refused } }) => {
				if (refused) reject(new Error(refused));
				if (digest === undefined) return;
				scene.terminate();
				resolve(Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join(""));
			};
			for (const message of ${JSON.stringify([
				{ kind: "pace", pace: 0 },
				{ kind: "start", script },
				{ kind: "run", ms },
				{ kind: "digest" },
			])}) scene.postMessage(message);
		})`,
	);
	assert.isString(digest);
	return digest as string;
}
