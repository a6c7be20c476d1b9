// SPDX-License-Identifier: Apache-2.0

/** Passkeys over HTTP, by an authenticator in memory; browsers' own are in test/web. */
import type { PublicKeyCredentialRequestOptionsJSON as RequestOptions } from "@simplewebauthn/server";
import { assert } from "chai";
import { SoftPasskey } from "../../../support/soft-passkey.js";
import { type Answer, cookieIn, PASSWORD, TestSite } from "../test-site.js";

describe("passkeys", () => {
	let site: TestSite;
	let passkey: SoftPasskey;
	beforeEach(async () => {
		site = new TestSite();
		await site.start();
		passkey = new SoftPasskey();
	});
	afterEach(() => site.end());

	const post = (path: string, body: object | undefined, cookie = ""): Promise<Answer> =>
		site.ask("POST", path, { cookie, ...(body && { body }) });
	const origin = (): string => site.server.pages;

	/** An owner who has signed up by `passkey` alone: the session's cookie. */
	const signUp = async (): Promise<string> => {
		const [, secret] = site.server.startLink!.split("#");
		const person = { secret, name: "Maria", login: "maria" };
		const { body: options } = await post("/api/start/passkey/options", person);
		assert.equal(options.rp.id, "localhost");
		assert.deepInclude(options.authenticatorSelection, {
			residentKey: "required",
			userVerification: "required",
		});
		const answer = await post("/api/start", { ...person, passkey: passkey.create(options, origin()) });
		assert.equal(answer.status, 204, answer.text);
		return cookieIn(answer.headers);
	};
	const options = async (): Promise<RequestOptions> =>
		(await post("/api/sign-in/passkey/options", undefined)).body;
	const signIn = (response: object): Promise<Answer> => post("/api/sign-in/passkey", { response });

	it("sign a person up and in, without a name or a password", async () => {
		await signUp();
		const first = cookieIn((await signIn(passkey.get(await options(), origin()))).headers);
		const { body } = await site.ask("GET", "/api/me", { cookie: first });
		assert.deepInclude(body, { kind: "person", name: "Maria", role: "owner" });
		const ways = (await site.ask("GET", "/api/me/sign-in", { cookie: first })).body;
		assert.deepInclude(ways, { login: "maria", password: false, codes: 0 });
		assert.deepInclude(ways.passkeys[0], { id: passkey.id, used: site.now });
		const byPassword = await post("/api/sign-in", { login: "maria", password: "" });
		assert.equal(byPassword.body.reason, "wrong-sign-in");
	});

	it("answer a challenge of the site's once, at its own pages, within 5 minutes, by a person who is there", async () => {
		await signUp();
		const refused = async (response: object, why: string): Promise<void> => {
			const { body, headers } = await signIn(response);
			assert.deepInclude(body, { status: 403, reason: "wrong-passkey" }, why);
			assert.isNull(headers.get("set-cookie"));
		};
		const good = passkey.get(await options(), origin());
		assert.equal((await signIn(good)).status, 204);
		await refused(good, "replayed");
		await refused(passkey.get(await options(), "https://evil.example"), "another origin");
		await refused(passkey.get({ ...(await options()), rpId: "evil.example" }, origin()), "RP");
		const late = passkey.get(await options(), origin());
		site.now += 300;
		await refused(late, "late");
		const own = { challenge: Buffer.alloc(52, 7).toString("base64url"), rpId: "localhost" };
		await refused(passkey.get(own, origin()), "a challenge of its own");
		await refused(new SoftPasskey().get(await options(), origin()), "unknown");
		const other = new SoftPasskey();
		await refused(
			{ ...other.get(await options(), origin()), id: passkey.id, rawId: passkey.id },
			"another key",
		);
		passkey.flags = 0x01;
		await refused(passkey.get(await options(), origin()), "not verified");
		passkey.flags = 0x05;
		passkey.count = 1;
		await refused(passkey.get(await options(), origin()), "a copy, whose count is behind");
	});

	it("are taken while passwords of the account and from the address are held back", async () => {
		await signUp();
		for (let i = 0; i < 30; i++) await post("/api/sign-in", { login: "maria", password: PASSWORD });
		const { body } = await post("/api/sign-in", { login: "maria", password: PASSWORD });
		assert.equal(body.reason, "too-many-tries");
		for (let i = 0; i < 12; i++) await signIn(new SoftPasskey().get(await options(), origin()));
		assert.equal((await signIn(passkey.get(await options(), origin()))).status, 204);
	});

	it("confirm for their own session alone, by the person's own", async () => {
		const cookie = await signUp();
		const confirm = (response: object, by = cookie): Promise<Answer> =>
			post("/api/confirm/passkey", { response }, by);
		const asked = async (by = cookie): Promise<RequestOptions> =>
			(await post("/api/confirm/passkey/options", undefined, by)).body;
		site.now += 301;
		assert.deepInclude((await post("/api/me/codes", undefined, cookie)).body, { reason: "confirm-first" });
		assert.equal((await confirm(passkey.get(await options(), origin()))).status, 403, "of a sign-in");
		const other = cookieIn((await signIn(passkey.get(await options(), origin()))).headers);
		assert.equal(
			(await confirm(passkey.get(await asked(other), origin()))).status,
			403,
			"of another session",
		);
		const viewer = await site.person("viewer");
		const viewers = await asked(viewer);
		assert.equal((await confirm(passkey.get(viewers, origin()), viewer)).status, 403, "of another person");
		const response = passkey.get(await asked(), origin());
		assert.equal((await confirm(response)).status, 204);
		assert.equal((await post("/api/me/codes", undefined, cookie)).status, 201);
		assert.equal((await confirm(response)).status, 403, "replayed");
	});

	it("are added and ended by their person, but not the last way in", async () => {
		const cookie = await signUp();
		const second = new SoftPasskey();
		const { body: asked } = await post("/api/me/passkeys/options", undefined, cookie);
		assert.deepEqual(
			asked.excludeCredentials.map(({ id }: { id: string }) => id),
			[passkey.id],
		);
		const response = second.create(asked, origin());
		const added = await post("/api/me/passkeys", { name: "Phone", response }, cookie);
		assert.deepInclude(added.body, { id: second.id, name: "Phone", used: null });
		assert.equal((await post("/api/me/passkeys", { response }, cookie)).status, 403, "twice");
		const end = (id: string): Promise<Answer> => site.ask("DELETE", `/api/me/passkeys/${id}`, { cookie });
		assert.equal((await end(passkey.id)).status, 204);
		assert.equal((await signIn(passkey.get(await options(), origin()))).status, 403);
		assert.deepInclude((await end(second.id)).body, { status: 409, reason: "last-way" });
		assert.equal((await signIn(second.get(await options(), origin()))).status, 204);
		assert.equal((await end("unknown")).status, 404);
		const answer = await site.ask("PUT", "/api/me/password", { cookie, body: { password: PASSWORD } });
		assert.equal(answer.status, 204);
		const renewed = cookieIn(answer.headers);
		assert.equal(
			(await site.ask("DELETE", `/api/me/passkeys/${second.id}`, { cookie: renewed })).status,
			204,
		);
	});

	it("of a viewer's device are no others': a passkey that is known here is taken from nobody", async () => {
		await signUp();
		const viewer = await site.person("viewer");
		const { body: asked } = await post("/api/me/passkeys/options", undefined, viewer);
		const answer = await post("/api/me/passkeys", { response: passkey.create(asked, origin()) }, viewer);
		assert.equal(answer.status, 403);
	});
});
