// SPDX-License-Identifier: Apache-2.0

import { readFileSync } from "node:fs";
import { type Static, type TUnsafe, Type } from "@fastify/type-provider-typebox";
import type {
	CredentialEntry,
	DoorEntry,
	HolidayEntry,
	IntervalEntry,
	PlanDocument,
	RuleEntry,
	UserEntry,
} from "../../lib/plan/document.js";
import type { PlanSettings } from "../content.js";
import { InvitationView, ReachView } from "../invitations/view.js";
import { USER_STATES, type UserState } from "../users/standing.js";
import { orNull } from "./schemas.js";

/** What the plan file's schema says of each of its parts: one definition for files, checks and the API's document. */
type Schema = { readonly [name: string]: unknown };

const file = JSON.parse(
	readFileSync(new URL("../../../../schema/plan.schema.json", import.meta.url), "utf8"),
) as Schema;
const definitions = file.definitions as Record<string, Schema>;

/** With its definitions in their places: routes have no file that references could point into. */
function resolved(value: unknown): unknown {
	if (Array.isArray(value)) return value.map(resolved);
	if (typeof value !== "object" || value === null) return value;
	const { $ref, ...rest } = value as Schema;
	if (typeof $ref !== "string")
		return Object.fromEntries(Object.entries(rest).map(([name, part]) => [name, resolved(part)]));
	return { ...(resolved(definitions[$ref.slice("#/definitions/".length)]) as Schema), ...rest };
}

const { definitions: _, $schema: __, $id: ___, ...plan } = resolved(file) as Schema & Record<string, unknown>;
const properties = plan.properties as Record<string, Schema>;
const partOf = (name: string): Schema => (properties[name] as Schema).additionalProperties as Schema;
const { credentials, ...userProperties } = ((properties.users as Schema).items as Schema)
	.properties as Record<string, Schema>;

/** A plan file without doors is one of a site that begins. */
const { minProperties: ____, ...doors } = properties.doors as Schema;

export const Plan: TUnsafe<PlanDocument> = Type.Unsafe<PlanDocument>({
	...plan,
	properties: { ...properties, doors },
});
export const AccessPlan: TUnsafe<RuleEntry[]> = Type.Unsafe<RuleEntry[]>(partOf("accessPlans"));
export const Schedule: TUnsafe<IntervalEntry[]> = Type.Unsafe<IntervalEntry[]>(partOf("schedules"));
export const Holidays: TUnsafe<HolidayEntry[]> = Type.Unsafe<HolidayEntry[]>(partOf("holidays"));
export const DoorPlan: TUnsafe<DoorEntry> = Type.Unsafe<DoorEntry>(partOf("doors"));
const settings = ["timeZone", "offline", "strictTime", "maxClockError", "listElsewhere"] as const;
export const Settings: TUnsafe<PlanSettings> = Type.Unsafe<PlanSettings>({
	type: "object",
	additionalProperties: false,
	required: ["timeZone"],
	properties: Object.fromEntries(settings.map((name) => [name, properties[name]])),
});

const address = {
	email: { type: "string", maxLength: 254 },
	phone: { type: "string", maxLength: 40 },
};
export interface UserBody extends Omit<UserEntry, "credentials"> {
	readonly email?: string;
	readonly phone?: string;
	readonly credentials?: UserEntry["credentials"];
}
const user = {
	...userProperties,
	name: { type: "string", minLength: 1, maxLength: 200 },
	...address,
	credentials,
};
export const UserBody: TUnsafe<UserBody> = Type.Unsafe<UserBody>({
	type: "object",
	additionalProperties: false,
	required: ["name", "accessPlans"],
	properties: user,
});
const { items } = credentials as { items: Schema };
export interface UserView extends UserBody {
	readonly id: string;
	readonly state: UserState;
	readonly invitation: InvitationView | null;
	readonly credentials: readonly (CredentialEntry & { readonly doors: Static<typeof ReachView> })[];
}
export const UserView: TUnsafe<UserView> = Type.Unsafe<UserView>({
	type: "object",
	required: ["id", "state", "name", "accessPlans", "credentials", "invitation"],
	properties: {
		id: { type: "string" },
		state: { type: "string", enum: USER_STATES },
		...user,
		credentials: {
			...credentials,
			items: { ...items, properties: { ...(items.properties as Schema), doors: ReachView } },
		},
		invitation: orNull(Type.Unsafe<InvitationView>({ ...InvitationView, description: "The newest" })),
	},
});
