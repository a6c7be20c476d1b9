// SPDX-License-Identifier: Apache-2.0

import { assert } from "chai";
import { concat, equal, toHex } from "../../../protocol/bytes.js";
import { CredentialError } from "../../../protocol/credential/credential.js";
import { EdhocError } from "../../../protocol/edhoc/errors.js";
import { openRevocation } from "../../../protocol/notice/revocation.js";
import { FRAME } from "../../../protocol/sync/frame.js";
import { clearFrame } from "../../../protocol/sync/messages.js";
import { topicLockdown, topicRevoked, topicTrust, topicUp } from "../../../protocol/sync/topics.js";
import { listHash } from "../../../protocol/trust/list.js";
import { withNextList } from "../../../sim/practice-keys.js";
import { type PlanImage, signDelta } from "../../../site/lib/plan/encode.js";
import type { CommandResult } from "../../../site/lib/sync/door-command.js";
import { MAX_OPEN } from "../../../site/lib/sync/handshakes.js";
import { MemoryBooks } from "../../../site/lib/sync/memory-books.js";
import { DOOR } from "../../protocol/sync/parties.js";
import { crypto } from "../../src/log/world.js";
import { id, image, open } from "../../support/plans.js";
import { type ScriptedReader, SiteWorld } from "./scripted-reader.js";

const BY = new Uint8Array(8).fill(7);

function planOf(world: SiteWorld, version: number, count: number): PlanImage {
	const records = Array.from({ length: count }, (_, n) => open(n));
	return image(version, records, { site: world.parties.keys.site, door: DOOR });
}

/** Whether nothing but the one look a minute at all doors is due. */
function isIdle({ time }: SiteWorld): boolean {
	const end = time.micros + 600_000_000;
	let steps = 0;
	for (; time.next !== undefined && time.next <= end; steps++) time.step();
	return steps <= 10;
}

