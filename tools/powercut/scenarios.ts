// SPDX-License-Identifier: Apache-2.0

import { configScenarios } from "./config.js";
import { logScenarios } from "./log.js";
import { noticesScenarios } from "./notices.js";
import { planScenarios } from "./plan.js";
import type { Scenario } from "./scenario.js";
import { trustScenarios } from "./trust.js";
import { usesScenarios } from "./uses.js";

/** Everything that writes to flash and must survive: add yours. */
export const scenarios: readonly Scenario[] = [
	...(planScenarios as readonly Scenario[]),
	...(logScenarios as readonly Scenario[]),
	...(configScenarios as readonly Scenario[]),
	...(trustScenarios as readonly Scenario[]),
	...(noticesScenarios as readonly Scenario[]),
	...(usesScenarios as readonly Scenario[]),
];
