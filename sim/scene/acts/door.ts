// SPDX-License-Identifier: Apache-2.0

/** What a person does at the door itself. */
import type { Act } from "../act.js";

/** How long a hand presses request-to-exit, ms. */
const PRESS_MS = 300;

const CONTACTS = ["tamper", "fire", "lockdown"] as const;
const WORDS = {
	tamper: { on: "the reader's housing is opened", off: "the reader's housing is shut" },
	fire: { on: "the fire panel reports a fire", off: "the fire panel is quiet again" },
	lockdown: { on: "the lockdown button is pressed", off: "the lockdown button is released" },
} as const;

export const DOOR_ACTS: readonly Act[] = [
	{
		name: "pull",
		group: "door",
		title: "Pull the door",
		parameters: [],
		keys: [{ key: "o", title: "pull the door" }],
		perform: ({ world }) => (world.door.pull() ? "the door opens" : "the door is locked"),
	},
	{
		name: "handle",
		group: "door",
		title: "Open by the handle inside",
		parameters: [],
		keys: [{ key: "h", title: "open by the handle inside" }],
		perform: ({ world }) => {
			world.door.pull(true);
			return "the door is opened by the handle inside";
		},
	},
	{
		name: "shut",
		group: "door",
		title: "Shut the door",
		parameters: [],
		keys: [{ key: "c", title: "shut the door" }],
		perform: ({ world }) => {
			world.door.shut();
			return "the door is shut";
		},
	},
	{
		name: "force",
		group: "door",
		title: "Break the door open",
		parameters: [],
		keys: [{ key: "b", title: "break the door open" }],
		perform: ({ world }) => {
			world.door.force();
			return "the door is forced with a crowbar";
		},
	},
	{
		name: "exit",
		group: "door",
		title: "Request-to-exit",
		parameters: [],
		keys: [{ key: "x", title: "press request-to-exit" }],
		perform: ({ world }) => {
			world.door.press(true);
			world.time.after(PRESS_MS * 1000, () => world.door.press(false));
			return "request-to-exit is pressed inside";
		},
	},
	{
		name: "contact",
		group: "door",
		title: "Other contacts",
		parameters: [
			{ name: "which", title: "Contact", choices: CONTACTS, default: "fire" },
			{ name: "state", title: "State", choices: ["on", "off"], default: "on" },
		],
		perform: ({ world }, values) => {
			const which = values.which as (typeof CONTACTS)[number];
			const state = values.state as "on" | "off";
			world.door.set(which === "tamper" ? "tampered" : which, state === "on");
			return WORDS[which][state];
		},
	},
	{
		name: "power",
		group: "door",
		title: "Power of the reader",
		parameters: [{ name: "state", title: "State", choices: ["switch", "on", "off"], default: "switch" }],
		keys: [{ key: "p", title: "cut or restore the power" }],
		perform: ({ world }, { state }) => {
			const on = state === "switch" ? !world.powered : state === "on";
			if (on === world.powered) return `power is ${on ? "on" : "off"} already`;
			if (on) world.powerOn();
			else world.powerOff();
			return on ? "power comes back" : "power is cut";
		},
	},
];
