// SPDX-License-Identifier: Apache-2.0

import { assert } from "chai";
import { fromHex } from "../../../../protocol/bytes.js";
import { CredentialError, verifyPhone } from "../../../../protocol/credential/credential.js";
import { openList } from "../../../../protocol/trust/envelope.js";
import type { TrustList } from "../../../../protocol/trust/list.js";
import { SiteAddress } from "../../../../site/server/address.js";
import { ENGINES } from "../store/engines.js";
import { TestPhone, tokenOf } from "../test-phone.js";
import { type Answer, BEGAN, DAY, TestSite } from "../test-site.js";

/** A door whose clock is ten minutes behind takes a new phone at once, s. */
const BEHIND = 600;

const PLAN = {
	site: "ACME",
	timeZone: "Europe/Vienna",
	schedules: { lessons: [{ days: ["mon-fri"], from: "07:00", to: "17:00" }] },
	accessPlans: {
		staff: [{ schedule: "always" }],
		pupils: [{ schedule: "lessons", doors: ["GYM"] }],
	},
	doors: { FRONT: {}, GYM: {} },
	users: [],
};

for (const engine of ENGINES)
	describe(`invitations, on ${engine.name}`, () => {
		before(function () {
			this.timeout(60_000);
			return engine.start(this);
		});
		after(() => engine.stop());

		let site: TestSite;
		let ada: string;

		beforeEach(async () => {
			site = new TestSite();
			if (engine.name !== "SQLite") site.store = (await engine.make()).place;
			await site.start();
			assert.equal((await site.ask("PUT", "/api/plan", { body: PLAN })).status, 204);
			ada = await add({ name: "Ada", accessPlans: ["pupils"], email: "ada@example.org" });
		});
		afterEach(async () => {
			await site.end();
			assert.deepEqual(
				site.said.filter((line) => line !== "the broker is there: doors are served"),
				[],
			);
		});

		const add = async (body: object): Promise<string> =>
			(await site.ask("POST", "/api/users", { body })).body.id;
		const invite = async (body: object = { by: "link" }, user = ada): Promise<Answer> =>
			site.ask("POST", `/api/users/${user}/invitations`, { body });
		const link = async (body?: object): Promise<string> => (await invite(body)).body.link;
		const user = async (id = ada): Promise<Answer["body"]> =>
			(await site.ask("GET", `/api/users/${id}`)).body;
		const invitation = async (): Promise<Answer["body"]> => (await user()).invitation;
		const refused = async (answer: Promise<Answer>, status: number, reason: string): Promise<void> => {
			const { body, status: was } = await answer;
			assert.deepEqual([was, body.reason], [status, reason], JSON.stringify(body));
		};
		const actions = async (): Promise<string[]> =>
			(await site.server.site.store.actions.after(0, 1000)).map(({ what }) => what);

		it("by a link are shown by GET and accepted by POST, with a credential that doors take", async () => {
			const made = await invite();
			assert.equal(made.status, 201);
			assert.deepInclude(made.body, {
				user: ada,
				name: "Ada",
				by: "link",
				state: "sent",
				until: site.now + 7 * DAY,
			});
			assert.match(made.body.link, /^http:\/\/localhost:\d+\/i\/[\w-]{43}$/);
			const phone = new TestPhone(site);
			const shown = await phone.look(made.body.link);
			assert.equal(shown.status, 200);
			assert.deepInclude(shown.body, { site: "ACME", person: "Ada", state: "open", paused: false });
			assert.deepEqual(shown.body.doors, [{ id: "GYM", name: "GYM" }]);
			assert.deepEqual(shown.body.plans[0].rules[0].times, [
				{ from: "07:00", to: "17:00", days: ["mon-fri"] },
			]);
			assert.equal((await invitation()).state, "opened");

			const { body, status } = await phone.accept(made.body.link);
			assert.equal(status, 200, JSON.stringify(body));
			assert.deepEqual(
				[body.active, body.doors],
				[{ has: 0, of: 1 }, [{ id: "GYM", name: "GYM", has: false }]],
			);
			const { enrolment } = body;
			assert.deepInclude(enrolment, { invitation: 2, site: "ACME" });
			const trust = openList(fromHex(enrolment.trust), undefined, site.crypto) as TrustList;
			const taken = verifyPhone(fromHex(enrolment.credential), trust, "GYM", site.crypto);
			assert.deepEqual(
				[Buffer.from(taken.id).toString("hex"), taken.notBefore, taken.expires],
				[body.credential, site.now - BEHIND, site.now - BEHIND + 30 * DAY],
			);
			assert.equal(Buffer.from(taken.key.publicKey).toString("hex"), phone.publicKey);

			const { credentials, invitation: after } = await user();
			assert.deepEqual(credentials, [{ id: body.credential, doors: { has: 0, of: 1, waiting: ["GYM"] } }]);
			assert.deepInclude(after, { state: "accepted", accepted: site.now, credential: body.credential });
			assert.includeMembers(await actions(), ["invite", "accept-invitation"]);
		});

		it("are good for one phone: it gets the same answer again, another one is refused", async () => {
			const to = await link();
			const phone = new TestPhone(site);
			const first = await phone.accept(to);
			const again = await phone.accept(to);
			assert.deepEqual(again.body, first.body);
			await refused(new TestPhone(site).accept(to), 409, "used");
			assert.lengthOf((await user()).credentials, 1);
			assert.equal((await phone.look(to)).body.state, "accepted");
		});

		it("are good for one of two phones that accept at one moment", async () => {
			const to = await link();
			const phones = [1, 2, 3].map(() => new TestPhone(site));
			const answers = await Promise.all(phones.map((phone) => phone.accept(to)));
			assert.deepEqual(answers.map(({ status }) => status).sort(), [200, 409, 409]);
			assert.lengthOf((await user()).credentials, 1);
		});

		it("are accepted by a phone that has the key alone", async () => {
			const to = await link();
			const [phone, other] = [new TestPhone(site), new TestPhone(site)];
			const token = tokenOf(to);
			const message = `lintel accept 1\n${token}`;
			const accept = (publicKey: string, signature: string): Promise<Answer> =>
				site.ask("POST", "/api/phone/accept", { token: "", body: { token, publicKey, signature } });
			await refused(accept(phone.publicKey, other.sign(message)), 403, "bad-proof");
			await refused(
				accept(phone.publicKey, phone.sign(`lintel accept 1\n${"A".repeat(43)}`)),
				403,
				"bad-proof",
			);
			// Of small order: any signature of it is as good.
			await refused(accept(`01${"00".repeat(31)}`, `01${"00".repeat(63)}`), 403, "bad-proof");
			assert.deepEqual((await user()).credentials, []);
		});

		it("end after seven days, when withdrawn, and when another link takes their place", async () => {
			const phone = new TestPhone(site);
			const first = await invite();
			const { body: again } = await site.ask("POST", `/api/invitations/${first.body.id}/resend`);
			assert.deepInclude(again, { id: first.body.id, state: "sent" });
			await refused(phone.accept(first.body.link), 404, "unknown-link");
			assert.equal((await phone.look(again.link)).status, 200);
			site.now += 7 * DAY;
			await refused(phone.look(again.link), 410, "expired");
			await refused(phone.accept(again.link), 410, "expired");
			assert.equal((await invitation()).state, "expired");
			const { body: third } = await site.ask("POST", `/api/invitations/${first.body.id}/resend`);
			assert.equal(third.state, "sent");
			assert.equal((await site.ask("DELETE", `/api/invitations/${first.body.id}`)).status, 204);
			await refused(phone.look(third.link), 410, "withdrawn");
			await refused(phone.accept(third.link), 410, "withdrawn");
			await refused(site.ask("POST", `/api/invitations/${first.body.id}/resend`), 409, "not-open");
			await refused(site.ask("DELETE", `/api/invitations/${first.body.id}`), 409, "not-open");
			assert.equal((await invitation()).state, "withdrawn");
			assert.includeMembers(await actions(), ["resend-invitation", "withdraw-invitation"]);
		});

		it("end with their person, and with the credential that came of them", async () => {
			const to = await link();
			const phone = new TestPhone(site);
			const { credential } = (await phone.accept(to)).body;
			await site.ask("DELETE", `/api/users/${ada}/credentials/${credential}`);
			await refused(phone.accept(to), 410, "withdrawn");
			assert.equal((await invitation()).state, "withdrawn");
			const second = await link();
			await site.ask("DELETE", `/api/users/${ada}`);
			await refused(new TestPhone(site).look(second), 410, "withdrawn");
			await refused(new TestPhone(site).accept(second), 410, "withdrawn");
			const { body } = await site.ask("GET", "/api/invitations");
			assert.deepEqual(
				body.invitations.map(({ name, state }: Answer["body"]) => [name, state]),
				[
					[null, "withdrawn"],
					[null, "withdrawn"],
				],
			);
		});

		it("for a new phone revoke the credential of the one before in the same edit", async () => {
			const before = (await new TestPhone(site).accept(await link())).body.credential;
			await refused(invite({ by: "link", replaces: "00".repeat(8) }), 409, "no-such-credential");
			const to = await link({ by: "link", replaces: before });
			assert.isUndefined((await user()).credentials[0].revoked);
			const after = (await new TestPhone(site).accept(to)).body.credential;
			const { credentials } = await user();
			assert.deepEqual(
				credentials.map(({ id, revoked }: Answer["body"]) => [id, revoked]),
				[
					[before, true],
					[after, undefined],
				],
			);
		});

		it("keep what was changed while they were accepted: a person who is paused meanwhile stays paused", async () => {
			const to = await link();
			const [paused, accepted] = await Promise.all([
				site.ask("POST", `/api/users/${ada}/pause`),
				new TestPhone(site).accept(to),
			]);
			assert.deepEqual([paused.status, accepted.status], [200, 200]);
			const { credentials, suspended } = await user();
			assert.isTrue(suspended);
			assert.lengthOf(credentials, 1);
		});

		it("may be drafts: nothing is sent, and nothing can be accepted, until they are", async () => {
			const { body } = await invite({ by: "link", draft: true });
			assert.deepInclude(body, { state: "draft", link: null });
			const sent = (await site.ask("POST", `/api/invitations/${body.id}/resend`)).body;
			assert.equal(sent.state, "sent");
			assert.equal((await new TestPhone(site).accept(sent.link)).status, 200);
		});

		it("are listed by state and person, in pages", async () => {
			const ben = await add({ name: "Ben", accessPlans: ["staff"], email: "ben@example.org" });
			const bens = await invite({ by: "link" }, ben);
			for (let i = 0; i < 3; i++) await invite();
			await new TestPhone(site).accept(bens.body.link);
			const list = async (query: string): Promise<Answer["body"]> =>
				(await site.ask("GET", `/api/invitations?${query}`)).body;
			assert.lengthOf((await list("state=sent")).invitations, 3);
			assert.deepEqual(
				(await list("state=active")).invitations.map(({ name, state }: Answer["body"]) => [name, state]),
				[["Ben", "accepted"]],
			);
			assert.lengthOf((await list(`user=${ben}`)).invitations, 1);
			const first = await list("limit=2");
			const rest = await list(`limit=2&cursor=${first.next}`);
			assert.equal((await list(`limit=2&cursor=${rest.next}`)).next, null);
			const ids = [...first.invitations, ...rest.invitations].map(({ id }: Answer["body"]) => id);
			assert.equal(new Set(ids).size, 4);
			site.now += 8 * DAY;
			assert.lengthOf((await list("state=expired")).invitations, 3);
			assert.lengthOf((await list("state=sent")).invitations, 0);
		});

		it("are five at a time for a person", async () => {
			for (let i = 0; i < 5; i++) assert.equal((await invite()).status, 201);
			await refused(invite(), 409, "too-many-open");
		});

		it("that are guessed cost time, and a good link none", async () => {
			const to = await link();
			const phone = new TestPhone(site);
			const guesses: Answer[] = [];
			for (let i = 0; i < 12; i++) guesses.push(await phone.look(`/i/${`${i}`.padStart(43, "A")}`));
			assert.deepEqual(
				guesses.map(({ body }) => body.reason),
				[...Array(10).fill("unknown-link"), "too-many-tries", "too-many-tries"],
			);
			assert.isAbove(Number(guesses[11]!.headers.get("retry-after")), 0);
			assert.equal((await phone.look(to)).status, 200);
		});

		it("are not for tokens that may not change people", async () => {
			const viewer = await site.token("viewer");
			await refused(
				site.ask("POST", `/api/users/${ada}/invitations`, { body: { by: "link" }, token: viewer }),
				403,
				"wrong-role",
			);
			const { body } = await invite();
			await refused(
				site.ask("POST", `/api/invitations/${body.id}/resend`, { token: viewer }),
				403,
				"wrong-role",
			);
			await refused(site.ask("DELETE", `/api/invitations/${body.id}`, { token: viewer }), 403, "wrong-role");
			const { text } = await site.ask("GET", "/api/invitations", { token: viewer });
			assert.notInclude(text, tokenOf(body.link));
		});
	});

