// SPDX-License-Identifier: Apache-2.0

/** From `npm run site` on a fresh machine to the first invitation, as a newcomer goes: one link, six steps. */
import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { assert } from "chai";
import { NodeCrypto } from "../../hal/node/crypto.js";
import { RealTime } from "../../sim/realtime.js";
import { World } from "../../sim/world.js";
import { openBackup } from "../../site/lib/root/root-backup.js";
import { openRootKey } from "../../site/lib/root/root-key.js";
import { Lintel } from "../cli/lintel.js";
import { authenticator, axe, axeEverywhere, type Page, useBrowser, withPage } from "../support/browser.js";
import { clientAt } from "../support/factory-door.js";
import { root as repository } from "../support/host.js";
import { plugIn } from "../support/web-serial.js";

const PASSPHRASE = "a horse on stilts at noon";
/** Seconds of the reader's world in one here. */
const SPEED = 16;

/** What `npm run site` starts when it has built, with its `more` arguments; the link that it prints. */
async function npmRunSite(
	...more: string[]
): Promise<{ child: ChildProcess; link: string; said: () => string }> {
	const { scripts } = JSON.parse(readFileSync(join(repository, "package.json"), "utf8"));
	const [program, ...args] = (scripts.site as string).split("&&").at(-1)!.trim().split(" ");
	assert.equal(program, "node");
	const child = spawn(process.execPath, [...args, ...more], {
		cwd: repository,
		stdio: ["ignore", "pipe", "pipe"],
	});
	let said = "";
	const link = await new Promise<string>((resolve, reject) => {
		child.stderr.on("data", (text: Buffer) => {
			said += text;
		});
		child.stdout.on("data", (text: Buffer) => {
			said += text;
			const [found] = /http:\/\/localhost:\d+\/start#\S+/.exec(said) ?? [];
			if (found !== undefined) resolve(found);
		});
		child.on("exit", () => reject(new Error(`it ended: ${said}`)));
	});
	return { child, link, said: () => said };
}

