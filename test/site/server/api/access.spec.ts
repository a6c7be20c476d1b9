// SPDX-License-Identifier: Apache-2.0

/** Who may do what: each route with no token, a wrong one, and one of each role, over HTTP. */
import { request } from "node:http";
import { Validator } from "@seriousme/openapi-schema-validator";
import { assert } from "chai";
import type { Scope } from "../../../../site/server/api/rights.js";
import { PERSON_ROLES, ROLES, type Role } from "../../../../site/server/api/roles.js";
import { BEGAN, DAY, TestSite } from "../test-site.js";

/**
 * The lowest role of each route; `confirmed`: a person has to have confirmed; `permits`: besides, of tokens only the owner's may. `page`: of
 * people who have not signed in, from the server's own pages; `phone`: a link's token or a credential's key says who it is. Written by hand, since it is what a page says: a route that is not here fails.
 */
const ROUTES: Readonly<
	Record<string, Role | `${Role} ${"confirmed" | "permits"}` | "everybody" | "page" | "phone">
> = {
	"GET /healthz": "everybody",
	"GET /api/setup": "everybody",
	"POST /api/start": "page",
	"POST /api/start/look": "page",
	"POST /api/sign-in": "page",
	"POST /api/sign-out": "monitor",
	"POST /api/confirm": "viewer",
	"POST /api/confirm/passkey": "viewer",
	"POST /api/confirm/passkey/options": "viewer",
	"POST /api/sign-in/code": "page",
	"POST /api/sign-in/passkey": "page",
	"POST /api/sign-in/passkey/options": "page",
	"POST /api/start/passkey/options": "page",
	"GET /api/me/sign-in": "viewer",
	"POST /api/me/codes": "viewer confirmed",
	"PUT /api/me/password": "viewer confirmed",
	"POST /api/me/passkeys": "viewer confirmed",
	"POST /api/me/passkeys/options": "viewer confirmed",
	"DELETE /api/me/passkeys/{id}": "viewer confirmed",
	"DELETE /api/me/sessions": "viewer",
	"DELETE /api/me/sessions/{id}": "viewer",
	"GET /api/administrators": "administrator",
	"GET /api/audit": "administrator",
	"GET /api/settings/privacy": "administrator",
	"PUT /api/settings/privacy": "owner confirmed",
	"GET /api/users/{id}/export": "administrator",
	"POST /api/administrators/{id}/erase": "owner permits",
	"GET /api/audit/export": "administrator",
	"POST /api/administrators": "owner permits",
	"PUT /api/administrators/{id}": "owner permits",
	"DELETE /api/administrators/{id}": "owner permits",
	"POST /api/administrators/{id}/link": "owner permits",
	"GET /api/me": "monitor",
	"GET /api/health": "monitor",
	"GET /metrics": "monitor",
	"GET /api/site": "monitor",
	"GET /api/trust": "viewer",
	"POST /api/trust": "administrator",
	"POST /api/keys/next": "administrator",
	"GET /api/doors": "monitor",
	"POST /api/doors": "administrator",
	"GET /api/doors/{door}/fork": "viewer",
	"DELETE /api/doors/{door}/fork": "administrator",
	"GET /api/doors/{door}": "monitor",
	"PATCH /api/doors/{door}": "administrator",
	"DELETE /api/doors/{door}": "administrator",
	"PATCH /api/doors/{door}/settings": "administrator",
	"DELETE /api/doors/{door}/settings": "administrator",
	"PUT /api/doors/{door}/configuration": "administrator",
	"DELETE /api/doors/{door}/configuration": "administrator",
	"GET /api/doors/{door}/registration": "administrator",
	"POST /api/doors/{door}/commands": "manager",
	"GET /api/lockdown": "monitor",
	"POST /api/lockdown": "manager confirmed",
	"DELETE /api/lockdown": "administrator permits",
	"GET /api/restore": "monitor",
	"POST /api/restore/confirm": "owner confirmed",
	"GET /api/users": "viewer",
	"POST /api/users": "manager",
	"GET /api/users/export": "administrator",
	"POST /api/users/import": "administrator",
	"GET /api/users/{id}": "viewer",
	"PUT /api/users/{id}": "manager",
	"DELETE /api/users/{id}": "manager",
	"POST /api/users/{id}/pause": "manager",
	"POST /api/users/{id}/resume": "manager",
	"POST /api/users/{id}/erase": "administrator",
	"DELETE /api/users/{id}/credentials/{credential}": "manager",
	"GET /api/plan": "viewer",
	"GET /api/plan/accessPlans": "viewer",
	"GET /api/plan/schedules": "viewer",
	"GET /api/plan/holidays": "viewer",
	"GET /api/plan/settings": "viewer",
	"GET /api/plan/doors": "viewer",
	"PUT /api/plan": "administrator",
	"PUT /api/plan/settings": "administrator",
	"PUT /api/plan/doors/{door}": "administrator",
	"PUT /api/plan/accessPlans/{name}": "administrator",
	"DELETE /api/plan/accessPlans/{name}": "administrator",
	"PUT /api/plan/schedules/{name}": "administrator",
	"DELETE /api/plan/schedules/{name}": "administrator",
	"PUT /api/plan/holidays/{name}": "administrator",
	"DELETE /api/plan/holidays/{name}": "administrator",
	"GET /api/log": "viewer",
	"GET /api/log/export": "viewer",
	"GET /api/doors/{door}/log/export": "viewer",
	"GET /api/alarms": "viewer",
	"POST /api/alarms/acknowledge": "manager",
	"GET /api/events": "viewer",
	"GET /api/tokens": "owner",
	"POST /api/tokens": "owner confirmed",
	"DELETE /api/tokens/{id}": "owner confirmed",
	"GET /api/invitations": "viewer",
	"GET /api/invitations/{id}": "viewer",
	"POST /api/users/{id}/invitations": "manager",
	"POST /api/invitations": "manager",
	"GET /api/settings/mail": "administrator",
	"PUT /api/settings/mail": "administrator confirmed",
	"DELETE /api/settings/mail": "administrator confirmed",
	"POST /api/settings/mail/test": "administrator",
	"GET /api/settings/sms": "administrator",
	"PUT /api/settings/sms": "administrator confirmed",
	"DELETE /api/settings/sms": "administrator confirmed",
	"POST /api/settings/sms/test": "administrator",
	"GET /api/settings/texts": "administrator",
	"PUT /api/settings/messages": "administrator",
	"PUT /api/settings/texts/{language}/{occasion}": "administrator",
	"DELETE /api/settings/texts/{language}/{occasion}": "administrator",
	"POST /api/settings/texts/{language}/{occasion}/preview": "administrator",
	"POST /api/sms/status/{secret}": "phone",
	"GET /api/passes": "viewer",
	"POST /api/passes": "manager",
	"DELETE /api/passes/{id}": "manager",
	"GET /api/users/{id}/lend": "viewer",
	"PUT /api/users/{id}/lend": "manager",
	"GET /api/settings/site": "administrator",
	"PUT /api/settings/site": "administrator",
	"GET /api/credentials/{id}/doors": "viewer",
	"POST /api/phone/move": "phone",
	"POST /api/phone/lost": "phone",
	"GET /api/phone/passes": "phone",
	"POST /api/phone/passes": "phone",
	"DELETE /api/phone/passes/{id}": "phone",
	"POST /api/invitations/{id}/resend": "manager",
	"DELETE /api/invitations/{id}": "manager",
	"GET /api/phone/invitations/{token}": "phone",
	"POST /api/phone/accept": "phone",
	"POST /api/phone/state": "phone",
};