describe("site sync: sessions", () => {
	it("a registered reader gets a session; another one, and a door without a reader, get none", () => {
		const world = new SiteWorld();
		const reader = world.begun();
		assert.isDefined(reader.session);
		assert.deepEqual(world.told("begun"), [{ kind: "begun" }]);
		assert.deepEqual(world.sync.state(DOOR)?.inSession, true);

		const stranger = world.reader();
		stranger.begin();
		world.run();
		assert.isUndefined(stranger.session);
		assert.equal(world.told("refused")[0]?.reason, "unsupported-credential");
		assert.instanceOf(stranger.error, EdhocError);
		assert.isTrue(world.sync.state(DOOR)?.inSession, "the session of the other one goes on");

		const unknown = world.reader("door-009");
		unknown.begin();
		world.run();
		assert.isUndefined(unknown.session);
		assert.isUndefined(world.sync.state("door-009"), "who has no reader makes nothing at the site");
	});

	it("answers hello, then states the lockdown, and is quiet", () => {
		const world = new SiteWorld();
		const reader = world.begun();
		assert.isEmpty(reader.heard);
		const id = reader.hello();
		world.run(60_000);
		assert.deepEqual(
			reader.heard.map(({ name }) => name),
			["ack", "lockdown"],
		);
		assert.deepInclude(reader.of("ack")[0], { of: id, refusal: null });
		assert.isNull(reader.of("lockdown")[0]!.envelope);
		assert.isTrue(isIdle(world), "an idle door has no timer");
	});

	it("gives the time with the reader's nonce", () => {
		const world = new SiteWorld();
		const reader = world.begun();
		const nonce = new Uint8Array(8).fill(9);
		reader.say({ name: "clock", nonce });
		world.run();
		const [time] = reader.of("time");
		assert.equal(toHex(time!.nonce), toHex(nonce));
		assert.isAtLeast(time!.seconds, 1_577_836_800);
	});

	it("lists that the reader lacks come singly, in pieces, and what they forbid or allow only after a new hello", () => {
		const world = new SiteWorld();
		const first = world.parties.keys;
		const second = withNextList(first);
		const third = withNextList(second);
		world.books.setPlan(planOf(world, 1, 1));
		const reader = world.begun();
		world.books.addList(second.lists[1]!, second.trust);
		world.books.addList(third.lists[2]!, third.trust);
		reader.hello();
		world.run(5000);
		assert.deepEqual(
			reader.of("list").map(({ at, version }) => [version, at]),
			[[2, 0]],
		);
		assert.equal(toHex(reader.of("list")[0]!.piece), toHex(second.lists[1]!));
		reader.hello({ trust: 2, listHash: crypto.sha256(second.trust.payload).slice(0, 8) });
		world.run(5000);
		assert.deepEqual(reader.of("list").at(-1)?.version, 3);
		assert.isEmpty(reader.of("offer"));
		reader.hello({ trust: 3, listHash: crypto.sha256(third.trust.payload).slice(0, 8) });
		world.run(5000);
		assert.lengthOf(reader.of("offer"), 1);
	});

	it("a list that has come by its topic meanwhile counts as taken: its hello brings the plan", () => {
		const world = new SiteWorld();
		world.books.setPlan(planOf(world, 1, 1));
		const reader = world.begun();
		reader.answer = ({ name }) => (name === "list" ? "not-newer" : null);
		const { lists, trust } = withNextList(world.parties.keys);
		world.books.addList(lists[1]!, trust);
		reader.hello();
		world.run(60_000);
		assert.lengthOf(reader.of("list"), 1);
		reader.hello({ trust: 2, listHash: listHash(trust, crypto) });
		world.run();
		assert.lengthOf(reader.of("list"), 1);
		assert.lengthOf(reader.of("offer"), 1);
	});

	it("a list that is not the site's of that version is told, and nothing signed is given", () => {
		const world = new SiteWorld();
		world.books.setPlan(planOf(world, 1, 1));
		const reader = world.begun();
		reader.hello({ listHash: new Uint8Array(8) });
		world.run(5000);
		assert.lengthOf(world.told("other-list"), 1);
		assert.deepEqual(
			reader.heard.map(({ name }) => name),
			["ack", "lockdown"],
		);
	});

	it("who asks in the clear for a list gets it in the clear, whole; of a version that is not there nothing comes", () => {
		const world = new SiteWorld();
		const reader = world.reader();
		world.books.register(DOOR, reader.publicKey);
		const many = Array.from({ length: 18 }, (_, n) => ({
			...{ publicKey: crypto.ed25519KeyPair(new Uint8Array(32).fill(n + 50)).publicKey },
			roles: ["issue" as const],
		}));
		const { lists, trust } = withNextList(world.parties.keys, { keys: many });
		world.books.addList(lists[1]!, trust);
		for (const version of [1, 2, 3, 0xffff_ffff]) reader.send(clearFrame({ name: "want", id: 1, version }));
		world.run();
		const second = reader.lists.filter(({ version }) => version === 2);
		assert.isAbove(second.length, 0);
		assert.equal(toHex(concat(...second.map(({ piece }) => piece))), toHex(lists[1]!));
		assert.deepEqual([...new Set(reader.lists.map(({ version }) => version))], [1, 2]);
	});

	it("the newest list is retained once, and again where the broker is connected anew", () => {
		const world = new SiteWorld();
		const topic = topicTrust(world.parties.keys.site);
		const count = (): number => world.published.filter((one) => one.topic === topic && one.retain).length;
		world.sync.connected();
		assert.equal(toHex(world.retained.get(topic)!), toHex(world.parties.keys.lists[0]!));
		world.sync.changed();
		assert.equal(count(), 1);
		const { lists, trust } = withNextList(world.parties.keys);
		world.books.addList(lists[1]!, trust);
		assert.equal(toHex(world.retained.get(topic)!), toHex(lists[1]!));
		world.sync.connected();
		assert.equal(count(), 3);
	});
});

