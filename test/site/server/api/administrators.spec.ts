// SPDX-License-Identifier: Apache-2.0

/** The people who work on a site: how they come, change and go, and how they sign in when all else is lost. */
import { assert } from "chai";
import { type Answer, cookieIn, PASSWORD, TestSite } from "../test-site.js";

describe("a site's administrators", () => {
	let site: TestSite;
	let owner: string;
	beforeEach(async () => {
		site = new TestSite();
		await site.start();
		owner = await site.person("owner", undefined, "olga");
	});
	afterEach(() => site.end());

	const as = (cookie: string, method: string, path: string, body?: object): Promise<Answer> =>
		site.ask(method, path, { cookie, ...(body && { body }) });
	const list = async (): Promise<
		{ id: string; name: string; role: string; state: string; login: string }[]
	> => (await as(owner, "GET", "/api/administrators")).body.administrators;
	const secretOf = ({ body }: Answer): string => body.link.split("#")[1];
	const join = (secret: string, login: string): Promise<Answer> =>
		site.ask("POST", "/api/start", {
			cookie: "",
			body: { secret, name: "Otto", login, password: PASSWORD },
		});
	const signedIn = async (cookie: string): Promise<boolean> =>
		(await as(cookie, "GET", "/api/me")).status === 200;

	it("are invited by a link of one use, which the owner hands over", async () => {
		const invited = await as(owner, "POST", "/api/administrators", { name: "Otto", role: "administrator" });
		assert.equal(invited.status, 201);
		assert.match(invited.body.link, new RegExp(`^${site.server.pages}/join#[A-Za-z0-9_-]{43}$`));
		const otto = async (): Promise<object> => (await list()).find(({ login }) => login !== "olga")!;
		assert.deepInclude(await otto(), { name: "Otto", state: "invited", login: "" });
		const look = await site.ask("POST", "/api/start/look", {
			cookie: "",
			body: { secret: secretOf(invited) },
		});
		assert.deepInclude(look.body, { kind: "join", name: "Otto", role: "administrator" });
		assert.deepInclude((await join(secretOf(invited), "olga")).body, { reason: "login-taken" });
		const [one, two] = await Promise.all(["otto", "eve"].map((login) => join(secretOf(invited), login)));
		assert.sameMembers([one!.status, two!.status], [204, 404], "of two who use it at once one has it");
		assert.deepInclude(await otto(), { state: "active", role: "administrator" });
	});

	it("are changed and removed at once: their sessions end with their rights", async () => {
		const invited = await as(owner, "POST", "/api/administrators", { name: "Otto", role: "administrator" });
		const otto = cookieIn((await join(secretOf(invited), "otto")).headers);
		const path = `/api/administrators/${invited.body.id}`;
		assert.isTrue(await signedIn(otto));
		assert.equal((await as(owner, "PUT", path, { name: "Otto B", role: "administrator" })).status, 200);
		assert.isTrue(await signedIn(otto), "another name");
		assert.equal((await as(owner, "PUT", path, { name: "Otto", role: "viewer" })).body.role, "viewer");
		assert.isFalse(await signedIn(otto), "another role");
		const again = await site.ask("POST", "/api/sign-in", {
			cookie: "",
			body: { login: "otto", password: PASSWORD },
		});
		assert.isTrue(await signedIn(cookieIn(again.headers)));
		assert.equal((await as(owner, "DELETE", path)).status, 204);
		assert.isFalse(await signedIn(cookieIn(again.headers)), "removed");
		assert.lengthOf(await list(), 1);
		assert.equal((await as(owner, "DELETE", path)).status, 404);
	});

	it("have one owner at least who can sign in", async () => {
		const { id } = (await list())[0]!;
		const path = `/api/administrators/${id}`;
		await as(owner, "POST", "/api/administrators", { name: "Otto", role: "owner" });
		for (const answer of [
			await as(owner, "DELETE", path),
			await as(owner, "PUT", path, { name: "Olga", role: "administrator" }),
		])
			assert.deepInclude(answer.body, { status: 409, reason: "last-owner" }, "the other has not signed up");
		assert.isTrue(await signedIn(owner), "nothing was done");
		await site.person("owner", undefined, "other");
		assert.equal((await as(owner, "DELETE", path)).status, 204);
		assert.isFalse(await signedIn(owner));
	});

	it("who are managers have doors of the site, and others have none", async () => {
		const invite = async (body: object): Promise<Answer> =>
			as(owner, "POST", "/api/administrators", { name: "M", ...body });
		assert.equal((await invite({ role: "manager" })).body.reason, "which-doors");
		assert.equal((await invite({ role: "viewer", doors: ["FRONT"] })).body.reason, "which-doors");
		assert.equal((await invite({ role: "manager", doors: ["FRONT"] })).body.reason, "not-found");
	});

	it("who are locked out are given a link by an owner, and earlier ways to sign in end with its use", async () => {
		const otto = await site.person("administrator", undefined, "otto");
		const { codes } = (await as(otto, "POST", "/api/me/codes")).body;
		const { id } = (await list()).find(({ login }) => login === "otto")!;
		const given = await as(owner, "POST", `/api/administrators/${id}/link`);
		assert.isTrue(await signedIn(otto), "until it is used");
		const look = await site.ask("POST", "/api/start/look", { cookie: "", body: { secret: secretOf(given) } });
		assert.deepInclude(look.body, { kind: "again", login: "otto" });
		const body = { secret: secretOf(given), name: "Otto", login: "otto", password: `${PASSWORD} 2` };
		const again = await site.ask("POST", "/api/start", { cookie: "", body });
		assert.isTrue(await signedIn(cookieIn(again.headers)));
		assert.isFalse(await signedIn(otto));
		for (const [path, more] of [
			["/api/sign-in", { password: PASSWORD }],
			["/api/sign-in/code", { code: codes[0] }],
		] as const) {
			const { body: refusal } = await site.ask("POST", path, {
				cookie: "",
				body: { login: "otto", ...more },
			});
			assert.equal(refusal.reason, "wrong-sign-in", path);
		}
	});

	it("have 8 recovery codes of one use each, which are typed as people type", async () => {
		const { codes } = (await as(owner, "POST", "/api/me/codes")).body as { codes: string[] };
		assert.lengthOf(new Set(codes), 8);
		for (const code of codes) assert.match(code, /^([0-9A-HJKMNP-TV-Z]{4}-){3}[0-9A-HJKMNP-TV-Z]{4}$/);
		const enter = (code: string): Promise<Answer> =>
			site.ask("POST", "/api/sign-in/code", { cookie: "", body: { login: "olga", code } });
		assert.equal((await enter(codes[0]!)).status, 204);
		assert.equal((await enter(codes[0]!)).body.reason, "wrong-sign-in", "again");
		const { status } = await enter(` ${codes[1]!.toLowerCase().replaceAll("0", "o").replaceAll("-", " ")}`);
		assert.equal(status, 204);
		assert.equal((await as(owner, "GET", "/api/me/sign-in")).body.codes, 6);
		await as(owner, "POST", "/api/me/codes");
		assert.equal((await enter(codes[2]!)).body.reason, "wrong-sign-in", "of before");
	});

	it("end their sessions, and change their password, which ends all others", async () => {
		const login = async (): Promise<string> => {
			const body = { login: "olga", password: PASSWORD };
			const headers = {
				"user-agent": "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
			};
			return cookieIn((await site.ask("POST", "/api/sign-in", { cookie: "", body, headers })).headers);
		};
		const others = [await login(), await login(), await login()];
		const { sessions } = (await as(owner, "GET", "/api/me/sign-in")).body;
		assert.lengthOf(sessions, 4);
		const other = sessions.find(({ own }: { own: boolean }) => !own);
		assert.equal(other.browser, "Firefox, Linux");
		assert.equal((await as(owner, "DELETE", `/api/me/sessions/${other.id}`)).status, 204);
		const live = async (): Promise<number> =>
			(await Promise.all(others.map(signedIn))).filter((one) => one).length;
		assert.equal(await live(), 2);
		const viewer = await site.person("viewer");
		const [left] = (await as(owner, "GET", "/api/me/sign-in")).body.sessions;
		assert.equal((await as(viewer, "DELETE", `/api/me/sessions/${left.id}`)).status, 404, "another's");
		const changed = await as(owner, "PUT", "/api/me/password", { password: `${PASSWORD} 2` });
		assert.isFalse(await signedIn(owner), "a new cookie here, too");
		assert.equal(await live(), 0);
		const renewed = cookieIn(changed.headers);
		others.push(await login());
		assert.isFalse(await signedIn(others.at(-1)!), "the password of before");
		assert.equal((await as(renewed, "DELETE", "/api/me/sessions")).status, 204);
		assert.isTrue(await signedIn(renewed));
		assert.isTrue(await signedIn(viewer));
	});

	it("are in the audit by their ids, with what they were given, and without names and secrets", async () => {
		const invited = await as(owner, "POST", "/api/administrators", { name: "Otto", role: "viewer" });
		await join(secretOf(invited), "otto");
		await as(owner, "POST", `/api/administrators/${invited.body.id}/link`);
		await as(owner, "PUT", `/api/administrators/${invited.body.id}`, { name: "Otto", role: "administrator" });
		await as(owner, "DELETE", `/api/administrators/${invited.body.id}`);
		const actions = (await site.server.site.store.actions.after(0, 100)).slice(1);
		assert.deepEqual(
			actions.map(({ what }) => what),
			[
				"invite-administrator",
				"sign-up",
				"link-administrator",
				"change-administrator",
				"remove-administrator",
			],
		);
		for (const { to } of actions) assert.equal(to, invited.body.id);
		const text = JSON.stringify(actions);
		for (const secret of ["Otto", "otto", secretOf(invited)]) assert.notInclude(text, secret);
	});
});
