// SPDX-License-Identifier: Apache-2.0

import { toHex } from "../../../protocol/bytes.js";
/** What an administrator does at the site. The door hears of it over the broker, or not at all. */
import { DOOR_MODES, type PlanMode } from "../../../protocol/plan/tables.js";
import { DOOR } from "../../commission.js";
import type { Act, Values } from "../act.js";
import {
	ACCESS_PLANS,
	type AccessPlan,
	type Administrator,
	localTime,
	NAMED,
	type Named,
	RIGHTS,
	type Right,
} from "../administrator.js";
import type { Scene } from "../scene.js";
import { oneOf, whole } from "./parameters.js";

const WHO = oneOf("who", "Person", NAMED);
const PLAN = oneOf("plan", "May come", ACCESS_PLANS);
const ON = oneOf("on", "Has it", ["yes", "no"]);
const SCHEDULES = Object.freeze(["always", "office", "weekend", "never"] as const);
const DAYS = Object.freeze(["mon-fri", "sat-sun", "daily"] as const);
const COMMANDS = Object.freeze([
	"open",
	"unlock",
	"lock",
	"normal",
	"lockdown",
	"release",
	"identify",
	"restart",
] as const);

const RIGHT_WORDS: Readonly<Record<Right, string>> = Object.freeze({
	suspended: "is paused",
	extended: "has the door open for longer",
	firstPerson: "may be the first to come",
	override: "may come during a lockdown",
});

function whoOf(values: Values): Named {
	return values.who as Named;
}

const add: Act = {
	name: "add",
	group: "site",
	title: "Add a person to the plan",
	parameters: [WHO, PLAN],
	keys: [{ key: "i", title: "the site adds the unknown phone", values: { who: "stranger" } }],
	perform: ({ administrator, world }, values) => {
		const who = whoOf(values);
		if (administrator.user(who) !== undefined) return `the plan has ${who} already`;
		const { document } = administrator;
		const credentials = [{ id: toHex(world.people[who].id) }];
		const user = { name: who, accessPlans: [values.plan as AccessPlan], credentials };
		const version = administrator.edit({ ...document, users: [...document.users, user] });
		return `the site adds ${who}, who may come ${values.plan}: plan ${version}`;
	},
};

const remove: Act = {
	name: "remove",
	group: "site",
	title: "Take a person out of the plan",
	parameters: [WHO],
	perform: ({ administrator }, values) =>
		ofUser(administrator, whoOf(values), (who) => {
			const { document } = administrator;
			const users = document.users.filter(({ name }) => name !== who);
			return `the site takes ${who} out: plan ${administrator.edit({ ...document, users })}`;
		}),
};

const plan: Act = {
	name: "plan",
	group: "site",
	title: "Say when a person may come",
	parameters: [WHO, PLAN],
	perform: ({ administrator }, values) =>
		ofUser(administrator, whoOf(values), (who) => {
			const version = administrator.editUser(who, { accessPlans: [values.plan as AccessPlan] });
			return `${who} may come ${values.plan}: plan ${version}`;
		}),
};

const right: Act = {
	name: "right",
	group: "site",
	title: "Give a person a right, or pause them",
	parameters: [
		WHO,
		oneOf(
			"right",
			"Right",
			RIGHTS,
			RIGHTS.map((one) => RIGHT_WORDS[one]),
		),
		ON,
	],
	perform: ({ administrator }, values) =>
		ofUser(administrator, whoOf(values), (who) => {
			const which = values.right as Right;
			const version = administrator.editUser(who, { [which]: values.on === "yes" });
			return `${who} ${values.on === "yes" ? "" : "no longer "}${RIGHT_WORDS[which]}: plan ${version}`;
		}),
};

const revoke: Act = {
	name: "revoke",
	group: "site",
	title: "Revoke a credential for good",
	parameters: [WHO],
	keys: [{ key: "k", title: "the site revokes the valid phone", values: { who: "valid" } }],
	perform: ({ administrator, world }, values) => {
		const who = whoOf(values);
		if (administrator.user(who)?.credentials.every(({ revoked }) => revoked))
			return `${who} is revoked already`;
		const notice = administrator.revoke(who);
		return `the site revokes ${who}: notice ${notice}, plan ${world.server!.books.image(DOOR)!.version}`;
	},
};

