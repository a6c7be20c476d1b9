// SPDX-License-Identifier: Apache-2.0

import { config } from "chai";
import { build, MissingTool } from "../../tools/xs/build.js";

// Proxies tell of assertions that do not exist, which the compiler does; they take more than half of a model's time.
config.useProxy = false;

/** mocha runs it once, before its workers, none of which then builds the engine while another does. */
export function mochaGlobalSetup(): void {
	try {
		build("host");
	} catch (error) {
		// The specs that need it say so.
		if (!(error instanceof MissingTool)) throw error;
	}
}
