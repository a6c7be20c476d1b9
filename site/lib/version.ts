// SPDX-License-Identifier: Apache-2.0

import { readFileSync } from "node:fs";

/** This lintel's version. */
export const { version } = JSON.parse(
	readFileSync(new URL("../../../package.json", import.meta.url), "utf8"),
) as { readonly version: string };
