// SPDX-License-Identifier: Apache-2.0

/**
 * Makes the simulator's page: bundles `sim/page` into `build/page`, a folder that works from any file server and under any
 * path. `--sizes` prints how large its files are.
 */
import { cpSync, rmSync } from "node:fs";
import { join } from "node:path";
import { bundle, compress, ROOT, writePage } from "./bundle.js";

const FROM = join(ROOT, "sim/page");
const TO = join(ROOT, "build/page");

rmSync(TO, { recursive: true, force: true });
const { places } = await bundle(FROM, TO, { app: "main.tsx", worker: "worker.ts", style: "style.css" });
cpSync(join(ROOT, "site/web/icon.svg"), join(TO, "icon.svg"));
writePage(FROM, TO, "index.html", places, "");
compress(TO);
