// SPDX-License-Identifier: Apache-2.0

/** People, plans and doors over HTTP, and what becomes of them in the plans that are signed for the doors. */
import { assert } from "chai";
import { toHex } from "../../../../protocol/bytes.js";
import { checkConfig, type ReaderConfig } from "../../../../protocol/config/document.js";
import { signConfiguration } from "../../../../site/lib/configuration/sign.js";
import { readDoorRegistration, readRegistered } from "../../../../site/lib/registration.js";
import { signingKey } from "../../../../site/lib/site-keys.js";
import { doorOfClient } from "../../../../site/server/broker/passwords.js";
import { TestSite } from "../test-site.js";

const ADA = "2b7d9ce0114f6685";
const BEN = "00112233445566aa";
const PLAN = {
	site: "ACME",
	timeZone: "Europe/Vienna",
	holidays: { bank: ["12-25", { date: "2026-05-01", days: 2 }] },
	schedules: { office: [{ days: ["mon-fri"], from: "07:00", to: "18:00" }] },
	accessPlans: { staff: [{ schedule: "office" }], all: [{ schedule: "always" }] },
	doors: { FRONT: { officeMode: true }, BACK: {} },
	users: [
		{ name: "Ada", accessPlans: ["all"], credentials: [{ id: ADA }] },
		{ name: "Ben", accessPlans: ["staff"], credentials: [{ id: BEN }] },
	],
};

