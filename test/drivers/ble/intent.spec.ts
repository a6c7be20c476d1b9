// SPDX-License-Identifier: Apache-2.0

import { assert } from "chai";
import { type HolderSession, HostCardEmulation } from "../../../phone/hce.js";
import { verifyReader } from "../../../protocol/credential/credential.js";
import type { EadItem } from "../../../protocol/edhoc/ead.js";
import { EphemeralPool } from "../../../protocol/edhoc/ephemeral.js";
import { decodeErrorMessage, errorMessage } from "../../../protocol/edhoc/errors.js";
import { Initiator } from "../../../protocol/edhoc/initiator.js";
import { resolveBy } from "../../../protocol/edhoc/resolve.js";
import { SUITE_IDS } from "../../../protocol/edhoc/suites.js";
import { AID } from "../../../protocol/link/apdu.js";
import { FrameReader, FrameWriter } from "../../../protocol/link/frames.js";
import { ACT, EAD_INTENT, encodeIntent } from "../../../protocol/link/intent.js";
import { TAPPED, VERSION } from "../../../protocol/link/version.js";
import type { Reason } from "../../../protocol/reasons.js";
import { PDU } from "../../../sim/ble/att.js";
import type { IssuedCredential } from "../../../sim/site.js";
import { Edhoc } from "../../../src/schemes/edhoc/scheme.js";
import type { Intent, NfcSession } from "../../../src/schemes/scheme.js";
import { BleBench, IOS } from "./bench.js";
import { firstFrames, raw } from "./raw.js";

const TAP: Intent = { near: false, tap: true };
const NEAR: Intent = { near: true, tap: false };
const BOTH: Intent = { near: true, tap: true };
const EITHER: Intent = { near: true, tap: true, either: true };

/** ATT opcode and handle stand in front of each frame. */
const HEADER = 3;
/** A phone in a pocket, which nobody has touched: a relay sets how near it seems. */
const AT_THE_DOOR = 0.2;
const FAR = 5;

type Tamper = (frame: Uint8Array, from: "phone" | "reader", n: number) => void;

/** One visit through a relay that changes frames; how many there were. */
function relayed(bench: BleBench, tamper: Tamper, connect: () => void): number {
	let n = 0;
	bench.radio.intercept = (from, pdu) => {
		if (pdu[0] !== PDU.writeCommand && pdu[0] !== PDU.notification) return [pdu];
		const changed = pdu.slice();
		tamper(changed.subarray(HEADER), from, n++);
		return [changed];
	};
	connect();
	bench.time.run(4000);
	bench.radio.intercept = undefined;
	return n;
}

/** The relay's lie: the user has acted. In the first frame, behind the frame's own head. */
const sayTapped: Tamper = (frame, _, n) => {
	if (n === 0) frame[4]! |= TAPPED;
};

/** An app that checks nothing of what the door wants, and signs these items. */
function careless(
	bench: BleBench,
	ead3: readonly EadItem[],
): (credential: IssuedCredential) => HolderSession {
	return ({ own }) => {
		const initiator = new Initiator({
			crypto: bench.crypto,
			suites: [4],
			credentials: [own],
			connectionId: Uint8Array.of(1),
			ephemerals: new EphemeralPool(bench.crypto, bench.random),
			knownEad: [EAD_INTENT],
		});
		const receive = (message: Uint8Array): Uint8Array => {
			try {
				initiator.processMessage2(
					message,
					resolveBy((cwt) => verifyReader(cwt, bench.site.trust, bench.crypto)),
				);
				return initiator.message3(ead3);
			} catch (error) {
				return errorMessage(error)!;
			}
		};
		return {
			begin: () => initiator.message1(),
			receive,
			receiveLater: async (message) => receive(message),
			finish: () => initiator.close(),
			abandon: () => initiator.close(),
		};
	};
}

/** The reader's other radio, with the same keys' site. */
function nfcOf(bench: BleBench): { session: NfcSession; decided: number[]; refused: [Reason, string][] } {
	const decided: number[] = [];
	const refused: [Reason, string][] = [];
	const edhoc = new Edhoc({
		crypto: bench.crypto,
		random: bench.random,
		suites: SUITE_IDS,
		credentials: [bench.site.reader("FRONT", 4).own],
		site: bench.site,
		door: "FRONT",
	});
	const session = edhoc.nfc({
		onIdentity: () => {
			decided.push(1);
			return { granted: true, reason: "granted" };
		},
		onRefused: (reason, detail) => refused.push([reason, detail]),
	});
	session.open();
	return { session, decided, refused };
}

