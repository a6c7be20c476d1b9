// SPDX-License-Identifier: Apache-2.0

import type { Snapshot } from "../site/lib/plan/encode.js";
import type { PlanStore } from "../src/plan/store.js";

/** Streams a snapshot in, as the site does; throws where the store refuses it. */
export function installPlan(store: PlanStore, { envelope, body }: Snapshot): void {
	let result: string | undefined = store.begin(envelope);
	for (let at = 0; result === undefined && at < body.length; at += 4096)
		result = store.write(body.subarray(at, at + 4096));
	while (result === undefined || result === "more") result = store.commit();
	if (result !== "done") throw new Error(`the plan was refused: ${result}`);
}
