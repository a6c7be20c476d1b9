// SPDX-License-Identifier: Apache-2.0

import { assert } from "chai";
import { fromHex } from "../../../protocol/bytes.js";
import { fingerprintOf, isNamedBy } from "../../../site/lib/trust/fingerprint.js";

/** RFC 8032, 7.1, test 1. */
const KEY = "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a";

describe("a key's fingerprint", () => {
	it("is the first 8 bytes of its public key, in groups", () => {
		assert.equal(fingerprintOf(fromHex(KEY)), "d75a-9801-82b1-0ab7");
	});

	it("names the key as it is shown, typed or cut to its kid, and no other", () => {
		const key = fromHex(KEY);
		for (const text of ["d75a-9801-82b1-0ab7", "D75A 9801 82B1 0AB7", "d75a980182b10ab7", "d75a9801", KEY])
			assert.isTrue(isNamedBy(key, text), text);
		for (const text of ["", "d75a980", "d75a-9801-82b1-0ab8", "75a980182b1", `${KEY}00`, "d75a9801x"])
			assert.isFalse(isNamedBy(key, text), text);
	});
});
