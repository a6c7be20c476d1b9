// SPDX-License-Identifier: Apache-2.0

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { assert } from "chai";
import { findSdk, SdkError } from "../../../tools/esp32/sdk.js";

describe("the user's Moddable SDK", () => {
	let folder = "";
	const version = (text: string): void => {
		mkdirSync(join(folder, "tools"), { recursive: true });
		writeFileSync(join(folder, "tools/VERSION"), text);
	};
	const refusal = (environment: Record<string, string>): string => {
		try {
			findSdk(environment);
		} catch (error) {
			assert.instanceOf(error, SdkError);
			return (error as SdkError).reason;
		}
		return "none";
	};

	beforeEach(() => {
		folder = mkdtempSync(join(tmpdir(), "lintel-sdk-"));
	});
	afterEach(() => rmSync(folder, { recursive: true }));

	it("says what is missing", () => {
		assert.equal(refusal({}), "sdk-missing");
		assert.equal(refusal({ MODDABLE: folder }), "sdk-incomplete");
	});

	it("takes 8.2 and newer", () => {
		for (const good of ["8.2.3\n", "8.2", "8.10.0", "9.0.0"]) {
			version(good);
			assert.equal(findSdk({ MODDABLE: folder }).version, good.trim());
		}
		for (const old of ["8.1.9", "7.9.0", "", "nonsense"]) {
			version(old);
			assert.equal(refusal({ MODDABLE: folder }), "sdk-too-old");
		}
	});
});