/** The answer of a reader over NFC to the phone's part, as a relay hands it over. */
function toNfc(session: NfcSession, message: Uint8Array): { p1: number; data: Uint8Array } | undefined {
	const next = session.next(message);
	session.ahead?.();
	return next !== undefined && "data" in next ? { p1: next.p1, data: next.data.slice() } : undefined;
}

describe("a relay between reader and phone over BLE, and what the user did", () => {
	for (const [name, intent, metres] of [
		["tap", TAP, FAR],
		["near-and-tap", BOTH, AT_THE_DOOR],
		["near-or-tap", EITHER, FAR],
	] as const) {
		it(`${name}: a phone in a pocket opens nothing when the relay says that its user acted`, () => {
			const bench = new BleBench({ intent });
			const { phone, results } = bench.phone(IOS, { distance: () => metres });
			relayed(bench, sayTapped, () => phone.connect());
			assert.isEmpty(bench.decided);
			assert.notInclude(
				results.map(({ kind }) => kind),
				"decision",
			);
			const { phone: acted } = bench.phone(IOS, { distance: () => metres, tapped: true });
			acted.connect();
			bench.time.run(4000);
			assert.lengthOf(bench.decided, 1, "with the user's act it opens");
		});

		it(`${name}: nor does one whose app does not look at what the door wants; the log has why`, () => {
			for (const ead3 of [[encodeIntent(ACT.none)], [encodeIntent(ACT.nfc)], [encodeIntent(7)], []]) {
				const bench = new BleBench({ intent });
				const { phone } = bench.phone(IOS, { distance: () => metres, app: careless(bench, ead3) });
				relayed(bench, sayTapped, () => phone.connect());
				assert.isEmpty(bench.decided);
				assert.deepEqual(
					bench.refused.map(([reason]) => reason),
					["wrong-intent"],
				);
			}
		});

		it(`${name}: nor by any other bit that the relay changes besides`, () => {
			const count = new BleBench({ intent });
			const lengths: number[] = [];
			const whole = count.phone(IOS, {
				distance: () => metres,
				app: careless(count, [encodeIntent(ACT.none)]),
			});
			relayed(
				count,
				(frame, from, n) => {
					sayTapped(frame, from, n);
					lengths.push(frame.length);
				},
				() => whole.phone.connect(),
			);
			assert.isAtLeast(lengths.length, 5, "up to message_3");
			let tried = 0;
			for (const [n, length] of lengths.entries())
				for (let at = 0; at < length; at += at < 5 ? 1 : 29)
					for (let bit = at < 5 ? 0 : at % 8; bit < 8; bit += at < 5 ? 1 : 8) {
						const bench = new BleBench({ intent });
						const app = careless(bench, [encodeIntent(ACT.none)]);
						const { phone } = bench.phone(IOS, { distance: () => metres, app });
						relayed(
							bench,
							(frame, from, k) => {
								sayTapped(frame, from, k);
								if (k === n && at < frame.length) frame[at]! ^= 1 << bit;
							},
							() => phone.connect(),
						);
						assert.isEmpty(bench.decided, `frame ${n}, bit ${bit} of byte ${at}`);
						tried++;
					}
			assert.isAbove(tried, 120);
		});
	}

	it("the phone refuses a door that wants more than was done, before it names itself", () => {
		const bench = new BleBench({ intent: TAP });
		const sent: number[] = [];
		const { phone, results } = bench.phone(IOS);
		relayed(
			bench,
			(frame, from, n) => {
				sayTapped(frame, from, n);
				if (from === "phone") sent.push(frame[1]!);
			},
			() => phone.connect(),
		);
		assert.deepEqual(sent, [1, 0], "message_1, then an error in place of message_3");
		assert.lengthOf(results, 1);
		const [result] = results;
		assert.equal(
			result!.kind === "failed" && result!.error.message,
			"EDHOC: wrong-intent (this door wants a tap in the app)",
		);
	});

	it("a phone near by is refused where the relay says, or keeps back, that its user acted", () => {
		for (const [tapped, flip] of [
			[false, TAPPED],
			[true, TAPPED],
		] as const) {
			const bench = new BleBench({ intent: NEAR });
			const { phone } = bench.phone(IOS, { tapped });
			const flipping: Tamper = (frame, _, n) => {
				if (n === 0) frame[4]! ^= flip;
			};
			relayed(bench, flipping, () => phone.connect());
			assert.isEmpty(bench.decided);
			assert.equal(bench.refused[0]![0], "wrong-intent");
		}
	});

	it("a session over BLE is not carried to the reader's NFC, whatever the app checks", () => {
		const bench = new BleBench();
		const good = bench.holder(bench.site.phone(), 4, []).session();
		const bad = careless(bench, [encodeIntent(ACT.none)])(bench.site.phone());
		for (const [phone, reason] of [
			[good, "transaction-incomplete"],
			[bad, "wrong-intent"],
		] as const) {
			const nfc = nfcOf(bench);
			const message2 = toNfc(nfc.session, Uint8Array.of(VERSION, ...phone.begin("none")!))!;
			assert.equal(message2.p1, 2);
			toNfc(nfc.session, phone.receive(message2.data));
			assert.isEmpty(nfc.decided);
			assert.equal(nfc.refused[0]![0], reason);
		}
	});

	it("a phone at a false NFC reader is not carried to the door's BLE", () => {
		const bench = new BleBench({ intent: NEAR });
		const session = bench.holder(bench.site.phone(), 4, []).session();
		const held: HolderSession = { ...session, begin: () => session.begin("nfc") };
		for (const app of [held, careless(bench, [encodeIntent(ACT.nfc)])(bench.site.phone())]) {
			bench.phone(IOS, { app: () => app }).phone.connect();
			bench.time.run(4000);
		}
		assert.isEmpty(bench.decided);
		assert.deepEqual(
			bench.refused.map(([reason]) => reason),
			["transaction-incomplete", "wrong-intent"],
		);
	});
});

