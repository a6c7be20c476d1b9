// SPDX-License-Identifier: Apache-2.0

import type { ScannerConfig } from "../../protocol/config/scanner.js";
import type { UART } from "../bus/serial.js";
import { SimGM861 } from "./gm861.js";
import { SimLineScanner } from "./lines.js";

export type { SimGM861, SimLineScanner };

/** The scanner that a configuration has on its line. */
export function scannerOf(
	line: UART,
	config: ScannerConfig | undefined,
): SimGM861 | SimLineScanner | undefined {
	if (config === undefined) return undefined;
	return config.model === "gm861" ? new SimGM861(line) : new SimLineScanner(line, config.baud);
}