describe("a site's content over the API", () => {
	let site: TestSite;

	beforeEach(async () => {
		site = new TestSite();
		await site.start();
		await done("PUT", "/api/plan", PLAN);
	});
	afterEach(async () => {
		await site.end();
		assert.deepEqual(site.said, []);
	});

	const done = async (method: string, path: string, body?: unknown): Promise<void> => {
		const { status, text } = await site.ask(method, path, { body });
		assert.equal(status, 204, text);
	};
	const refused = async (
		status: number,
		reason: string,
		method: string,
		path: string,
		body?: unknown,
	): Promise<string> => {
		const answer = await site.ask(method, path, { body });
		assert.deepEqual([answer.status, answer.body.reason], [status, reason], answer.text);
		return answer.body.detail;
	};
	/** Versions of the doors' plans, once all are signed that are to be at once. */
	const versions = async (): Promise<Record<string, number>> => {
		const { planner, store } = site.server.site;
		await planner.settled();
		return Object.fromEntries((await store.plans.heads()).map(({ door, version }) => [door, version]));
	};
	const userNamed = async (name: string): Promise<{ id: string; credentials: { id: string }[] }> =>
		(await site.ask("GET", `/api/users?search=${name}`)).body.users[0];
	const lastAction = async (): Promise<string> => {
		const actions = await site.server.site.store.actions.after(0, 1000);
		const { to, what } = actions.at(-1)!;
		return `${what} ${to ?? ""}`.trim();
	};

	it("gives back the plan file that was brought in, and signs a plan for each door at once", async () => {
		assert.deepEqual((await site.ask("GET", "/api/plan")).body, PLAN);
		assert.deepEqual(await versions(), { FRONT: 1, BACK: 1 });
		assert.equal(await lastAction(), "import-plan");
	});

	it("refuses what is no plan, with its place, and changes nothing", async () => {
		await refused(400, "invalid", "PUT", "/api/plan", { ...PLAN, more: 1 });
		await refused(400, "invalid", "PUT", "/api/plan", { ...PLAN, users: [{ name: 5 }] });
		const unknown = { ...PLAN, users: [{ name: "X", accessPlans: ["nobody"], credentials: [] }] };
		assert.include(await refused(422, "bad-plan", "PUT", "/api/plan", unknown), "users.0");
		assert.include(await refused(422, "bad-plan", "PUT", "/api/plan", { ...PLAN, site: "OTHER" }), "site");
		assert.include(
			await refused(422, "bad-plan", "DELETE", "/api/plan/schedules/office"),
			"office",
			"an access plan needs it",
		);
		assert.deepEqual((await site.ask("GET", "/api/plan")).body, PLAN);
		assert.deepEqual(await versions(), { FRONT: 1, BACK: 1 });
	});

	it("puts and removes parts by name, whatever the name", async () => {
		const name = encodeURIComponent("__proto__");
		await done("PUT", `/api/plan/accessPlans/${name}`, [{ schedule: "never" }]);
		await done("PUT", "/api/plan/schedules/night", [{ days: ["daily"], from: "22:00", to: "05:00" }]);
		await done("PUT", "/api/plan/holidays/bank", ["01-01"]);
		await done("PUT", "/api/plan/doors/BACK", { defaultMode: "locked" });
		await done("PUT", "/api/plan/settings", { timeZone: "UTC0", offline: { days: 30 } });
		const { body } = await site.ask("GET", "/api/plan");
		assert.deepEqual(Object.keys(body.accessPlans), ["staff", "all", "__proto__"]);
		assert.deepInclude(body, { timeZone: "UTC0", offline: { days: 30 } });
		assert.deepEqual(body.doors.BACK, { defaultMode: "locked" });
		await done("DELETE", `/api/plan/accessPlans/${name}`);
		assert.equal(await lastAction(), "remove-part accessPlans/__proto__");
		assert.deepEqual((await site.ask("GET", "/api/plan/accessPlans")).body, PLAN.accessPlans);
		assert.deepEqual((await site.ask("GET", "/api/plan/holidays")).body, { bank: ["01-01"] });
		await refused(404, "not-found", "DELETE", `/api/plan/accessPlans/${name}`);
		await refused(404, "not-found", "PUT", "/api/plan/doors/NONE", {});
		await refused(400, "invalid", "PUT", "/api/plan/schedules/bad", [{ from: "25:00", to: "05:00" }]);
	});

	it("adds, changes, pauses, removes and forgets a person; the log of actions has no name", async () => {
		const body = {
			name: "Cleo",
			email: "cleo@example.com",
			accessPlans: ["all"],
			credentials: [{ id: "00000000000000c1" }],
		};
		const made = await site.ask("POST", "/api/users", { body });
		assert.equal(made.status, 201, made.text);
		const { id } = made.body;
		const credentials = [{ id: "00000000000000c1", doors: { has: 0, of: 2, waiting: ["FRONT", "BACK"] } }];
		assert.deepEqual(made.body, { id, state: "active", ...body, credentials, invitation: null });
		const path = `/api/users/${id}`;
		const changed = await site.ask("PUT", path, { body: { name: "Cleo B", accessPlans: ["staff"] } });
		assert.equal(changed.body.credentials[0].id, credentials[0]!.id, "they stay where none are said");
		assert.equal((await site.ask("POST", `${path}/pause`)).body.suspended, true);
		assert.equal((await site.ask("POST", `${path}/resume`)).body.suspended, false);
		await refused(409, "still-there", "POST", `${path}/erase`);
		await done("DELETE", path);
		await refused(404, "not-found", "GET", path);
		await done("POST", `${path}/erase`);
		const actions = await site.server.site.store.actions.after(0, 1000);
		assert.notInclude(JSON.stringify(actions), "Cleo");
		assert.deepEqual(
			actions.slice(-6).map(({ what }) => what),
			["add-user", "change-user", "pause-user", "resume-user", "remove-user", "erase-user"],
		);
	});

	it("pages through people by name, from where the page before has ended, whoever came or went meanwhile", async () => {
		const names = async (path: string): Promise<{ names: string[]; next: string | null; total: number }> => {
			const { body } = await site.ask("GET", `/api/users?${path}`);
			return { ...body, names: body.users.map(({ name }: { name: string }) => name) };
		};
		for (const name of ["Zoë", "anna", "Änne"])
			await site.ask("POST", "/api/users", { body: { name, accessPlans: ["staff"] } });
		const first = await names("limit=2");
		assert.deepEqual([first.names, first.total], [["Ada", "anna"], 5]);
		await done("DELETE", `/api/users/${(await userNamed("anna")).id}`);
		await site.ask("POST", "/api/users", { body: { name: "Aaron", accessPlans: [] } });
		const second = await names(`limit=2&cursor=${first.next}`);
		assert.deepEqual(second.names, ["Änne", "Ben"]);
		const third = await names(`limit=2&cursor=${second.next}`);
		assert.deepEqual([third.names, third.next], [["Zoë"], null]);
		assert.deepEqual((await names("cursor=nonsense&limit=1")).names, ["Aaron"]);
	});

	it("finds people by words of their names and addresses, by access plan and by how they stand", async () => {
		const people = [
			{ name: "Zoë de Groot", email: "zoe@example.com", accessPlans: ["all"], until: "2026-01-01" },
			{ name: "Carl", phone: "+43 660 1", accessPlans: ["staff"], suspended: true },
			{ name: "Dora", accessPlans: ["staff"], from: "2090-01-01", credentials: [{ id: "00000000000000d0" }] },
		];
		for (const body of people) await site.ask("POST", "/api/users", { body });
		const found = async (path: string): Promise<string[]> => {
			const { body } = await site.ask("GET", `/api/users?${path}`);
			return body.users.map(({ name, state }: { name: string; state: string }) => `${name}: ${state}`);
		};
		assert.deepEqual(await found("search=groot%20ZOE"), ["Zoë de Groot: ended"]);
		assert.deepEqual(await found("search=660"), ["Carl: paused"]);
		assert.deepEqual(await found("search=EN"), ["Ben: active"]);
		assert.deepEqual(await found("plan=staff&state=early"), ["Dora: early"]);
		assert.deepEqual(await found("state=ended"), ["Zoë de Groot: ended"]);
		await done("DELETE", `/api/users/${(await userNamed("Ben")).id}/credentials/${BEN}`);
		assert.deepEqual(await found("state=no-credential"), ["Ben: no-credential"]);
	});

	it("revokes at once and for good: the notice is signed, and the credential never comes back", async () => {
		const ben = await userNamed("Ben");
		await done("DELETE", `/api/users/${ben.id}/credentials/${BEN}`);
		assert.deepEqual(await versions(), { FRONT: 2, BACK: 2 });
		assert.equal(site.server.site.books.notice, 1);
		await done("DELETE", `/api/users/${(await userNamed("Ada")).id}`);
		assert.equal(site.server.site.books.notice, 2);
		const again = { name: "Ada", accessPlans: ["all"], credentials: [{ id: ADA }] };
		await refused(422, "bad-plan", "POST", "/api/users", again);
		await refused(404, "not-found", "DELETE", `/api/users/${ben.id}/credentials/${ADA}`);
	});

	it("does each edit whole or not at all when many come at once", async () => {
		const bodies = Array.from({ length: 30 }, (_, i) => ({
			name: `P${i}`,
			accessPlans: [i % 3 === 0 ? "nobody" : "all"],
			credentials: [{ id: (i + 1).toString(16).padStart(16, "0") }],
		}));
		const answers = await Promise.all(bodies.map((body) => site.ask("POST", "/api/users", { body })));
		assert.equal(answers.filter(({ status }) => status === 201).length, 20);
		assert.equal(answers.filter(({ body }) => body.reason === "bad-plan").length, 10);
		assert.lengthOf((await site.ask("GET", "/api/users")).body.users, 22);
	});
});