describe("a phone of the version before", () => {
	it("over BLE: is told, the log has why, and no version byte of a relay helps", () => {
		const bench = new BleBench();
		const old = raw(bench);
		old.client.exchangeMtu(100);
		bench.time.run(100);
		old.subscribe();
		bench.time.run(100);
		const message1 = bench.holder(bench.site.phone(), 4, []).session().begin("none")!;
		const writer = new FrameWriter();
		writer.begin(1, Uint8Array.of(1, ...message1));
		old.write(writer.next(100)!.slice());
		bench.time.run(1000);
		assert.deepEqual(bench.refused, [
			["wrong-version", `EDHOC: wrong-version (the phone speaks version 1, this reader ${VERSION})`],
		]);
		const reader = new FrameReader();
		assert.equal(reader.push(old.heard[0]!), "whole");
		assert.equal(reader.kind, 0);
		assert.deepEqual(decodeErrorMessage(reader.message), { code: 1, text: "wrong-version" });
		bench.time.run(4000);
		assert.isDefined(bench.goodPhone());
		// It signs no intent.
		const { decided } = bench;
		const before = decided.length;
		bench.phone(IOS, { app: careless(bench, []) }).phone.connect();
		bench.time.run(4000);
		assert.lengthOf(decided, before);
		assert.equal(bench.refused.at(-1)![0], "wrong-intent");
	});

	it("over BLE: one that only passes by is not in the log", () => {
		const bench = new BleBench();
		const old = raw(bench, { distance: FAR });
		old.subscribe();
		bench.time.run(100);
		for (const [n, frame] of firstFrames(bench, 23).entries()) {
			if (n === 0) frame[4] = 1;
			old.write(frame);
		}
		bench.time.run(4000);
		assert.isTrue(old.gone);
		assert.isEmpty(bench.refused);
	});

	it("over NFC: is told, and the log has why", () => {
		const bench = new BleBench();
		const nfc = nfcOf(bench);
		const results: unknown[] = [];
		const holder = bench.holder(bench.site.phone(), 4, results as never[]);
		const hce = new HostCardEmulation(() => holder.session());
		const select = Uint8Array.of(0, 0xa4, 4, 0, AID.length, ...AID, 0);
		const answer = hce.process(select).response.slice(0, -2);
		answer[0] = 1;
		const said = toNfc(nfc.session, answer)!;
		assert.equal(said.p1, 0);
		assert.deepEqual(decodeErrorMessage(said.data), { code: 1, text: "wrong-version" });
		assert.isUndefined(nfc.session.next(new Uint8Array(0)), "and that is all");
		assert.isTrue(nfc.session.failed);
		assert.equal(nfc.refused[0]![0], "wrong-version");
		hce.process(Uint8Array.of(0x80, 0xe8, 0, 0, said.data.length, ...said.data));
		assert.lengthOf(results, 1, "the app has a result to show");
	});
});
