// SPDX-License-Identifier: Apache-2.0

import { assert } from "chai";
import { type HceExchange, HostCardEmulation } from "../../../phone/hce.js";
import { Holder, type HolderResult } from "../../../phone/holder.js";
import { byKcwt } from "../../../protocol/edhoc/id-cred.js";
import { SUITE_IDS } from "../../../protocol/edhoc/suites.js";
import type { Decision, Reason } from "../../../protocol/reasons.js";
import { SeededRandom } from "../../../sim/random.js";
import { type IssuedCredential, SimSite } from "../../../sim/site.js";
import { VirtualTime } from "../../../sim/time.js";
import type { LinkFailure } from "../../../src/links/failure.js";
import { NfcLink } from "../../../src/links/nfc.js";
import { Edhoc } from "../../../src/schemes/edhoc/scheme.js";
import { providers } from "../../support/providers.js";

const GRANTED: Decision = { granted: true, reason: "granted" };
const REVOKED: Decision = { granted: false, reason: "revoked" };

interface Bench {
	readonly time: VirtualTime;
	readonly exchanges: HceExchange[];
	readonly refused: [Reason, string][];
	readonly results: HolderResult[];
	readonly ends: (LinkFailure | undefined)[];
	decisions: number;
	link: NfcLink;
	tap(): void;
}

/** A reader's link and a phone's app, joined by a wire that `tamper` may change, drop (undefined) or keep. */
function bench(options: {
	suite?: number;
	decision?: Decision;
	phone?: (site: SimSite) => IssuedCredential;
	readerSite?: SimSite;
	tamper?: (bytes: Uint8Array, direction: "to-phone" | "to-reader", n: number) => Uint8Array | undefined;
	pieces?: boolean;
}): Bench {
	const crypto = providers[0]!;
	const random = new SeededRandom(7);
	const time = new VirtualTime();
	const suite = options.suite ?? 4;
	const site = new SimSite(crypto, random);
	const phone = (options.phone ?? ((s) => s.phone(suite)))(site);
	const readerSite = options.readerSite ?? site;
	const holder = new Holder({
		crypto,
		random,
		credential: phone.own,
		suite,
		trust: site.trust,
		onResult: (result) => result_.results.push(result),
	});
	const result_: Bench = {
		time,
		exchanges: [],
		refused: [],
		results: [],
		ends: [],
		decisions: 0,
		link: undefined as unknown as NfcLink,
		tap: () => {
			result_.link.start();
			time.run(6000);
		},
	};
	const hce = new HostCardEmulation(() => holder.session(), { onExchange: (e) => result_.exchanges.push(e) });
	const tamper = options.tamper ?? ((bytes) => bytes);
	let n = 0;
	const edhoc = new Edhoc({
		crypto,
		random,
		suites: SUITE_IDS,
		credentials: [readerSite.reader("FRONT", 4).own, readerSite.reader("FRONT", 5).own],
		site: readerSite,
		door: "FRONT",
	});
	const session = edhoc.nfc({
		onIdentity: () => {
			result_.decisions++;
			return options.decision ?? GRANTED;
		},
		onRefused: (reason, detail) => result_.refused.push([reason, detail]),
	});
	result_.link = new NfcLink({
		clock: time,
		sessions: [session],
		onEnd: (failure) => result_.ends.push(failure),
		card: {
			exchange: (command, timeout, reply, growing) => {
				growing.work();
				const sent = tamper(command.slice(), "to-phone", n++);
				const back = sent && hce.process(sent);
				const answer = back && tamper(back.response.slice(), "to-reader", n++);
				const delay = answer ? back.micros : timeout * 1000;
				time.after(delay, () => reply(answer, answer ? undefined : new Error("time-out")));
			},
		},
	});
	return result_;
}

