// SPDX-License-Identifier: Apache-2.0

import { assert } from "chai";
import { concat, toHex } from "../../../protocol/bytes.js";
import { EDDSA, signer } from "../../../protocol/credential/cose.js";
import { CredentialError } from "../../../protocol/credential/credential.js";
import { issueCredential } from "../../../protocol/credential/issue.js";
import { EphemeralPool } from "../../../protocol/edhoc/ephemeral.js";
import { decodeErrorMessage, EdhocError } from "../../../protocol/edhoc/errors.js";
import { byKcwt } from "../../../protocol/edhoc/id-cred.js";
import { byKccs } from "../../../protocol/edhoc/id-cred-forms.js";
import { Initiator, type InitiatorOptions } from "../../../protocol/edhoc/initiator.js";
import { Responder } from "../../../protocol/edhoc/responder.js";
import { MAX_FRAME } from "../../../protocol/sync/bounds.js";
import { errorFrame, FRAME, HANDSHAKE_HEAD, handshakeFrame } from "../../../protocol/sync/frame.js";
import { EAD_SYNC, syncRequest } from "../../../protocol/sync/request.js";
import { serverRefusal } from "../../../protocol/sync/server-key.js";
import { serverCredential } from "../../../protocol/sync/site-handshake.js";
import { withNextList } from "../../../sim/practice-keys.js";
import { SeededRandom } from "../../../sim/random.js";
import { type KeyModel, modelOf } from "../../../site/lib/trust/model.js";
import { engine } from "../../support/host.js";
import { providers } from "../../support/providers.js";
import { DOOR, ISSUED, NOW, SyncSite } from "./parties.js";

function reasonOf(run: () => unknown): string {
	try {
		run();
	} catch (error) {
		if (error instanceof EdhocError || error instanceof CredentialError) return error.reason;
		throw error;
	}
	return "none";
}

