// SPDX-License-Identifier: Apache-2.0

import { assert } from "chai";
import { wiredTests } from "../../cli/tests.js";
import type { CborValue } from "../../protocol/cbor/value.js";
import { DEFAULT_DOOR, type DoorConfig } from "../../protocol/config/door.js";
import { readerOf } from "../site/provisioning/reader.js";

/** What a reader of this configuration is asked to test; `null`: it has none. */
function tested(configuration: CborValue, commissioned = true): Promise<string> {
	return wiredTests(
		readerOf(() => configuration),
		{ commissioned },
	).then((names) => names.join(" "));
}

function door(wiring: Partial<DoorConfig>, bluetooth = "near"): CborValue {
	return { id: "FRONT", bluetooth, door: { ...DEFAULT_DOOR, ...wiring } };
}

describe("tests of what a door has", () => {
	const cases: readonly [string, CborValue, boolean, string][] = [
		["as shipped", door({}), true, "relay door rex nfc ble"],
		["without a door switch", door({ position: "none" }), true, "relay rex nfc ble"],
		["without request-to-exit", door({ requestToExit: "none" }), true, "relay door nfc ble"],
		["without any input", door({ position: "none", requestToExit: "none" }), true, "relay nfc ble"],
		["with Bluetooth off", door({}, "off"), true, "relay door rex nfc"],
		["with tamper", door({ tamper: "normally-closed" }), true, "relay door rex tamper nfc ble"],
		["with fire", door({ fireInput: "supervised-normally-closed" }), true, "relay door rex fire nfc ble"],
		["with lockdown", door({ lockdownInput: "normally-open" }), true, "relay door rex lockdown nfc ble"],
		["that is not commissioned", null, false, "relay door rex nfc"],
		["that is configured but has no site", door({ position: "none" }), false, "relay rex nfc"],
	];
	for (const [what, configuration, commissioned, expected] of cases)
		it(`leaves out what is absent: a reader ${what}`, async () => {
			assert.equal(await tested(configuration, commissioned), expected);
		});
});
