// SPDX-License-Identifier: Apache-2.0

import { assert } from "chai";
import { concat, equal } from "../../../protocol/bytes.js";
import { EDDSA, ES256 } from "../../../protocol/credential/cose.js";
import { CredentialError } from "../../../protocol/credential/credential.js";
import { Ephemeral } from "../../../protocol/edhoc/ephemeral.js";
import { EdhocError } from "../../../protocol/edhoc/errors.js";
import type { OwnCredential } from "../../../protocol/edhoc/id-cred.js";
import type { Curve } from "../../../protocol/edhoc/suites.js";
import { SeededRandom } from "../../../sim/random.js";
import { engine } from "../../support/host.js";
import { providers } from "../../support/providers.js";
import { run, Site } from "./parties.js";

/**
 * A man in the middle changes one byte of one message, or cuts the message there. Whoever gets it must end his session;
 * of message_1 the phone notices, by message_2. Ephemeral keys are fixed and signatures remembered, so that each attack
 * runs only the side under attack, up to the message in question.
 */
for (const crypto of providers)
	for (const suite of [4, 5])
		describe(`EDHOC under tampering, suite ${suite}, ${crypto.name}`, () => {
			// Interpreted, a scalar multiplication in JavaScript takes a tenth of a second: every 16th byte there, on from
			// one message's to the next. Everything else tries each byte.
			const stride = engine === "xs" && crypto.name === "portable" ? 16 : 1;
			const site = new Site(crypto, 20 + suite);
			const curve: Curve = suite === 4 ? "x25519" : "p256";
			const algorithm = suite === 4 ? EDDSA : ES256;
			const secrets = [site.random.bytes(32), site.random.bytes(32)];
			const fixed = (n: number) => ({ take: () => new Ephemeral(crypto, curve, secrets[n]!.slice()) });
			const phoneOptions = { credentials: [remembering(site.credential(algorithm))], ephemerals: fixed(0) };
			const readerOptions = {
				credentials: [remembering(site.credential(algorithm, "door-007"))],
				ephemerals: fixed(1),
			};
			const newPhone = () => site.phone([suite], phoneOptions);
			const newReader = () => site.reader([suite], readerOptions);
			let honest: readonly Uint8Array[];

			before(() => {
				honest = run(site, newPhone(), newReader());
			});

			/** Gives `bad` in place of message `number`. */
			function attack(number: number, bad: Uint8Array): void {
				const [phone, reader] = [newPhone(), newReader()];
				let thrown: unknown;
				try {
					if (number === 1) {
						phone.message1();
						reader.processMessage1(bad);
						phone.processMessage2(reader.message2(), site.resolveReader);
					} else if (number === 2) {
						phone.message1();
						phone.processMessage2(bad, site.resolveReader);
					} else if (number === 3) {
						reader.processMessage1(honest[0]!);
						reader.message2();
						reader.processMessage3(bad, site.resolvePhone);
					} else {
						phone.message1();
						phone.processMessage2(honest[1]!, site.resolveReader);
						phone.message3();
						phone.processMessage4(bad);
					}
				} catch (error) {
					thrown = error;
				}
				assert.isTrue(thrown instanceof EdhocError || thrown instanceof CredentialError, String(thrown));
				const { state } = number === 3 ? reader : phone;
				if (number > 1) assert.equal(state, "ended");
				assert.notInclude(["authenticated", "completed"], reader.state);
				assert.notEqual(phone.state, "completed");
			}

			it("nothing changed: the same bytes again, and both sides complete", () => {
				const again = run(site, newPhone(), newReader());
				again.forEach((message, n) => {
					assert.isTrue(equal(message, honest[n]!), `message_${n + 1}`);
				});
			});

			for (const number of [1, 2, 3, 4]) {
				it(`message_${number}: any byte changed`, () => {
					const random = new SeededRandom(number);
					const good = honest[number - 1]!;
					for (let at = number % stride; at < good.length; at += stride) {
						const bad = good.slice();
						bad[at]! ^= 1 + random.below(255);
						attack(number, bad);
					}
				});

				it(`message_${number}: cut at any byte, or longer by one`, () => {
					const good = honest[number - 1]!;
					for (let at = number % stride; at < good.length; at += stride) attack(number, good.subarray(0, at));
					attack(number, concat(good, Uint8Array.of(0)));
				});
			}
		});

/** Signs the same message with the same bytes, where ECDSA would draw new ones. */
function remembering(credential: OwnCredential): OwnCredential {
	const known = new Map<string, Uint8Array>();
	return {
		...credential,
		sign: (message) => {
			const key = message.join();
			const signature = known.get(key) ?? credential.sign(message).slice();
			known.set(key, signature);
			return signature;
		},
	};
}