describe("site sync: plans", () => {
	/** A reader that has taken the first version of its plan. */
	function planned(count = 3): { world: SiteWorld; reader: ReturnType<SiteWorld["begun"]>; plan: PlanImage } {
		const world = new SiteWorld();
		const plan = planOf(world, 1, count);
		world.books.setPlan(plan);
		const reader = world.begun();
		reader.hello({ version: 1 });
		world.run();
		return { world, reader, plan };
	}

	it("an edit is a delta to the version that the reader has, at once", () => {
		const { world, reader, plan } = planned();
		world.books.setPlan(planOf(world, 2, 4));
		world.run(10);
		const expected = signDelta(plan, planOf(world, 2, 4), { crypto, ...world.parties.keys.signing });
		assert.equal(toHex(reader.of("delta")[0]!.envelope), toHex(expected));
		world.run(60_000);
		assert.lengthOf(reader.of("delta"), 1);
		assert.deepInclude(world.told("answered").at(-1)!, { refusal: null });
	});

	it("two edits while the first is on its way come one after the other", () => {
		const { world, reader } = planned();
		reader.answer = () => undefined;
		world.books.setPlan(planOf(world, 2, 4));
		world.books.setPlan(planOf(world, 3, 5));
		world.run(10);
		assert.lengthOf(reader.of("delta"), 1);
		const [delta] = reader.of("delta");
		reader.answer = () => null;
		reader.say({ name: "ack", of: delta!.id, refusal: null });
		world.run(10);
		assert.lengthOf(reader.of("delta"), 2);
		assert.isFalse(equal(reader.of("delta")[1]!.envelope, delta!.envelope));
	});

	it("a reader without a plan, and one that refuses the delta, are offered the snapshot; each answer is said once", () => {
		const { world, reader } = planned();
		reader.answer = ({ name }) => (name === "delta" ? "journal-full" : null);
		world.books.setPlan(planOf(world, 2, 4));
		world.run(60_000);
		assert.lengthOf(reader.of("delta"), 1);
		const [offer] = reader.of("offer");
		const plan = world.books.plan(DOOR)!;
		assert.equal(toHex(offer!.hash), toHex(crypto.sha256(plan.envelope)));
		assert.equal(offer!.size, plan.envelope.length);
		reader.say({ name: "outcome", hash: offer!.hash, refusal: "flash-fault" });
		reader.hello({ version: 1 });
		world.run(60_000);
		assert.lengthOf(reader.of("offer"), 1, "what was refused is not offered again in this session");
		assert.equal(world.told("outcome")[0]!.refusal, "flash-fault");
		world.books.setPlan(planOf(world, 3, 4));
		world.run();
		assert.lengthOf(reader.of("delta"), 2, "the next version is tried");
	});

	it("a snapshot of 1,000 credentials is pulled piece by piece, and goes on after a cut where it was", () => {
		const { world, reader } = planned();
		world.books.setPlan(planOf(world, 2, 1000));
		world.run();
		const plan = world.books.plan(DOOR)!;
		const [offer] = reader.of("offer");
		const pulled: Uint8Array[] = [];
		let at = 0;
		const pull = (by: typeof reader, hash: Uint8Array, size: number): void => {
			by.say({ name: "pull", hash, at });
			world.run(10);
			const piece = by.of("piece").at(-1)!;
			assert.equal(piece.at, at);
			assert.equal(piece.size, size);
			pulled.push(piece.piece.slice());
			at += piece.piece.length;
		};
		pull(reader, offer!.hash, plan.envelope.length);
		assert.equal(toHex(pulled[0]!), toHex(plan.envelope));
		pulled.length = at = 0;
		for (let n = 0; n < 9; n++) pull(reader, plan.bodyHash, plan.body.length);
		// Meanwhile the site goes on; the session is cut, and another has it go on.
		reader.begin();
		world.run();
		while (at < plan.body.length) pull(reader, plan.bodyHash, plan.body.length);
		assert.equal(toHex(crypto.sha256(concat(...pulled))), toHex(plan.bodyHash));
		reader.say({ name: "pull", hash: plan.bodyHash, at });
		reader.say({ name: "pull", hash: new Uint8Array(32), at: 0 });
		world.run();
		assert.deepEqual(
			reader
				.of("ack")
				.slice(-2)
				.map(({ refusal }) => refusal),
			["unknown", "unknown"],
		);
	});

	it("a pull of what is not there ends the offer: it is not made again in the session, and the next plan is", () => {
		const { world, reader } = planned();
		world.books.setPlan(planOf(world, 2, 500));
		world.run();
		reader.say({ name: "pull", hash: new Uint8Array(32), at: 0 });
		world.run(60_000);
		assert.equal(reader.of("ack").at(-1)!.refusal, "unknown");
		assert.lengthOf(reader.of("offer"), 1);
		world.books.setPlan(planOf(world, 3, 501));
		world.run();
		assert.lengthOf(reader.of("offer"), 2);
	});

	it("what was offered is given to its end, though a newer plan is there; the outcome brings the newer one", () => {
		const { world, reader } = planned();
		world.books.setPlan(planOf(world, 2, 500));
		world.run();
		const before = world.books.plan(DOOR)!;
		world.books.setPlan(planOf(world, 3, 501));
		world.run();
		assert.lengthOf(reader.of("offer"), 1);
		reader.say({ name: "pull", hash: before.bodyHash, at: 0 });
		world.run();
		assert.equal(toHex(reader.of("piece")[0]!.piece), toHex(before.body.subarray(0, 896)));
		reader.say({ name: "outcome", hash: reader.of("offer")[0]!.hash, refusal: null });
		world.run();
		assert.lengthOf(reader.of("delta"), 1);
	});

	it("a reader whose plan, log or notices are ahead of a restored site gets no plan, and it is told", () => {
		const world = new SiteWorld();
		world.books.setPlan(planOf(world, 5, 3));
		const reader = world.begun();
		reader.hello({ version: 9, notice: 4, lockdown: 2, log: 90, acknowledged: 80, trust: 2 });
		world.run(5000);
		assert.deepEqual(
			world.told("ahead").map(({ of }) => of),
			["list", "plan", "notice", "lockdown", "log"],
		);
		assert.isEmpty([...reader.of("delta"), ...reader.of("offer")]);
	});

	it("a reader that takes what it is sent and still says it has not gets each thing once in a session", () => {
		const { world, reader } = planned();
		world.books.revoke([id(0)]);
		world.books.setPlan(planOf(world, 3, 4));
		reader.answer = (message) => {
			if (message.name === "offer")
				world.time.after(0, () => reader.say({ name: "outcome", hash: message.hash, refusal: null }));
			world.time.after(1000, () => reader.hello({ version: 1 }));
			return null;
		};
		reader.hello({ version: 1 });
		world.run(60_000);
		for (const name of ["notice", "delta", "offer"] as const)
			assert.isAtMost(reader.of(name).length, 2, name);
		const { length } = reader.heard;
		world.run(60_000);
		assert.lengthOf(reader.heard, length);
	});

	it("settings are said once and told", () => {
		const { world, reader } = planned();
		world.books.set(DOOR, { sounds: 0, spread: 60, ssid: null, password: null });
		world.run(30_000);
		assert.deepInclude(reader.of("settings")[0], { sounds: 0, spread: 60 });
		assert.lengthOf(reader.of("settings"), 1);
	});

	it("settings wait for a reader that does not know the time, until it is told it, and are not told as refused", () => {
		const { world, reader } = planned();
		const envelope = new Uint8Array(100).fill(1);
		let time = 0;
		const ask = (): void => {
			reader.say({ name: "clock", nonce: new Uint8Array(8).fill(++time) });
			world.run(30_000);
		};
		const said = () => [reader.of("settings").length, reader.of("configuration").length];
		const answers = () =>
			world.news.flatMap(({ news }) =>
				news.kind === "answered" && news.to.name !== "lockdown" ? [[news.to.name, news.refusal]] : [],
			);
		reader.answer = ({ name }) => (name === "lockdown" ? null : "clock-unset");
		reader.hello({ version: 1, clock: null });
		world.run(30_000);
		const before = answers().length;
		world.books.set(DOOR, { sounds: 0, spread: null, ssid: null, password: null });
		world.run(30_000);
		assert.deepEqual(said(), [0, 0]);
		// The answer came too late for the reader's clock.
		ask();
		assert.deepEqual(said(), [1, 0], "not again and again");
		reader.answer = ({ name }) => (name === "configuration" ? "clock-unset" : null);
		world.books.configure(DOOR, envelope);
		ask();
		assert.deepEqual(said(), [2, 1]);
		reader.answer = () => null;
		ask();
		assert.deepEqual(said(), [2, 2]);
		assert.deepEqual(answers().slice(before), [
			["settings", null],
			["configuration", null],
		]);
	});
});

