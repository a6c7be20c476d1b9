// SPDX-License-Identifier: Apache-2.0

import type { Api } from "./app.js";
import { events } from "./events.js";
import { health } from "./health.js";
import { log } from "./log.js";
import { metrics } from "./metrics.js";
import type { Site } from "./site.js";
import { tokens } from "./tokens.js";
import { trust } from "./trust.js";

export const ROUTES: readonly ((api: Api, site: Site) => void)[] = Object.freeze([
	trust,
	log,
	tokens,
	events,
	health,
	metrics,
]);
