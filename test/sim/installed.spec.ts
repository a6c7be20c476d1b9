// SPDX-License-Identifier: Apache-2.0

import { assert } from "chai";
import type { Context } from "mocha";
import { needs } from "./installed.js";

describe("a spec that needs a program", () => {
	const { CI } = process.env;

	afterEach(() => {
		if (CI === undefined) delete process.env.CI;
		else process.env.CI = CI;
	});

	/** What becomes of a spec that needs `program`. */
	function outcome(program: string): string {
		let skips = 0;
		const runnable: { type: string; err?: Error } = { type: "test" };
		const context = { runnable: () => runnable, skip: () => skips++ } as unknown as Context;
		try {
			needs(context, { [program]: "a-package" });
		} catch (error) {
			return (error as Error).message;
		}
		return skips === 0 ? "runs" : `${runnable.err?.message}, ${skips} skipped`;
	}

	it("fails in CI where it is missing and names the package, is skipped elsewhere, and runs where it is there", () => {
		process.env.CI = "true";
		assert.equal(
			outcome("no-such-program"),
			"missing in CI: no-such-program. On Debian: apt-get install a-package",
		);
		assert.equal(outcome("true"), "runs");
		delete process.env.CI;
		assert.equal(
			outcome("no-such-program"),
			"for want of no-such-program. On Debian: apt-get install a-package, 1 skipped",
		);
	});
});
