// SPDX-License-Identifier: Apache-2.0

import { assert } from "chai";
import { toHex } from "../../../protocol/bytes.js";
import type { CborMap } from "../../../protocol/cbor/value.js";
import { MAX_LIST_PIECE } from "../../../protocol/provisioning/bounds.js";
import { MAX_SIGNED_LIST } from "../../../protocol/trust/envelope.js";
import { practiceKeys, rootOf, withNextList } from "../../../sim/practice-keys.js";
import { SeededRandom } from "../../../sim/random.js";
import { memberOf } from "../../../site/lib/provisioning/commission.js";
import { type KeyModel, modelOf } from "../../../site/lib/trust/model.js";
import { providers } from "../../support/providers.js";
import { Bench, OTHER_CLIENT } from "./bench.js";

const crypto = providers[0]!;
const { reason } = Bench;
/** Ends in 2034. */
const UNTIL = 2_040_000_000;

const pairOf = (seed: number) => crypto.ed25519KeyPair(new Uint8Array(32).fill(seed));
const hashOf = (payload: Uint8Array): string => toHex(crypto.sha256(payload).subarray(0, 8));

/** A reader of FRONT with the site's first list, and the keys of that. */
function commissioned(others: readonly KeyModel[] = []): Bench {
	const bench = new Bench(crypto, undefined, others);
	assert.equal(reason(bench.commission()), "ok");
	return bench;
}

/** What a reader says of the list that it has, by `info`. */
function listOf(bench: Bench): CborMap {
	return bench.ask("info").value.trust as CborMap;
}

/** The list in force and the anchor, as `trusted` gives them. */
function shown(bench: Bench): { list: string; anchor: string } {
	let list = "";
	for (;;) {
		const { value } = bench.ask("trusted", { at: list.length / 2 });
		list += toHex(value.list as Uint8Array);
		if (list.length / 2 >= (value.size as number)) return { list, anchor: toHex(value.anchor as Uint8Array) };
	}
}

