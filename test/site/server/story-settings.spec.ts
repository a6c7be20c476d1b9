// SPDX-License-Identifier: Apache-2.0

import { assert } from "chai";
import { toHex } from "../../../protocol/bytes.js";
import { checkConfig, type ReaderConfig } from "../../../protocol/config/document.js";
import { signConfiguration } from "../../../site/lib/configuration/sign.js";
import { signingKey } from "../../../site/lib/site-keys.js";
import { crypto, type StoryReader, StorySite } from "./story-site.js";

const ADA = "00000000000000a1";
const WIRED = { position: "none", requestToExit: "none" };
const SECRET = "hunter2 hunter2";
/** A reader has started anew and is in a session again: back-off, spread, handshake. */
const AGAIN_MS = 60_000;

describe("story: what an administrator sets at a door without going there", () => {
	let story: StorySite;
	let reader: StoryReader;

	beforeEach(async () => {
		({ reader, story } = await StorySite.withReader());
		await story.plan(["FRONT"], { Ada: ADA });
	});
	afterEach(async () => {
		assert.deepEqual(story.said, []);
		await story.end();
	});

	const give = (settings: object) => story.ask("PATCH", "/api/doors/FRONT/settings", settings);
	/** The installer signs, at home. */
	const configure = (number: number, door: object) => {
		const by = signingKey(story.installer, crypto);
		const envelope = signConfiguration(
			"ACME",
			configOf({ id: "FRONT", bluetooth: "off", timeServer: "", door: { ...WIRED, ...door } }),
			number,
			by,
		);
		return story.ask("PUT", "/api/doors/FRONT/configuration", {
			envelope: Buffer.from(envelope).toString("base64"),
		});
	};
	const answers = async (): Promise<unknown[]> =>
		(await story.news("FRONT", "answered"))
			.map(({ body }) => body as { to: string })
			.filter(({ to }) => to === "settings" || to === "configuration");

	it("sounds, spread and network wait for a reader that is away, also over a restart of the server; it takes them, and the password is gone", async () => {
		await give({ sounds: "none", spread: 2 });
		await give({ wifi: { ssid: "Building 2", password: SECRET } });
		const set = { sounds: "none", spread: 2, ssid: "Building 2" };
		const waiting = { state: "waiting", reason: null, at: null, ...set };
		assert.deepEqual((await story.door("FRONT")).settings, waiting);
		story.kill();
		await story.startAgain();
		assert.deepEqual((await story.door("FRONT")).settings, waiting);
		// Its clock is not set after a start: what it can not take yet is not refused for good.
		reader.powerOn();
		await story.pass(AGAIN_MS);
		const { at, ...taken } = (await story.door("FRONT")).settings;
		assert.deepEqual(taken, { state: "taken", reason: null, ...set });
		assert.isAtMost(at, story.seconds);
		assert.equal(await story.words("FRONT"), "has it");
		const { config, server, wifi } = reader.device.store!;
		assert.deepEqual([config?.door.sounds, server?.spread], ["none", 2]);
		assert.deepEqual({ ...wifi }, { ssid: "Building 2", password: SECRET }, "it has a session in it");
		assert.deepEqual(await answers(), [{ to: "settings", refusal: null, ...set }]);
		// What the server keeps and says.
		assert.isUndefined((await story.store.doors.find("FRONT"))?.settings);
		const all = [
			await story.store.doors.reports(),
			await story.store.feed.after(0, 1000),
			await story.store.actions.after(0, 1000),
			await story.door("FRONT"),
		];
		assert.notInclude(JSON.stringify(all), SECRET);
		assert.equal(reader.tap(ADA), "granted");
	});

	it("all else by an installer's signature: taken, or refused with the reader's reason", async () => {
		reader.powerOn();
		await story.pass(AGAIN_MS);
		assert.isNull((await story.door("FRONT")).configuration);
		await configure(1000, { strikeTime: 9 });
		await story.pass(AGAIN_MS);
		const now = async () => {
			const { at: _, ...configuration } = (await story.door("FRONT")).configuration;
			return configuration;
		};
		assert.deepEqual(await now(), { state: "taken", reason: null, number: 1000 });
		assert.equal(reader.device.store!.config?.door.strikeTime, 9);
		const rows = (await story.ask("GET", "/api/log?event=configuration")).rows;
		const by = toHex(story.installer.publicKey.subarray(0, 8));
		assert.include(
			rows.map(({ subject }: { subject: string | null }) => subject),
			by,
			"who signed it is in the door's log",
		);
		// This reader has no input for it.
		await configure(2000, { fireInput: "normally-open" });
		await story.pass(AGAIN_MS);
		assert.deepEqual(await now(), { state: "refused", reason: "invalid-configuration", number: 2000 });
		assert.equal(reader.device.store!.config?.door.strikeTime, 9);
		assert.equal(await story.words("FRONT"), "has it", "it is not said again");
		assert.deepEqual(await answers(), [
			{ to: "configuration", refusal: null, number: 1000 },
			{ to: "configuration", refusal: "invalid-configuration", number: 2000 },
		]);
		// Both hold after a restart of the server.
		await story.stop();
		await story.start();
		assert.deepEqual(await now(), { state: "refused", reason: "invalid-configuration", number: 2000 });
	});
});

function configOf(value: object): ReaderConfig {
	const checked = checkConfig(value);
	if ("problems" in checked) throw new Error(JSON.stringify(checked.problems));
	return checked.config;
}
