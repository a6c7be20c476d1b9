// SPDX-License-Identifier: Apache-2.0

import { randomFillSync } from "node:crypto";
import type { Random } from "../../protocol/crypto.js";

/** The operating system's generator. */
export class NodeRandom implements Random {
	fill(into: Uint8Array): void {
		randomFillSync(into);
	}
}
