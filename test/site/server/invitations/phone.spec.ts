// SPDX-License-Identifier: Apache-2.0

import { assert } from "chai";
import { fromHex, toHex } from "../../../../protocol/bytes.js";
import { verifyPhone, verifyQr } from "../../../../protocol/credential/credential.js";
import { TestPhone } from "../test-phone.js";
import { type Answer, BEGAN, DAY, TestSite } from "../test-site.js";

/** A door whose clock is ten minutes behind takes a new phone at once, s. */
const BEHIND = 600;

describe("a phone's own requests", () => {
	let site: TestSite;
	let ada: string;
	let phone: TestPhone;

	beforeEach(async () => {
		site = new TestSite();
		await site.start();
		const plan = {
			...{ site: "ACME", timeZone: "UTC0", accessPlans: { all: [{ schedule: "always" }] } },
			...{ doors: { FRONT: {} }, users: [] },
		};
		await site.ask("PUT", "/api/plan", { body: plan });
		const { body } = await site.ask("POST", "/api/users", { body: { name: "Ada", accessPlans: ["all"] } });
		ada = body.id;
		phone = new TestPhone(site);
		await phone.accept(await link());
	});
	afterEach(() => site.end());

	const link = async (body: object = { by: "link" }): Promise<string> =>
		(await site.ask("POST", `/api/users/${ada}/invitations`, { body })).body.link;
	const state = (list = 2): Promise<Answer> => phone.ask("/api/phone/state", { list });
	const refused = async (answer: Promise<Answer>, status: number, reason: string): Promise<void> => {
		const { body, status: was } = await answer;
		assert.deepEqual([was, body.reason], [status, reason], JSON.stringify(body));
	};

	it("are answered with what the site has of it, and with trust lists that are new to it", async () => {
		const { body, status } = await state();
		assert.equal(status, 200, JSON.stringify(body));
		assert.deepInclude(body, {
			person: "Ada",
			paused: false,
			lists: [],
			expires: site.now + 30 * DAY - BEHIND,
		});
		assert.deepEqual(body.doors, [{ id: "FRONT", name: "FRONT", has: false }]);
		assert.notProperty(body, "renewed");
		assert.deepEqual((await state(0)).body.lists, site.keys.lists.map(toHex));
		await site.ask("POST", `/api/users/${ada}/pause`);
		assert.isTrue((await state()).body.paused);
	});

	it("renew its credentials when a third of their life is left: the same id, for radios and for scanners", async () => {
		site.now += 20 * DAY - (2 / 3) * BEHIND - 1;
		assert.notProperty((await state()).body, "renewed");
		site.now += 1;
		const { body } = await state();
		const trust = site.keys.trust;
		const radio = verifyPhone(fromHex(body.renewed), trust, "FRONT", site.crypto);
		const code = verifyQr(fromHex(body.code), trust, "FRONT", site.crypto);
		for (const { expires, id, key } of [radio, code])
			assert.deepEqual(
				[toHex(id), expires, toHex(key.publicKey)],
				[phone.credential, site.now + 30 * DAY - BEHIND, phone.publicKey],
			);
		assert.notProperty((await state()).body, "renewed");
		// None outlives the server's key.
		site.now += 45 * DAY;
		const last = verifyPhone(fromHex((await state()).body.renewed), trust, "FRONT", site.crypto);
		assert.equal(last.expires, BEGAN + 89 * DAY);
	});

	it("get renewed credentials again where the answer with them was lost", async () => {
		const { body: first } = await state();
		site.now += 20 * DAY;
		const { body: lost } = await state();
		const has = (expires: number): Promise<Answer> => phone.ask("/api/phone/state", { list: 2, expires });
		const { body: again } = await has(first.expires);
		assert.deepEqual([again.renewed, again.code], [lost.renewed, lost.code]);
		assert.isDefined(again.renewed);
		assert.notProperty((await has(lost.expires)).body, "renewed");
	});

	it("are signed by the credential's key over all that counts", async () => {
		const other = new TestPhone(site);
		other.credential = phone.credential;
		await refused(other.ask("/api/phone/state", { list: 2 }), 403, "bad-proof");
		other.credential = "00".repeat(8);
		await refused(other.ask("/api/phone/state", { list: 2 }), 404, "unknown-credential");
		await refused(site.ask("POST", "/api/phone/state", { token: "", body: { list: 2 } }), 401, "not-signed");
		// Another body, path or time than was signed.
		const signed = await phone.signed("/api/phone/state", '{"list":2}');
		const send = (body: string, headers: Record<string, string>): Promise<Answer> =>
			site.ask("POST", "/api/phone/state", { token: "", body, headers });
		assert.equal((await send('{"list":2}', signed)).status, 200);
		await refused(send('{"list":1}', signed), 403, "bad-proof");
		await refused(send('{"list":2} ', signed), 403, "bad-proof");
		const later = { ...signed, "lintel-time": String(site.now + 1) };
		await refused(send('{"list":2}', later), 403, "bad-proof");
		await refused(
			send('{"list":2}', await phone.signed("/api/phone/passes", '{"list":2}')),
			403,
			"bad-proof",
		);
	});

	it("are taken from a clock that is right to two minutes", async () => {
		const at = (time: number): Promise<Answer> => phone.ask("/api/phone/state", { list: 2 }, { time });
		assert.equal((await at(site.now + 120)).status, 200);
		assert.equal((await at(site.now - 120)).status, 200);
		await refused(at(site.now + 121), 403, "clock-off");
		await refused(at(site.now - 121), 403, "clock-off");
	});

	it("are told that the credential is revoked, once it is", async () => {
		await site.ask("DELETE", `/api/users/${ada}/credentials/${phone.credential}`);
		await refused(state(), 410, "revoked");
		await site.ask("DELETE", `/api/users/${ada}`);
		await refused(state(), 410, "revoked");
	});

	it("are bounded: their bodies, and how often one phone asks", async () => {
		await refused(phone.ask("/api/phone/state", { list: 2, more: "x".repeat(5000) }), 413, "too-large");
		await refused(phone.ask("/api/phone/state", { list: 2, more: 1 }), 400, "invalid");
		const answers: number[] = [];
		for (let i = 0; i < 70; i++) answers.push((await state()).status);
		assert.equal(answers.at(-1), 429);
		assert.isAbove(answers.filter((status) => status === 200).length, 50);
		site.now += 60;
		assert.equal((await state()).status, 200);
	});

	it("may come from a page of another site's server, since one phone holds several", async () => {
		const url = `${site.server.url}/api/phone/state`;
		const origin = "https://other.example";
		const preflight = await fetch(url, {
			method: "OPTIONS",
			headers: {
				...{ origin, "access-control-request-method": "POST" },
				"access-control-request-headers": "content-type,lintel-credential,lintel-signature,lintel-time",
			},
		});
		assert.equal(preflight.status, 204);
		assert.equal(preflight.headers.get("access-control-allow-origin"), "*");
		for (const name of [
			"content-type",
			"lintel-page",
			"lintel-credential",
			"lintel-signature",
			"lintel-time",
		])
			assert.include(preflight.headers.get("access-control-allow-headers"), name);
		assert.equal((await state()).headers.get("access-control-allow-origin"), "*");
		assert.isNull((await site.ask("GET", "/api/users")).headers.get("access-control-allow-origin"));
	});
});
