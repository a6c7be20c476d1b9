// SPDX-License-Identifier: Apache-2.0

import { assert } from "chai";
import type { HolderResult } from "../../../phone/holder.js";
import { byKcwt } from "../../../protocol/edhoc/id-cred.js";
import type { Reason } from "../../../protocol/reasons.js";
import { PDU } from "../../../sim/ble/att.js";
import { SeededRandom } from "../../../sim/random.js";
import { type IssuedCredential, SimSite } from "../../../sim/site.js";
import { BleBench, IOS } from "./bench.js";
import { raw } from "./raw.js";

type Side = "phone" | "reader";
interface Frame {
	readonly from: Side;
	readonly value: Uint8Array;
}

/** Of a PDU that carries a frame: ATT opcode and handle stand in front of it. */
const HEADER = 3;

interface Outcome {
	readonly decided: number;
	readonly results: readonly HolderResult[];
	readonly refused: readonly [Reason, string][];
	readonly frames: readonly Frame[];
}

/** One visit of a good phone, whose frames `tamper` changes or keeps; afterwards the next good phone must get in. */
function visit(
	tamper: (frame: Uint8Array, from: Side, n: number) => Uint8Array,
	bench = new BleBench(),
): Outcome {
	const decided = bench.decided.length;
	const { phone, results } = bench.phone(IOS);
	const frames: Frame[] = [];
	bench.radio.intercept = (from, pdu) => {
		if (pdu[0] !== PDU.writeCommand && pdu[0] !== PDU.notification) return [pdu];
		const value = tamper(pdu.slice(HEADER), from, frames.length);
		frames.push({ from, value });
		return [Uint8Array.of(...pdu.subarray(0, HEADER), ...value)];
	};
	phone.connect();
	bench.time.run(4000);
	bench.radio.intercept = undefined;
	const outcome = { decided: bench.decided.length - decided, results, refused: bench.refused, frames };
	assert.isDefined(bench.goodPhone(), "the next good phone opens within 3 s");
	bench.time.run(1000);
	return outcome;
}

const honest = (frame: Uint8Array): Uint8Array => frame;

describe("the transaction over BLE fails where it does over NFC", () => {
	it("any bit changed in any byte of any frame: never a decision, and the next good phone opens", () => {
		const whole = visit(honest);
		assert.equal(whole.decided, 1);
		assert.deepEqual(
			whole.frames.map(({ from }) => from),
			["phone", "reader", "reader", "phone", "phone", "reader"],
			"message_1; message_2 and message_3 in two frames each; message_4",
		);
		let checked = 0;
		whole.frames.forEach((frame, n) => {
			// The head of each, and every seventh byte of the rest: the specs of EDHOC itself change each.
			for (let at = 0; at < frame.value.length; at += at < 8 ? 1 : 7) {
				const bit = at === 4 && n === 0 ? 7 : at % 8;
				const { decided } = visit((bytes, _, k) => {
					if (k === n) bytes[at]! ^= 1 << bit;
					return bytes;
				});
				const what = `frame ${n}, bit ${bit} of byte ${at}`;
				// Message_4 comes after the decision.
				assert.equal(decided, n === whole.frames.length - 1 ? 1 : 0, what);
				checked++;
			}
		});
		assert.isAbove(checked, 100);
	});

	it("a frame that ends after any of its bytes: never a decision", () => {
		const { frames } = visit(honest);
		frames.forEach(({ value }, n) => {
			for (let length = 0; length < value.length; length += value.length > 60 ? 11 : 3) {
				const { decided } = visit((bytes, _, k) => (k === n ? bytes.slice(0, length) : bytes));
				assert.equal(decided, n === frames.length - 1 ? 1 : 0, `frame ${n} cut to ${length}`);
			}
		});
	});

	it("frames of message_3 that are replayed into a later transaction are refused", () => {
		const bench = new BleBench();
		const earlier = visit(honest, bench);
		const old = earlier.frames.filter(({ from }) => from === "phone").slice(1);
		let replayed = 0;
		const later = visit(
			(bytes, from, n) => (from === "phone" && n > 0 ? old[replayed++ % old.length]!.value : bytes),
			bench,
		);
		assert.equal(replayed, old.length);
		assert.equal(later.decided, 0);
		assert.equal(later.refused[0]![0], "malformed");
	});

	it("all that a phone once wrote, played by another central, opens nothing", () => {
		const bench = new BleBench();
		const { frames } = visit(honest, bench);
		const decided = bench.decided.length;
		const attacker = raw(bench);
		attacker.subscribe();
		for (const { from, value } of frames)
			if (from === "phone") {
				attacker.write(value);
				bench.time.run(300);
			}
		bench.time.runUntil(() => attacker.gone, 3500);
		assert.isTrue(attacker.gone);
		assert.lengthOf(bench.decided, decided);
		assert.isDefined(bench.goodPhone());
	});

	/** What a phone with these papers gets. */
	function papers(credential: (bench: BleBench) => IssuedCredential): {
		bench: BleBench;
		results: HolderResult[];
	} {
		const bench = new BleBench();
		const { phone, results } = bench.phone(IOS, { credential: credential(bench) });
		phone.connect();
		bench.time.run(4000);
		assert.isEmpty(bench.decided);
		assert.isDefined(bench.goodPhone(), "the next good phone opens within 3 s");
		return { bench, results };
	}

	it("a credential swapped for another holder's is refused: its key did not sign", () => {
		const { bench } = papers(({ site }) => {
			const mine = site.phone();
			const other = site.phone();
			return { ...mine, own: { ...byKcwt(other.cwt), algorithm: mine.own.algorithm, sign: mine.own.sign } };
		});
		assert.equal(bench.refused[0]![0], "bad-signature");
	});

	it("a credential that another site signed is refused", () => {
		const { bench } = papers(({ crypto }) => new SimSite(crypto, new SeededRandom(99), "OTHER001").phone());
		assert.equal(bench.refused[0]![0], "unknown-issuer");
	});

	it("a phone that knows another site refuses the reader, and names nobody to it", () => {
		const bench = new BleBench();
		const other = new SimSite(bench.crypto, new SeededRandom(99), "OTHER001");
		const sent: Uint8Array[] = [];
		bench.radio.intercept = (from, pdu) => {
			if (from === "phone" && pdu[0] === PDU.writeCommand) sent.push(pdu.slice(HEADER));
			return [pdu];
		};
		const { phone, results } = bench.phone(IOS, { trust: other.trust });
		phone.connect();
		bench.time.run(4000);
		assert.isEmpty(bench.decided);
		assert.lengthOf(results, 1);
		assert.equal(results[0]!.kind, "failed");
		assert.equal(bench.refused[0]![0], "transaction-incomplete");
		// message_1, then an EDHOC error: no message_3, in which it would name itself.
		assert.deepEqual(
			sent.map((frame) => frame[1]),
			[1, 0],
		);
	});
});
