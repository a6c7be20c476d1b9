// SPDX-License-Identifier: Apache-2.0

import { assert } from "chai";
import { concat } from "../../../protocol/bytes.js";
import { encodeValue } from "../../../protocol/cbor/value.js";
import { SeededRandom } from "../../../sim/random.js";
import { listPieces } from "../../../site/lib/provisioning/send-lists.js";
import { SILENCE_MS } from "../../../src/service/provisioning.js";
import { engine } from "../../support/host.js";
import { providers } from "../../support/providers.js";
import { Bench, CLIENT, OTHER_CLIENT } from "./bench.js";

const crypto = providers[0]!;
const OLD = { id: "FRONT", door: { strikeTime: 7 } };
const NEW = { id: "FRONT", door: { strikeTime: 9 } };
/** Bytes from one cut to the next; on XS each install takes far longer. */
const STEP = engine === "node" ? 1 : 97;

/** A whole installation by one client: commission where that is not done, then the new configuration. */
function install(bench: Bench, client: typeof CLIENT): void {
	const ok = (name: string, parameters = {}): unknown => {
		const answer = bench.ask(name, parameters, client);
		assert.equal(Bench.reason(answer), "ok", name);
		return answer.value;
	};
	const { commissioned } = ok("info") as { commissioned: boolean };
	if (!commissioned) {
		ok("begin");
		for (const piece of listPieces(bench.keys.lists[0]!)) ok("trust", piece);
		ok("finish", { member: bench.member(), configuration: OLD });
	}
	assert.equal(Bench.reason(bench.prove(bench.site, client)), "ok");
	ok("apply", { configuration: NEW });
	ok("leave");
}

/** All that an undisturbed installer writes. The reader's dice are seeded, so its challenge is the same each time. */
function recorded(): Uint8Array {
	const bench = new Bench(crypto);
	install(bench, CLIENT);
	return concat(...bench.sent);
}

function strikeTime(bench: Bench): number | undefined {
	const store = bench.self.open(crypto, new SeededRandom(1));
	assert.isFalse(store.damaged);
	return store.config?.door.strikeTime;
}

describe("an installation cut off", () => {
	it("behind any byte keeps old or new, whole, and is finished by another client, with or without a restart", () => {
		const stream = recorded();
		const seen = new Set<number | undefined>();
		const cuts = Array.from({ length: Math.ceil(stream.length / STEP) }, (_, n) => n * STEP);
		// The last one too, whatever the steps are.
		for (const cut of [...cuts, stream.length]) {
			const bench = new Bench(crypto);
			bench.device.feed(stream.subarray(0, cut));
			const kept = strikeTime(bench);
			assert.include([undefined, 7, 9], kept);
			assert.equal(
				bench.store.membership === undefined,
				kept === undefined,
				"trust and configuration together",
			);
			seen.add(kept);
			bench.time.run(SILENCE_MS + 1);
			const again = cut % 2 === 0 ? bench : new Bench(crypto, bench.self.snapshot());
			install(again, OTHER_CLIENT);
			assert.equal(strikeTime(again), 9, `cut behind byte ${cut} of ${stream.length}`);
		}
		assert.deepEqual([...seen], [undefined, 7, 9]);
	});

	it("by another client in the middle of a frame: both are done once, none half, and who repeats is told", () => {
		const random = new SeededRandom(6);
		for (let round = 0; round < 20; round++) {
			const bench = new Bench(crypto);
			// Two programs on one cable: their bytes come mixed, and each repeats its request until it is answered.
			const mine = bench.frame("apply", { configuration: OLD }, CLIENT, 1);
			const theirs = bench.frame("apply", { configuration: NEW }, OTHER_CLIENT, 1);
			const at = 1 + random.below(mine.length - 1);
			bench.device.feed(concat(mine.subarray(0, at), theirs, mine.subarray(at)));
			bench.time.run(SILENCE_MS + 1);
			assert.equal(strikeTime(bench), 9, "mine is no frame any more");
			bench.device.feed(mine);
			bench.device.feed(theirs);
			assert.deepEqual(bench.answers.map(Bench.reason), ["ok", "ok", "reply-gone"]);
			assert.equal(strikeTime(bench), 7, "who was heard last");
			assert.equal(bench.facade.applied.length, 2);
		}
	});
});

describe("guesses at a site's key", () => {
	const stranger = crypto.ed25519KeyPair(new Uint8Array(32).fill(3));

	it("are 108 in the first day by the pause", () => {
		const bench = new Bench(crypto);
		bench.commission();
		let heard = 0;
		while (bench.time.now() < 86_400_000) {
			const answer = bench.prove(stranger);
			if (Bench.reason(answer) === "not-allowed") heard++;
			bench.time.run(Number(answer.value.retryAfter ?? 1));
		}
		// 13 until the pause is 15 minutes long, then 4 an hour.
		assert.approximately(heard, 108, 2);
	});

	it("are 60,000 an hour at most by the line, where the power is cut in place of each pause", () => {
		const bench = new Bench(crypto);
		bench.commission();
		bench.prove(stranger);
		const [ask, proof] = bench.sent.slice(-2) as [Uint8Array, Uint8Array];
		const challenge = bench.answers.at(-2)!.value;
		// The refusal may overlap with the next guess; these three cannot, for the proof is over the challenge.
		const bytes = ask.length + 20 + encodeValue(challenge).length + proof.length;
		const hourly = (3_600 * 115_200) / 10 / bytes;
		assert.approximately(hourly, 60_000, 500);
		// A hundred years of that against the order of Ed25519's group, 2^252 (RFC 8032 5.1): one in 2^214.
		assert.isBelow(Math.log2(hourly * 24 * 365.25 * 100), 38);
	});
});