describe("site sync: notices", () => {
	it("a revocation is retained at once; a reader that says it has it gets no other, one that does not gets it in session", () => {
		const world = new SiteWorld();
		const [quick, slow] = [world.begun(), world.begun("door-008")];
		for (const reader of [quick, slow]) reader.hello();
		world.run();
		world.books.revoke([id(1), id(2)]);
		const retained = world.retained.get(topicRevoked(world.parties.keys.site));
		const opened = openRevocation(retained!, world.books.trust, DOOR, crypto);
		assert.isNotString(opened);
		assert.deepInclude(opened, { sequence: 1, epoch: 1 });
		quick.hello({ notice: 1 });
		world.run(10_000);
		assert.isEmpty(quick.of("notice"));
		assert.deepEqual(
			slow.of("notice").map(({ envelope }) => toHex(envelope)),
			[toHex(retained!)],
		);
		assert.equal(world.told("answered").at(-1)!.to.name, "notice");
	});

	it("notices that a reader lacks come in their order, before the lockdown and the plan", () => {
		const world = new SiteWorld();
		world.books.setPlan(planOf(world, 1, 3));
		world.books.revoke(Array.from({ length: 250 }, (_, n) => id(n + 2)));
		world.books.revoke([id(1)]);
		world.books.lock([], 600);
		const reader = world.begun();
		reader.hello({ notice: 1, version: 1 });
		world.run(10_000);
		assert.deepEqual(
			reader.heard.filter(({ name }) => name !== "ack").map(({ name }) => name),
			["notice", "notice", "notice", "lockdown", "delta"],
		);
		const sequences = reader.of("notice").map(({ envelope }) => {
			const notice = openRevocation(envelope, world.books.trust, DOOR, crypto);
			return typeof notice === "string" ? notice : notice.sequence;
		});
		assert.deepEqual(sequences, [2, 3, 4]);
	});

	it("a reader without room for a notice gets no more of them, and the plan that has them", () => {
		const world = new SiteWorld();
		world.books.setPlan(planOf(world, 1, 3));
		for (let n = 0; n < 3; n++) world.books.revoke([id(n)]);
		const reader = world.begun();
		reader.answer = ({ name }) => (name === "notice" ? "notices-full" : null);
		reader.hello({ version: 1 });
		world.run(10_000);
		assert.lengthOf(reader.of("notice"), 1);
		assert.lengthOf(reader.of("delta"), 1);
	});

	it("a lockdown is stated where it stands, once, and its end as well; over its time it is stated no more", () => {
		const world = new SiteWorld();
		const [here, there] = [world.begun(), world.begun("door-008")];
		for (const reader of [here, there]) reader.hello();
		world.run();
		world.books.lock([DOOR], 600);
		world.run(5000);
		const retained = world.retained.get(topicLockdown(world.parties.keys.site))!;
		assert.equal(toHex(here.of("lockdown").at(-1)!.envelope!), toHex(retained));
		assert.lengthOf(here.of("lockdown"), 2);
		assert.lengthOf(there.of("lockdown"), 1);
		world.books.release();
		world.run(5000);
		assert.isNull(here.of("lockdown").at(-1)!.envelope);
		assert.lengthOf(here.of("lockdown"), 3);
		assert.lengthOf(world.retained.get(topicLockdown(world.parties.keys.site))!, 0);
		world.books.lock([], 600);
		world.run(601_000);
		here.begin();
		world.run();
		here.hello();
		world.run();
		assert.isNull(here.of("lockdown").at(-1)!.envelope);
	});

	it("of a lockdown of which the site does not know nothing is said", () => {
		const world = new SiteWorld();
		const reader = world.begun();
		world.books.lockdown = () => undefined as unknown as null;
		reader.hello();
		world.run();
		assert.lengthOf(reader.of("lockdown"), 0);
	});

	it("of a new epoch plans and notices begin anew; before its list is there a reader gets neither", () => {
		const world = new SiteWorld();
		world.books.setPlan(planOf(world, 7, 3));
		const { lists, trust, signing } = withNextList(world.parties.keys, { epoch: 2 });
		const reader = world.begun();
		reader.answer = ({ name }) => (name === "list" ? "not-by-roots" : null);
		world.books.addList(lists[1]!, trust, { crypto, ...signing, epoch: 2 });
		reader.hello({ version: 7 });
		world.run(10_000);
		assert.isEmpty([...reader.of("offer"), ...reader.of("delta")]);
		reader.hello({ version: 7, trust: 2, listHash: listHash(trust, crypto) });
		world.run(10_000);
		assert.lengthOf(reader.of("offer"), 1, "version 1 of epoch 2 is newer than version 7 of epoch 1");
	});
});

