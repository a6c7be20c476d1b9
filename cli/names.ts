// SPDX-License-Identifier: Apache-2.0

import { Failure } from "../site/lib/files/failure.js";
import { type PlanNames, readPlanNames } from "../site/lib/plan/names.js";
import { PlanFileMistake } from "../site/lib/plan/read.js";

/** What the plan file at `path` calls people and times. Throws `Failure`. */
export function readNames(path: string): PlanNames {
	try {
		return readPlanNames(path);
	} catch (error) {
		if (!(error instanceof PlanFileMistake)) throw error;
		throw new Failure(
			"input",
			"plan-file",
			error.message,
			"--plan takes the site's plan file, as `lintel plan compile` does.",
		);
	}
}
