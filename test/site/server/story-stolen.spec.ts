// SPDX-License-Identifier: Apache-2.0

import { assert } from "chai";
import { equal } from "../../../protocol/bytes.js";
import { topicTrust } from "../../../protocol/sync/topics.js";
import { withNextList } from "../../../sim/practice-keys.js";
import { modelOf } from "../../../site/lib/trust/model.js";
import { crypto, DAY_S, EPOCH, HOUR, type StoryReader, StorySite, upTo } from "./story-site.js";

const ADA = "00000000000000a1";
const EVE = "00000000000000e1";
const MAL = "00000000000000d1";
const CY = "00000000000000c1";
const DOORS = ["FRONT", "BACK"] as const;
/** The longest back-off, the spread, and a handshake. */
const BACK_MS = 305_000;

describe("story: the server is stolen", () => {
	const story = new StorySite();
	let front: StoryReader;
	let back: StoryReader;

	before(async () => {
		await story.start();
		[front, back] = [story.reader("FRONT"), story.reader("BACK")];
		for (const reader of [front, back]) await story.register(reader);
		await story.plan(DOORS, { Ada: ADA });
		for (const reader of [front, back]) reader.powerOn();
		await story.pass(30_000);
	});
	after(() => story.end());

	/** What becomes of a command to open, and whether the strike moved. */
	async function open(reader: StoryReader): Promise<[result: string, moved: boolean]> {
		const before = reader.released;
		const answer = story.ask("POST", `/api/doors/${reader.door}/commands`, { what: "open", for: 5 });
		await story.pass(11_000);
		return [(await answer).result, reader.released > before];
	}

	it("opens within its limits until a list says so, which only the broker's topic has to bring", async () => {
		await story.add("Eve", EVE);
		await story.pass(10_000);
		assert.equal(front.tap(EVE), "granted");
		await story.pass(10_000);
		assert.deepEqual(await open(front), ["done", true]);
		back.reachable = false;
		await story.pass(10_000);

		// Who has the root signs it, and any program brings it.
		const clean = crypto.ed25519KeyPair(new Uint8Array(32).fill(0x6d));
		const keys = modelOf(story.site.trust).keys.map((key) =>
			equal(key.publicKey, story.serverKey.publicKey) ? { ...key, state: "stolen" as const } : key,
		);
		const server = {
			publicKey: clean.publicKey,
			roles: ["sync", "plan"] as const,
			until: EPOCH + 80 * DAY_S,
		};
		const next = withNextList(story.site.keys, {
			...{ epoch: 2, issued: story.seconds },
			keys: [...keys, { ...server, roles: [...server.roles] }],
		});
		story.broker.publish(topicTrust(story.site.id), next.lists[1]!, true);
		await story.pass(5000);

		// The door goes on by the plan that it has until there is one of the new key, and hears the thief no more.
		assert.deepEqual(await open(front), ["unknown", false]);
		await story.add("Mal", MAL);
		await story.revoke(ADA);
		await story.pass(20_000);
		assert.deepEqual([front.tap(ADA), front.tap(MAL)], ["granted", "unknown-credential"]);
		assert.isTrue(front.leaves());
		// The thief says the old list again, and a reader that was away meets that first.
		story.broker.publish(topicTrust(story.site.id), next.lists[0]!, true);
		await story.pass(HOUR);
		assert.deepEqual(await open(front), ["refused", false]);
		assert.equal(front.tap(MAL), "unknown-credential");
		assert.isAbove((await story.news("FRONT", "refused")).length, 0);
		assert.match(await story.words("FRONT"), /^unreachable since /);

		// On a clean machine, from the store as it was: doors come by themselves, also the one that was away.
		story.kill();
		await story.startAgain({ ...next, keys: [clean] });
		back.reachable = true;
		await story.pass(BACK_MS + BACK_MS);
		for (const reader of [front, back]) {
			assert.equal(await story.words(reader.door), "has it");
			assert.deepInclude((await story.door(reader.door)).plan.has, { epoch: 2 });
			assert.deepEqual(await open(reader), ["done", true]);
		}
		await story.add("Cy", CY);
		await story.pass(15_000);
		assert.deepEqual([front.tap(CY), back.tap(CY)], ["granted", "granted"]);
		await story.pass(10_000);
		for (const reader of [front, back])
			assert.deepEqual(await story.serials(reader), upTo(reader.log.last), "what happened is all there");
		assert.deepEqual(await story.problems(), []);
		assert.deepEqual(story.said, []);
	});
});