/** What a manager gets to, and how it is kept to this person's doors (`site/server/api/rights.ts`); to nothing else. */
const MANAGERS: Readonly<Record<string, Scope>> = {
	"GET /api/me": "site",
	"GET /api/me/sign-in": "site",
	"POST /api/me/codes": "site",
	"PUT /api/me/password": "site",
	"POST /api/me/passkeys": "site",
	"POST /api/me/passkeys/options": "site",
	"DELETE /api/me/passkeys/{id}": "site",
	"DELETE /api/me/sessions": "site",
	"DELETE /api/me/sessions/{id}": "site",
	"POST /api/sign-out": "site",
	"POST /api/confirm": "site",
	"POST /api/confirm/passkey": "site",
	"POST /api/confirm/passkey/options": "site",
	"GET /api/site": "site",
	"GET /api/health": "own",
	"GET /api/doors": "own",
	"GET /api/doors/{door}": "door",
	"POST /api/doors/{door}/commands": "door",
	"GET /api/doors/{door}/log/export": "door",
	"GET /api/lockdown": "own",
	"POST /api/lockdown": "own",
	"GET /api/users": "own",
	"POST /api/users": "own",
	"GET /api/users/{id}": "user",
	"PUT /api/users/{id}": "user",
	"DELETE /api/users/{id}": "user",
	"POST /api/users/{id}/pause": "user",
	"POST /api/users/{id}/resume": "user",
	"DELETE /api/users/{id}/credentials/{credential}": "user",
	"POST /api/users/{id}/invitations": "user",
	"POST /api/invitations": "own",
	"GET /api/passes": "own",
	"POST /api/passes": "own",
	"DELETE /api/passes/{id}": "own",
	"GET /api/users/{id}/lend": "user",
	"PUT /api/users/{id}/lend": "user",
	"GET /api/credentials/{id}/doors": "own",
	"GET /api/invitations": "own",
	"GET /api/invitations/{id}": "own",
	"DELETE /api/invitations/{id}": "own",
	"POST /api/invitations/{id}/resend": "own",
	"GET /api/plan": "own",
	"GET /api/plan/accessPlans": "own",
	"GET /api/plan/schedules": "own",
	"GET /api/plan/holidays": "own",
	"GET /api/plan/settings": "own",
	"GET /api/plan/doors": "own",
	"GET /api/log": "own",
	"GET /api/log/export": "own",
	"GET /api/alarms": "own",
	"POST /api/alarms/acknowledge": "own",
	"GET /api/events": "own",
};

