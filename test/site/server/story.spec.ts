// SPDX-License-Identifier: Apache-2.0

/** A day of a site: its server, the broker in it, and the firmware's sync over TCP, all as they run. */
import { assert } from "chai";
import type { ServerSettings } from "../../../protocol/config/server.js";
import { ExternalBroker } from "../../../site/server/broker/external.js";
import { aclFile, passwordFile } from "../../../site/server/broker/mosquitto.js";
import { brokerPassword } from "../../../site/server/broker/passwords.js";
import { brokerSecret, serverPassword } from "../../../site/server/brokers.js";
import { freePort, startMosquitto } from "../../support/mosquitto.js";
import { until } from "../../support/until.js";
import { ENGINES } from "./store/engines.js";
import { TestReader } from "./test-reader.js";
import { DAY, TestSite } from "./test-site.js";

const ADA = "2b7d9ce0114f6685";
const BEN = "00112233445566aa";

const PLAN = {
	site: "ACME",
	timeZone: "UTC0",
	accessPlans: { all: [{ schedule: "always" }] },
	doors: { FRONT: {} },
	users: [
		{ name: "Ada", accessPlans: ["all"], credentials: [{ id: ADA }] },
		{ name: "Ben", accessPlans: ["all"], credentials: [{ id: BEN }] },
	],
};

const now = (): number => Math.floor(Date.now() / 1000);

