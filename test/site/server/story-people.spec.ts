// SPDX-License-Identifier: Apache-2.0

/** Invited, let in, paused, given another phone, removed, over: at the doors, and as an administrator and the phone are shown it. */
import { assert } from "chai";
import { type StoryReader, StorySite } from "./story-site.js";
import { TestPhone } from "./test-phone.js";

/** What is given is gathered for some seconds; what is taken is not. */
const GIVEN_MS = 10_000;
const TAKEN_MS = 1000;
/** A reader is in a session again: back-off, spread, handshake. */
const AGAIN_MS = 60_000;

/** Revoked, and listed no more. */
const GONE = "unknown-credential";

describe("story: a person's access from invitation to end", () => {
	let story: StorySite;
	let front: StoryReader;
	let gym: StoryReader;
	let ada: string;

	beforeEach(async () => {
		({ reader: front, story } = await StorySite.withReader());
		gym = story.reader("GYM");
		await story.register(gym);
		await story.plan(["FRONT", "GYM"], {});
		for (const reader of [front, gym]) reader.powerOn();
		await story.pass(AGAIN_MS);
		ada = (await story.ask("POST", "/api/users", { name: "Ada", accessPlans: ["all"] })).id;
	});
	afterEach(async () => {
		assert.deepEqual(story.said, []);
		await story.end();
	});

	const newPhone = (): TestPhone =>
		new TestPhone({
			ask: (method, path, options) => story.inject(method, path, options),
			get now() {
				return story.seconds;
			},
		});
	const invite = async (more: object = {}): Promise<string> =>
		(await story.ask("POST", `/api/users/${ada}/invitations`, { by: "link", ...more })).link;
	const accepted = async (): Promise<TestPhone> => {
		const phone = newPhone();
		assert.equal((await phone.accept(await invite())).status, 200);
		return phone;
	};
	/** Why each door opens, or not. */
	const taps = ({ credential }: TestPhone): string[] => [front, gym].map((door) => door.tap(credential));
	/** At how many doors it is so, as the administrator is told. */
	const reach = async ({ credential }: TestPhone): Promise<object> => {
		const { has, of, waiting } = await story.ask("GET", `/api/credentials/${credential}/doors`);
		return { has, of, waiting };
	};
	const ALL = { has: 2, of: 2, waiting: [] };
	const state = async (): Promise<string> => (await story.ask("GET", `/api/users/${ada}`)).invitation.state;

	it("active at each door as soon as that has its plan; what changes for others changes nothing of it", async () => {
		gym.reachable = false;
		const phone = await accepted();
		assert.deepEqual(await reach(phone), { has: 0, of: 2, waiting: ["FRONT", "GYM"] });
		assert.equal(await state(), "accepted");
		await story.pass(GIVEN_MS);
		assert.deepEqual(await reach(phone), { has: 1, of: 2, waiting: ["GYM"] });
		assert.equal(await state(), "active");
		assert.equal(front.tap(phone.credential), "granted");
		const told = (await phone.ask("/api/phone/state", { list: 9 })).body;
		assert.deepEqual(told.active, { has: 1, of: 2 });
		gym.reachable = true;
		await story.pass(2 * AGAIN_MS);
		assert.deepEqual(await reach(phone), ALL);
		assert.deepEqual(taps(phone), ["granted", "granted"]);
		// While a door is away others are given access: it has Ada's all the same.
		gym.reachable = false;
		await story.add("Ben", "00000000000000b1");
		await story.pass(GIVEN_MS);
		assert.deepEqual(await reach(phone), ALL);
		const { users } = await story.ask("GET", "/api/users?search=Ben");
		assert.deepEqual(users[0].credentials[0].doors, { has: 1, of: 2, waiting: ["GYM"] });
	});

	it("paused and resumed: the next tap is denied at each door that is reached, and it is shown until it is so", async () => {
		const phone = await accepted();
		await story.pass(GIVEN_MS);
		gym.reachable = false;
		await story.ask("POST", `/api/users/${ada}/pause`);
		assert.deepEqual(await reach(phone), { has: 0, of: 2, waiting: ["FRONT", "GYM"] });
		await story.pass(TAKEN_MS);
		assert.deepEqual(taps(phone), ["suspended", "granted"]);
		assert.deepEqual(await reach(phone), { has: 1, of: 2, waiting: ["GYM"] });
		assert.isTrue((await phone.ask("/api/phone/state", { list: 9 })).body.paused);
		gym.reachable = true;
		await story.pass(2 * AGAIN_MS);
		assert.deepEqual(taps(phone), ["suspended", "suspended"]);
		assert.deepEqual(await reach(phone), ALL);
		await story.ask("POST", `/api/users/${ada}/resume`);
		await story.pass(GIVEN_MS);
		assert.deepEqual(taps(phone), ["granted", "granted"]);
	});

	it("on another phone: the one before opens until the new one accepts, and then no more", async () => {
		const before = await accepted();
		await story.pass(GIVEN_MS);
		const link = await invite({ replaces: before.credential });
		await story.pass(GIVEN_MS);
		assert.deepEqual(taps(before), ["granted", "granted"]);
		const after = newPhone();
		await after.accept(link);
		await story.pass(TAKEN_MS);
		assert.deepEqual(taps(before), ["revoked", "revoked"]);
		assert.deepEqual(await reach(before), ALL);
		await story.pass(GIVEN_MS);
		assert.deepEqual(taps(after), ["granted", "granted"]);
		assert.deepEqual(await reach(after), ALL);
	});

	it("removed: at once at each door that is reached; of one that is not it is known that it still opens", async () => {
		const phone = await accepted();
		await story.pass(GIVEN_MS);
		gym.reachable = false;
		await story.ask("DELETE", `/api/users/${ada}`);
		await story.pass(TAKEN_MS);
		assert.deepEqual(taps(phone), [GONE, "granted"]);
		assert.deepEqual(await reach(phone), { has: 1, of: 2, waiting: ["GYM"] });
		assert.equal((await phone.ask("/api/phone/state", { list: 9 })).body.reason, "revoked");
		gym.reachable = true;
		await story.pass(2 * AGAIN_MS);
		assert.deepEqual(taps(phone), [GONE, GONE]);
		assert.deepEqual(await reach(phone), ALL);
	});

	it("over at its end, with no word from the server", async () => {
		const until = `${new Date((story.seconds + 7200) * 1000).toISOString().slice(0, 14)}00Z`;
		await story.ask("PUT", `/api/users/${ada}`, { name: "Ada", accessPlans: ["all"], until });
		const phone = await accepted();
		await story.pass(GIVEN_MS);
		assert.deepEqual(taps(phone), ["granted", "granted"]);
		for (const reader of [front, gym]) reader.reachable = false;
		await story.pass(7_200_000);
		assert.deepEqual(taps(phone), ["expired", "expired"]);
	});

	it("a visitor's: in the window and at the door of the visit alone, and no more once it is withdrawn", async () => {
		const pass = await story.ask("POST", "/api/passes", {
			...{ name: "Vera", doors: ["GYM"], by: "link" },
			...{ from: story.seconds + 3600, until: story.seconds + 7200 },
		});
		const phone = newPhone();
		await phone.accept(pass.link);
		await story.pass(GIVEN_MS);
		assert.deepEqual(await reach(phone), { has: 1, of: 1, waiting: [] });
		assert.deepEqual(taps(phone), ["wrong-door", "not-yet-valid"]);
		await story.pass(3_600_000);
		assert.deepEqual(taps(phone), ["wrong-door", "granted"]);
		await story.ask("DELETE", `/api/passes/${pass.id}`);
		await story.pass(TAKEN_MS);
		assert.deepEqual(taps(phone), [GONE, GONE]);
	});
});
