// SPDX-License-Identifier: Apache-2.0

import { NO_END } from "../protocol/plan/format.js";
import { packRecords, tombstone } from "../site/lib/plan/encode.js";
import { DOOR } from "./commission.js";
import { SeededRandom } from "./random.js";
import type { World } from "./world.js";

const CREDENTIALS = 1000;

/** The site has a new plan for the door: people as ever, and a thousand others whose records have all changed, so that no delta has room. */
export function newPlan(world: World): void {
	const { people, plan, server } = world;
	const { books } = server!;
	const { version } = books.image(DOOR)!;
	const random = new SeededRandom(0x7_0000);
	const others = Array.from({ length: CREDENTIALS }, () => ({
		...{ id: random.bytes(8), access: 0, flags: 0, until: NO_END },
		from: version,
	}));
	const known = [plan.record("valid"), tombstone(people.revoked.id), plan.record("expired")];
	books.edit(DOOR, { records: packRecords([...known, ...others]) });
}

/** From here on a plan of a thousand comes behind the other. */
export function keepPlansComing(world: World): void {
	world.server!.onNews = (_door, { kind }) => {
		if (kind === "outcome") world.time.after(0, () => newPlan(world));
	};
	newPlan(world);
}
