// SPDX-License-Identifier: Apache-2.0

/** Every parser of bytes from outside, each with its corpus and its own ways to refuse. New parsers are added here. */
import type { FuzzTarget } from "./target.js";
import { CONFIG_TARGETS } from "./targets/config.js";
import { CREDENTIAL_TARGETS } from "./targets/credential.js";
import { EDHOC_TARGETS } from "./targets/edhoc.js";
import { LINK_TARGETS } from "./targets/link.js";
import { LOG_TARGETS } from "./targets/log.js";
import { NOTICE_TARGETS } from "./targets/notice.js";
import { PLAN_TARGETS } from "./targets/plan.js";
import { PROVISIONING_TARGETS } from "./targets/provisioning.js";
import { QR_TARGETS } from "./targets/qr.js";
import { SYNC_TARGETS } from "./targets/sync.js";
import { TIME_TARGETS } from "./targets/time.js";

export const targets: readonly FuzzTarget[] = Object.freeze([
	...CREDENTIAL_TARGETS,
	...EDHOC_TARGETS,
	...LINK_TARGETS,
	...PLAN_TARGETS,
	...NOTICE_TARGETS,
	...QR_TARGETS,
	...CONFIG_TARGETS,
	...LOG_TARGETS,
	...PROVISIONING_TARGETS,
	...SYNC_TARGETS,
	...TIME_TARGETS,
]);