interface Document {
	readonly openapi: string;
	readonly paths: Record<string, Record<string, { security?: unknown; summary?: string; responses: object }>>;
}

describe("access to the API", () => {
	let site: TestSite;
	let document: Document;
	const tokens = new Map<Role, string>();

	before(async () => {
		site = new TestSite();
		await site.start();
		tokens.set("owner", site.owner);
		for (const role of ["monitor", "viewer", "administrator"] as const)
			tokens.set(role, await site.token(role));
		document = (await site.ask("GET", "/api/openapi.json", { token: "" })).body;
	});
	after(() => site.end());

	/** Status and reason alone: a stream of events does not end. */
	const answerOf = (
		method: string,
		path: string,
		headers: Record<string, string>,
	): Promise<{ status: number; reason?: string }> =>
		new Promise((resolve, reject) => {
			const one = request(
				site.server.url + path.replace(/\{\w+\}/g, "0"),
				{ method, headers },
				async (response) => {
					const status = response.statusCode!;
					if (response.headers["content-type"] !== "application/problem+json") {
						response.destroy();
						return resolve({ status });
					}
					let text = "";
					for await (const part of response) text += part;
					resolve({ status, reason: JSON.parse(text).reason });
				},
			);
			one.on("error", reject).end();
		});
	const byToken = (token: string): Record<string, string> =>
		token === "" ? {} : { authorization: `Bearer ${token}` };
	const byCookie = (cookie: string): Record<string, string> => ({ cookie, origin: site.server.pages });

	const routes = (): string[] =>
		Object.entries(document.paths).flatMap(([path, methods]) =>
			Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
		);

	it("is said of each route there is", () => {
		assert.sameMembers(routes(), Object.keys(ROUTES));
	});

	it("is refused without a token, with a wrong one, and to each lower role; never to a higher one", async () => {
		for (const [route, needed] of Object.entries(ROUTES)) {
			const [method, path] = route.split(" ") as [string, string];
			for (const wrong of ["", "lintel_x", `lintel_${"A".repeat(43)}`, `${site.owner}x`]) {
				const { reason, status } = await answerOf(method, path, byToken(wrong));
				if (needed === "everybody") assert.equal(status, 200, route);
				else if (needed === "page") assert.equal(reason, "other-origin", route);
				else if (needed === "phone")
					assert.include(["invalid", "not-signed", "too-many-tries"], reason, route);
				else assert.include(["no-token", "too-many-tries"], reason, `${route} with "${wrong}"`);
			}
			if (needed === "everybody" || needed === "page" || needed === "phone") continue;
			const [role, more] = needed.split(" ") as [Role, string?];
			for (const [name, token] of tokens) {
				const { reason, status } = await answerOf(method, path, byToken(token));
				const may = more === "permits" ? name === "owner" : ROLES.indexOf(name) >= ROLES.indexOf(role);
				if (may) assert.notInclude([401, 403, 429, 500], status, `${route} by a token of ${name}`);
				else assert.equal(reason, "wrong-role", `${route} by a token of ${name}`);
			}
		}
	});

	it("is a person's by the role, too, and what permits only when the person has confirmed", async () => {
		for (const isConfirmed of [true, false])
			for (const name of PERSON_ROLES) {
				const cookie = await site.person(
					name,
					name === "manager" ? ["0"] : undefined,
					`${name}-${isConfirmed}`,
				);
				if (!isConfirmed) site.now += 301;
				for (const [route, needed] of Object.entries(ROUTES)) {
					const [method, path] = route.split(" ") as [string, string];
					// It would end the session.
					if (["everybody", "page", "phone"].includes(needed) || path === "/api/sign-out") continue;
					const [role, more] = needed.split(" ") as [Role, string?];
					const { reason, status } = await answerOf(method, path, byCookie(cookie));
					const what = `${route} by ${name}${isConfirmed ? "" : ", not confirmed"}`;
					if (ROLES.indexOf(name) < ROLES.indexOf(role)) assert.equal(reason, "wrong-role", what);
					else if (more !== undefined && !isConfirmed) assert.equal(reason, "confirm-first", what);
					else if (reason !== "other-doors") assert.notInclude([401, 403, 429, 500], status, what);
				}
			}
	});

	it("is a manager's to what is about this person's doors, and to no other route", async () => {
		const { planner, store } = site.server.site;
		const plan = {
			hall: [{ doors: ["MINE"], schedule: "always" }],
			yard: [{ doors: ["YARD"], schedule: "always" }],
		};
		const users = [{ name: "Y", accessPlans: ["yard"], credentials: [] }];
		const document = { ...planner.content.document, accessPlans: plan, doors: { MINE: {}, YARD: {} }, users };
		await planner.edit([{ kind: "document", document }]);
		const { id } = planner.content.users[0]!;
		const cookie = await site.person("manager", ["MINE"], "kept");
		for (const [route, needed] of Object.entries(ROUTES)) {
			const [method, path] = route.split(" ") as [string, string];
			const [role] = needed.split(" ") as [Role];
			if (ROLES.indexOf(role) < 0 || ROLES.indexOf(role) > ROLES.indexOf("manager")) continue;
			if (path === "/api/sign-out" || path === "/api/me/sessions") continue;
			const asked = path.replace("{door}", "YARD");
			const of = asked.startsWith("/api/users/") ? asked.replace("{id}", id) : asked;
			// With no body of its own, which some would refuse before they look at doors.
			const { reason, status } = await answerOf(method, of, byCookie(cookie));
			const scope = MANAGERS[route];
			if (scope === undefined) assert.equal(reason, "other-doors", `${route} is none of a manager's`);
			else if (scope === "door" || scope === "user")
				assert.include(["other-doors", "invalid"], reason, `${route} of others`);
			else assert.notInclude(["other-doors", "wrong-role"], reason, route);
			assert.notEqual(status, 500);
		}
		for (const scoped of Object.keys(MANAGERS)) assert.property(ROUTES, scoped);
		await planner.edit([
			{ kind: "document", document: { ...document, doors: {}, users: [], accessPlans: {} } },
		]);
		for (const door of ["MINE", "YARD"]) assert.isUndefined(await store.doors.find(door));
	});

	it("is refused to a session's cookie from elsewhere: another page, a form, no page at all", async () => {
		const cookie = await site.person("owner", undefined, "csrf");
		for (const [route, needed] of Object.entries(ROUTES)) {
			const [method, path] = route.split(" ") as [string, string];
			// A phone's request has no cookie to be misused.
			if (needed === "everybody" || needed === "phone" || method === "GET") continue;
			const ask = async (headers: Record<string, string>): Promise<string | undefined> =>
				(await answerOf(method, path, { cookie, ...headers })).reason;
			const origin = site.server.pages;
			const { host, port } = new URL(origin);
			assert.equal(await ask({}), "other-origin", `${route} without Origin`);
			for (const other of [
				...["null", "https://evil.example", `http://evil.example:${port}`, `${origin}.evil.example`],
				...[`http://localhost:${Number(port) + 1}`, `https://${host}`, `${origin}/`],
			])
				assert.equal(await ask({ origin: other }), "other-origin", `${route} from ${other}`);
			for (const type of [
				"text/plain",
				"application/x-www-form-urlencoded",
				"multipart/form-data; boundary=x",
			])
				assert.equal(await ask({ origin, "content-type": type }), "not-json", `${route} by ${type}`);
		}
		assert.equal((await answerOf("GET", "/api/me", { cookie })).status, 200, "it is signed in still");
	});

	it("holds wrong tokens back after some, and takes a right one all the same", async () => {
		let refused = 0;
		for (let i = 0; i < 20; i++) {
			const { body, headers, status } = await site.ask("GET", "/api/site", { token: "wrong" });
			if (status !== 429) continue;
			refused++;
			assert.equal(body.reason, "too-many-tries");
			assert.isAbove(Number(headers.get("retry-after")), 0);
		}
		assert.isAbove(refused, 0);
		assert.equal((await site.ask("GET", "/api/site")).status, 200);
	});

	it("ends with a token's end, and when the owner takes it back", async () => {
		const short = await site.token("viewer", site.now + 10);
		assert.equal((await site.ask("GET", "/api/site", { token: short })).status, 200);
		site.now += 10;
		assert.include([401, 429], (await site.ask("GET", "/api/site", { token: short })).status);
		const gone = await site.token("viewer");
		const { body } = await site.ask("GET", "/api/tokens");
		const { id } = body.tokens.at(-1);
		assert.equal((await site.ask("DELETE", `/api/tokens/${id}`)).status, 204);
		assert.include([401, 429], (await site.ask("GET", "/api/site", { token: gone })).status);
		assert.equal((await site.ask("DELETE", `/api/tokens/${id}`)).status, 404);
	});

	it("is never the owner's by a token that the API makes, nor without an end", async () => {
		const make = async (body: object): Promise<number> =>
			(await site.ask("POST", "/api/tokens", { body })).status;
		const good = { name: "x", role: "administrator", until: site.now + DAY };
		assert.equal(await make(good), 201);
		assert.equal(await make({ ...good, role: "owner" }), 400);
		assert.equal(await make({ name: "x", role: "viewer" }), 400);
		assert.equal(await make({ ...good, until: site.now }), 422);
		assert.equal(await make({ ...good, until: site.now + 367 * DAY }), 422);
		assert.equal(await make({ ...good, more: 1 }), 400);
	});

	it("opens a door, or ends a lockdown, by no token but the owner's", async () => {
		await site.server.site.store.doors.put("FRONT", {});
		const command = async (what: string, token: string): Promise<string> =>
			(await site.ask("POST", "/api/doors/FRONT/commands", { body: { what }, token })).body.reason;
		for (const what of ["open", "normal", "release"]) {
			for (const role of ["monitor", "viewer", "administrator"] as const)
				assert.equal(await command(what, tokens.get(role)!), "wrong-role", `${what} by ${role}`);
			assert.equal(await command(what, site.owner), "no-session");
		}
		for (const what of ["lock", "lockdown", "identify", "restart"])
			assert.equal(await command(what, tokens.get("administrator")!), "no-session");
		assert.equal(await command("unlock", site.owner), "invalid", "until further notice is the plan's to say");
		await site.server.site.store.doors.remove("FRONT", 1);
	});

	it("keeps no token: the store has hashes, and no answer has one twice", async () => {
		const token = await site.token("viewer");
		const { text } = await site.ask("GET", "/api/tokens");
		assert.notInclude(text, token);
		assert.notInclude(text, token.slice(7));
		assert.deepEqual(site.said, []);
	});

	it("is written down: who made and ended a token", async () => {
		const actions = await site.server.site.store.actions.after(0, 1000);
		assert.includeMembers(
			actions.map(({ what }) => what),
			["make-token", "end-token"],
		);
		assert.match(actions[0]!.by, /^[0-9a-f]{16}$/);
	});

	it("is in an OpenAPI document that holds by the schema of its version, with what each route refuses", async () => {
		const checked = await new Validator().validate(structuredClone(document) as never);
		assert.isTrue(checked.valid, JSON.stringify(checked.errors, null, 1));
		assert.equal(document.openapi, "3.1.0");
		for (const [route, needed] of Object.entries(ROUTES)) {
			const [method, path] = route.split(" ") as [string, string];
			const operation = document.paths[path]![method.toLowerCase()]!;
			assert.isNotEmpty(operation.summary, route);
			assert.equal(operation.security !== undefined, !["everybody", "page", "phone"].includes(needed), route);
			if (needed !== "everybody") assert.include(Object.keys(operation.responses).join(), "4XX", route);
		}
	});
});

