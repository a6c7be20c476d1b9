// SPDX-License-Identifier: Apache-2.0

/** Brings what the documents repeat of the code up to date: `npm run docs`. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { doorSchema } from "../../cli/door-schema.js";
import { CAPACITIES, partitionCsv } from "../../site/lib/plan/capacity.js";
import { withTables } from "../door-table/table.js";
import { withLog } from "../log/document.js";
import { withConfiguration } from "./configuration-example.js";
import { withCredentials } from "./credential-example.js";
import { withCapacities } from "./flash.js";
import { withFormats } from "./formats.js";
import { withNotices } from "./notice-example.js";
import { withPhoneApi } from "./phone-api-example.js";
import { withPlan } from "./plan-example.js";
import { withQr } from "./qr-example.js";
import { reasonsDocument } from "./reasons.js";
import { withScenes } from "./scenes.js";
import { withSync } from "./sync-example.js";
import { withTrust } from "./trust-example.js";
import { withExample } from "./worked-example.js";

const docs = join(fileURLToPath(new URL("../../..", import.meta.url)), "docs");

for (const [name, renew] of [
	["PROTOCOL.md", withExample],
	["credential.md", withCredentials],
	["plan.md", withPlan],
	["formats/configuration.md", withConfiguration],
	["formats/notice.md", withNotices],
	["formats/phone-api.md", withPhoneApi],
	["formats/qr.md", withQr],
	["formats/sync.md", withSync],
	["formats/trust.md", withTrust],
	["HARDWARE.md", withCapacities],
	["door.md", withTables],
	["log.md", withLog],
	["simulator.md", withScenes],
	["../CHANGELOG.md", withFormats],
] as const) {
	const path = join(docs, name);
	writeFileSync(path, renew(readFileSync(path, "utf8")));
}

for (const module of CAPACITIES) {
	writeFileSync(join(docs, "../partitions", `${module.module}MB.csv`), partitionCsv(module));
}

writeFileSync(join(docs, "../schema/door.schema.json"), `${JSON.stringify(doorSchema(), null, "\t")}\n`);

writeFileSync(join(docs, "reasons.md"), reasonsDocument());
