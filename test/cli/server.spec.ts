// SPDX-License-Identifier: Apache-2.0

import { writeFileSync } from "node:fs";
import { assert } from "chai";
import { addressOf } from "../../cli/commands/server.js";
import { EXIT } from "../../site/lib/files/failure.js";
import type { Ended } from "./lintel.js";
import { type Installation, plugIn } from "./terminal.js";

const PASSWORD = "correct horse";

describe("lintel server", () => {
	let site: Installation;

	plugIn(1, ([made]) => {
		site = made!;
	});

	const key = (): string[] => ["--site-key", site.file("key.json")];
	const at = (...args: string[]): Promise<Ended> => site.lintel(...args, ...key());

	async function commissioned(): Promise<void> {
		const { code, err } = await at("commission", site.file("door.json"));
		assert.equal(code, 0, err);
	}

	it("set gives the reader broker and password, shows the password nowhere, and the same again changes nothing", async () => {
		await commissioned();
		writeFileSync(site.file("password"), `${PASSWORD}\n`);
		const args = ["server", "set", "broker.example:1884", "--password", site.file("password"), "--json"];
		const first = await at(...args);
		assert.equal(first.code, 0, first.err);
		assert.deepEqual(JSON.parse(first.out), {
			changed: true,
			host: "broker.example",
			port: 1884,
			spread: 60,
		});
		assert.match(first.err, /in no network: `lintel wifi join`/);
		const stored = { host: "broker.example", port: 1884, password: PASSWORD, spread: 60 };
		assert.deepEqual(site.reader.store.server, stored);
		const again = await at(...args);
		assert.isFalse(JSON.parse(again.out).changed);
		const piped = await site.run(
			["server", "set", "[2001:db8::1]", "--spread", "0", ...key(), "--port", site.reader.path],
			PASSWORD,
		);
		assert.equal(piped.code, 0, piped.err);
		assert.match(piped.out, /^set to \[2001:db8::1\]:1883; the reader restarts\n/);
		assert.deepEqual(site.reader.store.server, { ...stored, host: "2001:db8::1", port: 1883, spread: 0 });
		for (const { out, err } of [first, again, piped]) assert.notInclude(out + err, PASSWORD);
	});

	it("is shown by show, verify, report and server show, without its password, until it is forgotten", async () => {
		await commissioned();
		const door = site.file("door.json");
		assert.match((await at("server", "show")).out, /^none\n$/);
		await site.run(["server", "set", "broker.example", ...key(), "--port", site.reader.path], PASSWORD);
		assert.equal((await at("server", "show")).out, "broker.example:1883\n");
		for (const args of [["show"], ["report"], ["verify", door]]) {
			const people = await at(...args);
			assert.match(people.out, /^Server +broker\.example:1883$/m, args[0]);
			const { out } = await at(...args, "--json");
			const told = JSON.parse(out);
			assert.deepEqual((told.state ?? told).server, { host: "broker.example", port: 1883, password: true });
			for (const text of [people.out, people.err, out]) assert.notInclude(text, PASSWORD, args[0]);
		}
		const stranger = await site.lintel("show");
		assert.notInclude(stranger.out, "broker.example");
		const forget = await at("server", "forget", "--json");
		assert.deepEqual(JSON.parse(forget.out), { forgotten: true });
		assert.isUndefined(site.reader.store.server);
		assert.deepEqual(JSON.parse((await at("server", "forget", "--json")).out), { forgotten: false });
	});

	it("says what is wrong with an address or a password, and asks no reader", async () => {
		const asked = site.requests();
		for (const [address, password] of [
			["mqtt://broker.example", PASSWORD],
			["broker.example:0", PASSWORD],
			["broker.example:70000", PASSWORD],
			["", PASSWORD],
			["broker.example", "p".repeat(65)],
			["broker.example", "hunter2\u0007"],
		] as const) {
			const { code, out, err } = await site.run(
				["server", "set", address, "--port", site.reader.path, "--json"],
				password,
			);
			assert.equal(code, EXIT.usage, address);
			assert.equal(JSON.parse(out).error.reason, "bad-server", address);
			assert.notInclude(out + err, password);
		}
		assert.deepEqual(asked, []);
	});

	it("needs a reader that has a site, and a key that may work on it", async () => {
		const set = ["server", "set", "broker.example", "--port", site.reader.path];
		const fresh = await site.run(set, PASSWORD);
		assert.equal(fresh.code, EXIT.refused);
		assert.match(fresh.err, /no site yet/);
		await commissioned();
		assert.equal((await site.run(set, PASSWORD)).code, EXIT.refused);
		const other = await site.run([...set, "--site-key", site.file("other.json")], PASSWORD);
		assert.equal(other.code, EXIT.refused);
		assert.isUndefined(site.reader.store.server);
	});

	it("of a site publishes doors for Home Assistant where a broker is named, whose password is no argument", async () => {
		const serve = ["site", "serve", "--practice", "--data", site.file("data"), "--json"];
		for (const [args, reason] of [
			[["--home-assistant-names"], "no-home-assistant"],
			[["--home-assistant-commands", "FRONT"], "no-home-assistant"],
			[["--home-assistant", "mqtt://lintel:hunter2@ha.example"], "bad-home-assistant"],
			[["--home-assistant", "ha.example"], "bad-home-assistant"],
			[["--home-assistant", "mqtt://ha.example", "--home-assistant-commands", "a/b"], "bad-home-assistant"],
		] as const) {
			const { code, out, err } = await site.run([...serve, ...args]);
			assert.equal(code, EXIT.usage, out + err);
			assert.equal(JSON.parse(out).error.reason, reason);
			assert.notInclude(out + err, "hunter2");
		}
	});

	it("takes an address as people write it", () => {
		assert.deepEqual(addressOf("broker.example"), { host: "broker.example" });
		assert.deepEqual(addressOf("broker.example:1884"), { host: "broker.example", port: 1884 });
		assert.deepEqual(addressOf("192.0.2.7:1884"), { host: "192.0.2.7", port: 1884 });
		assert.deepEqual(addressOf("[2001:db8::1]:1884"), { host: "2001:db8::1", port: 1884 });
		assert.deepEqual(addressOf("[2001:db8::1]"), { host: "2001:db8::1" });
		assert.deepEqual(addressOf("2001:db8::1"), { host: "2001:db8::1" });
	});
});
