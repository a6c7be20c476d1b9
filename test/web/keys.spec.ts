// SPDX-License-Identifier: Apache-2.0

/** The trust list in words, and its next version signed in the page: the server's key renewed, a key revoked. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { assert } from "chai";
import { createRootKey } from "../../site/lib/root/root-key.js";
import { fingerprintOf } from "../../site/lib/trust/fingerprint.js";
import { DAY } from "../site/server/test-site.js";
import { axeEverywhere, type Page } from "../support/browser.js";
import { useBrowserSite } from "../support/site-browser.js";

const PASSPHRASE = "a lantern in the attic";
/** Of scrypt: less than of a person's file, and read all the same. */
const N = 2 ** 12;

describe("the page of keys", () => {
	const site = useBrowserSite();
	let folder: string;
	let file: string;
	before(() => {
		folder = mkdtempSync(join(tmpdir(), "lintel-keys-"));
		file = join(folder, "root-key.json");
		createRootKey(file, site.root, PASSPHRASE, site.crypto, N);
	});
	after(() => rmSync(folder, { recursive: true }));

	const press = (page: Page, name: string): Promise<void> =>
		page.getByRole("button", { name, exact: true }).click();
	const row = (page: Page, fingerprint: string) => page.getByRole("row").filter({ hasText: fingerprint });
	const openFile = async (page: Page, passphrase: string): Promise<void> => {
		await page.getByLabel("The root key's file (root-key.json)").setInputFiles(file);
		await page.getByLabel("Its passphrase").fill(passphrase);
	};
	const server = (): string => fingerprintOf(site.keys.keys[0]!.publicKey);

	it("says in words which key may do what, and until when", () =>
		site.signedIn(async (page) => {
			await page.goto("/keys");
			const own = row(page, server());
			await own.getByText("speak with doors for the site").waitFor();
			await own.getByText("sign access plans and revocations").waitFor();
			await row(page, fingerprintOf(site.installer.publicKey))
				.getByText("work on readers by cable")
				.waitFor();
			await page
				.getByRole("listitem")
				.filter({ hasText: fingerprintOf(site.root.publicKey) })
				.waitFor();
			await axeEverywhere(page);
		}));

	it("has nothing to press for one who only looks, and is there in German", () =>
		site.signedIn(
			async (page) => {
				await page.goto("/keys");
				await row(page, server()).getByText("für die Anlage mit Türen sprechen").waitFor();
				assert.equal(await page.getByRole("button", { name: /Widerrufen|erneuern/ }).count(), 0);
				await axeEverywhere(page);
			},
			{ role: "viewer", language: "de-DE" },
		));

	it("renews the server's key before its end, by the root's file, of which nothing is sent", () =>
		site.signedIn(async (page) => {
			const sent: string[] = [];
			page.on("request", (request) => sent.push(`${request.url()} ${request.postData() ?? ""}`));
			site.now += 78 * DAY;
			// Sessions have ended since.
			await site.signIn(page, "owner");
			await page.goto("/keys");
			await page.getByText(/The server's key ends in \d+ days: renew it/).waitFor();
			await press(page, "Renew the server's key");
			await openFile(page, "another passphrase");
			const dialog = page.getByRole("dialog");
			await dialog.getByRole("button", { name: "Renew the server's key" }).click();
			await page.getByText("This passphrase does not open the file.").waitFor();
			await axeEverywhere(page);
			await openFile(page, PASSPHRASE);
			await dialog.getByRole("button", { name: "Renew the server's key" }).click();
			await page.getByText("The server has its new key.").waitFor();
			assert.equal(await page.getByText(/The server's key ends in/).count(), 0);
			const { body } = await site.ask("GET", "/api/health");
			assert.approximately(body.keyEnds, site.now + 90 * DAY, DAY);
			const { keys } = site.server.site.keys.trust;
			assert.isTrue(keys.at(-1)!.has("issue"), "it issues from now on");
			const seed = Buffer.from(site.root.secretKey.subarray(0, 32));
			for (const secret of [PASSPHRASE, seed.toString("hex"), seed.toString("base64")])
				assert.notInclude(sent.join("\n"), secret);
		}));

	it("revokes a key, as ended or as stolen", () =>
		site.signedIn(async (page) => {
			await page.goto("/keys");
			const installer = fingerprintOf(site.installer.publicKey);
			for (const [why, state] of [
				["It is not needed any more. What it has signed stays good.", "ended"],
				[
					"It may be stolen. What it has signed is void: make plans and credentials anew.",
					"revoked as stolen",
				],
			] as const) {
				await press(page, `Revoke: ${installer}`);
				await page.getByLabel("Why").selectOption(why);
				await openFile(page, PASSPHRASE);
				await page.getByRole("dialog").getByRole("button", { name: "Revoke" }).click();
				await row(page, installer).getByText(state, { exact: true }).waitFor();
			}
			assert.equal(site.server.site.keys.trust.findKey(site.installer.publicKey)!.state, "stolen");
			assert.equal(await page.getByRole("button", { name: `Revoke: ${installer}` }).count(), 0);
		}));

	it("takes no file but a root's of this site, and says what it is", () =>
		site.signedIn(async (page) => {
			await page.goto("/keys");
			await press(page, "Renew the server's key");
			const field = page.getByLabel("The root key's file (root-key.json)");
			const refuses = async (text: string, words: string): Promise<void> => {
				await field.setInputFiles({
					name: "a.json",
					mimeType: "application/json",
					buffer: Buffer.from(text),
				});
				await page.getByLabel("Its passphrase").fill(PASSPHRASE);
				await page.getByRole("dialog").getByRole("button", { name: "Renew the server's key" }).click();
				await page.getByText(words).waitFor();
			};
			await refuses("not JSON", "That is no root key's file.");
			await refuses('{"kind":"root-backup"}', "That is no root key's file.");
			await refuses('{"kind":"root-key","version":1}', "The file is damaged.");
			await refuses('{"kind":"root-key","version":9}', "The file was written by a newer version.");
		}));
});
