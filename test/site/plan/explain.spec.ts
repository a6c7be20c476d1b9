// SPDX-License-Identifier: Apache-2.0

import { closeSync, mkdtempSync, openSync, rmdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { assert } from "chai";
import { Failure } from "../../../site/lib/files/failure.js";
import { orExplain } from "../../../site/lib/plan/explain.js";

describe("an error of the file system in a command", () => {
	let folder: string;
	beforeEach(() => {
		folder = mkdtempSync(join(tmpdir(), "lintel-explain-"));
	});
	afterEach(() => rmdirSync(folder));

	function explained(action: () => void): Failure {
		try {
			orExplain(action)();
		} catch (error) {
			if (error instanceof Failure) return error;
			throw error;
		}
		return assert.fail("no error");
	}

	for (const [name, code, reason, advice] of [
		["a folder that is not there", "ENOENT", "file", /path[\s\S]*there is room/],
		["a name that is taken", "EEXIST", "exists", /another name/],
	] as const)
		it(`says what to look at: ${name}`, () => {
			const path = code === "EEXIST" ? folder : join(folder, "nowhere/x");
			const failure = explained(() => closeSync(openSync(path, "wx")));
			assert.equal(failure.reason, reason);
			assert.match(failure.message, new RegExp(`^${code}`));
			assert.match(failure.advice, advice);
		});
});
