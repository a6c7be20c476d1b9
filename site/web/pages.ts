// SPDX-License-Identifier: Apache-2.0

import type { ComponentType } from "preact";
import type { Role } from "./me.js";
import { Account } from "./pages/account.js";
import { Administrators } from "./pages/administrators.js";
import { Alarms } from "./pages/alarms.js";
import { Audit } from "./pages/audit.js";
import { Doors } from "./pages/doors.js";
import { Events } from "./pages/events.js";
import { Invitations } from "./pages/invitations.js";
import { Plans } from "./pages/plans.js";
import { Privacy } from "./pages/privacy.js";
import { Schedules } from "./pages/schedules.js";
import { Start } from "./pages/start.js";
import { Tokens } from "./pages/tokens.js";
import { Users } from "./pages/users.js";
import { Visitors } from "./pages/visitors.js";
import { later } from "./parts/later.js";
import type { shellWords } from "./words/shell.js";

export interface PageProps {
	/** Segments of the address behind the page's own: of `/users/7` there is "7". */
	readonly rest: readonly string[];
}

export interface Page {
	/** Its first segment; "" is the start. */
	readonly path: string;
	/** Of its name in `words/shell.ts`. */
	readonly name: keyof ReturnType<typeof shellWords>["pages"];
	readonly component: ComponentType<PageProps>;
	/** Who may see it, and has it in the menu. */
	readonly role: Role;
	/** Elsewhere than in the menu. */
	readonly isApart?: true;
}

const FirstRun = later(async () => (await import("./pages/first-run.js")).FirstRun);
const AddDoorPage = later(async () => (await import("./pages/add-door.js")).AddDoorPage);
const Settings = later(async () => (await import("./pages/settings.js")).Settings);
const Keys = later(async () => (await import("./pages/keys.js")).Keys);

/** In the order of the menu. */
export const PAGES: readonly Page[] = Object.freeze([
	{ path: "", name: "start", component: Start, role: "viewer" },
	{ path: "users", name: "users", component: Users, role: "viewer" },
	{ path: "invitations", name: "invitations", component: Invitations, role: "viewer" },
	{ path: "visitors", name: "visitors", component: Visitors, role: "viewer" },
	{ path: "plans", name: "plans", component: Plans, role: "viewer" },
	{ path: "schedules", name: "schedules", component: Schedules, role: "viewer" },
	{ path: "doors", name: "doors", component: Doors, role: "viewer" },
	{ path: "events", name: "events", component: Events, role: "viewer" },
	{ path: "alarms", name: "alarms", component: Alarms, role: "viewer" },
	{ path: "keys", name: "keys", component: Keys, role: "viewer" },
	{ path: "start", name: "firstRun", component: FirstRun, role: "administrator", isApart: true },
	{ path: "add-door", name: "addDoor", component: AddDoorPage, role: "administrator", isApart: true },
	{ path: "administrators", name: "administrators", component: Administrators, role: "administrator" },
	{ path: "tokens", name: "tokens", component: Tokens, role: "owner" },
	{ path: "audit", name: "audit", component: Audit, role: "administrator" },
	{ path: "privacy", name: "privacy", component: Privacy, role: "administrator" },
	{ path: "settings", name: "settings", component: Settings, role: "administrator" },
	{ path: "account", name: "account", component: Account, role: "viewer", isApart: true },
]);
