// SPDX-License-Identifier: Apache-2.0

import type { BrokerFaults } from "../../../sim/broker.js";
import { LiarRun } from "../../../tools/liar/run.js";

/** Whether a run among so many has a violation of this kind. `faults`: these alone; by the seed where absent. */
export function finds(kind: RegExp, count: number, faults?: BrokerFaults): boolean {
	for (let seed = 1; seed <= count; seed++)
		if (new LiarRun(seed, faults).run().violations.some((one) => kind.test(one))) return true;
	return false;
}

/** Something of the firmware or of the site is as it must not be while `act` runs. */
export function broken<T extends object, K extends keyof T>(
	prototype: T,
	name: K,
	as: T[K],
	act: () => void,
): void {
	const before = prototype[name];
	prototype[name] = as;
	try {
		act();
	} finally {
		prototype[name] = before;
	}
}