function checked(value: object): ReaderConfig {
	const result = checkConfig(value);
	if ("problems" in result) throw new Error("the configuration is not valid");
	return result.config;
}

describe("doors over the API", () => {
	let site: TestSite;
	const key = (byte: number): string =>
		toHex(site.crypto.ed25519KeyPair(new Uint8Array(32).fill(byte)).publicKey);
	const READER = "00000000000000a1";

	beforeEach(async () => {
		site = new TestSite();
		await site.start();
	});
	afterEach(async () => {
		await site.end();
		assert.deepEqual(site.said, []);
	});

	const register = (body: object): ReturnType<TestSite["ask"]> =>
		site.ask("POST", "/api/doors", {
			body: { door: "FRONT", name: "Front", key: key(1), readerId: READER, ...body },
		});

	it("registers a reader and its door, once; another in its place only where that is said", async () => {
		const before = await site.ask("GET", "/api/doors/FRONT/registration");
		assert.isNull(readDoorRegistration(before.body)!.reader);
		assert.equal((await site.ask("GET", "/api/doors")).body.doors.length, 0, "that has changed nothing");
		const first = await register({});
		assert.deepInclude(readRegistered(first.body)!, { registered: "new" });
		const { password } = readRegistered(first.body)!.server;
		const { secret } = site.server.site.broker;
		assert.equal(doorOfClient(secret, "ACME/FRONT", Buffer.from(password)), "FRONT");
		assert.equal((await register({})).body.registered, "same");
		assert.deepInclude((await register({ key: key(2) })).body, { status: 409, reason: "other-reader" });
		assert.equal((await register({ key: key(2), replaces: key(1) })).body.registered, "replaced");
		assert.deepInclude((await register({ door: "BACK", key: key(2) })).body, {
			status: 409,
			reason: "other-door",
		});
		assert.deepInclude((await register({ key: "00".repeat(32) })).body, { status: 422, reason: "bad-key" });
		const { body } = await site.ask("GET", "/api/doors/FRONT/registration");
		assert.deepInclude(body.reader, { key: key(2), readerId: READER, events: 0 });
		const door = (await site.ask("GET", "/api/doors/FRONT")).body;
		assert.deepInclude(door, { id: "FRONT", name: "Front", state: "unreachable", words: "never heard of" });
	});

	it("takes no reader that the site's trust list has revoked", async () => {
		const list = site.nextList((model) => ({ ...model, revoked: [Buffer.from(READER, "hex")] }));
		await site.ask("POST", "/api/trust", { body: { list: toHex(list) } });
		assert.deepInclude((await register({})).body, { status: 409, reason: "revoked" });
	});

	it("renames a door, and nothing else in the same breath", async () => {
		await register({});
		const patch = async (door: string, body: object): Promise<number> =>
			(await site.ask("PATCH", `/api/doors/${door}`, { body })).status;
		assert.equal(await patch("FRONT", { name: "Main" }), 204);
		assert.equal((await site.ask("GET", "/api/doors/FRONT")).body.name, "Main");
		assert.equal(await patch("BACK", { name: "Main" }), 404);
		assert.equal(await patch("FRONT", {}), 400);
		assert.equal(await patch("FRONT", { name: "Main", sounds: "none" }), 400);
	});

	const SETTINGS = "/api/doors/FRONT/settings";
	const CONFIGURATION = "/api/doors/FRONT/configuration";
	const actions = () => site.server.site.store.actions.after(0, 100);

	it("gives settings with what still waits, and shows no password of a network to anyone", async () => {
		await register({});
		const give = (body: object, path = SETTINGS): ReturnType<TestSite["ask"]> =>
			site.ask("PATCH", path, { body });
		assert.isNull((await site.ask("GET", "/api/doors/FRONT")).body.settings);
		const wifi = { ssid: "Building", password: "hunter2 hunter2" };
		assert.equal((await give({ sounds: "alarms-only", wifi })).status, 204);
		assert.equal((await give({ spread: 30 })).status, 204);
		const stored = async () => (await site.server.site.store.doors.find("FRONT"))?.settings;
		assert.deepEqual(await stored(), { sounds: 2, spread: 30, ssid: "Building", password: wifi.password });
		const door = await site.ask("GET", "/api/doors/FRONT");
		assert.deepEqual(door.body.settings, {
			...{ state: "waiting", reason: null, at: null },
			...{ sounds: "alarms-only", spread: 30, ssid: "Building" },
		});
		const list = await site.ask("GET", "/api/doors");
		const said = JSON.stringify([await actions(), await site.server.site.store.feed.after(0, 100)]);
		for (const text of [said, door.text, list.text]) assert.notInclude(text, "hunter2");
		assert.include(said, '"what":"give-settings"');
		// Out of the bounds that a reader has: in bytes, and in what it knows.
		for (const [status, body] of [
			[400, {}],
			[400, { strikeTime: 9 }],
			[400, { sounds: true }],
			[400, { spread: 601 }],
			[400, { wifi: { ssid: "Building" } }],
			[400, { wifi: { ssid: "", password: "" } }],
			[422, { wifi: { ssid: "é".repeat(17), password: "" } }],
			[422, { wifi: { ssid: "Building", password: "hunter2" } }],
		] as const) {
			const answer = await give(body);
			assert.equal(answer.status, status, JSON.stringify(body));
			assert.notInclude(answer.text, "hunter2");
		}
		assert.equal((await give({ spread: 1 }, "/api/doors/BACK/settings")).status, 404);
		assert.equal((await stored())?.spread, 30);
		// A door that never comes does not keep a password for ever.
		assert.equal((await site.ask("DELETE", SETTINGS)).status, 204);
		assert.isUndefined(await stored());
		assert.isNull((await site.ask("GET", "/api/doors/FRONT")).body.settings);
		await give({ wifi });
		await site.ask("DELETE", "/api/doors/FRONT");
		await register({});
		assert.isUndefined(await stored(), "a door that was removed has none any more");
	});

	it("brings a configuration that an installer's key has signed, and none that the reader would refuse", async () => {
		await register({});
		const { crypto } = site;
		const installer = signingKey(site.installer, crypto);
		const signed = (number: number, id = "FRONT", by = installer): Uint8Array =>
			signConfiguration("ACME", checked({ id }), number, by);
		const put = (envelope: Uint8Array | string, path = CONFIGURATION): ReturnType<TestSite["ask"]> =>
			site.ask("PUT", path, {
				body: {
					envelope: typeof envelope === "string" ? envelope : Buffer.from(envelope).toString("base64"),
				},
			});
		const waiting = { state: "waiting", reason: null, at: null };
		assert.deepEqual((await put(signed(1000))).body, { ...waiting, number: 1000 });
		assert.deepEqual((await site.ask("GET", "/api/doors/FRONT")).body.configuration, {
			...{ ...waiting, number: 1000 },
		});
		const action = (await actions()).find(({ what }) => what === "give-configuration");
		const by = toHex(installer.publicKey.subarray(0, 8));
		assert.deepEqual([action?.to, action?.details], ["FRONT", { by, number: 1000 }]);

		const forged = signed(2000);
		forged[forged.length - 1]! ^= 1;
		const office = signingKey(site.office, crypto);
		const stranger = signingKey(crypto.ed25519KeyPair(new Uint8Array(32).fill(9)), crypto);
		for (const [status, reason, envelope] of [
			[409, "bad-signature", forged],
			[409, "wrong-door", signed(2000, "BACK")],
			[409, "wrong-role", signed(2000, "FRONT", office)],
			[409, "unknown-issuer", signed(2000, "FRONT", stranger)],
			[409, "not-newer", signed(999)],
			[422, "malformed", new Uint8Array(10)],
			[400, "invalid", ""],
			[400, "invalid", "not base64!"],
			[400, "invalid", new Uint8Array(961)],
		] as const) {
			const { body } = await put(envelope);
			assert.deepEqual([body.status, body.reason], [status, reason]);
		}
		assert.equal((await put(signed(2000), "/api/doors/BACK/configuration")).status, 404);
		const stored = async () => (await site.server.site.store.doors.find("FRONT"))?.configuration;
		assert.deepEqual(await stored(), signed(1000), "it stays");
		await put(signed(3000));
		assert.deepEqual(await stored(), signed(3000));
		assert.equal((await site.ask("DELETE", CONFIGURATION)).status, 204);
		assert.isUndefined(await stored());
	});

	it("removes a door, whose log stays, and takes it again", async () => {
		await register({});
		assert.equal((await site.ask("DELETE", "/api/doors/FRONT")).status, 204);
		assert.equal((await site.ask("DELETE", "/api/doors/FRONT")).status, 404);
		assert.deepEqual((await site.ask("GET", "/api/doors")).body.doors, []);
		assert.isFalse(site.server.site.transport.knows("FRONT"));
		assert.equal((await register({})).status, 200);
		assert.isTrue(site.server.site.transport.knows("FRONT"));
	});

	it("locks down by a signed notice, for doors that there are, and ends that", async () => {
		await register({});
		const post = (body: object): ReturnType<TestSite["ask"]> => site.ask("POST", "/api/lockdown", { body });
		assert.equal((await post({ seconds: 86_401 })).status, 400);
		assert.equal((await post({ seconds: 60, doors: ["NONE"] })).status, 404);
		assert.equal((await post({ seconds: 600, doors: ["FRONT"] })).status, 204);
		const { body } = await site.ask("GET", "/api/lockdown");
		assert.deepEqual(body.lockdowns, [{ issued: site.now, until: site.now + 600, doors: ["FRONT"] }]);
		assert.isDefined(site.server.site.books.lockdown("FRONT"));
		assert.equal((await site.ask("DELETE", "/api/lockdown")).status, 204);
		assert.deepEqual((await site.ask("GET", "/api/lockdown")).body.lockdowns, []);
		assert.isNull(site.server.site.books.lockdown("FRONT"));
	});
});

describe("what a server says of itself", () => {
	it("is its key's end, a broker that is gone, and that its data were restored until that is confirmed", async () => {
		const site = new TestSite();
		await site.start();
		const reasons = async (): Promise<string[]> =>
			(await site.ask("GET", "/api/health")).body.problems.map(({ reason }: { reason: string }) => reason);
		assert.deepEqual(await reasons(), []);
		site.now += 80 * 86_400;
		assert.deepEqual(await reasons(), ["key-ends-soon"]);
		site.now += 10 * 86_400;
		assert.deepEqual(await reasons(), ["no-key"]);
		site.now -= 90 * 86_400;
		await site.server.site.store.facts.set("restored", site.now);
		await site.server.close();
		await site.start();
		assert.deepEqual(await reasons(), ["restored"]);
		assert.deepEqual((await site.ask("GET", "/api/restore")).body, {
			restored: site.now,
			unheard: [],
			lostNotices: null,
		});
		assert.equal((await site.ask("POST", "/api/restore/confirm")).status, 204);
		assert.deepInclude((await site.ask("POST", "/api/restore/confirm")).body, { reason: "not-restored" });
		assert.deepEqual(await reasons(), []);
		await site.end();
	});
});