describe("what the API refuses", () => {
	let site: TestSite;
	before(async () => {
		site = new TestSite();
		await site.start();
	});
	after(() => site.end());

	const refused = async (
		status: number,
		reason: string,
		...[method, path, options]: Parameters<TestSite["ask"]>
	): Promise<void> => {
		const { body, headers, status: was } = await site.ask(method, path, options);
		assert.deepEqual([was, body.reason, body.status], [status, reason, status]);
		assert.equal(headers.get("content-type"), "application/problem+json");
		assert.equal(headers.get("cache-control"), "no-store");
		assert.isNotEmpty(body.detail);
	};

	it("is a problem with a reason, and repeats no value", async () => {
		await refused(404, "not-found", "GET", "/api/nothing");
		await refused(404, "not-found", "GET", "/api/tokens/0000000000000000/x");
		await refused(400, "invalid", "DELETE", "/api/tokens/nonsense");
		await refused(400, "invalid", "POST", "/api/tokens", { body: { name: 5, role: "viewer", until: 1 } });
		await refused(400, "malformed", "POST", "/api/tokens", { body: "{" });
		await refused(400, "invalid", "POST", "/api/tokens", { body: [] });
		await refused(415, "not-json", "POST", "/api/tokens", {
			body: "a",
			headers: { "content-type": "text/xml" },
		});
		await refused(413, "too-large", "POST", "/api/tokens", { body: { name: "x".repeat(70_000) } });
		await refused(400, "invalid", "GET", "/api/log?limit=5000");
		await refused(400, "invalid", "GET", "/api/log?nonsense=1");
		const { text } = await site.ask("POST", "/api/tokens", {
			body: { name: "secret", role: "hunter2", until: 1 },
		});
		assert.notInclude(text, "hunter2");
		assert.deepEqual(site.said, []);
	});
});

