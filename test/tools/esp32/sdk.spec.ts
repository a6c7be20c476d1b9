// SPDX-License-Identifier: Apache-2.0

import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { assert } from "chai";
import { findIdf, findSdk, SdkError, TRIED } from "../../../tools/esp32/sdk.js";
import { root } from "../../support/host.js";

describe("the user's Moddable SDK", () => {
	let folder = "";
	const version = (text: string): void => {
		mkdirSync(join(folder, "tools"), { recursive: true });
		writeFileSync(join(folder, "tools/VERSION"), text);
	};
	const refusal = (environment: Record<string, string>, find = findSdk): string => {
		try {
			find(environment);
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

	it("comes with an ESP-IDF of 6.0 and newer", () => {
		const idf = (major: number, minor: number): void => {
			mkdirSync(join(folder, "tools/cmake"), { recursive: true });
			const lines = [`MAJOR ${major}`, `MINOR ${minor}`, "PATCH 2"].map(
				(part) => `set(IDF_VERSION_${part})\n`,
			);
			writeFileSync(join(folder, "tools/cmake/version.cmake"), lines.join(""));
		};
		assert.equal(refusal({}, findIdf), "idf-missing");
		assert.equal(refusal({ IDF_PATH: folder }, findIdf), "idf-incomplete");
		idf(6, 0);
		assert.equal(findIdf({ IDF_PATH: folder }).version, "6.0.2");
		idf(7, 0);
		assert.equal(findIdf({ IDF_PATH: folder }).version, "7.0.2");
		idf(5, 5);
		assert.equal(refusal({ IDF_PATH: folder }, findIdf), "idf-too-old");
	});

	it("is in HARDWARE.md with the versions that were tried", () => {
		const text = readFileSync(join(root, "docs/HARDWARE.md"), "utf8");
		assert.include(text, `SDK ${TRIED.sdk}`);
		assert.include(text, `ESP-IDF ${TRIED.idf}`);
	});
});
