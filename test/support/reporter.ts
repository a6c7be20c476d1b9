// SPDX-License-Identifier: Apache-2.0

import { relative } from "node:path";
import Mocha from "mocha";
import { notRun, type Skipped } from "../../tools/not-run.js";
import { root } from "./host.js";

/** mocha's own report, and at its end what did not run and why. */
export default class Reporter extends Mocha.reporters.Spec {
	readonly #skipped: Skipped[] = [];

	constructor(runner: Mocha.Runner, options: Mocha.MochaOptions) {
		super(runner, options);
		runner.on("pending", ({ file, err }) => this.#skipped.push({ file: source(file!), why: err?.message }));
	}

	override epilogue(): void {
		super.epilogue();
		process.stdout.write(notRun(this.#skipped));
	}
}

/** The TypeScript of a built file, relative to the checkout. */
function source(file: string): string {
	return relative(`${root}/build`, file).replace(/\.js$/, ".ts");
}