const hours: Act = {
	name: "hours",
	group: "site",
	title: "Change the office hours",
	parameters: [
		oneOf("days", "Days", DAYS),
		whole("from", "From", [0, 23], 8, "h"),
		whole("to", "To", [1, 24], 18, "h"),
	],
	perform: ({ administrator }, values) => {
		const { document } = administrator;
		const { days, from, to } = values;
		if (Number(to) <= Number(from)) return "the office has to close after it opens";
		const week = values.days === "sat-sun" ? ["sat", "sun"] : [String(days)];
		const office = [{ days: week, from: clock(from), to: clock(to) }];
		const version = administrator.edit({ ...document, schedules: { ...document.schedules, office } });
		return `office hours are ${days} ${clock(from)}-${clock(to)}: plan ${version}`;
	},
};

const holiday: Act = {
	name: "holiday",
	group: "site",
	title: "Make a day a public holiday",
	parameters: [oneOf("day", "Day", ["today", "tomorrow"])],
	perform: ({ administrator, world }, values) => {
		const { document } = administrator;
		const ahead = values.day === "today" ? 0 : 86_400;
		const date = localTime(document, world.seconds + ahead).slice(0, 10);
		const days = document.holidays?.public ?? [];
		if (days.includes(date)) return `${date} is a holiday already`;
		const version = administrator.edit({ ...document, holidays: { public: [...days, date] } });
		return `${date} is a public holiday: plan ${version}`;
	},
};

const mode: Act = {
	name: "mode",
	group: "site",
	title: "Say how the door is, and when",
	parameters: [oneOf("mode", "Mode", DOOR_MODES), oneOf("when", "When", SCHEDULES)],
	perform: ({ administrator }, values) => {
		const { document } = administrator;
		const modes = [{ schedule: String(values.when), mode: values.mode as PlanMode }];
		const doors = { [DOOR]: { ...document.doors[DOOR], modes } };
		return `the door is ${values.mode} ${values.when}: plan ${administrator.edit({ ...document, doors })}`;
	},
};

const lockdown: Act = {
	name: "lockdown",
	group: "site",
	title: "Lock the site down",
	parameters: [whole("seconds", "For", [10, 3600], 300, "s")],
	keys: [{ key: "l", title: "the site locks down" }],
	perform: ({ world }, { seconds }) => {
		world.server!.books.lock([], Number(seconds));
		return `the site locks all its doors down for ${seconds} s: lockdown notice ${world.server!.books.lockdownSequence}`;
	},
};

const release: Act = {
	name: "release",
	group: "site",
	title: "End the lockdown",
	parameters: [],
	keys: [{ key: "r", title: "the site ends the lockdown" }],
	perform: ({ world }) => {
		world.server!.books.release();
		return "the site ends the lockdown";
	},
};

const command: Act = {
	name: "command",
	group: "site",
	title: "Command the door",
	parameters: [oneOf("what", "Command", COMMANDS), whole("seconds", "For", [0, 60], 5, "s")],
	keys: [{ key: "u", title: "the site opens" }],
	perform: (scene, values) => commanded(scene, String(values.what), Number(values.seconds)),
};

function commanded({ administrator, tell, world }: Scene, what: string, seconds: number): string {
	const said = world.time.now();
	administrator.command({ what, for: what === "open" || what === "identify" ? seconds : 0 }, (result) => {
		const answer = typeof result === "string" ? result : result.refusal;
		tell(`the door's answer to "${what}", after ${world.time.now() - said} ms: ${answer}`);
	});
	return `the site commands the door: ${what}`;
}

export const SITE_ACTS: readonly Act[] = Object.freeze([
	add,
	remove,
	plan,
	right,
	revoke,
	hours,
	holiday,
	mode,
	lockdown,
	release,
	command,
]);

/** What to say of a change to a person of the plan. */
function ofUser(administrator: Administrator, who: Named, change: (who: Named) => string): string {
	return administrator.user(who) === undefined ? `the plan does not have ${who}` : change(who);
}

function clock(hour: number | string | undefined): string {
	return `${String(hour).padStart(2, "0")}:00`;
}