describe("site sync: stop and wait", () => {
	it("what has no answer is said again with its id, five times, then less often: the reader is silent, and its session stays", () => {
		const world = new SiteWorld();
		const reader = world.begun();
		reader.answer = () => undefined;
		reader.hello();
		world.run(49_000);
		assert.lengthOf(reader.of("lockdown"), 5);
		assert.isEmpty(world.told("silent"));
		world.run(2000);
		assert.lengthOf(world.told("silent"), 1);
		assert.isFalse(world.sync.state(DOOR)!.inSession);
		world.run(3_600_000);
		assert.lengthOf(reader.of("lockdown"), 21, "after 20, 40, 80, 160 s, then each 5 minutes");
		assert.deepEqual(
			[...new Set(reader.of("lockdown").map(({ id: one }) => one))],
			[reader.of("lockdown")[0]!.id],
		);
		// The reader is there again: it hears at once what it missed.
		reader.answer = () => null;
		reader.say({ name: "clock", nonce: BY });
		world.run(1000);
		assert.lengthOf(world.told("heard"), 1);
		assert.lengthOf(reader.of("lockdown"), 22);
		assert.isTrue(world.sync.state(DOOR)!.inSession);
		world.run(600_000);
		assert.lengthOf(reader.of("lockdown"), 22);
		assert.isEmpty(world.told("ended"));
	});

	it("a reader of which nothing is heard for 20 minutes is silent, though it owes no answer", () => {
		const world = new SiteWorld();
		const reader = world.begun();
		reader.hello();
		world.run(19 * 60_000);
		assert.isTrue(world.sync.state(DOOR)!.inSession);
		world.run(3 * 60_000);
		assert.isFalse(world.sync.state(DOOR)!.inSession);
		assert.lengthOf(world.told("silent"), 1);
		reader.say({ name: "clock", nonce: BY });
		assert.isTrue(world.sync.state(DOOR)!.inSession);
		world.run(60 * 60_000);
		assert.lengthOf(world.told("silent"), 2);
	});

	it("who begins another session and gets none has to answer on the one that it has: else its reader is silent within minutes", () => {
		for (const isGone of [false, true]) {
			const world = new SiteWorld();
			const reader = world.begun();
			reader.hello();
			world.run(30_000);
			if (isGone) world.readers.splice(world.readers.indexOf(reader), 1);
			const said = reader.of("lockdown").length;
			// Another's reader, whose attempts come to nothing.
			const stranger = world.reader();
			stranger.begin();
			world.run(200_000);
			assert.equal(world.sync.state(DOOR)?.inSession, !isGone, isGone ? "gone" : "there");
			assert.lengthOf(world.told("silent"), isGone ? 1 : 0);
			if (!isGone) assert.equal(reader.of("lockdown").length, said + 1, "it is asked once");
		}
	});

	it("a silent reader's session ends as every other, after 24 hours", () => {
		const world = new SiteWorld();
		const reader = world.begun();
		reader.answer = () => undefined;
		reader.hello();
		world.run(86_500_000);
		assert.deepEqual(world.told("ended"), [{ kind: "ended", why: "expired" }]);
		assert.isTrue(isIdle(world));
	});

	it("what the reader says again is answered as before, and nothing is done anew", () => {
		const world = new SiteWorld();
		const reader = world.begun();
		const record = new Uint8Array(32).fill(1);
		const id = reader.say({ name: "alarm", record });
		reader.say({ name: "alarm", record }, id);
		world.run();
		const acks = reader.of("ack");
		assert.lengthOf(acks, 2);
		assert.deepEqual(acks[0], acks[1]);
		assert.lengthOf(world.told("alarm"), 1);
	});

	it("what is not well-formed is refused as malformed, what is in no table as unknown", () => {
		const world = new SiteWorld();
		const reader = world.begun();
		const raw = (...content: number[]): void => {
			const buffer = new Uint8Array(64);
			buffer.set(content, 5);
			reader.send(buffer.slice(0, reader.session!.seal(buffer, content.length)));
		};
		raw(0x82, 0x18, 30, 1);
		raw(0x83, 2, 2, 0x61);
		raw(0x81);
		world.run();
		assert.deepEqual(
			reader.of("ack").map(({ of, refusal }) => [of, refusal]),
			[
				[1, "unknown"],
				[2, "malformed"],
			],
		);
	});

	it("of two sessions the newer counts from its message_3 on; replays of message_1 and of records change nothing", () => {
		const world = new SiteWorld();
		const reader = world.begun();
		const old = reader.frames.slice();
		reader.hello();
		world.run();
		const count = world.news.length;
		const topic = topicUp(world.parties.keys.site, DOOR);
		// The session's own message_1, and its message_3.
		for (const frame of old) world.sync.take(topic, frame);
		world.run(30_000);
		assert.equal(world.news.length, count);
		reader.say({
			name: "health",
			uptime: 1,
			cause: 0,
			free: null,
			signal: null,
			failing: 0,
			clockError: null,
		});
		world.run();
		assert.lengthOf(world.told("health"), 1);
		// An attempt that stops before message_3 ends nothing.
		const other = world.reader(DOOR, world.parties.reader());
		other.take = () => {};
		other.begin();
		world.run();
		reader.say({
			name: "health",
			uptime: 2,
			cause: 0,
			free: null,
			signal: null,
			failing: 0,
			clockError: null,
		});
		world.run();
		assert.lengthOf(world.told("health"), 2);
	});

	it("a reader that begins anew replaces its session without an alarm; one that goes on beside another is one of two", () => {
		const world = new SiteWorld();
		const reader = world.begun();
		reader.hello();
		world.run();
		reader.begin();
		world.run();
		assert.deepEqual(world.told("ended"), [{ kind: "ended", why: "replaced" }]);
		assert.isEmpty(world.told("two-readers"));
		// A twin, with the same key: both speak.
		const twin = world.reader(DOOR, reader.credential);
		twin.begin();
		const first = reader.session;
		world.run(2);
		reader.session = first;
		reader.say({ name: "clock", nonce: BY });
		world.run();
		assert.lengthOf(world.told("two-readers"), 1);
	});

	it("a session ends after 24 hours, when another reader is registered, when this one is revoked, and at the end", () => {
		const world = new SiteWorld();
		const reader = world.begun();
		world.run(86_400_000);
		reader.hello();
		world.run();
		assert.deepEqual(world.told("ended"), [{ kind: "ended", why: "expired" }]);
		assert.isEmpty(reader.heard);
		reader.begin();
		world.run();
		world.books.register(DOOR, world.parties.reader().publicKey);
		assert.equal(world.told("ended").at(-1)!.why, "not-registered");
		world.books.register(DOOR, reader.publicKey);
		reader.begin();
		world.run();
		const cti = ctiOf(reader);
		const { lists, trust } = withNextList(world.parties.keys, { revoked: [cti] });
		world.books.addList(lists[1]!, trust);
		world.run(5000);
		assert.equal(world.told("ended").at(-1)!.why, "not-registered");
		const other = world.begun("door-008");
		world.sync.close();
		assert.equal(world.told("ended").at(-1)!.why, "closed");
		assert.isDefined(other.session);
		world.run(60_000);
		assert.isUndefined(world.time.next);
	});
});