describe("the first run", function () {
	this.timeout(240_000);
	useBrowser();
	const crypto = new NodeCrypto();
	let folder: string;
	let child: ChildProcess | undefined;
	let link: string;
	let said: () => string;
	const at = (name: string): string => join(folder, name);

	beforeEach(async () => {
		folder = mkdtempSync(join(tmpdir(), "lintel-first-run-"));
		({ child, link, said } = await npmRunSite("--port", "0", "--broker-port", "0", "--data", at("data")));
	});
	afterEach(async () => {
		const ended = new Promise((resolve) => child?.on("exit", resolve));
		child?.kill();
		await ended;
		rmSync(folder, { recursive: true });
	});

	const heading = (page: Page, name: string): Promise<void> =>
		page.getByRole("heading", { name, exact: true }).waitFor();
	const press = (page: Page, name: string): Promise<void> =>
		page.getByRole("button", { name, exact: true }).click();
	/** Saves what a button gives, as the browser would. */
	const keep = async (page: Page, name: string): Promise<void> => {
		const download = page.waitForEvent("download");
		await press(page, `Save ${name}`);
		const file = await download;
		assert.equal(file.suggestedFilename(), name);
		await file.saveAs(at(name));
	};

	it("leads a newcomer from the printed link to the first invitation; the root never leaves the browser", async () => {
		const world = new World({ seed: 5, crypto, factory: true, logSize: 16 * 1024 });
		world.powerOn();
		const real = new RealTime(world.time, SPEED).start();
		try {
			await withPage((page) => newcomer(page, world, real));
		} finally {
			real.stop();
		}
	});

	async function newcomer(page: Page, world: World, real: RealTime): Promise<void> {
		const sent: string[] = [];
		page.on("request", (request) =>
			sent.push(`${request.url()} ${JSON.stringify(request.headers())} ${request.postData() ?? ""}`),
		);
		await authenticator(page);
		await plugIn(page, world, real);
		await page.goto(link);

		await heading(page, "Name your site");
		await axeEverywhere(page);
		await page.getByLabel("Name of the site").fill("Riverside School");
		assert.equal(await page.getByLabel("Short name").inputValue(), "RIVERSID");
		await page.getByLabel("Short name").fill("SCHOOL");
		await press(page, "Next");

		await heading(page, "Make the root key");
		await axe(page);
		await page.getByLabel("Passphrase of the root key").fill(PASSPHRASE);
		await page.getByLabel("The same passphrase once more").fill(`${PASSPHRASE}!`);
		await press(page, "Make the root key");
		await page.getByText("The two passphrases are not the same.").waitFor();
		await page.getByLabel("The same passphrase once more").fill(PASSPHRASE);
		// Timers of the page go on while the passphrase is turned into a key.
		await page.evaluate(
			`window.turns = 0; setInterval(() => { if (!document.body.innerText.includes("Keep the root key safe")) window.turns++; }, 20)`,
		);
		await press(page, "Make the root key");
		await heading(page, "Keep the root key safe");
		// A page that stands still meanwhile has one at most: before.
		assert.isAbove((await page.evaluate("window.turns")) as number, 1, "the page was frozen");

		await axeEverywhere(page);
		await press(page, "Make the site");
		const code = await page.locator(".code code").textContent();
		const end = page.getByLabel("The last five characters of the code, from your paper");
		await end.fill(code!.slice(-5).toLowerCase());
		await press(page, "Make the site");
		await page.getByText("Save all three files first.").waitFor();
		for (const name of ["root-key.json", "root-backup.json", "site-key.json"]) await keep(page, name);
		await end.fill("00000");
		await press(page, "Make the site");
		await page.getByText("These are not the last five characters").waitFor();
		await end.fill(code!.slice(-5).toLowerCase());
		await press(page, "Make the site");

		await heading(page, "Welcome: you are the owner");
		await axe(page);
		await page.getByLabel("Your name").fill("Olga Owner");
		await page.getByLabel("Name or e-mail address to sign in with").fill("olga");
		await press(page, "Sign up with a passkey");
		await press(page, "I have them");

		await heading(page, "Where is the site?");
		await axe(page);
		await page.getByLabel("Time zone").selectOption("Europe/Vienna");
		await press(page, "Next");

		await heading(page, "Set up the first door");
		await axeEverywhere(page);
		await page.getByLabel("Name of the door", { exact: true }).fill("Main entrance");
		await page.getByLabel("Short name of the door").fill("front door");
		await press(page, "Choose the reader and set it up");
		await page.getByText("The short name of the door has 1 to 8 letters").waitFor();
		await page.getByLabel("Short name of the door").fill("FRONT");
		await press(page, "Choose the reader and set it up");

		await page.getByText("Main entrance is a door of the site.").waitFor();
		await heading(page, "Invite the first user");
		await axe(page);
		assert.deepEqual(await page.evaluate("window.serialSignals"), {
			dataTerminalReady: false,
			requestToSend: false,
		});
		await page.getByLabel("Name of the user").fill("Ada");
		await press(page, "Add and invite");
		const invitation = await page.getByRole("dialog").getByRole("textbox").inputValue();
		assert.match(invitation, /^http:\/\/localhost:\d+\/i\/[\w-]{43}$/);
		await page.getByRole("dialog").getByRole("button").last().click();
		await heading(page, "Your site is ready");
		await axe(page);

		await check(page, sent, code!, world, real);
	}

	/** What has come of it, in the server, at the door, in the files and on the network. */
	async function check(
		page: Page,
		sent: readonly string[],
		code: string,
		world: World,
		real: RealTime,
	): Promise<void> {
		// biome-ignore lint/suspicious/noExplicitAny: what a server answers is what the spec looks at
		const get = async (path: string): Promise<any> =>
			JSON.parse((await page.evaluate(`fetch("${path}").then((answer) => answer.text())`)) as string);
		assert.deepInclude(await get("/api/site"), {
			site: "SCHOOL",
			name: "Riverside School",
			timeZone: "Europe/Vienna",
		});
		const { doors } = await get("/api/doors");
		assert.lengthOf(doors, 1);
		assert.deepInclude(doors[0], { id: "FRONT", name: "Main entrance" });
		const { users } = await get("/api/users");
		assert.equal(users[0].invitation.by, "link");
		assert.deepEqual(users[0].accessPlans, ["Always, all doors"]);

		const root = openRootKey(at("root-key.json"), PASSPHRASE, crypto);
		assert.deepEqual(openBackup(at("root-backup.json"), code, crypto), root);
		const { lists } = await get("/api/trust");
		writeFileSync(at("site.json"), JSON.stringify({ site: "SCHOOL", lists }));
		writeFileSync(at("pass"), PASSPHRASE);
		const files = [
			"--root-key",
			at("root-key.json"),
			"--site",
			at("site.json"),
			"--passphrase-file",
			at("pass"),
		];
		const unlocked = await new Lintel(["site", "unlock", ...files]).ended;
		assert.include(unlocked.out, "the passphrase is the right one", unlocked.err);

		const seed = Buffer.from(root.secretKey.subarray(0, 32));
		const install = JSON.parse(readFileSync(at("site-key.json"), "utf8")).keys.map(
			(key: { seed: string }) => key.seed,
		);
		const traffic = sent.join("\n");
		assert.include(traffic, lists[0], "the list is what was sent");
		for (const secret of [
			...[PASSPHRASE, encodeURIComponent(PASSPHRASE), code, code.replaceAll("-", "")],
			...[seed.toString("hex"), seed.toString("base64"), seed.toString("base64url"), ...install],
		])
			assert.notInclude(traffic.toLowerCase(), secret.toLowerCase());
		assert.equal(statSync(at("data/server-key.json")).mode & 0o777, 0o600);
		assert.include(said(), "site SCHOOL: http://localhost:");

		const { commissioned, door, key, site } = await clientAt(world, real).request("info");
		assert.deepEqual({ commissioned, door, site }, { commissioned: true, door: "FRONT", site: "SCHOOL" });
		const { reader } = await get("/api/doors/FRONT/registration");
		assert.equal(reader.key, Buffer.from(key!).toString("hex"), "the server knows the reader's own key");
	}

	it("goes on where it was left, and says so where the link is missing or has been used", async () => {
		await withPage(
			async (page) => {
				const { origin } = new URL(link);
				await page.goto(`${origin}/users`);
				await heading(page, "Öffnen Sie den Link, den der Server ausgegeben hat");
				await axeEverywhere(page);
				await page.goto(link);
				await heading(page, "Geben Sie der Anlage einen Namen");
				await page.getByLabel("Name der Anlage").fill("Schule am Fluß");
				await press(page, "Weiter");
				await heading(page, "Wurzelschlüssel erzeugen");
				await axe(page);
				await page.reload();
				await heading(page, "Geben Sie der Anlage einen Namen");
			},
			{ language: "de-AT" },
		);
	});
});
