// SPDX-License-Identifier: Apache-2.0

import { toHex, utf8Encode } from "../../protocol/bytes.js";
import { parseTimeZone } from "../../protocol/plan/tz.js";
import { compileImage } from "../../site/lib/plan/compile.js";
import type { PlanDocument, UserEntry } from "../../site/lib/plan/document.js";
import type { CommandResult, DoorCommand } from "../../site/lib/sync/door-command.js";
import { DOOR } from "../commission.js";
import type { People, PhoneKind } from "../people.js";
import type { World } from "../world.js";

/** Whom the site's plan can name: another site's phone it does not know. */
export const NAMED = Object.freeze(["valid", "revoked", "expired", "stranger"] as const);
export type Named = (typeof NAMED)[number] & PhoneKind;

/** When a person may come: the plan's access plans. */
export const ACCESS_PLANS = Object.freeze(["always", "office", "weekend", "never"] as const);
export type AccessPlan = (typeof ACCESS_PLANS)[number];

/** What a person may be given besides. */
export const RIGHTS = Object.freeze(["suspended", "extended", "firstPerson", "override"] as const);
export type Right = (typeof RIGHTS)[number];

/** Who commands, in the door's log: 8 bytes. */
const BY = utf8Encode("office 1");

/** The plan with which a scene begins. Its hours are those of Vienna. */
export function firstDocument(site: string, people: People): PlanDocument {
	const user = (name: Named): UserEntry => ({
		name,
		accessPlans: ["always"],
		credentials: [credential(name)],
	});
	const credential = (name: Named) => ({ id: toHex(people[name].id), revoked: name === "revoked" });
	return {
		site,
		timeZone: "CET-1CEST,M3.5.0,M10.5.0/3",
		holidays: { public: ["01-01", "05-01", "12-25", "12-26"] },
		schedules: {
			office: [{ days: ["mon-fri"], from: "08:00", to: "18:00" }],
			weekend: [{ days: ["sat", "sun"], holidays: ["public"], from: "00:00", to: "24:00" }],
		},
		accessPlans: Object.fromEntries(ACCESS_PLANS.map((name) => [name, [{ schedule: name }]])),
		doors: { [DOOR]: { defaultMode: "locked" } },
		users: [user("valid"), user("revoked"), user("expired")],
	};
}

/** "2026-06-01T12:00:00" in the plan's time zone. */
export function localTime({ timeZone }: PlanDocument, seconds: number): string {
	const offset = parseTimeZone(timeZone)!.offsetAt(seconds);
	return new Date((seconds + offset) * 1000).toISOString().slice(0, 19);
}

/** Who has the site's plan and changes it, as its page or its command line would: the books of its server do the rest. */
export class Administrator {
	document: PlanDocument;
	readonly #world: World;

	/** For a world with a server, whose plan is `document`. */
	constructor(world: World, document: PlanDocument) {
		this.#world = world;
		this.document = document;
	}

	user(name: string): UserEntry | undefined {
		return this.document.users.find((user) => user.name === name);
	}

	/** The plan as it is from now on, as the door's next version. Throws `PlanDocumentError`, and leaves it as it was. */
	edit(document: PlanDocument): number {
		const { books } = this.#world.server!;
		const { version } = books.image(DOOR)!;
		const image = compileImage(document, {
			...{ door: DOOR, version: version + 1, issued: this.#world.seconds },
		});
		this.document = document;
		books.setPlan(image);
		return image.version;
	}

	/** Changes one person's entry. */
	editUser(name: string, change: Partial<UserEntry>): number {
		const users = this.document.users.map((user) => (user.name === name ? { ...user, ...change } : user));
		return this.edit({ ...this.document, users });
	}

	/** Takes a person's credential back for good, by a notice to all readers; the sequence of the notice. */
	revoke(name: Named): number {
		const { people, server } = this.#world;
		const users = this.document.users.map((user) =>
			user.name === name
				? { ...user, credentials: user.credentials.map(({ id }) => ({ id, revoked: true })) }
				: user,
		);
		this.document = { ...this.document, users };
		server!.books.revoke([people[name].id]);
		return server!.books.notice;
	}

	/** Commands the door, in its session or not at all. */
	command(command: Omit<DoorCommand, "by">, done: (result: CommandResult) => void): void {
		this.#world.server!.sync.command(DOOR, { ...command, by: BY }, done);
	}
}
