// SPDX-License-Identifier: Apache-2.0

import { get } from "./api.js";

/** What the API says of people and their invitations; docs/server.md and `/api/openapi.json` have more. */
export interface User {
	readonly id: string;
	readonly name: string;
	readonly email?: string;
	readonly phone?: string;
	readonly state: UserState;
	readonly accessPlans: readonly string[];
	/** A day, or a day with a local time. */
	readonly from?: string;
	readonly until?: string;
	readonly suspended?: boolean;
	readonly extended?: boolean;
	readonly firstPerson?: boolean;
	readonly override?: boolean;
	readonly grace?: boolean;
	readonly credentials: readonly Credential[];
	/** The newest. */
	readonly invitation?: Invitation | null;
}

export type UserState = "active" | "paused" | "early" | "ended" | "no-credential";
export const USER_STATES: readonly UserState[] = ["active", "paused", "early", "ended", "no-credential"];

export interface Credential {
	/** 16 hexadecimal digits. */
	readonly id: string;
	readonly revoked?: boolean;
	readonly from?: string;
	readonly until?: string;
	readonly doors?: Reach;
}

/** At how many doors it is as it has to be. */
export interface Reach {
	readonly has: number;
	readonly of: number;
	/** Ids of doors. */
	readonly waiting: readonly string[];
}

export const WAYS = ["email", "sms", "link"] as const;
export type Way = (typeof WAYS)[number];

export const INVITATION_STATES = [
	"draft",
	"queued",
	"sent",
	"delivered",
	"bounced",
	"opened",
	"accepted",
	"active",
	"expired",
	"withdrawn",
] as const;
export type InvitationState = (typeof INVITATION_STATES)[number];

export interface Invitation {
	readonly id: string;
	readonly user: string;
	/** The user's; null: was removed. */
	readonly name: string | null;
	readonly by: Way;
	readonly state: InvitationState;
	/** Why it bounced, in the transport's words. */
	readonly reason: string | null;
	/** Seconds since 1970. */
	readonly made: number;
	readonly until: number;
	readonly doors: Reach | null;
	/** Of one to hand over, as it was made. */
	readonly link?: string | null;
}

/** Whether its link is still good for a phone, or would be if it had arrived. */
export function isOpen({ state }: Invitation): boolean {
	return ["draft", "queued", "sent", "delivered", "bounced", "opened"].includes(state);
}

export async function planNames(): Promise<string[]> {
	return Object.keys(await get<Readonly<Record<string, unknown>>>("/api/plan/accessPlans"));
}

export function pathOf({ id }: Pick<User, "id">): string {
	return `/users/${encodeURIComponent(id)}`;
}
