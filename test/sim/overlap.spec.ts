// SPDX-License-Identifier: Apache-2.0

import { assert } from "chai";
import { NodeCrypto } from "../../hal/node/crypto.js";
import { type Moment, runTap } from "../../sim/scenario.js";

describe("the reader's work while a tap is on the air", () => {
	it("message_2 is under way before it is signed, and whole when the phone hears it", () => {
		for (let seed = 1; seed <= 4; seed++) {
			const { timeline, decision } = runTap({
				crypto: new NodeCrypto(),
				link: "nfc",
				phone: "valid",
				suite: 4,
				seed,
			});
			assert.equal(decision, "granted");
			const at = (found: (moment: Moment) => boolean): number => timeline.findIndex(found);
			const agreed = at(({ text }) => text.startsWith("agrees"));
			const signed = at(({ text }) => text.startsWith("signs"));
			const begun = timeline.findIndex(({ text }, i) => i > agreed && text === "to the PN532");
			assert.isAbove(begun, agreed);
			assert.isBelow(begun, signed, "the beginning goes out before the signature is made");
			const heard = timeline.filter(
				({ actor, bytes }) => actor === "apdu" && bytes![1] === 0xe8 && bytes![2] === 2,
			);
			assert.lengthOf(heard, 1);
			assert.equal(heard[0]!.bytes!.length, 5 + heard[0]!.bytes![4]! + 1);
		}
	});
});
