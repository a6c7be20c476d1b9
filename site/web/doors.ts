// SPDX-License-Identifier: Apache-2.0

import { useEffect, useRef } from "preact/hooks";
import type { AlarmKind } from "../lib/alarm-kinds.js";
import { get } from "./api.js";
import { useFresh } from "./live.js";

/** What the API says of a door; docs/server.md and `/api/openapi.json` have more. */
export interface Door {
	readonly id: string;
	readonly name: string;
	readonly state: "has-it" | "waiting" | "unreachable" | "unregistered";
	readonly since: number | null;
	readonly lacks: readonly Lack[];
	readonly refused: { readonly at: number; readonly reason: string; readonly detail: string | null } | null;
	readonly lockdown: { readonly until: number } | null;
	readonly alarms: readonly AlarmKind[];
	/** Its log has two histories, until an administrator decides. */
	readonly fork: { readonly serial: number; readonly since: number } | null;
	readonly reader: { readonly key: string; readonly readerId: string; readonly registered: number } | null;
	readonly plan: {
		readonly newest: { readonly version: number; readonly issued: number } | null;
		readonly has: { readonly version: number; readonly at: number } | null;
	};
	readonly time: { readonly clock: number | null; readonly off: number | null; readonly at: number } | null;
	readonly log: {
		readonly here: number;
		readonly there: number | null;
		readonly at: number | null;
		readonly newest: number | null;
	};
	readonly health: {
		readonly at: number;
		readonly uptime: number;
		readonly signal: number | null;
		readonly failing: number;
	} | null;
	readonly settings: {
		readonly state: "waiting" | "taken" | "refused";
		readonly reason: string | null;
		readonly sounds: Sounds | null;
		readonly spread: number | null;
		readonly ssid: string | null;
	} | null;
}

export interface Lack {
	readonly what:
		| "all"
		| "site-list"
		| "trust-list"
		| "plan"
		| "notice"
		| "lockdown"
		| "settings"
		| "configuration"
		| "signature";
	readonly number?: number;
	readonly reason?: string;
}

export const SOUNDS = ["all", "alarms-only", "none"] as const;
export type Sounds = (typeof SOUNDS)[number];

export interface Alarm {
	readonly id: number;
	readonly kind: AlarmKind;
	readonly door: string;
	readonly at: number;
	readonly raised: number;
	readonly ended: number | null;
	readonly details: Readonly<Record<string, number>>;
	readonly acknowledged: { readonly at: number; readonly by: string; readonly name: string | null } | null;
}

/** Events that change what is said of doors. */
const DOOR_NEWS: readonly string[] = [
	...["hello", "health", "session", "heard", "silent", "refused", "answered", "outcome", "door"],
	...["alarm-raised", "alarm-ended", "alarm-acknowledged", "other-list", "two-readers"],
];

export async function loadDoors(): Promise<readonly Door[]> {
	return (await get<{ doors: readonly Door[] }>("/api/doors")).doors;
}

/** That a connection is gone is in no event: doors are looked at every so often, too, ms. */
const LOOK_MS = 10_000;

/** Reads anew what is said of doors, as they change. */
export function useDoorNews(again: () => Promise<unknown>): void {
	useFresh(DOOR_NEWS, again);
	const newest = useRef(again);
	newest.current = again;
	useEffect(() => {
		const timer = setInterval(() => void newest.current(), LOOK_MS);
		return () => clearInterval(timer);
	}, []);
}

/** As people call it. */
export function doorName({ id, name }: Pick<Door, "id" | "name">): string {
	return name === "" ? id : name;
}

export function doorPath(id: string): string {
	return `/doors/${encodeURIComponent(id)}`;
}

/** Options for a choice of a door, or of doors. */
export function doorOptions(doors: readonly Pick<Door, "id" | "name">[]): [string, string][] {
	return doors.map((door) => [door.id, doorName(door)]);
}
