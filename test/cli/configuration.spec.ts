// SPDX-License-Identifier: Apache-2.0

/** `lintel configuration` and the real server: what an installer signs waits there for the door's reader. */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { assert } from "chai";
import { openConfiguration } from "../../protocol/config/signed.js";
import { EXIT } from "../../site/lib/files/failure.js";
import { keysText } from "../../site/lib/keys-text.js";
import { DAY, TestSite } from "../site/server/test-site.js";
import { type Ended, Lintel } from "./lintel.js";

const now = (): number => Math.floor(Date.now() / 1000);

describe("lintel configuration", () => {
	let site: TestSite;
	let token: string;
	const file = (name: string): string => join(site.folder, name);
	const lintel = (...args: string[]): Promise<Ended> => new Lintel(["configuration", ...args]).ended;
	const at = (): string[] => ["--site", site.server.url, "--token-file", file("token")];
	const key = (): string[] => ["--site-key", file("installer.json")];
	const write = (name: string, value: unknown): void =>
		writeFileSync(file(name), typeof value === "string" ? value : JSON.stringify(value), { mode: 0o600 });
	// biome-ignore lint/suspicious/noExplicitAny: what a server answers is what the spec looks at
	const configuration = async (): Promise<any> =>
		(await site.ask("GET", "/api/doors/FRONT")).body.configuration;

	beforeEach(async () => {
		site = new TestSite(now() - 2 * DAY);
		await site.start({ now });
		const { keys, installer, office } = site;
		write("installer.json", keysText([installer.secretKey.slice(0, 32)], keys));
		write("office.json", keysText([office.secretKey.slice(0, 32)], keys));
		write("door.json", { id: "FRONT", name: "Front door", door: { strikeTime: 7 } });
		token = await site.token("administrator", now() + DAY);
		write("token", `${token}\n`);
		await site.ask("PUT", "/api/plan", {
			body: { site: "ACME", timeZone: "UTC0", accessPlans: {}, doors: { FRONT: {} }, users: [] },
		});
	});
	afterEach(async () => {
		await site.end();
		assert.deepEqual(site.said, []);
	});

	it("sign gives the server what the reader of the door in the file takes, by the installer's key, with the time as its number", async () => {
		const from = now();
		const { code, err, out } = await lintel("sign", file("door.json"), ...key(), ...at(), "--json");
		assert.equal(code, 0, err);
		const told = JSON.parse(out);
		assert.deepInclude(told, { site: "ACME", door: "FRONT", sent: true });
		assert.isAtLeast(told.number, from);
		assert.isAtMost(told.number, now());
		assert.deepEqual(await configuration(), {
			...{ state: "waiting", reason: null, at: null, number: told.number },
		});
		const { configuration: stored } = (await site.server.site.store.doors.find("FRONT"))!;
		const opened = openConfiguration(stored!, site.keys.trust, "FRONT", now(), site.crypto);
		if (typeof opened === "string") throw new Error(opened);
		assert.deepEqual(opened.by, site.installer.publicKey.subarray(0, 8));
		assert.deepNestedInclude(opened, {
			...{ "configuration.name": "Front door", "configuration.door.strikeTime": 7 },
		});
		for (const text of [out, err]) assert.notInclude(text, token);
	});

	it("sign makes a file without a server or a token, and send brings it; the former one is refused afterwards", async () => {
		const signed = await lintel("sign", file("door.json"), ...key(), "--out", file("door.signed"));
		assert.equal(signed.code, 0, signed.err);
		assert.match(signed.out, /^configuration \d+ for door FRONT of site ACME is signed\n$/);
		assert.isNull(await configuration());
		const sent = await lintel("send", file("door.signed"), ...at());
		assert.equal(sent.code, 0, sent.err);
		assert.match(sent.out, /the server brings it to the reader/);
		const { number } = await configuration();
		// Signed later, brought earlier.
		const later = readFileSync(file("door.signed"));
		while (now() <= number) await new Promise((resolve) => setTimeout(resolve, 50));
		assert.equal((await lintel("sign", file("door.json"), ...key(), ...at())).code, 0);
		assert.isAbove((await configuration()).number, number);
		writeFileSync(file("former.signed"), later);
		const former = await lintel("send", file("former.signed"), ...at());
		assert.equal(former.code, EXIT.refused);
		assert.match(former.err, /was given configuration \d+ since[\s\S]*Sign the door's file anew/);
	});

	it("is refused, with what to do, where key, file, door or token are not for it; nothing is given to the server", async () => {
		write("wrong.json", { id: "FRONT", door: { strikeTime: -1 } });
		write("back.json", { id: "BACK" });
		for (const [args, exit, words] of [
			[["sign", file("door.json"), ...key()], EXIT.usage, /--out FILE/],
			[["sign", file("wrong.json"), ...key(), ...at()], EXIT.input, /strikeTime/],
			[
				["sign", file("door.json"), "--site-key", file("office.json"), ...at()],
				EXIT.refused,
				/no key with the role "install"/,
			],
			[["sign", file("back.json"), ...key(), ...at()], EXIT.refused, /no such door[\s\S]*`id`/],
			[["send", file("door.json"), ...at()], EXIT.input, /no signed configuration[\s\S]*configuration sign/],
			[["send", file("nowhere"), ...at()], EXIT.input, /nowhere/],
		] as const) {
			const { code, err } = await lintel(...args);
			assert.equal(code, exit, `${args.join(" ")}: ${err}`);
			assert.match(err, words);
		}
		write("token", await site.token("viewer", now() + DAY));
		const { code, err } = await lintel("sign", file("door.json"), ...key(), ...at());
		assert.equal(code, EXIT.refused);
		assert.match(err, /administrator/);
		assert.isNull(await configuration());
		assert.isFalse(existsSync(file("door.signed")));
	});
});
