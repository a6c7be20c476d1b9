// SPDX-License-Identifier: Apache-2.0

import { assert } from "chai";
import { fromHex, toHex } from "../../../../protocol/bytes.js";
import { CredentialError, verifyPhone, verifyQr } from "../../../../protocol/credential/credential.js";
import { ENGINES } from "../store/engines.js";
import { TestPhone } from "../test-phone.js";
import { type Answer, DAY, TestSite } from "../test-site.js";

const PLAN = {
	...{ site: "ACME", timeZone: "UTC0", doors: { FRONT: {}, GYM: {} }, users: [] },
	accessPlans: { all: [{ schedule: "always" }], gym: [{ schedule: "always", doors: ["GYM"] }] },
};

for (const engine of ENGINES)
	describe(`passes of visitors, on ${engine.name}`, () => {
		before(function () {
			this.timeout(60_000);
			return engine.start(this);
		});
		after(() => engine.stop());

		let site: TestSite;

		beforeEach(async () => {
			site = new TestSite();
			if (engine.name !== "SQLite") site.store = (await engine.make()).place;
			await site.start();
			await site.ask("PUT", "/api/plan", { body: PLAN });
		});
		afterEach(async () => {
			await site.end();
			assert.deepEqual(
				site.said.filter((line) => line !== "the broker is there: doors are served"),
				[],
			);
		});

		const refused = async (answer: Promise<Answer>, status: number, reason: string): Promise<void> => {
			const { body, status: was } = await answer;
			assert.deepEqual([was, body.reason], [status, reason], JSON.stringify(body));
		};
		const window = (days = 1): { from: number; until: number } => ({
			from: site.now,
			until: site.now + days * DAY,
		});
		const make = (more: object = {}): Promise<Answer> =>
			site.ask("POST", "/api/passes", {
				body: { name: "Vera", doors: ["FRONT"], ...window(), by: "link", ...more },
			});
		const entryOf = async (id: string): Promise<Answer["body"]> =>
			(await site.ask("GET", "/api/plan")).body.users[
				(await site.server.site.store.users.list()).findIndex((user) => user.id === id)
			];

		it("are users of the plan with a window and doors, whose credential is for scanners alone", async () => {
			const { body, status } = await make({ count: 3 });
			assert.equal(status, 201, JSON.stringify(body));
			assert.deepInclude(body, { name: "Vera", count: 3, state: "open", lender: null });
			assert.deepEqual(body.doors, [{ id: "FRONT", name: "FRONT" }]);
			const entry = await entryOf(body.id);
			const plan = (await site.ask("GET", "/api/plan")).body.accessPlans[entry.accessPlans[0]];
			assert.deepEqual(plan, [{ doors: ["FRONT"], schedule: "always" }]);
			assert.isAtMost(Date.parse(entry.from) / 1000, site.now);
			assert.isAtLeast(Date.parse(entry.until) / 1000, site.now + DAY);

			const phone = new TestPhone(site);
			const shown = (await phone.look(body.link)).body;
			assert.deepEqual(shown.pass, { count: 3 });
			const told = (await phone.accept(body.link)).body;
			assert.deepEqual(told.pass, { count: 3 });
			const cwt = fromHex(told.code);
			const { trust } = site.keys;
			const { count, expires, id } = verifyQr(cwt, trust, "FRONT", site.crypto);
			assert.deepEqual([count, expires, toHex(id)], [3, site.now + DAY, told.credential]);
			for (const bytes of [cwt, fromHex(told.enrolment.credential)])
				assert.throws(() => verifyPhone(bytes, trust, "FRONT", site.crypto), CredentialError, "wrong-role");
			assert.throws(() => verifyQr(cwt, trust, "GYM", site.crypto), CredentialError, "wrong-door");
			const { passes } = (await site.ask("GET", "/api/passes")).body;
			assert.deepEqual(
				passes.map(({ name, state }: Answer["body"]) => [name, state]),
				[["Vera", "accepted"]],
			);
		});

		it("end with their window: one that counts is never renewed longer, another is, up to its end", async () => {
			const [counted, free] = [new TestPhone(site), new TestPhone(site)];
			await counted.accept((await make({ count: 1, ...window(20) })).body.link);
			const first = await free.accept((await make({ ...window(40), doors: ["FRONT", "GYM"] })).body.link);
			assert.equal(first.body.expires, site.now + 30 * DAY - 600);
			const began = site.now;
			const state = async (phone: TestPhone): Promise<Answer["body"]> =>
				(await phone.ask("/api/phone/state", { list: 2 })).body;
			site.now += 19 * DAY;
			assert.notProperty(await state(counted), "code");
			site.now += 2 * DAY;
			const renewed = await state(free);
			assert.equal(renewed.expires, began + 40 * DAY);
			assert.equal(
				verifyQr(fromHex(renewed.code), site.keys.trust, "GYM", site.crypto).expires,
				began + 40 * DAY,
			);
			site.now += 17 * DAY;
			assert.notProperty(await state(free), "code");
			const { passes } = (await site.ask("GET", "/api/passes")).body;
			assert.lengthOf(passes, 1, "the other's window is over");
		});

		it("for a visit later may be accepted until a day after it begins, within their window", async () => {
			const later = await make({ from: site.now + 20 * DAY, until: site.now + 25 * DAY });
			const today = await make({ from: site.now, until: site.now + 3600 });
			site.now += 3600;
			await refused(new TestPhone(site).accept(today.body.link), 410, "expired");
			site.now += 20 * DAY;
			assert.equal((await new TestPhone(site).accept(later.body.link)).status, 200);
		});

		it("are withdrawn at once: the visitor is gone, the credential revoked, the link worth nothing", async () => {
			const { body } = await make();
			const other = await make();
			const phone = new TestPhone(site);
			await phone.accept(body.link);
			assert.equal((await site.ask("DELETE", `/api/passes/${body.id}`)).status, 204);
			assert.equal((await site.ask("DELETE", `/api/passes/${other.body.id}`)).status, 204);
			await refused(phone.ask("/api/phone/state", { list: 2 }), 410, "revoked");
			await refused(new TestPhone(site).accept(other.body.link), 410, "withdrawn");
			const { body: reach } = await site.ask("GET", `/api/credentials/${phone.credential}/doors`);
			assert.deepEqual(reach, { has: 0, of: 2, waiting: ["FRONT", "GYM"], revoked: true });
			assert.equal((await site.ask("GET", "/api/passes")).body.passes[0].state, "withdrawn");
		});

		it("that are over leave the plan when others are made, a day later", async () => {
			const over = await make();
			const link = await make({ ...window(3) });
			await new TestPhone(site).accept(over.body.link);
			const names = async (): Promise<string[]> =>
				(await site.ask("GET", "/api/plan")).body.users.map(({ name }: Answer["body"]) => name);
			site.now += DAY + 3600;
			await make({ name: "Wanda" });
			assert.sameMembers(await names(), ["Vera", "Vera", "Wanda"]);
			site.now += DAY;
			await make({ name: "Xaver" });
			assert.sameMembers(await names(), ["Vera", "Wanda", "Xaver"]);
			assert.equal((await new TestPhone(site).look(link.body.link)).status, 200);
		});

		it("are refused where they could not be kept to", async () => {
			await refused(make({ doors: ["NONE"] }), 404, "not-found");
			await refused(make({ doors: [] }), 400, "invalid");
			await refused(make({ count: 2, doors: ["FRONT", "GYM"] }), 422, "count-of-one-door");
			await refused(make({ count: 2, ...window(31) }), 422, "too-long-to-count");
			await refused(make({ until: site.now }), 422, "bad-window");
			await refused(make({ from: site.now - 2 * DAY }), 422, "bad-window");
			await refused(make({ until: site.now + 400 * DAY }), 422, "bad-window");
			await refused(make({ by: "email" }), 409, "no-mail");
			assert.lengthOf((await site.ask("GET", "/api/users")).body.users, 0, "nobody was added");
		});

		it("are lent by a member who may, for own doors, so many days and openings, by the member's phone", async () => {
			const { body: ada } = await site.ask("POST", "/api/users", {
				body: { name: "Ada", accessPlans: ["gym"] },
			});
			const phone = new TestPhone(site);
			const { body } = await site.ask("POST", `/api/users/${ada.id}/invitations`, { body: { by: "link" } });
			assert.notProperty((await phone.accept(body.link)).body, "lend");
			const lend = (more: object = {}): Promise<Answer> =>
				phone.ask("/api/phone/passes", { name: "Vera", doors: ["GYM"], ...window(), ...more });
			await refused(lend(), 403, "may-not-lend");
			const lendPath = `/api/users/${ada.id}/lend`;
			await refused(site.ask("PUT", lendPath, { body: { doors: ["FRONT"], days: 2 } }), 422, "other-doors");
			const may = { days: 2, count: 5 };
			assert.equal((await site.ask("PUT", lendPath, { body: may })).status, 204);
			assert.deepEqual((await site.ask("GET", lendPath)).body, may);
			const state = (await phone.ask("/api/phone/state", { list: 2 })).body;
			assert.deepEqual(state.lend, { doors: [{ id: "GYM", name: "GYM" }], days: 2, count: 5 });

			await refused(lend({ doors: ["FRONT"], count: 1 }), 403, "other-doors");
			await refused(lend({ count: 1, ...window(3) }), 422, "too-long");
			await refused(lend(), 422, "too-often");
			await refused(lend({ count: 6 }), 422, "too-often");
			const lent = await lend({ count: 5, request: "my-request-1" });
			assert.equal(lent.status, 201, JSON.stringify(lent.body));
			// Its answer was lost: the same pass, and a new link.
			const again = await lend({ count: 5, request: "my-request-1" });
			assert.equal(again.body.id, lent.body.id);
			await refused(new TestPhone(site).accept(lent.body.link), 404, "unknown-link");
			const visitor = new TestPhone(site);
			assert.equal((await visitor.accept(again.body.link)).status, 200);
			const list = await phone.ask("/api/phone/passes", undefined, { method: "GET" });
			assert.deepEqual(
				list.body.passes.map(({ count, name, state }: Answer["body"]) => [name, count, state]),
				[["Vera", 5, "accepted"]],
			);

			const path = `/api/phone/passes/${lent.body.id}`;
			await refused(visitor.ask(path, undefined, { method: "DELETE" }), 404, "not-found");
			assert.equal((await phone.ask(path, undefined, { method: "DELETE" })).status, 204);
			await refused(visitor.ask("/api/phone/state", { list: 2 }), 410, "revoked");
			const actions = await site.server.site.store.actions.after(0, 1000);
			assert.deepEqual(
				actions.filter(({ by }) => by === phone.credential).map(({ what }) => what),
				["accept-invitation", "lend-pass", "invite", "resend-invitation", "withdraw-pass"],
			);
			assert.notInclude(JSON.stringify(actions), "Vera");
			await site.ask("PUT", lendPath, { body: null });
			await refused(lend({ count: 1 }), 403, "may-not-lend");
		});

		it("move with nobody, a member's credential does: to a new phone, by the phone before", async () => {
			const body = { name: "Ada", accessPlans: ["all"], email: "Ada@example.org" };
			const { id } = (await site.ask("POST", "/api/users", { body })).body;
			const first = new TestPhone(site);
			await first.accept(
				(await site.ask("POST", `/api/users/${id}/invitations`, { body: { by: "link" } })).body.link,
			);
			const moved = await first.ask("/api/phone/move", {});
			assert.equal(moved.status, 201);
			assert.equal(
				(await first.ask("/api/phone/state", { list: 2 })).status,
				200,
				"until the other has accepted",
			);
			const second = new TestPhone(site);
			assert.isTrue((await second.look(moved.body.link)).body.replaces);
			await second.accept(moved.body.link);
			await refused(first.ask("/api/phone/state", { list: 2 }), 410, "revoked");
			assert.equal((await second.ask("/api/phone/state", { list: 2 })).status, 200);

			const visitor = new TestPhone(site);
			await visitor.accept((await make()).body.link);
			await refused(visitor.ask("/api/phone/move", {}), 403, "visitor");
		});
	});
