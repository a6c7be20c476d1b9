// SPDX-License-Identifier: Apache-2.0

import { copyFileSync, mkdirSync, writeFileSync } from "node:fs";
import { assert } from "chai";
import { EXIT } from "../../site/lib/files/failure.js";
import { makeSite, PASSPHRASE } from "../support/site-files.js";
import type { Ended } from "./lintel.js";
import { type Installation, plugIn } from "./terminal.js";

/** An administrator, and two installers each with a laptop: a folder with the own key and the door's file. */
describe("a revocation, by the commands of the administrator and of installers who know nothing of it", () => {
	let files: Installation;

	plugIn(1, ([made]) => {
		files = made!;
	});

	const at = (who: string, name: string): string => files.file(`${who}/${name}`);

	async function done(...args: string[]): Promise<string> {
		const { code, err, out } = await files.run(args);
		assert.equal(code, 0, `${args.join(" ")}: ${err}${out}`);
		return out;
	}

	const site = (...args: string[]): Promise<string> =>
		done(
			...["site", ...args, "--root-key", at("office", "root-key.json"), "--site", at("office", "site.json")],
			...["--passphrase-file", at("office", "passphrase")],
		);

	/** With the key file of a person, on that person's laptop. */
	const by = (who: string, ...args: string[]): Promise<Ended> =>
		files.lintel(...args, "--json", "--site-key", at(who, who === "office" ? "site-key.json" : "key.json"));

	async function works(
		who: string,
		...args: string[]
	): Promise<{ readerId?: string; info?: { readerId: string } }> {
		const { code, err, out } = await by(who, ...args);
		assert.equal(code, 0, err + out);
		return JSON.parse(out);
	}

	/** `JSON.error`. */
	async function refused(who: string, ...args: string[]): Promise<{ reason: string; message: string }> {
		const { code, out } = await by(who, ...args);
		assert.equal(code, EXIT.refused, out);
		return JSON.parse(out).error;
	}

	beforeEach(async () => {
		mkdirSync(files.file("office"));
		makeSite(files.file("office"));
		writeFileSync(at("office", "passphrase"), PASSPHRASE);
		for (const who of ["ann", "bob"]) {
			mkdirSync(files.file(who));
			await site("key", "--role", "install", "--until", "2090-01-01", "--out", at(who, "key.json"));
		}
	});

	const fingerprint = async (who: string): Promise<string> => {
		const { keys } = JSON.parse(await done("site", "show", "--site", at("office", "site.json"), "--json"));
		const installers = keys.filter(({ roles }: { roles: string[] }) => roles.join() === "install");
		// The administrator's own comes first.
		return installers[who === "ann" ? 1 : 2].fingerprint;
	};

	it("of an installer's stolen key: after the administrator's next visit it is refused, with the reason", async () => {
		await works("office", "commission", files.file("door.json"));
		for (const who of ["ann", "bob"]) await works(who, "test", "relay");
		await site("revoke", await fingerprint("ann"), "--stolen", "--yes");
		await works("ann", "test", "relay");
		await works("office", "show");
		const { message, reason } = await refused("ann", "test", "relay");
		assert.equal(reason, "key-stolen");
		assert.match(message, /this key was revoked as stolen; nothing was proved to it/);
		await works("bob", "test", "relay");
		// The newest site.json beside it says so before any reader is asked.
		copyFileSync(at("office", "site.json"), at("ann", "site.json"));
		const seen = files.requests();
		assert.equal((await refused("ann", "reset", "--yes")).reason, "key-stolen");
		assert.notInclude(seen, "challenge");
	});

	it("of an installer's key: any other installer who has the newest list carries it to the door", async () => {
		await works("office", "commission", files.file("door.json"));
		await site("revoke", await fingerprint("bob"), "--yes");
		copyFileSync(at("office", "site.json"), at("ann", "site.json"));
		await works("ann", "show");
		assert.equal((await refused("bob", "show")).reason, "key-ended");
	});

	it("of a reader, by the id that commissioning and its report have told", async () => {
		const { readerId } = await works("office", "commission", files.file("door.json"));
		assert.match(readerId!, /^[0-9a-f]{16}$/);
		assert.equal((await works("office", "report")).info!.readerId, readerId);
		await site("revoke", "--reader", readerId!, "--yes");
		const { message, reason } = await refused("office", "test", "relay");
		assert.equal(reason, "reader-revoked");
		assert.match(message, /the site has revoked this reader/);
	});
});
