// SPDX-License-Identifier: Apache-2.0

import { engine } from "../../support/host.js";
import { explore } from "./model.js";

/** 20,000 sequences of inputs on Node; `npm run model -- --runs N` for more. The interpreted engine takes a sample. */
const RUNS = engine === "node" ? 20_000 : 100;

describe("door and log, explored", () => {
	it("never unlocked without a cause in the log, forced if and only if, outcomes, alarms end", () => {
		explore(0.8 * RUNS, 5, false);
	});

	it("the same over clocks that jump both ways, as far as time can tell then", () => {
		explore(0.2 * RUNS, 6, true);
	});
});
