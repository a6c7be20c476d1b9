// SPDX-License-Identifier: Apache-2.0

import { assert } from "chai";
import { equal, fromHex, toHex, utf8Encode } from "../../../protocol/bytes.js";
import { EDDSA, ES256, signer } from "../../../protocol/credential/cose.js";
import { CredentialError } from "../../../protocol/credential/credential.js";
import { encodeClaims } from "../../../protocol/credential/cwt.js";
import type { Crypto } from "../../../protocol/crypto.js";
import type { EadItem } from "../../../protocol/edhoc/ead.js";
import { Ephemeral, EphemeralPool } from "../../../protocol/edhoc/ephemeral.js";
import { decodeErrorMessage, EdhocError, errorMessage } from "../../../protocol/edhoc/errors.js";
import {
	byKid,
	type CredentialForm,
	type IdCred,
	type PeerCredential,
} from "../../../protocol/edhoc/id-cred.js";
import { byKccs, byX5chain, byX5t } from "../../../protocol/edhoc/id-cred-forms.js";
import { Initiator } from "../../../protocol/edhoc/initiator.js";
import { Responder } from "../../../protocol/edhoc/responder.js";
import { SUITE_IDS } from "../../../protocol/edhoc/suites.js";
import { selectSuite } from "../../../protocol/edhoc/suites-list.js";
import { SeededRandom } from "../../../sim/random.js";
import { providers } from "../../support/providers.js";
import { run, Site } from "./parties.js";
import { RecordingCrypto } from "./recording.js";

const NONE = new Uint8Array(0);

/** The reason of the EDHOC (or credential) error that `act` ends with, "none" when it does not. */
function reasonOf(act: () => unknown): string {
	try {
		act();
		return "none";
	} catch (error) {
		assert.isTrue(error instanceof EdhocError || error instanceof CredentialError, String(error));
		return (error as EdhocError).reason;
	}
}

