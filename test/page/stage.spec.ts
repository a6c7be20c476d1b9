// SPDX-License-Identifier: Apache-2.0

import { assert } from "chai";
import type { Page } from "../support/browser.js";
import { says, stands, until, usePage, withScene } from "../support/page.js";

/** A control of the stage, what is done with it, and what comes of it. */
type Row = readonly [name: string, act: (page: Page) => Promise<void>, shown: (page: Page) => Promise<void>];

const press =
	(name: string | RegExp) =>
	(page: Page): Promise<void> =>
		page.getByRole("button", { name }).click();

const key =
	(name: string) =>
	(page: Page): Promise<void> =>
		page.keyboard.press(name);

const opened = (page: Page): Promise<void> => says(page, /^Opened in \d+ ms/);
const denied =
	(reason: string) =>
	(page: Page): Promise<void> =>
		says(page, new RegExp(`^It stays shut: ${reason}`));

/** Each in a world of its own, so that what a caption says is of this. */
const COMERS: readonly Row[] = [
	["a press on the valid phone", press(/^Valid/), opened],
	["key 1", key("1"), opened],
	["a press on the revoked phone", press(/^Revoked/), denied("revoked")],
	["key 2", key("2"), denied("revoked")],
	["a press on the expired phone", press(/^Expired/), denied("expired")],
	["key 3", key("3"), denied("expired")],
	["a press on the other site's phone", press(/^Other site/), denied("unknown issuer")],
	["key 4", key("4"), denied("unknown issuer")],
	["a press on the unknown phone", press(/^Unknown/), denied("unknown credential")],
	["key 5", key("5"), denied("unknown credential")],
	["a press on the bus card", press(/^Bus card/), denied("no application")],
	["key 6", key("6"), denied("no application")],
	["a press on the bank card", press(/^Bank card/), denied("no application")],
	["key 7: Bluetooth", key("7"), opened],
	["key 8: a code", key("8"), opened],
	[
		"Bluetooth, by a press on the revoked phone",
		async (page) => {
			await press("Bluetooth")(page);
			await press(/^Revoked/)(page);
		},
		denied("revoked"),
	],
	[
		"QR code, by a press on the valid phone",
		async (page) => {
			await press("QR code")(page);
			await press(/^Valid/)(page);
		},
		opened,
	],
	[
		"the distance of a phone with Bluetooth",
		async (page) => {
			await press("Bluetooth")(page);
			await page.getByRole("slider", { name: /^Distance/ }).fill("10");
		},
		opened,
	],
	["the valid phone, dragged to the reader", (page) => drag(page, /^Valid/, "#reader"), opened],
];

/** What a hand does at the door, one after the other in one world. */
const HANDS: readonly Row[] = [
	["a pull at the locked door", press("Pull the door"), (page) => stands(page, "Door", "shut")],
	["the exit button", press(/^Press request-to-exit/), (page) => stands(page, "Strike", "released")],
	["a pull at the released door", press("Pull the door"), (page) => stands(page, "Door", "open")],
	["a push that shuts it", press("Shut the door"), (page) => stands(page, "Door", "shut")],
	["key b: a crowbar", key("b"), (page) => stands(page, "Door", "open")],
	["key c: shut", key("c"), (page) => stands(page, "Door", "shut")],
	["key h: the handle inside", key("h"), (page) => stands(page, "Door", "open")],
	["key p: the power goes", key("p"), (page) => stands(page, "Light", "no power")],
	["key p: it comes back", key("p"), (page) => page.locator('.reader[data-powered="true"]').waitFor()],
];

/** In place of the browser's sound: what it would have been heard at, hertz. */
const EAR = `
	window.heard = [];
	window.AudioContext = class {
		currentTime = 0;
		createOscillator = () => ({
			frequency: { setValueAtTime: (hertz) => heard.push(hertz) },
			connect: (next) => next,
			start() {},
		});
		createGain = () => ({ gain: { setTargetAtTime() {} }, connect: (next) => next });
	};
`;

async function drag(page: Page, name: RegExp, to: string): Promise<void> {
	const from = (await page.getByRole("button", { name }).boundingBox())!;
	const reader = (await page.locator(to).boundingBox())!;
	await page.mouse.move(from.x + from.width / 2, from.y + 30);
	await page.mouse.down();
	await page.mouse.move(from.x + 10, from.y - 40, { steps: 4 });
	await page.mouse.move(reader.x + reader.width / 2, reader.y + reader.height / 2, { steps: 4 });
	await page.mouse.up();
}

describe("the page's stage", () => {
	usePage();

	it("has each phone and card do what it says, by a press, a key or a drag", async () => {
		await withScene("seed=1", async (page) => {
			for (const [i, [name, act, shown]] of COMERS.entries()) {
				await page.evaluate(`location.hash = "seed=${i + 2}"`);
				await says(page, /^The reader waits/);
				await act(page);
				await shown(page).catch((error: Error) => {
					throw new Error(`${name}: ${error.message}`);
				});
			}
		});
	});

	it("lets a hand pull, shut, break, press and cut", async () => {
		await withScene("seed=1", async (page) => {
			for (const [name, act, shown] of HANDS) {
				await act(page);
				await shown(page).catch((error: Error) => {
					throw new Error(`${name}: ${error.message}`);
				});
			}
		});
	});

	it("does nothing for a phone that is dropped beside the reader", async () => {
		await withScene("seed=1", async (page) => {
			await drag(page, /^Valid/, ".exit");
			await page.keyboard.press("2");
			await says(page, /^It stays shut: revoked/);
			assert.notInclude(await script(page), "tap.valid");
			assert.match(await script(page), /do=\d+\.tap\.revoked$/);
		});
	});

	it("is heard where that is asked for, and not before", async () => {
		await withScene("seed=1", async (page) => {
			await page.evaluate(EAR);
			// So slow that no beep falls between two looks at it.
			await press("×0.1")(page);
			await key("2")(page);
			await denied("revoked")(page);
			await stands(page, "Light", "red");
			assert.deepEqual(await page.evaluate("heard"), []);
			await press("Sound")(page);
			await key("2")(page);
			await until(page, "heard.length > 0");
			assert.isAbove(((await page.evaluate("heard")) as number[])[0]!, 100);
		});
	});
});

/** As "Copy the link" puts it into the address. */
async function script(page: Page): Promise<string> {
	await page.getByRole("button", { name: "Copy the link" }).click();
	await page.getByRole("button", { name: "Copied" }).waitFor();
	return decodeURIComponent(new URL(page.url()).hash);
}