describe("trust lists by cable", () => {
	it("a new reader takes from the first on, and the newest with its site; their first is its anchor", () => {
		const bench = new Bench(crypto);
		const { keys } = bench;
		assert.deepEqual(shown(bench), { list: "", anchor: "00".repeat(8) });
		bench.ask("begin");
		const member = bench.member();
		const finish = () => bench.ask("finish", { member, configuration: { id: "FRONT" } });
		assert.equal(reason(finish()), "trust-refused", "no list");
		const later = withNextList(withNextList(keys));
		const second = bench.sendLists(later.lists.slice(1, 2));
		assert.deepInclude(second.value, { reason: "trust-refused", refusal: "skipped-version", version: 0 });
		assert.deepInclude(bench.sendLists(later.lists.slice(0, 1)).value, { version: 1, held: true });
		const third = bench.sendLists(later.lists.slice(2));
		assert.deepInclude(third.value, { reason: "trust-refused", refusal: "skipped-version", version: 1 });
		assert.deepInclude(bench.sendLists(later.lists).value, { version: 3, held: true });
		assert.isUndefined(listOf(bench), "no site yet");
		const anchor = hashOf(keys.trust.payload);
		assert.deepEqual(shown(bench), { list: toHex(later.trust.payload), anchor });
		assert.equal(reason(finish()), "ok");
		const now = listOf(bench);
		assert.deepEqual([now.version, toHex(now.hash as Uint8Array)], [3, hashOf(later.trust.payload)]);
		const again = new Bench(crypto, bench.self.snapshot());
		assert.deepEqual(shown(again), { list: toHex(later.trust.payload), anchor });
	});

	it("a new reader begins anew with any site's first list: none of them has it yet", () => {
		const bench = new Bench(crypto);
		bench.sendLists(withNextList(practiceKeys("OTHER", pairOf(3), crypto)).lists);
		bench.sendLists();
		assert.equal(shown(bench).anchor, hashOf(bench.keys.trust.payload));
		assert.equal(reason(bench.commission()), "ok");
		assert.equal(bench.store.trust.site, "ACME");
	});

	it("a reader of a site takes the next one without authority, over a restart too, and logs it", () => {
		const bench = commissioned();
		const later = withNextList(bench.keys, { epoch: 2 });
		const { value } = bench.sendLists(later.lists.slice(1));
		assert.deepEqual(
			{ ...value, hash: toHex(value.hash as Uint8Array) },
			{ version: 2, hash: hashOf(later.trust.payload), held: false },
		);
		assert.deepInclude(bench.facade.recorded.at(-1), { event: "configuration", detail: 3, value: 2 });
		assert.equal(bench.store.trust.epoch, 2);
		const again = new Bench(crypto, bench.self.snapshot());
		assert.equal(listOf(again).version, 2);
		assert.equal(shown(again).anchor, hashOf(bench.keys.trust.payload), "the first one stays the anchor");
	});

	it("the newest again is no error and writes nothing", () => {
		const bench = commissioned();
		const { writes } = bench.flash;
		assert.deepInclude(bench.sendLists().value, { version: 1, held: false });
		assert.equal(bench.flash.writes, writes);
	});

	it("refuses what does not follow its own, says why and which it has, and changes nothing", () => {
		const bench = commissioned();
		const second = withNextList(bench.keys);
		bench.sendLists(second.lists.slice(1));
		const { writes } = bench.flash;
		const stranger = rootOf(crypto, new Uint8Array(32).fill(4));
		const third = withNextList(second);
		const cases: readonly [what: string, refusal: string, list: Uint8Array][] = [
			["an older one", "not-newer", bench.keys.lists[0]!],
			["another of its version", "not-newer", withNextList(bench.keys, { epoch: 5 }).lists[1]!],
			["one too far", "skipped-version", withNextList(third).lists[3]!],
			["another site's", "wrong-site", withNextList(practiceKeys("OTHER", bench.site, crypto)).lists[1]!],
			[
				"by a lone new root",
				"not-by-roots",
				withNextList(second, { roots: [stranger.publicKey] }, [stranger]).lists[2]!,
			],
			[
				"by the old root alone",
				"not-by-new-roots",
				withNextList(second, { roots: [stranger.publicKey] }).lists[2]!,
			],
			["no list", "malformed", new Uint8Array(40)],
		];
		for (const [what, refusal, list] of cases)
			assert.deepInclude(
				bench.sendLists([list]).value,
				{ reason: "trust-refused", refusal, version: 2 },
				what,
			);
		assert.equal(bench.flash.writes, writes);
		assert.equal(listOf(bench).version, 2);
	});

	it("a stranger who brings a list that voids the plan has the door keep it; with authority it goes", () => {
		const bench = commissioned();
		const plan = { isKeptBy: () => false, open: () => {} };
		Object.defineProperty(bench.facade, "plan", { value: plan });
		const [, signed] = withNextList(bench.keys).lists;
		const alone = () => reason(bench.sendLists([signed!], true));
		assert.equal(alone(), "not-authorised");
		assert.deepInclude(bench.sendLists([signed!]).value, { version: 2, held: true });
		assert.equal(alone(), "not-authorised", "held already");
		assert.equal(bench.store.trust.version, 1);
		assert.equal(reason(bench.prove()), "ok");
		assert.equal(alone(), "ok");
		assert.equal(bench.store.trust.version, 2);
	});

	it("a key whose end cannot be judged, as the clock is unset, puts no list in force alone", () => {
		const installer = pairOf(5);
		const bench = commissioned([{ publicKey: installer.publicKey, roles: ["install"], until: UNTIL }]);
		assert.equal(reason(bench.prove(installer)), "ok");
		assert.equal(reason(bench.sendLists(withNextList(bench.keys).lists.slice(1), true)), "clock-unset");
		assert.equal(bench.store.trust.version, 1);
	});

	it("the former site's authority over the log of a reader is none over the next site's", () => {
		const bench = commissioned();
		bench.prove();
		bench.ask("reset");
		assert.equal(reason(bench.prove()), "ok", "the former site's root");
		const next = practiceKeys("OTHER", pairOf(3), crypto);
		bench.ask("begin");
		bench.sendLists(next.lists);
		const member = memberOf("OTHER", next.signing, "FRONT", bench.store.keys!, new Uint8Array(8));
		const finish = { member, configuration: { id: "FRONT" }, eraseLog: true };
		assert.equal(reason(bench.ask("finish", finish)), "ok");
		assert.equal(reason(bench.ask("configuration")), "not-authorised");
	});

	it("a root that is replaced works no more, the one in its place does; both have signed", () => {
		const bench = commissioned();
		const next = rootOf(crypto, new Uint8Array(32).fill(4));
		const rotated = withNextList(bench.keys, { roots: [next.publicKey] }, [bench.keys.root, next]);
		assert.equal(reason(bench.prove()), "ok");
		assert.deepInclude(bench.sendLists(rotated.lists.slice(1)).value, { version: 2 });
		assert.equal(reason(bench.ask("configuration")), "not-authorised", "its session has ended");
		assert.equal(reason(bench.prove()), "not-allowed");
		assert.equal(reason(bench.prove(next)), "ok");
	});

	it("ends at once the session of a key that the list no longer allows, and what it watched; not another's", () => {
		const installer = pairOf(5);
		const key: KeyModel = { publicKey: installer.publicKey, roles: ["install"], until: UNTIL };
		const bench = commissioned([key]);
		bench.wall.set(1_800_000_000, "synced");
		assert.equal(reason(bench.prove(installer)), "ok");
		bench.ask("watch", { on: true });
		const kept = withNextList(bench.keys);
		assert.equal(reason(bench.sendLists(kept.lists.slice(1))), "ok");
		assert.equal(reason(bench.ask("configuration")), "ok", "it is allowed still");
		const [first] = modelOf(kept.trust).keys;
		const ended = withNextList(kept, { keys: [first!, { ...key, state: "ended" }] });
		for (const signed of ended.lists.slice(2)) bench.ask("trust", { list: signed }, OTHER_CLIENT);
		const { length } = bench.answers;
		bench.facade.record(1, 0, 0);
		assert.lengthOf(bench.answers, length, "no event");
		assert.equal(reason(bench.ask("configuration")), "not-authorised");
		assert.equal(reason(bench.prove(installer)), "not-allowed");
		bench.prove();
		assert.equal(reason(bench.ask("configuration")), "ok", "the root's");
	});

	it("come in pieces of any size, in their order, and are shown so", () => {
		const bench = commissioned();
		const doors = Array.from({ length: 16 }, (_, n) => `DOOR${n}`);
		const random = new SeededRandom(4);
		const { keys } = bench;
		const many = Array.from(
			{ length: 3 },
			(): KeyModel => ({ publicKey: random.bytes(32), roles: ["issue"], doors }),
		);
		const [first] = modelOf(keys.trust).keys;
		const revoked = Array.from({ length: 30 }, () => random.bytes(8));
		const big = withNextList(keys, { keys: [first!, ...many], revoked });
		const signed = big.lists[1]!;
		assert.isAbove(signed.length, MAX_LIST_PIECE);
		const piece = (at: number, end: number, more: boolean) =>
			bench.ask("trust", { list: signed.subarray(at, end), at, more });
		assert.equal(reason(piece(250, 450, true)), "malformed", "its beginning has not come");
		assert.equal(reason(piece(0, 250, true)), "ok");
		assert.equal(reason(piece(300, 450, true)), "malformed", "a gap");
		assert.equal(reason(piece(250, 450, true)), "ok");
		assert.equal(reason(piece(250, 500, true)), "ok", "once more, and longer");
		assert.equal(listOf(bench).version, 1);
		assert.equal(reason(piece(500, 750, true)), "ok");
		assert.equal(reason(piece(750, signed.length, false)), "ok");
		assert.equal(listOf(bench).version, 2);
		assert.equal(shown(bench).list, toHex(big.trust.payload));
		// A stranger has no more of the reader's memory than a list.
		for (let at = 0; ; at += MAX_LIST_PIECE) {
			const end = at + MAX_LIST_PIECE > MAX_SIGNED_LIST;
			const answer = bench.ask("trust", { list: new Uint8Array(MAX_LIST_PIECE), at, more: true });
			assert.equal(reason(answer), end ? "malformed" : "ok");
			if (end) break;
		}
		for (const at of [-1, "0"] as never[]) {
			assert.equal(reason(bench.ask("trust", { list: signed.subarray(0, 9), at })), "malformed");
			assert.equal(reason(bench.ask("trusted", { at })), "malformed");
		}
		assert.equal(reason(bench.ask("trusted", { at: big.trust.payload.length + 1 })), "malformed");
	});

	it("an older record with an older list, put back, is not believed", () => {
		const bench = commissioned();
		const before = bench.flash.snapshot();
		bench.sendLists(withNextList(bench.keys).lists.slice(1));
		bench.flash.restore(before);
		const again = new Bench(crypto, bench.self.snapshot());
		assert.isTrue(again.store.damaged);
		assert.equal(again.store.trust.version, 0);
		assert.equal(reason(again.sendLists()), "damaged");
	});
});