/** `cti` in its CWT: the only claim of 8 bytes that begins with 07 48. */
function ctiOf({ credential: { cred } }: ScriptedReader): Uint8Array {
	for (let at = 0; at < cred.length; at++)
		if (cred[at] === 7 && cred[at + 1] === 0x48) return cred.slice(at + 2, at + 10);
	throw new Error("no cti");
}

describe("site sync: commands", () => {
	const OPEN = { what: "open", for: 5, by: BY } as const;

	function commanded(answer?: (message: { readonly name: string }) => string | null | undefined) {
		const world = new SiteWorld();
		const reader = world.begun();
		reader.hello();
		world.run();
		if (answer !== undefined) reader.answer = answer;
		const results: CommandResult[] = [];
		const command = (): void => world.sync.command(DOOR, OPEN, (result) => results.push(result));
		return { world, reader, results, command };
	}

	it("goes out at once, is good for 5 s by the session's clock, and is answered", () => {
		const { world, reader, results, command } = commanded();
		world.run(60_000);
		command();
		world.run(10);
		const [said] = reader.of("command");
		assert.deepInclude(said, { what: "open", for: 5 });
		// The session began within the first second.
		assert.approximately(said!.until, 62_000 + 5000, 1000);
		assert.deepEqual(results, ["done"]);
	});

	it("a refusal comes with its reason; no answer is unknown after 10 s, and it is not said again", () => {
		const refused = commanded(() => "too-late");
		refused.command();
		refused.world.run(10);
		assert.deepEqual(refused.results, [{ refusal: "too-late" }]);
		const silent = commanded(() => undefined);
		silent.command();
		silent.world.run(9900);
		assert.isEmpty(silent.results);
		silent.world.run(200);
		assert.deepEqual(silent.results, ["unknown"]);
		silent.world.run(60_000);
		assert.lengthOf(silent.reader.of("command"), 1);
		assert.isEmpty(silent.world.told("ended"));
	});

	it("without a session, beside another command, and behind what is not answered it is refused: it was not done", () => {
		const { world, reader, results, command } = commanded(() => undefined);
		world.sync.command("door-001", OPEN, (result) => results.push(result));
		assert.deepEqual(results, [{ refusal: "no-session" }]);
		command();
		command();
		assert.deepEqual(results.slice(1), [{ refusal: "busy" }]);
		world.run(11_000);
		assert.deepEqual(results.slice(2), ["unknown"]);
		world.books.set(DOOR, { sounds: 1, spread: null, ssid: null, password: null });
		command();
		world.run(11_000);
		assert.deepEqual(results.slice(3), [{ refusal: "busy" }]);
		assert.lengthOf(reader.of("command"), 1);
		// What it waited for is answered too late for it.
		const late = commanded();
		late.reader.answer = () => undefined;
		late.world.books.set(DOOR, { sounds: 1, spread: null, ssid: null, password: null });
		late.command();
		late.world.run(6000);
		late.reader.answer = () => null;
		late.reader.say({ name: "ack", of: late.reader.of("settings")[0]!.id, refusal: null });
		late.world.run(60_000);
		assert.deepEqual(late.results, [{ refusal: "busy" }]);
		assert.isEmpty(late.reader.of("command"));
	});

	it("a session that ends leaves a command that was said unknown", () => {
		const { world, results, command } = commanded(() => undefined);
		command();
		world.sync.close();
		assert.deepEqual(results, ["unknown"]);
	});
});

