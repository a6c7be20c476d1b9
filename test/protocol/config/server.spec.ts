// SPDX-License-Identifier: Apache-2.0

import { assert } from "chai";
import { checkServer } from "../../../protocol/config/server.js";

const WHOLE = { host: "door.example.org", port: 8883, password: "correct horse", spread: 300 };

function problems(value: unknown): [string, string][] {
	const checked = checkServer(value);
	return "problems" in checked ? checked.problems.map(({ field, reason }) => [field, reason]) : [];
}

describe("settings of a site's server", () => {
	it("have MQTT's port and a spread of a minute where those are left out", () => {
		assert.deepEqual(checkServer({ host: "192.0.2.7", password: "x" }), {
			server: { host: "192.0.2.7", port: 1883, password: "x", spread: 60 },
		});
		assert.deepEqual(checkServer(WHOLE), { server: WHOLE });
	});

	it("are refused outside their bounds, as another type, or with a field that they have not", () => {
		for (const [field, reason, right, wrong] of [
			[
				"host",
				"not-a-host",
				["a", "a".repeat(64), "2001:db8::1"],
				["", "a".repeat(65), "a b", "a/b", "ä", 7],
			],
			["port", "out-of-range", [1, 65_535], [0, 65_536, 1.5, "1883", null, Number.NaN]],
			[
				"password",
				"not-a-password",
				["a", " ~", "a".repeat(64)],
				["", "a".repeat(65), "a\n", "\u007f", "ä", 7, undefined],
			],
			["spread", "out-of-range", [0, 600], [-1, 601, 0.5, "60", null]],
		] as const) {
			for (const value of right)
				assert.deepEqual(problems({ ...WHOLE, [field]: value }), [], `${field} ${value}`);
			for (const value of wrong)
				assert.deepEqual(problems({ ...WHOLE, [field]: value }), [[field, reason]], `${field} ${value}`);
		}
		assert.deepEqual(problems({ ...WHOLE, user: "x" }), [["user", "unknown-field"]]);
		for (const value of [null, undefined, 7, "host", []])
			assert.deepEqual(problems(value), [["", "not-an-object"]]);
	});

	it("no problem repeats a password", () => {
		assert.notInclude(JSON.stringify(checkServer({ host: "?", password: "secret\n" })), "secret");
	});
});