for (const crypto of providers)
	describe(`EDHOC, ${crypto.name}`, () => {
		const site = new Site(crypto);

		for (const suite of SUITE_IDS)
			it(`suite ${suite}: both sides complete and derive the same keys`, () => {
				const phone = site.phone([suite]);
				const reader = site.reader(SUITE_IDS);
				const messages = run(site, phone, reader);
				assert.equal(phone.state, "completed");
				assert.equal(reader.state, "completed");
				assert.equal(reader.suite?.id, suite);
				assert.equal(toHex(reader.peerConnectionId!), "0e");
				assert.equal(toHex(phone.peerConnectionId!), "27");
				const key = phone.export(40000, utf8Encode("context"), 100);
				assert.equal(key.length, 100);
				assert.equal(toHex(reader.export(40000, utf8Encode("context"), 100)), toHex(key));
				assert.notEqual(toHex(phone.export(40001, utf8Encode("context"), 100)), toHex(key));
				assert.notEqual(toHex(phone.export(40000, utf8Encode("Context"), 100)), toHex(key));
				phone.keyUpdate(NONE);
				assert.notEqual(toHex(phone.export(40000, utf8Encode("context"), 100)), toHex(key));
				if (suite === 4) {
					const lengths = messages.map((message) => message.length);
					assert.deepEqual(lengths, [37, 251, 242, 17]);
				}
			});

		it("the reader learns the phone's credential, the phone the reader's", () => {
			const phone = site.phone([4]);
			const reader = site.reader([4]);
			reader.processMessage1(phone.message1());
			const { peer: door } = phone.processMessage2(reader.message2(), site.resolveReader);
			assert.equal(door.credential.subject, "door-007");
			const { peer } = reader.processMessage3(phone.message3(), site.resolvePhone);
			assert.equal(peer.credential.issuer, "harbour1");
			assert.equal(peer.credential.expires, 1_800_000_000);
			assert.isUndefined(peer.credential.subject);
		});

		it("carries EAD in all four messages, without the padding", () => {
			const items = (n: number): EadItem[] => [
				{ label: 0, critical: false, value: new Uint8Array(n) },
				{ label: 1000 + n, critical: n % 2 === 0, value: utf8Encode(`message ${n}`) },
				{ label: 0, critical: false },
				{ label: 2000, critical: false },
			];
			const phone = site.phone([4], { knownEad: [1002, 1004] });
			const reader = site.reader([4]);
			const delivered = (n: number) => items(n).filter((item) => item.label !== 0);
			assert.deepEqual(reader.processMessage1(phone.message1(items(1))), delivered(1));
			const two = phone.processMessage2(reader.message2(items(2)), site.resolveReader);
			assert.deepEqual(two.ead, delivered(2));
			assert.deepEqual(reader.processMessage3(phone.message3(items(3)), site.resolvePhone).ead, delivered(3));
			assert.deepEqual(phone.processMessage4(reader.message4(items(4))), delivered(4));
			assert.equal(phone.state, "completed");
		});

		it("a critical EAD item that is not understood ends the session, in any message", () => {
			const critical: EadItem[] = [{ label: 77, critical: true }];
			const at1 = site.reader([4]);
			const message1 = site.phone([4]).message1(critical);
			assert.equal(
				reasonOf(() => at1.processMessage1(message1)),
				"critical-ead",
			);
			const phone = site.phone([4]);
			const reader = site.reader([4]);
			reader.processMessage1(phone.message1());
			const message2 = reader.message2(critical);
			assert.equal(
				reasonOf(() => phone.processMessage2(message2, site.resolveReader)),
				"critical-ead",
			);
			const [phone3, reader3] = [site.phone([4]), site.reader([4])];
			reader3.processMessage1(phone3.message1());
			phone3.processMessage2(reader3.message2(), site.resolveReader);
			const message3 = phone3.message3(critical);
			assert.equal(
				reasonOf(() => reader3.processMessage3(message3, site.resolvePhone)),
				"critical-ead",
			);
			assert.equal(reader3.state, "ended");
		});

		it("takes credentials as kccs, x5chain, x5t, and by short and long kid", () => {
			const random = new SeededRandom(5);
			const seeds = [random.bytes(32), random.bytes(32)];
			const pairs = seeds.map((seed) => crypto.ed25519KeyPair(seed));
			const ccs = pairs.map((pair) =>
				encodeClaims({ subject: "x", key: { algorithm: EDDSA, publicKey: pair.publicKey } }),
			);
			// EDHOC does not look into a certificate: it hands it to the application.
			const certificates = [random.bytes(241), random.bytes(300)];
			const forms: readonly (readonly [IdCred["kind"], (n: number) => CredentialForm])[] = [
				["kccs", (n) => byKccs(ccs[n]!)],
				["x5chain", (n) => byX5chain(certificates[n]!)],
				["x5t", (n) => byX5t(certificates[n]!, crypto)],
				["kid", (n) => byKid(Uint8Array.of(0x20 + n), ccs[n]!)],
				["kid", (n) => byKid(Uint8Array.of(0xff, n), ccs[n]!)],
			];
			for (const [kind, form] of forms) {
				const find =
					(n: number) =>
					(idCred: IdCred): PeerCredential => {
						assert.equal(idCred.kind, kind);
						if (idCred.kind === "kid") assert.equal(idCred.kid[idCred.kid.length - 1]! & 1, n);
						return { cred: form(n).cred, algorithm: EDDSA, publicKey: pairs[n]!.publicKey };
					};
				const own = (n: number) => [{ ...form(n), ...signer(crypto, EDDSA, pairs[n]!.secretKey) }];
				const phone = new Initiator(site.options([4], own(0), 1));
				const reader = new Responder(site.options([4], own(1), 2));
				reader.processMessage1(phone.message1());
				phone.processMessage2(reader.message2(), find(1));
				reader.processMessage3(phone.message3(), find(0));
				phone.processMessage4(reader.message4());
				assert.equal(phone.state, "completed", kind);
				assert.equal(toHex(phone.export(0, NONE, 16)), toHex(reader.export(0, NONE, 16)));
			}
		});

		it("negotiates: SUITES_R, and the preferred common suite the second time", () => {
			const preferred = SUITE_IDS;
			const supported = [2, 0];
			const reader = site.reader(supported);
			const message1 = site.phone(preferred).message1();
			let refused: unknown;
			try {
				reader.processMessage1(message1);
			} catch (error) {
				refused = error;
			}
			const answer = errorMessage(refused)!;
			assert.equal(toHex(answer), "02820200");
			const phone = site.phone(preferred);
			phone.message1();
			let told: unknown;
			try {
				phone.processMessage2(answer, site.resolveReader);
			} catch (error) {
				told = error;
			}
			assert.instanceOf(told, EdhocError);
			assert.equal((told as EdhocError).reason, "peer-error");
			assert.isUndefined(errorMessage(told));
			const { code, suites } = (told as EdhocError).peer!;
			assert.equal(code, 2);
			const next = selectSuite(preferred, suites!)!;
			assert.deepEqual(next, [4, 5, 2]);
			const again = site.phone(preferred, { selected: next[next.length - 1]! });
			const reader2 = site.reader(supported);
			const messages = run(site, again, reader2);
			assert.equal(toHex(messages[0]!).slice(0, 10), "0083040502");
			assert.equal(reader2.suite?.id, 2);
		});

		it("refuses a selected suite when an earlier one is supported (downgrade)", () => {
			const reader = site.reader([4, 2]);
			const message1 = site.phone([4, 2], { selected: 2 }).message1();
			assert.equal(
				reasonOf(() => reader.processMessage1(message1)),
				"wrong-suite",
			);
		});

		it("refuses message_1 of method 3 (RFC 9529 3.2)", () => {
			const message1 = fromHex("03065820741a13d7ba048fbb615e94386aa3b61bea5b3d8f65f32620b749bee8d278efa90e");
			assert.equal(
				reasonOf(() => site.reader([4]).processMessage1(message1)),
				"unsupported-method",
			);
		});

		it("a message from another session is refused: replayed message_2, message_3, message_4", () => {
			const old = run(site, site.phone([4]), site.reader([4]));
			const expected = ["none", "none", "bad-signature", "decryption-failed", "decryption-failed"];
			for (const replayed of [2, 3, 4]) {
				const [phone, reader] = [site.phone([4]), site.reader([4])];
				const reason = reasonOf(() =>
					run(site, phone, reader, (message, n) => (n === replayed ? old[n - 1]! : message)),
				);
				// What message_2 decrypts to under another key is noise: whichever check it fails first.
				if (replayed === 2) assert.include(["malformed", "bad-signature", "critical-ead"], reason);
				else assert.equal(reason, expected[replayed]);
				assert.notEqual(phone.state, "completed");
				if (replayed < 4) assert.notEqual(reader.state, "completed");
			}
		});

		it("a whole replayed phone gets nothing: the reader's key is another every time", () => {
			const old = run(site, site.phone([4]), site.reader([4]));
			const reader = site.reader([4]);
			reader.processMessage1(old[0]!);
			reader.message2();
			assert.equal(
				reasonOf(() => reader.processMessage3(old[2]!, site.resolvePhone)),
				"decryption-failed",
			);
			assert.equal(reader.state, "ended");
		});

		it("reflected messages are refused by both roles", () => {
			for (const reflected of [1, 2, 3]) {
				const [phone, reader] = [site.phone([4]), site.reader([4])];
				const message1 = phone.message1();
				if (reflected === 1) {
					assert.notEqual(
						reasonOf(() => phone.processMessage2(message1, site.resolveReader)),
						"none",
					);
					continue;
				}
				reader.processMessage1(message1);
				const message2 = reader.message2();
				if (reflected === 2) {
					const reason = reasonOf(() => reader.processMessage3(message2, site.resolvePhone));
					assert.equal(reason, "decryption-failed");
					continue;
				}
				phone.processMessage2(message2, site.resolveReader);
				const message3 = phone.message3();
				assert.equal(
					reasonOf(() => phone.processMessage4(message3)),
					"decryption-failed",
				);
			}
		});

		it("a key that signs later signs what it would have signed at once", () => {
			const own = site.credential(EDDSA);
			const asked: Uint8Array[] = [];
			const sign = (message: Uint8Array): Uint8Array => {
				asked.push(message.slice());
				return own.sign(message);
			};
			const [phone, reader] = [site.phone([4], { credentials: [{ ...own, sign }] }), site.reader([4])];
			reader.processMessage1(phone.message1());
			assert.equal(
				reasonOf(() => phone.toBeSigned3()),
				"wrong-state",
			);
			const second = site.phone([4], { credentials: [{ ...own, sign }] });
			const answering = site.reader([4]);
			answering.processMessage1(second.message1());
			second.processMessage2(answering.message2(), site.resolveReader);
			const message = second.toBeSigned3();
			assert.isEmpty(asked);
			const message3 = second.message3(undefined, own.sign(message));
			assert.isEmpty(asked);
			assert.deepEqual(answering.processMessage3(message3, site.resolvePhone).peer.cred, own.cred);
			assert.equal(
				reasonOf(() => second.toBeSigned3()),
				"wrong-state",
			);
		});

		it("one's own ephemeral key or credential coming back is refused", () => {
			const secret = new SeededRandom(3).bytes(32);
			const same = { take: () => new Ephemeral(crypto, "x25519", secret.slice()) };
			const phone = site.phone([4], { ephemerals: same });
			const reader = site.reader([4], { ephemerals: same });
			reader.processMessage1(phone.message1());
			assert.equal(
				reasonOf(() => reader.message2()),
				"reflected",
			);
			const phone2 = site.phone([4], { ephemerals: same });
			const echo = new Uint8Array(2 + 32 + 100);
			echo.set(phone2.message1().subarray(4, 36), 2);
			echo[0] = 0x58;
			echo[1] = 132;
			assert.equal(
				reasonOf(() => phone2.processMessage2(echo, site.resolveReader)),
				"reflected",
			);

			const credentials = [site.credential(EDDSA, "door-007")];
			const [a, b] = [site.phone([4], { credentials }), site.reader([4], { credentials })];
			b.processMessage1(a.message1());
			const message2 = b.message2();
			assert.equal(
				reasonOf(() => a.processMessage2(message2, site.resolveReader)),
				"reflected",
			);
		});

		it("a phone cannot use another's credential: the signature must be by its key", () => {
			const [mine, theirs] = [site.credential(EDDSA), site.credential(EDDSA)];
			const credentials = [{ ...theirs, sign: mine.sign }];
			const [phone, reader] = [site.phone([4], { credentials }), site.reader([4])];
			assert.equal(
				reasonOf(() => run(site, phone, reader)),
				"bad-signature",
			);
			assert.equal(reader.state, "ended");
		});

		it("a phone of another site is told apart, and the other way round", () => {
			const other = new Site(crypto, 2, "other");
			const phone = other.phone([4]);
			const reader = site.reader([4]);
			reader.processMessage1(phone.message1());
			phone.processMessage2(reader.message2(), site.resolveReader);
			const message3 = phone.message3();
			assert.equal(
				reasonOf(() => reader.processMessage3(message3, site.resolvePhone)),
				"unknown-issuer",
			);
			const [phone2, reader2] = [site.phone([4]), other.reader([4])];
			reader2.processMessage1(phone2.message1());
			const message2 = reader2.message2();
			assert.equal(
				reasonOf(() => phone2.processMessage2(message2, site.resolveReader)),
				"unknown-issuer",
			);
		});

		it("a credential whose key is not of the suite's algorithm is refused", () => {
			const p256 = site.credential(ES256);
			const ed = site.credential(EDDSA);
			const credentials = [{ ...p256, algorithm: EDDSA, sign: ed.sign }] as const;
			const [phone, reader] = [site.phone([4], { credentials }), site.reader([4])];
			assert.equal(
				reasonOf(() => run(site, phone, reader)),
				"wrong-algorithm",
			);
		});

		it("refuses keys of small order and off the curve, in both roles (RFC 9529 4.2)", () => {
			const zero = new Uint8Array(32);
			const one = zero.slice();
			one[0] = 1;
			const small = fromHex(`ed${"ff".repeat(30)}7f`);
			const offCurve = fromHex("a04e73601df544a70ba7ea1e57030f7d4b4eb7f673924e58d54ca77a5e7d4d4a");
			const beyondP = fromHex(`ffffffff00000001${"00".repeat(12)}ffffffffffffffffffffffff`);
			for (const [suite, keys] of [
				[4, [zero, one, small]],
				[0, [small]],
				[2, [offCurve, beyondP]],
				[5, [offCurve, beyondP]],
			] as const)
				for (const key of keys) {
					const reader = site.reader([suite]);
					const message1 = site.phone([suite]).message1();
					message1.set(key, 4);
					reader.processMessage1(message1);
					assert.equal(
						reasonOf(() => reader.message2()),
						"invalid-key",
						toHex(key),
					);
					assert.equal(reader.state, "ended");
					const phone = site.phone([suite]);
					const honest = site.reader([suite]);
					honest.processMessage1(phone.message1());
					const message2 = honest.message2();
					message2.set(key, message2[0] === 0x59 ? 3 : 2);
					assert.equal(
						reasonOf(() => phone.processMessage2(message2, site.resolveReader)),
						"invalid-key",
					);
				}
		});

		it("an error that the resolver throws ends the session and comes out as it is", () => {
			const [phone, reader] = [site.phone([4]), site.reader([4])];
			reader.processMessage1(phone.message1());
			const own = new RangeError("mine");
			const message2 = reader.message2();
			try {
				phone.processMessage2(message2, () => {
					throw own;
				});
				assert.fail();
			} catch (error) {
				assert.strictEqual(error, own);
			}
			assert.equal(phone.state, "ended");
			// The air is told nothing of the cause.
			assert.deepEqual(decodeErrorMessage(errorMessage(own)!), { code: 1, text: "refused" });
		});

		it("an error message in place of the next one ends the session", () => {
			const refused = fromHex("016772656675736564");
			const at = (n: number): unknown => {
				try {
					run(site, site.phone([4]), site.reader([4]), (message, i) => (i === n ? refused : message));
				} catch (error) {
					return error;
				}
				return undefined;
			};
			for (const n of [2, 3, 4]) {
				const error = at(n) as EdhocError;
				assert.equal(error.reason, "peer-error");
				assert.deepEqual(error.peer, { code: 1, text: "refused" });
			}
		});

		it("refuses every call out of order, and any call after the end", () => {
			type Call = readonly [
				string,
				(phone: Initiator, reader: Responder, m: readonly Uint8Array[]) => unknown,
			];
			const steps: readonly Call[] = [
				["phone", (phone) => phone.message1()],
				["reader", (_, reader, m) => reader.processMessage1(m[0]!)],
				["reader", (_, reader) => reader.message2()],
				["phone", (phone, _, m) => phone.processMessage2(m[1]!, site.resolveReader)],
				["phone", (phone) => phone.message3()],
				["reader", (_, reader, m) => reader.processMessage3(m[2]!, site.resolvePhone)],
				["reader", (_, reader) => reader.message4()],
				["phone", (phone, _, m) => phone.processMessage4(m[3]!)],
			];
			const messages = run(site, site.phone([4]), site.reader([4]));
			for (const who of ["phone", "reader"]) {
				const mine = steps.filter(([name]) => name === who);
				for (let done = 0; done <= mine.length; done++)
					for (let wrong = 0; wrong < mine.length; wrong++) {
						if (wrong === done) continue;
						const [phone, reader] = [site.phone([4]), site.reader([4])];
						const sent: Uint8Array[] = [];
						let left = done;
						for (const [name, step] of steps) {
							if (left === 0) break;
							const result = step(phone, reader, sent);
							if (result instanceof Uint8Array) sent.push(result);
							if (name === who) left--;
						}
						const session = who === "phone" ? phone : reader;
						const all = messages.map((message, n) => sent[n] ?? message);
						const call = () => mine[wrong]![1](phone, reader, all);
						assert.equal(reasonOf(call), "wrong-state", `${who}: ${wrong} after ${done}`);
						assert.equal(session.state, "ended");
						assert.equal(reasonOf(call), "wrong-state");
						assert.equal(
							reasonOf(() => session.export(0, NONE, 16)),
							"wrong-state",
						);
					}
			}
		});

		it("exports nothing before it is completed", () => {
			const [phone, reader] = [site.phone([4]), site.reader([4])];
			reader.processMessage1(phone.message1());
			phone.processMessage2(reader.message2(), site.resolveReader);
			reader.processMessage3(phone.message3(), site.resolvePhone);
			assert.equal(reader.state, "authenticated");
			assert.equal(
				reasonOf(() => reader.export(0, NONE, 16)),
				"wrong-state",
			);
			assert.equal(
				reasonOf(() => phone.export(0, NONE, 16)),
				"wrong-state",
			);
		});

		it("wipes every secret when it fails, and when it is closed", () => {
			for (const suite of [4, 2])
				for (const failing of [0, 2, 3, 4]) {
					const recording = new RecordingCrypto(crypto);
					const recorded = new Site(recording, 7);
					const [phone, reader] = [recorded.phone([suite]), recorded.reader([suite])];
					const reason = reasonOf(() =>
						run(recorded, phone, reader, (message, n) => {
							if (n !== failing) return message;
							const bad = message.slice();
							bad[bad.length - 1]! ^= 1;
							return bad;
						}),
					);
					assert.equal(reason === "none", failing === 0);
					if (failing === 0) reader.export(0, NONE, 16);
					phone.close();
					reader.close();
					assert.isAbove(recording.secrets.length, failing === 2 ? 4 : 6);
					for (const secret of recording.secrets)
						assert.isTrue(
							secret.every((byte) => byte === 0),
							"not wiped",
						);
				}
		});

		it("an ephemeral key agrees once", () => {
			for (const curve of ["x25519", "p256"] as const) {
				const random = new SeededRandom(9);
				const secret = random.bytes(32);
				const one = new Ephemeral(crypto, curve, secret);
				const two = new Ephemeral(crypto, curve, random.bytes(32));
				const publicKey = two.publicKey;
				one.agree(publicKey);
				assert.isTrue(secret.every((byte) => byte === 0));
				assert.equal(
					reasonOf(() => one.agree(publicKey)),
					"wrong-state",
				);
				two.wipe();
				assert.equal(
					reasonOf(() => two.agree(one.publicKey)),
					"wrong-state",
				);
			}
		});

		it("a pool gives each key to one session, made ahead or not", () => {
			const random = new SeededRandom(11);
			const pool = new EphemeralPool(crypto, random);
			pool.prepare("x25519");
			pool.prepare("x25519");
			const keys = [pool.take("x25519"), pool.take("x25519"), pool.take("p256"), pool.take("p256")];
			const seen = new Set(keys.map((key) => toHex(key.publicKey)));
			assert.equal(seen.size, keys.length);
		});

		it("a pool makes a curve that a phone had to wait for ahead from then on, and no other", () => {
			const made: string[] = [];
			const counting = (curve: string, work: (secret: Uint8Array) => unknown) => ({
				value: (secret: Uint8Array) => {
					made.push(curve);
					return work(secret);
				},
			});
			const counted: Crypto = Object.create(crypto, {
				x25519KeyPair: counting("x25519", (secret) => crypto.x25519KeyPair(secret)),
				p256KeyPair: counting("p256", (secret) => crypto.p256KeyPair(secret)),
			});
			const pool = new EphemeralPool(counted, new SeededRandom(13));
			const makes = (work: () => void): readonly string[] => {
				made.length = 0;
				work();
				return [...made];
			};
			assert.deepEqual(
				makes(() => pool.prepare("x25519")),
				["x25519"],
			);
			assert.deepEqual(
				makes(() => pool.take("p256")),
				["p256"],
				"the first waits",
			);
			assert.deepEqual(
				makes(() => pool.prepare("x25519")),
				["p256"],
			);
			for (const curve of ["p256", "x25519"] as const) {
				assert.deepEqual(
					makes(() => pool.take(curve)),
					[],
					"made ahead",
				);
				assert.deepEqual(
					makes(() => pool.prepare("x25519")),
					[curve],
				);
			}
		});

		it("a P-256 secret out of range is thrown away and drawn again", () => {
			const random = new SeededRandom(12);
			let draws = 0;
			const pool = new EphemeralPool(crypto, {
				fill: (into) => (draws++ === 0 ? into.fill(0xff) : random.fill(into)),
			});
			assert.equal(pool.take("p256").publicKey.length, 32);
			assert.equal(draws, 2);
			const stuck = new EphemeralPool(crypto, { fill: (into) => into.fill(0xff) });
			assert.throws(() => stuck.take("p256"), RangeError);
		});

		it("the same seed gives the same bytes", () => {
			const both = [1, 2].map(() => {
				const again = new Site(crypto, 99);
				return run(again, again.phone([4]), again.reader([4]));
			});
			for (let n = 0; n < 4; n++) assert.isTrue(equal(both[0]![n]!, both[1]![n]!));
		});
	});