describe("site sync: handshakes", () => {
	it("many readers at once: each gets its session, and no more than a bound is under way", () => {
		const world = new SiteWorld();
		const doors = Array.from({ length: 40 }, (_, n) => `door-${n}`);
		const readers = doors.map((door) => {
			const reader = world.reader(door);
			world.books.register(door, reader.publicKey);
			return reader;
		});
		for (const reader of readers) reader.begin();
		world.run(5000);
		assert.isTrue(readers.every(({ session }) => session !== undefined));
		assert.lengthOf(world.told("begun"), 40);
	});

	it("attempts that no message_3 follows end after 10 s; those behind them have their turn then", function () {
		this.timeout(120_000);
		const world = new SiteWorld();
		const count = MAX_OPEN + 20;
		const readers = Array.from({ length: count }, (_, n) => {
			const reader = world.reader(`d${n}`);
			world.books.register(`d${n}`, reader.publicKey);
			reader.take = () => {};
			return reader;
		});
		for (const reader of readers) reader.begin();
		world.run(5000);
		const seconds = (): number => world.published.filter(({ data }) => data[0] === FRAME.message2).length;
		assert.equal(seconds(), MAX_OPEN);
		world.run(10_000);
		assert.equal(seconds(), count);
		world.run(20_000);
		assert.isTrue(isIdle(world));
	});

	it("a reader that a list has revoked, and one whose list lacks the server's key, get no session, with the reason", () => {
		const world = new SiteWorld();
		const reader = world.reader();
		world.books.register(DOOR, reader.publicKey);
		reader.options = { trust: new SiteWorld(2).parties.keys.trust };
		reader.begin();
		world.run();
		assert.instanceOf(reader.error, CredentialError);
		reader.options = {};
		const { lists, trust } = withNextList(world.parties.keys, { revoked: [ctiOf(reader)] });
		world.books.addList(lists[1]!, trust);
		reader.begin();
		world.run();
		assert.deepEqual(
			world.told("refused").map(({ reason }) => reason),
			["revoked"],
		);
	});

	it("frames of any content are passed over", () => {
		const world = new SiteWorld();
		const reader = world.begun();
		const random = world.parties.random;
		for (let n = 0; n < 2000; n++) {
			const frame = random.bytes(random.below(200));
			if (frame.length > 0) frame[0] = random.below(10);
			reader.send(frame);
		}
		reader.send(new Uint8Array(1025).fill(7));
		world.sync.take("l1/other/door-007/u", clearFrame({ name: "want", id: 1, version: 1 }));
		world.sync.take(
			`${topicUp(world.parties.keys.site, DOOR)}/u`,
			clearFrame({ name: "want", id: 1, version: 1 }),
		);
		world.run(30_000);
		reader.hello();
		world.run();
		assert.lengthOf(reader.of("ack"), 1);
	});
});

