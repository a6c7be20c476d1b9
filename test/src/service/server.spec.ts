// SPDX-License-Identifier: Apache-2.0

import { assert } from "chai";
import { checkConfig } from "../../../protocol/config/document.js";
import { MAX_PAYLOAD } from "../../../protocol/provisioning/frame.js";
import { providers } from "../../support/providers.js";
import { Bench, OTHER_CLIENT } from "./bench.js";

const crypto = providers[0]!;
const { reason } = Bench;
const SERVER = { host: "door.example.org", port: 1883, password: "correct horse", spread: 60 };
/** All that a reader shows of it. */
const SHOWN = { host: "door.example.org", port: 1883, password: true };

function proven(): Bench {
	const bench = new Bench(crypto);
	assert.equal(reason(bench.commission()), "ok");
	assert.equal(reason(bench.prove()), "ok");
	return bench;
}

/** A start's. */
function stored(bench: Bench) {
	return new Bench(crypto, bench.self.snapshot()).store.server;
}

describe("a site's server, by cable", () => {
	it("is set, replaced and forgotten, each as one change that the log tells; the same again is none", () => {
		const bench = proven();
		const { revision } = bench.store;
		const events = bench.facade.recorded.length;
		assert.deepEqual(bench.ask("server", { server: SERVER }).value, {
			...{ changed: true, revision: revision + 1 },
		});
		assert.deepEqual(stored(bench), SERVER);
		assert.lengthOf(bench.facade.applied, 2, "it starts again, as after commissioning");
		const same = { changed: false, revision: revision + 1 };
		assert.deepEqual(bench.ask("server", { server: SERVER }).value, same);
		assert.lengthOf(bench.facade.applied, 2);
		assert.equal(reason(bench.ask("server", { server: { host: "192.0.2.7", password: "x" } })), "ok");
		assert.deepEqual(stored(bench), { host: "192.0.2.7", port: 1883, password: "x", spread: 60 });
		assert.deepEqual(bench.ask("server", { server: null }).value, { changed: true, revision: revision + 3 });
		assert.isUndefined(stored(bench));
		assert.deepEqual(bench.ask("server", { server: null }).value, { changed: false, revision: revision + 3 });
		assert.deepEqual(
			bench.facade.recorded
				.slice(events)
				.map(({ event, detail, value }) => [event, detail, value - revision]),
			[1, 2, 3].map((n) => ["configuration", 6, n]),
		);
	});

	it("needs authority, a site, and a reader with Wi-Fi", () => {
		const bench = proven();
		assert.equal(reason(bench.ask("server", { server: SERVER }, OTHER_CLIENT)), "not-authorised");
		assert.equal(reason(bench.ask("server", { server: null }, OTHER_CLIENT)), "not-authorised");
		assert.equal(reason(new Bench(crypto).ask("server", { server: SERVER })), "not-commissioned");
		bench.ask("server", { server: SERVER });
		Object.assign(bench.facade, { wifi: undefined });
		assert.equal(reason(bench.ask("server", { server: { ...SERVER, port: 1884 } })), "not-available");
		assert.deepEqual(stored(bench), SERVER);
		assert.equal(reason(bench.ask("server", { server: null })), "ok");
	});

	it("is refused outside its bounds with the field's name, never its password, and nothing is changed", () => {
		const bench = proven();
		bench.ask("server", { server: SERVER });
		const { revision } = bench.store;
		for (const [server, field] of [
			[{ ...SERVER, host: "" }, "server.host"],
			[{ ...SERVER, port: 0 }, "server.port"],
			[{ ...SERVER, password: "hunter2\n" }, "server.password"],
			[{ ...SERVER, spread: 601 }, "server.spread"],
			[{ ...SERVER, user: "hunter2" }, "server.user"],
			["hunter2", "server"],
			[7, "server"],
		] as const) {
			const { value } = bench.ask("server", { server });
			assert.deepInclude(value, { reason: "invalid-configuration" });
			assert.deepEqual(
				(value.problems as { field: string }[]).map((problem) => problem.field),
				[field],
			);
			assert.notInclude(JSON.stringify(value), "hunter2");
		}
		assert.equal(reason(bench.ask("server")), "invalid-configuration", "left out is not forgotten");
		assert.deepEqual([bench.store.revision, stored(bench)], [revision, SERVER]);
	});

	it("is shown as host and port to who has authority, and its password to nobody", () => {
		const bench = proven();
		assert.isNull(bench.ask("state").value.server);
		bench.ask("server", { server: SERVER });
		assert.deepEqual(bench.ask("state").value.server, SHOWN);
		assert.notProperty(bench.ask("state", {}, OTHER_CLIENT).value, "server");
		for (const name of ["info", "state", "configuration"])
			assert.notInclude(JSON.stringify(bench.ask(name).value), SERVER.password, name);
		assert.notProperty(bench.ask("info").value, "server");
	});

	it("comes with the reader's site in one change, and says that it has come", () => {
		const bench = new Bench(crypto);
		bench.ask("begin");
		bench.sendLists();
		const request = { member: bench.member(), configuration: { id: "FRONT" } };
		const wrong = bench.ask("finish", { ...request, server: { ...SERVER, port: 0 } });
		assert.equal(reason(wrong), "invalid-configuration");
		assert.isUndefined(bench.store.membership, "as a whole or not at all");
		const { wifi } = bench.facade;
		Object.assign(bench.facade, { wifi: undefined });
		assert.equal(reason(bench.ask("finish", { ...request, server: SERVER })), "not-available");
		assert.isUndefined(bench.store.membership);
		Object.assign(bench.facade, { wifi });
		assert.deepEqual(bench.ask("finish", { ...request, server: SERVER }).value, {
			revision: 1,
			server: true,
		});
		assert.deepEqual(stored(bench), SERVER);
		const without = new Bench(crypto);
		assert.notProperty(without.commission().value, "server");
	});

	it("fits a request beside the longest configuration", () => {
		const longest = checkConfig({
			...{ id: "WWWWWWWW", name: "W".repeat(48), timeServer: "w".repeat(64), bluetooth: "near-and-tap" },
			door: Object.fromEntries(
				["position", "requestToExit", "tamper", "fireInput", "lockdownInput"].map((input) => [
					input,
					"supervised-normally-closed",
				]),
			),
		});
		if ("problems" in longest) throw new Error(JSON.stringify(longest.problems));
		const bench = new Bench(crypto);
		bench.ask("begin");
		bench.sendLists();
		const server = { host: "w".repeat(64), port: 65_535, password: "w".repeat(64), spread: 600 };
		const member = bench.member("WWWWWWWW");
		const finished = bench.ask("finish", {
			...{ member, configuration: longest.config, eraseLog: true, server },
		});
		assert.equal(reason(finished), "ok");
		assert.isAtMost(bench.sent.at(-1)!.length, MAX_PAYLOAD + 20);
		assert.deepEqual(stored(bench), server);
	});
});
