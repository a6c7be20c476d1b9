// SPDX-License-Identifier: Apache-2.0

/**
 * What is said to Home Assistant, by its device discovery (home-assistant.io/integrations/mqtt, "Device discovery payload", since
 * 2024.12): one retained message a door that names its parts, and one with the state of all of them.
 */

import { siteLevel } from "../../../protocol/sync/topics.js";
import { version } from "../../lib/version.js";
import type { DoorState } from "./door-state.js";
import type { SiteDoor } from "./site-doors.js";

/** What a site allows to be said. */
export interface Published {
	readonly site: string;
	/** Home Assistant's discovery prefix. */
	readonly prefix: string;
	/** First level of the topics of states and commands. */
	readonly base: string;
	/** Whether people's names are said. */
	readonly people: boolean;
	/** Doors that take commands from there. */
	readonly commanded: ReadonlySet<string>;
}

type Part = Readonly<Record<string, unknown>> & { readonly platform: string };

/** Characters that a name is cut to; Home Assistant's states have 255 characters. */
const MAX_NAME = 128;

export const PAYLOADS = Object.freeze({
	online: "online",
	offline: "offline",
	open: "OPEN",
	unlock: "UNLOCK",
	lock: "LOCK",
	normal: "NORMAL",
} as const);

/** The server's own: offline by its last will. */
export function serverTopic({ base, site }: Published): string {
	return `${base}/${siteLevel(site)}/server`;
}

export function stateTopic(published: Published, door: string): string {
	return `${doorLevel(published, door)}/state`;
}

export function onlineTopic(published: Published, door: string): string {
	return `${doorLevel(published, door)}/online`;
}

export function commandTopic(published: Published, door: string): string {
	return `${doorLevel(published, door)}/command`;
}

/** What came of a command; not retained. */
export function answerTopic(published: Published, door: string): string {
	return `${doorLevel(published, door)}/answer`;
}

/** Home Assistant says here that it has started. */
export function birthTopic({ prefix }: Published): string {
	return `${prefix}/status`;
}

export function configTopic(published: Published, door: string): string {
	return `${published.prefix}/device/${deviceId(published, door)}/config`;
}

function doorLevel({ base, site }: Published, door: string): string {
	return `${base}/${siteLevel(site)}/${door}`;
}

/** Of letters, digits, `-` and `_`, and another for each door of each site. */
export function deviceId({ site }: Published, door: string): string {
	return `lintel_${plain(site)}__${plain(door)}`;
}

function plain(text: string): string {
	return text.replace(/[^A-Za-z0-9-]/gu, (character) => `_${character.codePointAt(0)!.toString(16)}_`);
}

/** The message of discovery. What a door no longer has is in it once more, without settings, where `removing`. */
export function discovery(published: Published, { id, name }: SiteDoor, removing = false): object {
	const device = deviceId(published, id);
	const components: Record<string, Part> = {};
	for (const [key, part] of Object.entries(partsOf(published, id)))
		components[key] = { ...part, unique_id: `${device}_${key}` };
	if (removing)
		for (const [key, { platform }] of Object.entries(partsOf(inverse(published, id), id)))
			components[key] ??= { platform };
	return {
		device: {
			...{ identifiers: [device], name: cut(name) || id },
			...{ manufacturer: "Lintel", model: "Door reader", model_id: id },
		},
		origin: { name: "lintel", sw_version: version },
		components,
		availability: [{ topic: serverTopic(published) }, { topic: onlineTopic(published, id) }],
		availability_mode: "all",
		qos: 1,
	};
}

/** Of which this door has all that it has not by `published`. */
function inverse(published: Published, door: string): Published {
	return {
		...published,
		people: !published.people,
		commanded: published.commanded.has(door) ? new Set() : new Set([door]),
	};
}

function partsOf(published: Published, door: string): Record<string, Part> {
	const state_topic = stateTopic(published, door);
	const told = (field: string, platform: string, settings: object): Part => ({
		...{ platform, state_topic, value_template: `{{ value_json.${field} }}` },
		...settings,
	});
	const sensor = (field: string, settings: object): Record<string, Part> => ({
		[field]: told(field, "sensor", settings),
	});
	const either = (field: string, settings: object): Record<string, Part> => ({
		[field]: told(field, "binary_sensor", settings),
	});
	return {
		// An entity of the class lock cannot be without a command topic: where none is taken, a sensor says the same.
		...(published.commanded.has(door)
			? {
					lock: told("lock", "lock", commandSettings(published, door)),
					normal: normalButton(published, door),
				}
			: either("unlocked", { name: null, device_class: "lock" })),
		...either("contact", { name: "Door", device_class: "door" }),
		...either("forced", { name: "Forced open", device_class: "safety" }),
		...either("held", { name: "Held open", device_class: "problem" }),
		...either("tamper", { name: "Tamper", device_class: "tamper" }),
		...either("fire", { name: "Fire", device_class: "safety" }),
		...either("lockdown", { name: "Lockdown" }),
		...either("fault", { name: "Input fault", device_class: "problem", entity_category: "diagnostic" }),
		...sensor("entry", { name: "Last entry", device_class: "timestamp" }),
		...(published.people && sensor("person", { name: "Last person" })),
	};
}

/** Never retained, so that a command is for those alone who hear it. */
function commandSettings(published: Published, door: string): object {
	return {
		...{ name: null, command_topic: commandTopic(published, door), optimistic: false, retain: false },
		...{ payload_lock: PAYLOADS.lock, payload_unlock: PAYLOADS.unlock, payload_open: PAYLOADS.open },
	};
}

function normalButton(published: Published, door: string): Part {
	return {
		...{ platform: "button", name: "As scheduled", command_topic: commandTopic(published, door) },
		...{ payload_press: PAYLOADS.normal, retain: false },
	};
}

/** The message of state, from which each part takes its own. "None": not known. */
export function stateOf({ people }: Published, state: DoorState): Readonly<Record<string, string>> {
	const { entry } = state;
	return {
		unlocked: onOff(state.unlocked),
		lock: state.unlocked === undefined ? "None" : state.unlocked ? "UNLOCKED" : "LOCKED",
		contact: onOff(state.open),
		forced: onOff(state.forced),
		held: onOff(state.held),
		tamper: onOff(state.tamper),
		fire: onOff(state.fire),
		lockdown: onOff(state.lockdown !== 0),
		fault: onOff(state.faults !== 0),
		entry: entry === undefined ? "None" : new Date(entry.at * 1000).toISOString(),
		...(people && { person: cut(entry?.person ?? "") || "None" }),
	};
}

function onOff(on: boolean | undefined): string {
	return on === undefined ? "None" : on ? "ON" : "OFF";
}

/** By characters, none of them cut in two. */
function cut(text: string): string {
	return [...text].slice(0, MAX_NAME).join("");
}
