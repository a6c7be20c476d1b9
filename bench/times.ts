// SPDX-License-Identifier: Apache-2.0

/** Prints how long taps take, for RESULTS.md, and writes docs/taps.md's part: `node build/bench/times.js`. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fill } from "../tools/docs/fill.js";
import { root } from "../tools/xs/build.js";
import { splitTable, timeTables } from "./tap-times.js";

const split = splitTable();
const page = join(root, "docs/taps.md");
writeFileSync(page, fill(readFileSync(page, "utf8"), "tap times", split.join("\n")));
process.stdout.write(`${timeTables(split).join("\n")}\n`);