describe("a server that issues credentials", () => {
	let site: TestSite;
	afterEach(() => site.end());

	const invited = async (): Promise<Answer> => {
		const { body } = await site.ask("POST", "/api/users", { body: { name: "Ada", accessPlans: [] } });
		return site.ask("POST", `/api/users/${body.id}/invitations`, { body: { by: "link" } });
	};

	it("needs a key that may", async () => {
		site = new TestSite(BEGAN, ["plan", "sync"]);
		await site.start();
		const { body, status } = await invited();
		assert.deepEqual([status, body.reason], [409, "no-issue-key"]);
		assert.match(body.detail, /site key --role sync plan issue/);
	});

	it("needs HTTPS for phones, where it is not on this computer alone", async () => {
		site = new TestSite();
		await site.start();
		assert.equal((await invited()).status, 201);
		await site.server.close();
		await site.start({ publicUrl: "https://doors.example" });
		assert.match((await invited()).body.link, /^https:\/\/doors\.example\/i\//);
		site.server.site.address = new SiteAddress("https://0.0.0.0:4191");
		const { body, status } = await invited();
		assert.deepEqual([status, body.reason], [409, "no-https"]);
		assert.match(body.detail, /--public-url https:\/\/HOST/);
	});

	it("signs no credential that doors take as a reader's", async () => {
		site = new TestSite();
		await site.start();
		const phone = new TestPhone(site);
		const { body } = await phone.accept((await invited()).body.link);
		const trust = site.keys.trust;
		const cwt = fromHex(body.enrolment.credential);
		assert.doesNotThrow(() => verifyPhone(cwt, trust, "ANY", site.crypto));
		const other = new TestSite();
		assert.throws(() => verifyPhone(cwt, other.keys.trust, "ANY", site.crypto), CredentialError);
	});
});