describe("site sync: the log", () => {
	it("an asynchronous store: the answer comes when it is done, in this session or not at all", () => {
		const world = new SiteWorld();
		const waiting: (() => void)[] = [];
		const takeLog = MemoryBooks.prototype.takeLog.bind(world.books);
		world.books.takeLog = (door, reader, message, done) => {
			waiting.push(() => takeLog(door, reader, message, done));
		};
		const reader = world.begun();
		const message = { name: "log", first: 5, records: chainOf(5, 2) } as const;
		const id = reader.say(message);
		reader.say(message, id);
		world.run();
		assert.lengthOf(waiting, 1);
		assert.isEmpty(reader.heard);
		waiting[0]!();
		world.run();
		assert.deepInclude(reader.of("logged")[0], { serial: 6 });
		reader.say({ name: "log", first: 7, records: chainOf(7, 1) });
		reader.begin();
		world.run();
		waiting[1]!();
		world.run();
		assert.lengthOf(reader.of("logged"), 1);
	});

	it("two readers with one log that differ: the second is refused, kept apart, and told, in this session once", () => {
		const world = new SiteWorld();
		const reader = world.begun();
		reader.say({ name: "log", first: 1, records: chainOf(1, 3) });
		world.run();
		const { link } = reader.of("logged")[0]!;
		for (const first of [4, 4, 5]) reader.say({ name: "log", first, records: chainOf(first, 2, 9) });
		world.run();
		assert.deepEqual(
			reader.of("ack").map(({ refusal }) => refusal),
			["other-log", "other-log", "other-log"],
		);
		assert.deepEqual(world.told("other-log"), [{ kind: "other-log", serial: 4 }]);
		const log = world.books.log(DOOR, reader.publicKey);
		assert.lengthOf(log.apart, 1);
		assert.deepInclude(log.cursor, { serial: 3 });
		// In the next session the reader says so itself: what the site has it acknowledged with another link.
		reader.begin();
		world.run();
		reader.hello({ acknowledged: 3, log: 5, link: link.map((byte) => byte ^ 1) });
		world.run();
		assert.lengthOf(world.told("other-log"), 2);
		reader.begin();
		world.run();
		reader.hello({ acknowledged: 1, log: 2, link: new Uint8Array(8) });
		world.run();
		assert.deepEqual(world.told("log-behind"), [{ kind: "log-behind", last: 2, site: 3 }]);
	});
});

/** Records in a chain of their own. */
function chainOf(first: number, count: number, value = 1): Uint8Array {
	const records = new Uint8Array(count * 32);
	const view = new DataView(records.buffer);
	let link: Uint8Array = new Uint8Array(8);
	for (let i = 0; i < count; i++) {
		const record = records.subarray(i * 32, i * 32 + 32);
		view.setUint32(i * 32, first + i);
		record[8] = value;
		link = crypto.sha256(concat(link, record.subarray(0, 24))).slice(0, 8);
		record.set(link, 24);
	}
	return records;
}
