// SPDX-License-Identifier: Apache-2.0

/** A reader at the computer's cable is made a door by the page: the firmware itself, at the other end of Web Serial. */
import { assert } from "chai";
import { RealTime } from "../../sim/realtime.js";
import { World, type WorldOptions } from "../../sim/world.js";
import { keysText } from "../../site/lib/keys-text.js";
import { axeEverywhere, type Page } from "../support/browser.js";
import { useBrowserSite } from "../support/site-browser.js";
import { plugIn } from "../support/web-serial.js";

/** Seconds of the reader's world in one here. */
const SPEED = 16;

describe("a door that the page sets up", function () {
	this.timeout(240_000);
	const site = useBrowserSite();
	const press = (page: Page, name: string): Promise<void> =>
		page.getByRole("button", { name, exact: true }).click();
	const choose = "Choose the reader and set it up";
	/** The file that a person keeps: of the keys that make readers doors. */
	const keyFile = (): { name: string; mimeType: string; buffer: Buffer } => ({
		name: "site-key.json",
		mimeType: "application/json",
		buffer: Buffer.from(
			keysText(
				[site.office, site.installer].map(({ secretKey }) => secretKey.subarray(0, 32)),
				site.keys,
			),
		),
	});
	const fill = async (page: Page, id: string): Promise<void> => {
		await page.getByLabel("Name of the door", { exact: true }).fill(`Door ${id}`);
		await page.getByLabel("Short name of the door").fill(id);
		await page.getByLabel("Key file (site-key.json)").setInputFiles(keyFile());
	};
	const atCable = (
		work: (page: Page, world: World) => Promise<void>,
		options: Partial<WorldOptions> = {},
	): Promise<void> =>
		site.signedIn(async (page) => {
			const world = new World({
				seed: 9,
				crypto: site.crypto,
				factory: true,
				logSize: 16 * 1024,
				...options,
			});
			world.powerOn();
			const real = new RealTime(world.time, SPEED).start();
			try {
				await plugIn(page, world, real);
				await page.goto("/add-door");
				await work(page, world);
			} finally {
				real.stop();
			}
		});

	it("joins its network, and says where that did not go; trying again goes on", () =>
		atCable(async (page) => {
			await fill(page, "LAB");
			await page.getByLabel("Name of the network").fill("Building");
			await page.getByLabel("Password of the network").fill("wrong horse");
			await press(page, choose);
			await page.getByText("The reader is set up, but could not join the network.").waitFor();
			const before = await site.ask("GET", "/api/doors/LAB/registration");
			await page.getByLabel("Password of the network").fill("correct horse");
			await press(page, choose);
			await page.getByText("Door LAB is a door of the site.").waitFor();
			const after = await site.ask("GET", "/api/doors/LAB/registration");
			assert.deepEqual(after.body.reader.key, before.body.reader.key, "it is the same reader, once");
		}));

	it("is refused where the reader is another site's, or answers nothing, and nothing becomes known", () =>
		atCable(
			async (page, world) => {
				await fill(page, "GYM");
				await press(page, choose);
				await page.getByText("This reader belongs to another site.").waitFor();
				world.console.onHost = () => {};
				await press(page, choose);
				await page.getByText("The reader does not answer.").waitFor();
				assert.isNull((await site.ask("GET", "/api/doors/GYM/registration")).body.reader);
				await page.getByLabel("Key file (site-key.json)").setInputFiles({
					name: "other.json",
					mimeType: "application/json",
					buffer: Buffer.from("{}"),
				});
				await press(page, choose);
				await page.getByText("That is no key file.").waitFor();
			},
			{ factory: false },
		));

	it("is set up by the command line where the browser has no Web Serial, with the file that the page saves", () =>
		site.signedIn(async (page) => {
			await page.addInitScript(`delete Navigator.prototype.serial`);
			await page.goto("/add-door");
			await page.getByText("This browser reaches no USB cable").waitFor();
			await page.getByLabel("Name of the door", { exact: true }).fill("Gym");
			await page.getByLabel("Short name of the door").fill("GYM");
			await page.getByLabel("How the door is locked").selectOption("magnet");
			await page.getByText("lintel commission GYM.json --site-key site-key.json").waitFor();
			const download = page.waitForEvent("download");
			await press(page, "Save the door's file");
			assert.equal((await download).suggestedFilename(), "GYM.json");
			await axeEverywhere(page);
		}));
});
