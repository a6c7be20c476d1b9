// SPDX-License-Identifier: Apache-2.0

/**
 * `npm run bench:page [-- --loads N]`: how soon the simulator's page is there, and what a tap takes in it at ×1, in Debian's Chromium on
 * this computer. Medians over fresh browsers' contexts; a computer that is busy measures itself.
 */
import { type Browser, chromium } from "playwright-core";
import { servePage } from "../sim/page-server.js";
import { commandLine } from "../tools/command-line.js";

const USAGE = "npm run bench:page -- [--loads N]";
/** A frame that took longer than this was followed by one that was left out, at 60 Hz, ms. */
const FRAME_MS = 25;

interface Load {
	/** From the navigation to the page's `load`, ms. */
	readonly load: number;
	/** From there to a door that can be used. */
	readonly ready: number;
	/** From a key to the phone in the picture. */
	readonly answer: number;
	/** From a key to the relay on in the picture. */
	readonly tap: number;
	/** The same in the world. */
	readonly world: number;
	readonly frames: number;
	readonly dropped: number;
}

/** In the page: waits by animation frames, and counts them. */
const MEASURE = `(async () => {
	const frames = [];
	const until = (is) => new Promise((resolve) => {
		let last = performance.now();
		const look = () => {
			const now = performance.now();
			frames.push(now - last);
			last = now;
			if (is()) resolve(now);
			else requestAnimationFrame(look);
		};
		requestAnimationFrame(look);
	});
	const ready = await until(() => document.querySelector('[data-ready=true]'));
	const { loadEventEnd: load } = performance.getEntriesByType("navigation")[0];
	const taps = [];
	for (const _ of [0, 1, 2]) {
		frames.length = 0;
		const pressed = performance.now();
		dispatchEvent(new KeyboardEvent("keydown", { key: "1" }));
		const seen = await until(() => document.querySelector(".visitor"));
		const relay = [...document.querySelectorAll(".standing > div")].find((row) => row.firstChild.textContent === "Relay");
		const on = await until(() => relay.lastChild.textContent === "on");
		const count = frames.length;
		const dropped = frames.filter((ms) => ms > ${FRAME_MS}).length;
		const words = document.querySelector(".caption .said").textContent;
		taps.push({ answer: seen - pressed, tap: on - pressed, world: Number(/\\d+/.exec(words)), frames: count, dropped });
		await until(() => relay.lastChild.textContent === "off" && !document.querySelector(".visitor"));
	}
	const { answer } = taps[0];
	const [middle] = taps.sort((a, b) => a.tap - b.tap).slice(1);
	return { load, ready: Math.max(0, ready - load), ...middle, answer };
})()`;

async function measure(browser: Browser, address: string): Promise<Load> {
	const context = await browser.newContext({ viewport: { width: 1280, height: 800 } });
	try {
		const page = await context.newPage();
		await page.goto(`${address}#seed=1`);
		return (await page.evaluate(MEASURE)) as Load;
	} finally {
		await context.close();
	}
}

const { loads } = commandLine(USAGE, { loads: { type: "string", default: "5" } });
const { address, server } = await servePage(0);
const browser = await chromium.launch({
	executablePath: "/usr/bin/chromium",
	args: ["--disable-gpu", "--disable-dev-shm-usage"],
	chromiumSandbox: false,
});
const runs: Load[] = [];
for (let i = 0; i < Number(loads); i++) runs.push(await measure(browser, address));
const median = (of: keyof Load): number =>
	runs.map((run) => run[of]).sort((a, b) => a - b)[Math.floor(runs.length / 2)]!;
const ms = (of: keyof Load): string => `${Math.round(median(of))} ms`;
console.log(`the page's load event            ${ms("load")}
from there to a door to use      ${ms("ready")}
from a key to the phone seen     ${ms("answer")}
from a key to the relay on, ×1   ${ms("tap")} (${ms("world")} in the world)
frames meanwhile                 ${median("frames")}, of them late ${median("dropped")}`);
await browser.close();
server.close();