for (const engine of ENGINES)
	describe(`a site, its server and a door, on ${engine.name}`, () => {
		before(function () {
			this.timeout(60_000);
			return engine.start(this);
		});
		after(() => engine.stop());

		let site: TestSite;
		let reader: TestReader;
		let settings: ServerSettings;

		beforeEach(async () => {
			site = new TestSite(now() - 2 * DAY);
			if (engine.name !== "SQLite") site.store = (await engine.make()).place;
			await site.start({ now });
			reader = new TestReader(site, "FRONT");
			const { body } = await site.ask("POST", "/api/doors", {
				body: { door: "FRONT", name: "Front door", key: reader.key, readerId: reader.readerId },
			});
			assert.equal(body.registered, "new");
			settings = body.server;
			reader.commission(settings);
		});
		afterEach(async () => {
			reader.powerOff();
			await site.end();
			assert.deepEqual(
				site.said.filter((line) => line !== "the broker is there: doors are served"),
				[],
			);
		});

		// biome-ignore lint/suspicious/noExplicitAny: what a server answers is what the spec looks at
		type Body = any;
		const door = async (): Promise<Body> => (await site.ask("GET", "/api/doors/FRONT")).body;
		/** Until the door is as the server is asked for. */
		const becomes = async (what: string, met: (door: Body) => boolean): Promise<Body> => {
			for (let last = await door(), end = Date.now() + 60_000; ; last = await door()) {
				if (met(last)) return last;
				if (Date.now() > end) throw new Error(`not in time: ${what}: ${JSON.stringify(last)}`);
				await new Promise((resolve) => setTimeout(resolve, 20));
			}
		};
		const has = (state: string) => becomes(state, (one) => one.state === state);
		const command = async (body: object, token?: string): Promise<Body> =>
			(await site.ask("POST", "/api/doors/FRONT/commands", { body, ...(token && { token }) })).body;

		it("goes on: register, list, plan, revoke at once, command, log, metrics, restart", async () => {
			assert.deepInclude(await door(), { state: "unreachable", words: "never heard of", name: "Front door" });
			assert.deepInclude(await command({ what: "identify" }), { result: "refused", reason: "no-session" });

			reader.powerOn();
			// The reader was commissioned with the first list, which has no server's key.
			await becomes("waiting for its first plan", ({ words }) => words === "waiting for a plan");
			assert.equal((await site.ask("PUT", "/api/plan", { body: PLAN })).status, 204);
			await becomes("the plan", ({ plan, state }) => plan.has?.version === 1 && state === "has-it");
			assert.deepEqual(
				[ADA, BEN].map((id) => reader.tap(id)),
				["granted", "granted"],
			);

			const { body } = await site.ask("GET", "/api/users?search=ben");
			const { id } = body.users[0];
			assert.equal((await site.ask("DELETE", `/api/users/${id}/credentials/${BEN}`)).status, 204);
			await until("Ben is out", () => reader.tap(BEN) === "revoked");
			assert.equal(reader.tap(ADA), "granted");

			const administrator = await site.token("administrator", now() + DAY);
			assert.deepInclude(await command({ what: "open", for: 5 }, administrator), {
				reason: "wrong-role",
				status: 403,
			});
			assert.deepInclude(await command({ what: "identify" }, administrator), { result: "done" });
			assert.deepInclude(await command({ what: "open", for: 5 }), { result: "done" });
			assert.isAbove(reader.released, 0);

			let commands: Body[] = [];
			await becomes("the log", ({ log }) => log.here > log.there);
			while (commands.length < 2)
				commands = (await site.ask("GET", "/api/log?event=command&order=oldest")).body.rows;
			const { body: tokens } = await site.ask("GET", "/api/tokens");
			assert.deepInclude(commands[0], { door: "FRONT", event: "command", subject: tokens.tokens[0].id });

			await becomes("all is there", ({ plan, state }) => plan.has.version === 2 && state === "has-it");
			const { text } = await site.ask("GET", "/metrics");
			assert.match(text, /^lintel_sessions 1$/m);
			assert.match(text, /^lintel_doors\{state="has-it"\} 1$/m);
			assert.match(text, /^lintel_log_rows_total [1-9]/m);
			assert.match(text, /^lintel_commands_total\{result="done"\} 2$/m);

			await site.server.close();
			await site.start({ now, broker: { host: "127.0.0.1", port: settings.port } });
			await has("has-it");
		});

		it("tells administrators what their door says: never heard of, waiting, has it, unreachable", async () => {
			reader.powerOn();
			await has("waiting");
			await site.ask("PUT", "/api/plan", { body: PLAN });
			await has("has-it");
			reader.powerOff();
			const gone = await has("unreachable");
			assert.match(gone.words, /^unreachable since 20/);
			// A plan that the door does not have yet.
			await site.ask("PUT", "/api/plan", { body: { ...PLAN, users: [] } });
			const lacking = await becomes("a newer plan", ({ lacks }) => lacks.length > 1);
			assert.match(lacking.words, /^unreachable since .*; it lacks plan 2, revocation notice 1$/);
		});

		it("removes a door at once: its session ends, and it gets no other", async () => {
			reader.powerOn();
			await has("waiting");
			assert.equal((await site.ask("DELETE", "/api/doors/FRONT")).status, 204);
			assert.equal((await site.ask("GET", "/api/doors/FRONT")).status, 404);
			await until("no session", () => site.server.site.sync.state("FRONT")?.inSession !== true);
			assert.isFalse(site.server.site.transport.isConnected("FRONT"));
		});

		it("goes on over Mosquitto with the files that the server writes", async function () {
			const { store } = site.server.site;
			const secret = await brokerSecret(store, "ACME");
			const users = {
				site: "ACME",
				serverPassword: serverPassword(secret),
				doors: [{ door: "FRONT", password: brokerPassword(secret, "FRONT", secret.epoch) }],
			};
			const port = await freePort();
			const broker = await startMosquitto(
				this,
				{ passwords: passwordFile(users), rules: aclFile(users) },
				port,
			);
			await site.server.close();
			await site.start({ now, broker: new URL(`mqtt://127.0.0.1:${port}`) });
			assert.instanceOf(site.server.site.transport, ExternalBroker);
			const { body } = await site.ask("GET", "/api/doors/FRONT/registration");
			assert.deepInclude(body.server, { host: "127.0.0.1", port });
			reader.commission(body.server);
			reader.powerOn();
			// Before it knows the time it does nothing that it is commanded.
			await becomes("its clock is set", ({ time }) => Number.isInteger(time?.clock));
			assert.deepInclude(await command({ what: "identify" }), { result: "done" });
			reader.powerOff();
			await site.server.close();
			await broker.stop();
		});
	});
