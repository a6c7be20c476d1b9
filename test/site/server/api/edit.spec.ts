// SPDX-License-Identifier: Apache-2.0

/** People, plans and doors over HTTP, and what becomes of them in the plans that are signed for the doors. */
import { assert } from "chai";
import { toHex } from "../../../../protocol/bytes.js";
import { readDoorRegistration, readRegistered } from "../../../../site/lib/registration.js";
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
		assert.deepEqual(made.body, { id, ...body });
		const path = `/api/users/${id}`;
		const changed = await site.ask("PUT", path, { body: { name: "Cleo B", accessPlans: ["staff"] } });
		assert.deepEqual(changed.body.credentials, body.credentials, "they stay where none are said");
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

	it("pages through people and finds them by part of a name or address", async () => {
		const first = (await site.ask("GET", "/api/users?limit=1")).body;
		assert.deepEqual([first.users[0].name, first.next], ["Ada", 1]);
		const second = (await site.ask("GET", "/api/users?limit=1&cursor=1")).body;
		assert.deepEqual([second.users[0].name, second.next], ["Ben", null]);
		assert.deepEqual(
			(await site.ask("GET", "/api/users?search=EN")).body.users.map(({ name }: { name: string }) => name),
			["Ben"],
		);
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

	it("renames and sets, and shows no password of a network to anyone", async () => {
		await register({});
		const wifi = { ssid: "Building", password: "hunter2 hunter2" };
		const body = { name: "Main", sounds: false, spread: 30, wifi };
		assert.equal((await site.ask("PATCH", "/api/doors/FRONT", { body })).status, 204);
		const { settings } = (await site.server.site.store.doors.find("FRONT"))!;
		assert.deepEqual(settings, { sounds: 0, spread: 30, ssid: "Building", password: "hunter2 hunter2" });
		const door = await site.ask("GET", "/api/doors/FRONT");
		assert.deepInclude(door.body, { name: "Main", pending: true });
		const actions = await site.server.site.store.actions.after(0, 100);
		assert.notInclude(JSON.stringify([actions, door.body]), "hunter2");
		assert.equal((await site.ask("PATCH", "/api/doors/BACK", { body })).status, 404);
		assert.equal((await site.ask("PATCH", "/api/doors/FRONT", { body: { strikeTime: 9 } })).status, 400);
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