for (const crypto of providers)
	describe(`sync handshake, ${crypto.name}`, () => {
		const site = new SyncSite(crypto);
		const other = new SyncSite(crypto, 2, "harbour2");
		const own = site.reader();

		/** An attempt up to what the reader makes of message_2. */
		function atReader(
			by: Parameters<SyncSite["siteSide"]>[3],
			more: Parameters<SyncSite["readerSide"]>[1] = {},
			siteMore: Parameters<SyncSite["siteSide"]>[2] = {},
		): string {
			const reader = site.readerSide(own, more);
			const one = reader.begin();
			const two = site.siteSide(one, own.publicKey, siteMore, by).take(one)!;
			const reason = reasonOf(() => reader.take(two));
			assert.equal(reader.session, undefined);
			return reason;
		}

		it("ends with a session on both sides, in frames that fit, and nothing of the reader's before message_4", () => {
			const reader = site.readerSide(own);
			const one = reader.begin();
			const server = site.siteSide(one, own.publicKey);
			const two = server.take(one)!;
			assert.equal(server.session, undefined);
			const three = reader.take(two)!;
			assert.equal(reader.session, undefined, "the reader has a session before message_4");
			assert.deepEqual(reader.server!.publicKey, site.server.publicKey);
			const four = server.take(three)!;
			assert.equal(server.reader!.subject, DOOR);
			assert.equal(reader.take(four), undefined);
			assert.isDefined(reader.session);
			for (const [n, frame] of [one, two, three, four].entries()) {
				assert.equal(frame[0], n + 1);
				assert.isAtMost(frame.length, MAX_FRAME);
				assert.equal(toHex(frame.subarray(1, HANDSHAKE_HEAD)), toHex(reader.id));
			}
		});

		it("frames that come twice, out of turn, of another attempt or of no known kind change nothing", () => {
			const first = site.session().frames;
			const reader = site.readerSide(own);
			const one = reader.begin();
			const server = site.siteSide(one, own.publicKey);
			const noise = [...first, new Uint8Array(0), Uint8Array.of(6), Uint8Array.of(99, 1), one.subarray(0, 9)];
			const quiet = (): void => {
				for (const frame of noise) {
					assert.equal(reader.take(frame), undefined);
					assert.equal(server.take(frame), undefined);
				}
			};
			quiet();
			const two = server.take(one)!;
			noise.push(one);
			quiet();
			const three = reader.take(two)!;
			noise.push(two);
			quiet();
			const four = server.take(three)!;
			noise.push(three);
			quiet();
			reader.take(four);
			noise.push(four);
			quiet();
			assert.isDefined(reader.session);
			assert.isDefined(server.session);
		});

		it("another site's `sync` key, and one that the list does not have, are not known", () => {
			assert.equal(atReader(other.server), "unknown-issuer");
			assert.equal(atReader(other.server, {}, { trust: other.keys.trust }), "unknown-issuer");
			assert.equal(atReader(site.pair()), "unknown-issuer");
			assert.equal(atReader(site.keys.root), "unknown-issuer");
		});

		it("a listed key speaks for its own site alone: the site's name is in what it signs", () => {
			const credential = serverCredential(
				"harbour2",
				site.server.publicKey,
				signer(crypto, EDDSA, site.server.secretKey),
			);
			assert.equal(atReader(site.server, {}, { credential }), "bad-signature");
		});

		it("a server that has only the kid of a listed key has not its signature", () => {
			const thief = site.pair();
			const { sign } = signer(crypto, EDDSA, thief.secretKey);
			const credential = serverCredential(site.keys.site, site.server.publicKey, { algorithm: EDDSA, sign });
			assert.equal(atReader(site.server, {}, { credential }), "bad-signature");
		});

		it("a key without the role, ended, stolen, past its end or for other doors is refused with its reason", () => {
			const changes: readonly (readonly [Partial<KeyModel>, string])[] = [
				[{ roles: ["plan"] }, "wrong-role"],
				[{ roles: ["issue", "plan", "commission", "release"] }, "wrong-role"],
				[{ roles: ["install"] }, "wrong-role"],
				[{ state: "ended" }, "key-ended"],
				[{ state: "stolen" }, "key-stolen"],
				[{ until: NOW }, "key-ended"],
				[{ doors: ["door-008"] }, "beyond-limits"],
				[{ until: NOW + 1 }, "none"],
				[{ doors: ["door-008", DOOR] }, "none"],
				[{ roles: ["plan", "sync"] }, "none"],
			];
			for (const [change, reason] of changes) {
				const { trust } = new SyncSite(crypto, 1, "harbour1", change).keys;
				assert.equal(atReader(site.server, { trust }), reason, JSON.stringify(change));
			}
		});

		it("by a newer list a thief's key is out; with the clock unset its end is asked for again", () => {
			const stolen = withNextList(site.keys, {
				keys: [
					{ publicKey: site.server.publicKey, roles: ["sync"], until: ISSUED + 86_400 * 90, state: "stolen" },
				],
			}).trust;
			assert.equal(atReader(site.server, { trust: stolen }), "key-stolen");
			const key = site.keys.trust.findKey(site.server.publicKey);
			assert.equal(atReader(site.server, { now: undefined }), "none");
			assert.equal(serverRefusal(key, DOOR, undefined), undefined);
			assert.equal(serverRefusal(key, DOOR, NOW), undefined);
			assert.equal(serverRefusal(key, DOOR, ISSUED + 86_400 * 90), "key-ended");
			assert.equal(serverRefusal(stolen.findKey(site.server.publicKey), DOOR, NOW), "key-stolen");
			assert.equal(serverRefusal(stolen.find(new Uint8Array(4)), DOOR, NOW), "unknown-issuer");
		});

		it("a server's credential by value is refused, whoever has signed it", () => {
			const by = signer(crypto, EDDSA, site.server.secretKey);
			const { publicKey } = site.server;
			const key = { algorithm: EDDSA, publicKey } as const;
			const cwt = issueCredential(
				{ issuer: "harbour1", id: new Uint8Array(8), key },
				site.keys.signing.signer,
				{ kid: site.keys.signing.kid },
			);
			const ccs = serverCredential("harbour1", publicKey, by).cred;
			for (const form of [byKcwt(cwt), byKccs(ccs)])
				assert.equal(atReader(site.server, {}, { credential: { ...form, ...by } }), "unsupported-credential");
		});

		/** What the site says to a reader of `credential`, on the topic of `DOOR`. */
		function atSite(
			credential: ReturnType<SyncSite["reader"]>,
			more: Parameters<SyncSite["siteSide"]>[2] = {},
			registered = credential.publicKey,
		): string {
			const reader = site.readerSide(credential);
			const one = reader.begin();
			const server = site.siteSide(one, registered, more);
			const three = reader.take(server.take(one)!)!;
			const reason = reasonOf(() => server.take(three));
			assert.equal(server.session !== undefined, reason === "none");
			assert.equal(server.take(three), undefined);
			return reason;
		}

		it("cross-door: the credential's door has to be the topic's, and the key the one that is registered", () => {
			assert.equal(atSite(own), "none");
			assert.equal(atSite(site.reader("door-008")), "unsupported-credential");
			assert.equal(atSite(site.reader(DOOR), {}, own.publicKey), "unsupported-credential");
		});

		it("a reader of another site, a phone, a revoked reader and one whose key was stolen get no session", () => {
			assert.equal(atSite(other.reader()), "unknown-issuer");
			const { publicKey, secretKey } = site.pair();
			const key = { algorithm: EDDSA, publicKey } as const;
			const phone = issueCredential(
				{ issuer: "harbour1", id: new Uint8Array(8), key },
				site.keys.signing.signer,
				{ kid: site.keys.signing.kid },
			);
			assert.equal(
				atSite({ ...byKcwt(phone), ...signer(crypto, EDDSA, secretKey), publicKey }),
				"wrong-role",
			);
			const ids = [ctiOf(site.reader().cred)];
			assert.equal(atSite(own, { trust: withNextList(site.keys, { revoked: ids }).trust }), "none");
			const cti = ctiOf(own.cred);
			assert.equal(atSite(own, { trust: withNextList(site.keys, { revoked: [cti] }).trust }), "revoked");
			const keys = modelOf(site.keys.trust).keys.map((key, n) =>
				n === 0 ? { ...key, state: "stolen" as const } : key,
			);
			assert.equal(atSite(own, { trust: withNextList(site.keys, { keys }).trust }), "key-stolen");
		});

		it("two doors' attempts cannot be spliced", () => {
			const credential = site.reader();
			const [a, b] = [site.readerSide(own), site.readerSide(credential)];
			const [oneA, oneB] = [a.begin(), b.begin()];
			const serverA = site.siteSide(oneA, own.publicKey);
			const serverB = site.siteSide(oneB, credential.publicKey);
			const twoA = serverA.take(oneA)!;
			const twoB = serverB.take(oneB)!;
			// With the other's session id in front.
			const moved = (frame: Uint8Array, id: Uint8Array): Uint8Array =>
				handshakeFrame(frame[0]!, id, frame.subarray(HANDSHAKE_HEAD));
			assert.notEqual(
				reasonOf(() => a.take(moved(twoB, a.id))),
				"none",
			);
			const threeB = b.take(twoB)!;
			assert.notEqual(
				reasonOf(() => serverA.take(moved(threeB, a.id))),
				"none",
			);
			assert.isUndefined(a.session);
			assert.isUndefined(serverA.session);
			// An attempt is over by it, and its own message comes too late.
			assert.equal(a.take(twoA), undefined);
			assert.equal(a.session, undefined);
		});

		/** What the site says to a message_1 by these options and EAD_1. */
		function begun(ead: Parameters<Initiator["message1"]>[0], more: Partial<InitiatorOptions> = {}): string {
			const id = new Uint8Array(8).fill(9);
			const edhoc = new Initiator({
				...{ crypto, suites: [4], credentials: [own], connectionId: id },
				...{ ephemerals: new EphemeralPool(crypto, site.random), ...more },
			});
			const one = handshakeFrame(FRAME.message1, id, edhoc.message1(ead));
			const server = site.siteSide(one, own.publicKey);
			let error: unknown;
			const reason = reasonOf(() => {
				try {
					server.take(one);
				} catch (thrown) {
					error = thrown;
					throw thrown;
				}
			});
			if (reason === "wrong-version") {
				const told = errorFrame(server.id, error)!;
				assert.deepEqual(decodeErrorMessage(told.subarray(HANDSHAKE_HEAD)), {
					code: 1,
					text: "wrong-version",
				});
			}
			assert.equal(server.take(one), undefined, "the attempt is over");
			return reason;
		}

		it("EAD_1 says sync and its version, critical and once; what is not so is told that the version is wrong", () => {
			const [item] = syncRequest();
			assert.equal(begun([item!]), "none");
			assert.equal(begun([]), "wrong-version");
			assert.equal(begun(syncRequest(2)), "wrong-version");
			assert.equal(begun(syncRequest(0)), "wrong-version");
			assert.equal(begun([{ ...item!, critical: false }]), "wrong-version");
			assert.equal(begun([item!, item!]), "wrong-version");
			assert.equal(begun([{ label: EAD_SYNC, critical: true }]), "wrong-version");
			assert.equal(begun([{ ...item!, value: Uint8Array.of(0x18, 1) }]), "wrong-version");
			assert.equal(begun([{ ...item!, value: Uint8Array.of(1, 1) }]), "wrong-version");
			assert.equal(begun([item!, { label: 77, critical: true }]), "critical-ead");
			assert.equal(begun([item!, { label: 77, critical: false }]), "none");
		});

		it("suite 4 alone, and the session's id in the frame is C_I", () => {
			assert.equal(begun(syncRequest(), { suites: [0] }), "wrong-suite");
			assert.equal(begun(syncRequest(), { connectionId: new Uint8Array(8).fill(8) }), "malformed");
		});

		it("a door's responder goes on with no such message_1: the item is critical", () => {
			const reader = site.readerSide(own);
			const door = new Responder({
				...{ crypto, suites: [4], credentials: [own], connectionId: Uint8Array.of(1) },
				ephemerals: new EphemeralPool(crypto, site.random),
			});
			const one = reader.begin().subarray(HANDSHAKE_HEAD);
			assert.equal(
				reasonOf(() => door.processMessage1(one)),
				"critical-ead",
			);
		});

		it("the site's refusal ends the attempt, and a frame of another attempt does not", () => {
			const reader = site.readerSide(own);
			reader.begin();
			const refusal = new EdhocError("wrong-version");
			const told = errorFrame(reader.id, refusal)!;
			assert.equal(
				reader.take(handshakeFrame(FRAME.message2, reader.id, told.subarray(HANDSHAKE_HEAD))),
				undefined,
			);
			const honest = site.session().frames[3]!.subarray(HANDSHAKE_HEAD);
			assert.equal(reader.take(handshakeFrame(FRAME.error, reader.id, honest)), undefined);
			assert.equal(reader.take(errorFrame(new Uint8Array(8), refusal)!), undefined);
			assert.equal(
				reasonOf(() => reader.take(told)),
				"peer-error",
			);
		});

		it("any byte changed, any cut: no session on the side that gets it", () => {
			const random = new SeededRandom(5);
			// On XS a scalar multiplication in JavaScript takes a tenth of a second.
			const runs = engine === "xs" && crypto.name === "portable" ? 1 : 8;
			for (let n = 0; n < 4; n++)
				for (let run = 0; run < runs; run++) {
					const reader = site.readerSide(own);
					const one = reader.begin();
					const spoil = (frame: Uint8Array, number: number): Uint8Array => {
						if (number !== n) return frame;
						const bad = frame.slice();
						bad[random.below(bad.length)]! ^= 1 + random.below(255);
						return run % 2 === 0 ? bad : concat(frame.subarray(0, random.below(frame.length)));
					};
					const server = site.siteSide(one, own.publicKey);
					const say = (what: string): string => `message_${n + 1}, run ${run}: ${what}`;
					try {
						const two = server.take(spoil(one, 0));
						const three = two && reader.take(spoil(two, 1));
						const four = three && server.take(spoil(three, 2));
						if (four) reader.take(spoil(four, 3));
					} catch (error) {
						assert.isTrue(
							error instanceof EdhocError || error instanceof CredentialError,
							say(String(error)),
						);
					}
					assert.equal(reader.session, undefined, say("the reader"));
					if (n < 3) assert.equal(server.session, undefined, say("the site"));
				}
		});
	});

/** `cti` of a reader's CWT: the only claim of 8 bytes that begins with 07 48. */
function ctiOf(cwt: Uint8Array): Uint8Array {
	for (let at = 0; at < cwt.length; at++)
		if (cwt[at] === 7 && cwt[at + 1] === 0x48) return cwt.slice(at + 2, at + 10);
	throw new Error("no cti");
}
