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

/** What scenes in a Worker of this page give for scripts, ms of each later: their digests in hexadecimal. */
export async function digestsInPage(page: Page, scripts: readonly string[], ms: number): Promise<string[]> {
	const messages = scripts.flatMap((script) => [
		{ kind: "start", script },
		{ kind: "run", ms },
		{ kind: "digest" },
	]);
	const digests = await page.evaluate(
		`new Promise((resolve, reject) => {
			const { worker } = document.querySelector("script[data-worker]").dataset;
			const scene = new Worker(new URL(worker, document.baseURI), { type: "module" });
			const digests = [];
			scene.onerror = ({ message }) => reject(new Error(message));
			scene.onmessage = ({ data: { digest, refused } }) => {
				if (refused) reject(new Error(refused));
				if (digest === undefined) return;
				digests.push(Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join(""));
				if (digests.length < ${scripts.length}) return;
				scene.terminate();
				resolve(digests);
			};
			for (const message of ${JSON.stringify([{ kind: "pace", pace: 0 }, ...messages])}) scene.postMessage(message);
		})`,
	);
	assert.isArray(digests);
	return digests as string[];
}
