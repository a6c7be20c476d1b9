// SPDX-License-Identifier: Apache-2.0

import { build, MissingTool } from "../../tools/xs/build.js";

/** mocha runs it once, before its workers, none of which then builds the engine while another does. */
export function mochaGlobalSetup(): void {
	try {
		build("host");
	} catch (error) {
		// The specs that need it say so.
		if (!(error instanceof MissingTool)) throw error;
	}
}