describe("trust lists over the API", () => {
	let site: TestSite;
	before(async () => {
		site = new TestSite();
		await site.start();
	});
	after(() => site.end());

	it("are shown, and the next one is taken where its roots have signed it", async () => {
		const { body } = await site.ask("GET", "/api/trust");
		assert.deepInclude(body, { site: "ACME", version: 2, epoch: 1 });
		assert.lengthOf(body.lists, 2);
		assert.include(JSON.stringify(body.keys), '"sync"');
		const list = site.nextList((model) => model);
		const next = Buffer.from(list).toString("hex");
		list[list.length - 1]! ^= 1;
		const forged = Buffer.from(list).toString("hex");
		const post = (list: string): ReturnType<TestSite["ask"]> =>
			site.ask("POST", "/api/trust", { body: { list } });
		assert.deepInclude((await post(forged)).body, { status: 409, reason: "not-by-roots" });
		assert.deepInclude((await post(body.lists[1])).body, { status: 409, reason: "not-newer" });
		assert.equal((await post(next)).status, 201);
		assert.equal((await site.ask("GET", "/api/site")).body.list, 3);
		// It is there after a restart, though the key file has the lists of before.
		await site.server.close();
		await site.start();
		assert.equal((await site.ask("GET", "/api/site")).body.list, 3);
		assert.equal(site.now, BEGAN + DAY);
	});
});