describe("link: the transaction over NFC", () => {
	for (const suite of SUITE_IDS)
		it(`suite ${suite}: three short command-response pairs, a decision on both sides`, () => {
			const b = bench({ suite });
			b.tap();
			assert.equal(b.decisions, 1);
			assert.deepEqual(b.ends, [undefined]);
			assert.lengthOf(b.exchanges, 3);
			for (const { command, response } of b.exchanges) {
				assert.isAtMost(command.length, 261);
				assert.isAtMost(response.length, 257);
			}
			const bytes = b.exchanges.reduce((sum, e) => sum + e.command.length + e.response.length, 0);
			assert.isAtMost(bytes, 700);
			assert.deepEqual(b.results, [{ kind: "decision", decision: GRANTED, door: "FRONT", listVersion: 1 }]);
		});

	it("tells a phone that has proved itself why it stays outside", () => {
		const b = bench({ decision: REVOKED });
		b.tap();
		assert.deepEqual(b.results, [{ kind: "decision", decision: REVOKED, door: "FRONT", listVersion: 1 }]);
	});

	it("any bit changed in any byte of the exchange: never a decision, or the very same decision", () => {
		const honest = bench({});
		honest.tap();
		const messages = honest.exchanges.flatMap(({ command, response }) => [command, response]);
		let checked = 0;
		messages.forEach((message, n) => {
			// Every byte of the short ones, every fifth of the long: the specs of EDHOC itself change each.
			for (let at = 0; at < message.length; at += message.length > 60 ? 5 : 1) {
				const b = bench({
					tamper: (bytes, _, k) => {
						if (k === n && at < bytes.length) bytes[at]! ^= 1 << (at % 8);
						return bytes;
					},
				});
				b.tap();
				checked++;
				// Only what comes after the decision (message_4 and its answer) may be changed and leave it standing, and of
				// what comes before only Le and the instruction's parameters, which carry nothing.
				const carriesNothing =
					n >= 4 || (n === 0 && message.length - at <= 1) || (n === 2 && at === message.length - 1);
				if (!carriesNothing && n !== 0)
					assert.equal(b.decisions, n === 2 && at === 3 ? 1 : 0, `message ${n} byte ${at}`);
				assert.isAtMost(b.decisions, 1);
				assert.lengthOf(b.ends, 1, "the link always comes to an end");
				assert.isFalse(b.link.active);
			}
		});
		assert.isAbove(checked, 150);
	});

	it("cut after any byte of the exchange: never a decision before message_3 is whole", () => {
		const honest = bench({});
		honest.tap();
		const messages = honest.exchanges.flatMap(({ command, response }) => [command, response]);
		messages.forEach((message, n) => {
			for (let length = 0; length < message.length; length += message.length > 60 ? 7 : 1) {
				const b = bench({
					tamper: (bytes, _, k) =>
						k < n ? bytes : k === n && length > 0 ? bytes.slice(0, length) : undefined,
				});
				b.tap();
				assert.equal(b.decisions, n >= 4 ? 1 : 0, `message ${n} cut to ${length}`);
				assert.isFalse(b.link.active);
			}
		});
	});

	it("a replayed message_3 of an earlier transaction is refused", () => {
		const earlier = bench({});
		earlier.tap();
		const old = earlier.exchanges[1]!.response;
		// The same seed would give the same keys: one credential more shifts them, as time does.
		const shifted = bench({
			tamper: (bytes, direction, n) => (direction === "to-reader" && n === 3 ? old : bytes),
			phone: (site) => {
				site.phone();
				return site.phone();
			},
		});
		shifted.tap();
		assert.equal(shifted.decisions, 0);
		assert.equal(shifted.refused[0]![0], "malformed");
	});

	it("a credential swapped for another holder's is refused: its key did not sign", () => {
		const b = bench({
			phone: (site) => {
				const mine = site.phone();
				const other = site.phone();
				return { ...mine, own: { ...byKcwt(other.cwt), algorithm: mine.own.algorithm, sign: mine.own.sign } };
			},
		});
		b.tap();
		assert.equal(b.decisions, 0);
		assert.equal(b.refused[0]![0], "bad-signature");
	});

	it("a credential of a site that the reader does not know is refused", () => {
		const other = new SimSite(providers[0]!, new SeededRandom(99), "OTHER001");
		const b = bench({ readerSite: other });
		b.tap();
		assert.equal(b.decisions, 0);
		// The phone refuses first: it does not know the reader's site either, and names nobody to it.
		assert.lengthOf(b.results, 1);
		assert.equal(b.results[0]!.kind, "failed");
		assert.equal(b.refused[0]![0], "transaction-incomplete");
	});

	it("a card without the app ends the tap at once and counts as nobody", () => {
		const b = bench({
			tamper: (bytes, direction) => (direction === "to-reader" ? Uint8Array.of(0x6a, 0x82) : bytes),
		});
		b.tap();
		assert.isFalse(b.ends[0]!.started);
		assert.include(b.ends[0]!.detail, "no Lintel app");
	});

	it("a phone that always says there is more does not keep the reader", () => {
		const b = bench({
			tamper: (bytes, direction) => (direction === "to-reader" ? Uint8Array.of(0x61, 0x00) : bytes),
		});
		b.tap();
		assert.equal(b.ends[0]!.reason, "malformed");
	});
});
