// SPDX-License-Identifier: Apache-2.0

import fc from "fast-check";
import type { PlanDocument } from "../../../../site/lib/plan/document.js";

const name = fc.string({ unit: "grapheme", maxLength: 12 });
const id = fc.stringMatching(/^[0-9a-f]{16}$/);
const moment = fc.constantFrom("2026-05-01", "2026-05-01T08:00", "2026-05-01T06:00Z");
const validity = { from: moment, until: moment };
const mode = fc.constantFrom("locked" as const, "unlocked" as const, "lockdown" as const);
const optional = { requiredKeys: [] as never[] };

const holiday = fc.oneof(moment, fc.record({ date: moment, days: fc.nat(255) }, { requiredKeys: ["date"] }));
const interval = fc.record(
	{ days: fc.array(fc.constantFrom("mon", "sat-sun")), holidays: fc.array(name), from: name, to: name },
	{ requiredKeys: ["from", "to"] },
);
const rule = fc.record(
	{ doors: fc.array(name), schedule: name, ...validity },
	{ requiredKeys: ["schedule"] },
);
const door = fc.record(
	{
		defaultMode: mode,
		modes: fc.array(fc.record({ schedule: name, mode })),
		timeZone: name,
		officeMode: fc.boolean(),
	},
	optional,
);
const credential = fc.record({ id, revoked: fc.boolean(), ...validity }, { requiredKeys: ["id"] });
const user = fc.record(
	{
		name,
		accessPlans: fc.array(name),
		...validity,
		suspended: fc.boolean(),
		extended: fc.boolean(),
		firstPerson: fc.boolean(),
		override: fc.boolean(),
		grace: fc.boolean(),
		credentials: fc.array(credential, { maxLength: 3 }),
	},
	{ requiredKeys: ["name", "accessPlans", "credentials"] },
);

/** Plan files of every shape that the schema has, whether or not they compile; each credential's id is there once. */
export const documents: fc.Arbitrary<PlanDocument> = fc
	.record(
		{
			$schema: name,
			site: name,
			timeZone: name,
			holidays: fc.dictionary(name, fc.array(holiday)),
			schedules: fc.dictionary(name, fc.array(interval)),
			accessPlans: fc.dictionary(name, fc.array(rule)),
			doors: fc.dictionary(fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9._-]{0,7}$/), door),
			users: fc.array(user, { maxLength: 6 }),
			offline: fc.record({ days: fc.nat(), graceDays: fc.nat() }, optional),
			strictTime: fc.boolean(),
			maxClockError: fc.nat(),
			listElsewhere: fc.boolean(),
		},
		{ requiredKeys: ["site", "timeZone", "accessPlans", "doors", "users"] },
	)
	.map((document) => {
		const seen = new Set<string>();
		const users = document.users.map((user) => ({
			...user,
			credentials: user.credentials.filter(({ id }) => !seen.has(id) && seen.add(id)),
		}));
		return { ...document, users } as PlanDocument;
	});
