// SPDX-License-Identifier: Apache-2.0

/** How people sign up and in, and what their sessions are worth. */
import { assert } from "chai";
import { cookieIn, DAY, PASSWORD, TestSite } from "../test-site.js";

const LOGIN = "maria@acme.example";

describe("signing in", () => {
	let site: TestSite;
	beforeEach(async () => {
		site = new TestSite();
		await site.start();
	});
	afterEach(() => site.end());

	const secret = (): string => site.server.startLink!.split("#")[1]!;
	const signUp = (body: object = {}): ReturnType<TestSite["ask"]> =>
		site.ask("POST", "/api/start", {
			cookie: "",
			body: { secret: secret(), name: "Maria", login: LOGIN, password: PASSWORD, ...body },
		});
	const signIn = (body: object = {}, cookie = ""): ReturnType<TestSite["ask"]> =>
		site.ask("POST", "/api/sign-in", { cookie, body: { login: LOGIN, password: PASSWORD, ...body } });
	const me = (cookie: string): ReturnType<TestSite["ask"]> => site.ask("GET", "/api/me", { cookie });

	it("begins with a link of one use to localhost, by which the owner signs up", async () => {
		assert.match(site.server.startLink!, /^http:\/\/localhost:\d+\/start#[A-Za-z0-9_-]{43}$/);
		const look = await site.ask("POST", "/api/start/look", { cookie: "", body: { secret: secret() } });
		assert.deepInclude(look.body, { kind: "owner", role: "owner", login: "" });
		const { headers, status } = await signUp();
		assert.equal(status, 204);
		assert.match(
			headers.get("set-cookie")!,
			/^lintel=[A-Za-z0-9_-]{43}; Path=\/; Max-Age=604800; HttpOnly; SameSite=Strict$/,
		);
		const { body } = await me(cookieIn(headers));
		assert.deepInclude(body, {
			kind: "person",
			name: "Maria",
			role: "owner",
			doors: null,
			confirmed: site.now,
		});
		assert.deepInclude((await signUp()).body, { status: 404, reason: "no-link" });
		const [action] = await site.server.site.store.actions.after(0, 10);
		assert.deepInclude(action, { what: "sign-up", by: body.id, to: body.id });
		assert.notInclude(JSON.stringify(action), "Maria");
	});

	it("has such a link at each start until there is an owner, of which the newest is good for 7 days", async () => {
		const first = secret();
		await site.server.close();
		await site.start();
		assert.deepInclude((await signUp({ secret: first })).body, { reason: "no-link" });
		site.now += 7 * DAY;
		assert.deepInclude((await signUp()).body, { reason: "no-link" });
		site.now -= 1;
		assert.equal((await signUp()).status, 204);
		await site.server.close();
		assert.isUndefined((await site.start()).startLink);
	});

	it("takes the right password, by a name in any case, and tells nothing of a wrong one", async () => {
		await signUp();
		assert.equal((await signIn({ login: LOGIN.toUpperCase() })).status, 204);
		const wrong = await signIn({ password: `${PASSWORD}!` });
		assert.deepInclude(wrong.body, { status: 403, reason: "wrong-sign-in" });
		const unknown = await signIn({ login: "nobody" });
		assert.deepEqual(unknown.body, wrong.body);
		assert.isNull(wrong.headers.get("set-cookie"));
	});

	it("does as much work for a name that nobody has as for one that somebody has", async () => {
		await signUp();
		const hashes = async (): Promise<number> => {
			const [, count] = /^lintel_passwords_total (\d+)$/m.exec((await site.ask("GET", "/metrics")).text)!;
			return Number(count);
		};
		const before = await hashes();
		await signIn({ password: "wrong and wrong" });
		const between = await hashes();
		await signIn({ login: "nobody", password: "wrong and wrong" });
		assert.deepEqual([between - before, (await hashes()) - between], [1, 1]);
	});

	it("takes no short password", async () => {
		assert.deepInclude((await signUp({ password: "elevenchars" })).body, { status: 400, reason: "invalid" });
	});

	it("makes a new session each time, whatever cookie came, and the one before is worth nothing", async () => {
		const first = cookieIn((await signUp()).headers);
		const fixed = `lintel=${"A".repeat(43)}`;
		const given = cookieIn((await signIn({}, fixed)).headers);
		assert.notEqual(given, fixed);
		assert.equal((await me(fixed)).status, 401);
		const next = cookieIn((await signIn({}, first)).headers);
		assert.notEqual(next, first);
		assert.equal((await me(first)).status, 401);
		assert.equal((await me(next)).status, 200);
		assert.equal((await me(given)).status, 200, "another browser's");
		const out = await site.ask("POST", "/api/sign-out", { cookie: next });
		assert.equal(out.status, 204);
		assert.include(out.headers.get("set-cookie"), "lintel=; Path=/; Max-Age=0");
		assert.equal((await me(next)).status, 401);
	});

	it("ends after 12 hours without a request, and after 7 days in any case", async () => {
		const cookie = cookieIn((await signUp()).headers);
		site.now += DAY / 2 - 1;
		assert.equal((await me(cookie)).status, 200);
		for (let hours = 12; hours < 7 * 24; hours += 11) {
			assert.equal((await me(cookie)).status, 200, `after ${hours} hours`);
			site.now += 11 * 3600;
		}
		assert.equal((await me(cookie)).status, 401, "after 7 days");
		const other = cookieIn((await signIn()).headers);
		site.now += DAY / 2;
		assert.equal((await me(other)).status, 401, "after 12 hours");
	});

	it("is confirmed by the password for 5 minutes, before what permits", async () => {
		const cookie = cookieIn((await signUp()).headers);
		const command = async (): Promise<string> =>
			(await site.ask("POST", "/api/doors/FRONT/commands", { cookie, body: { what: "open" } })).body.reason;
		assert.equal(await command(), "not-found");
		site.now += 300;
		assert.equal(await command(), "confirm-first");
		const confirm = (password: string): ReturnType<TestSite["ask"]> =>
			site.ask("POST", "/api/confirm", { cookie, body: { password } });
		assert.deepInclude((await confirm("something else")).body, { status: 403, reason: "wrong-password" });
		assert.equal(await command(), "confirm-first");
		assert.equal((await confirm(PASSWORD)).status, 204);
		assert.equal(await command(), "not-found");
		assert.equal((await me(cookie)).body.confirmed, site.now);
	});

	it("is held back after some wrong passwords, for a name that nobody has likewise; tokens go on", async () => {
		await signUp();
		for (const login of [LOGIN, "nobody"]) {
			const tries = await Promise.all(Array.from({ length: 12 }, () => signIn({ login, password: "x" })));
			const refused = tries.filter(({ body }) => body.reason === "too-many-tries");
			assert.lengthOf(refused, 2, login);
			assert.isAbove(Number(refused[0]!.headers.get("retry-after")), 0);
			site.now += 600;
		}
		assert.equal((await signIn()).status, 204);
		assert.equal((await site.ask("GET", "/api/me")).body.kind, "token");
	});

	it("leaves nothing secret in the store, and of the browser what it is in words", async () => {
		const { headers } = await signUp();
		const cookie = cookieIn(headers);
		const { store } = site.server.site;
		const [owner] = await store.administrators.list();
		assert.match(owner!.password!, /^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
		const sessions = await store.sessions.list(owner!.id, site.now);
		assert.notInclude(JSON.stringify(sessions), cookie.split("=")[1]!);
		assert.deepEqual(site.said, []);
	});

	it("behind HTTPS gives a cookie for this very host alone, to pages of the public address alone", async () => {
		await site.server.close();
		const publicUrl = "https://doors.acme.example";
		await site.start({ publicUrl });
		assert.match(site.server.startLink!, /^https:\/\/doors\.acme\.example\/start#/);
		const { headers } = await signUp();
		assert.match(
			headers.get("set-cookie")!,
			/^__Host-lintel=[\w-]{43}; Path=\/; Max-Age=604800; HttpOnly; SameSite=Strict; Secure$/,
		);
		const cookie = cookieIn(headers);
		assert.equal((await me(cookie)).status, 200);
		assert.equal((await me(cookie.replace("__Host-", ""))).status, 401, "another name is not it");
		for (const origin of [
			"http://doors.acme.example",
			"https://doors.acme.example.evil",
			"https://evil.example",
		]) {
			const { body } = await site.ask("POST", "/api/sign-out", { cookie, headers: { origin } });
			assert.equal(body.reason, "other-origin", origin);
		}
		assert.equal((await site.ask("POST", "/api/sign-out", { cookie })).status, 204);
	});

	it("lets no one in by a cookie beside a token that is wrong, nor by what only looks like a session", async () => {
		const cookie = cookieIn((await signUp()).headers);
		assert.equal((await site.ask("GET", "/api/me", { cookie, token: "lintel_wrong" })).status, 401);
		const [name, value] = cookie.split("=") as [string, string];
		for (const other of [
			"",
			"x",
			value.slice(1),
			`${value}x`,
			value.toLowerCase(),
			`"${value}"`,
			"' OR 1=1 --",
		])
			assert.equal((await me(`${name}=${other}`)).status, 401, other);
		assert.equal((await me(`a=b; ${name}=${value}; c=d`)).status, 200);
	});
});
