// SPDX-License-Identifier: Apache-2.0

import type { ConfigProblem } from "../../protocol/config/document.js";
import { ProvisioningError } from "../../protocol/provisioning/error.js";

/** Problems of one reply: as many as fit in any case. */
const MAX_PROBLEMS = 6;
const MAX_FIELD = 40;

export function invalidConfiguration(problems: readonly ConfigProblem[]): ProvisioningError {
	return new ProvisioningError("invalid-configuration", "nothing was changed", {
		problems: problems.slice(0, MAX_PROBLEMS).map(({ field, reason, message }) => ({
			field: field.slice(0, MAX_FIELD),
			reason,
			message,
		})),
	});
}
