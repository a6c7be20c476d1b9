// SPDX-License-Identifier: Apache-2.0

import { DOOR_SETTINGS } from "../../cli/settings.js";
import { DEFAULT_DOOR, DOOR_FIELDS, type DoorField } from "../../protocol/config/door.js";
import { CAUSES, type DoorCommand, EVENTS, eventName } from "../../protocol/events.js";
import type { PlanMode } from "../../protocol/plan/tables.js";
import { Door } from "../../src/door/door.js";
import { SIGNALS } from "../../src/door/feedback.js";

/** One thing that can happen to a door. */
interface Input {
	readonly name: string;
	/** Milliseconds since the input before; `PASSES` where it does not matter. */
	readonly passes?: number;
	act(door: Door, now: number): void;
}

/** After an opening and its bounces, and before it is called forced. */
const PASSES = 700;

const PLAIN = { extended: false, firstPerson: false, passageMode: false };
const FIRST = { ...PLAIN, firstPerson: true };
const PASSAGE = { ...PLAIN, passageMode: true };
const ANN = new Uint8Array(8);

const LEAF_INPUTS: readonly Input[] = [
	{ name: "granted", act: (door, now) => void door.grant(now, PLAIN, ANN) },
	{ name: "exit", act: press },
	{ name: "opens", act: (door, now) => door.position(now, true) },
	{ name: "closes", act: (door, now) => door.position(now, false) },
	{ name: "1 s passes", passes: 1000, act: (door, now) => door.advance(now) },
	{ name: "5.5 s pass", passes: 5500, act: (door, now) => door.advance(now) },
	{ name: "15 s pass", passes: 15_000, act: (door, now) => door.advance(now) },
];

const command = (name: DoorCommand): Input => ({
	name: `command ${name}`,
	act: (door, now) => void door.command(now, name),
});
const schedule = (mode: PlanMode): Input => ({
	name: `schedule ${mode}`,
	act: (door, now) => door.schedule(now, mode),
});

const MODE_INPUTS: readonly Input[] = [
	schedule("unlocked"),
	schedule("unlocked-after-first"),
	schedule("admit-after-first"),
	schedule("locked"),
	{ name: "first person granted", act: (door, now) => void door.grant(now, FIRST, ANN) },
	{
		name: "double tap",
		act: (door, now) => {
			door.grant(now, PASSAGE, ANN);
			door.grant(now + 500, PASSAGE, ANN);
		},
	},
	command("unlock"),
	command("lock"),
	command("normal"),
	command("lockdown"),
	command("release"),
	// After the command, so that the state "lockdown" is one that a command ends.
	schedule("lockdown"),
	{ name: "fire", act: (door, now) => door.fire(now, true) },
	{ name: "fire ends", act: (door, now) => door.fire(now, false) },
];

function press(door: Door, now: number): void {
	door.exit(now, true);
	door.exit(now + 300, false);
}

export interface Transition {
	readonly from: string;
	readonly input: string;
	readonly to: string;
	readonly events: readonly string[];
}

/**
 * Every state that the inputs reach from a closed and locked door, and what each input does in it: found by running the
 * door itself. `look` names the state; the shortest way there stands for it.
 */
function explore(inputs: readonly Input[], look: (door: Door) => string): Transition[] {
	const ways = new Map<string, readonly Input[]>([[look(new Door(DEFAULT_DOOR, () => {})), []]]);
	const transitions: Transition[] = [];
	for (const [from, way] of ways) {
		for (const input of inputs) {
			const events: string[] = [];
			let recording = false;
			const door = new Door(DEFAULT_DOOR, (kind, detail) => {
				if (recording) events.push(named(kind, detail));
			});
			let now = 0;
			const take = (step: Input): void => {
				now += step.passes ?? PASSES;
				step.act(door, now);
			};
			for (const step of way) take(step);
			recording = true;
			take(input);
			const to = look(door);
			transitions.push({ from, input: input.name, to, events });
			if (!ways.has(to)) ways.set(to, [...way, input]);
		}
	}
	return transitions;
}

function named(kind: number, detail: number): string {
	const caused = kind === EVENTS["door-opened"] || kind === EVENTS.unlocked;
	const cause = Object.entries(CAUSES).find(([, code]) => code === detail)?.[0];
	return caused ? `${eventName(kind)} (${cause})` : (eventName(kind) ?? String(kind));
}

export function leafTransitions(): Transition[] {
	return explore(LEAF_INPUTS, (door) => door.leaf);
}

export function modeTransitions(): Transition[] {
	return explore(MODE_INPUTS, (door) => {
		const { lockdown, mode, passageMode } = door;
		if (mode === "evacuation") return lockdown ? "evacuation, lockdown waiting" : "evacuation";
		if (mode === "unlocked" && passageMode) return "passage mode";
		if (mode === "unlocked" && door.firstPersonIn) return "unlocked, first person in";
		return mode;
	});
}

function rows(transitions: readonly Transition[]): string {
	return transitions
		.filter(({ events, from, to }) => from !== to || events.length > 0)
		.map(({ events, from, input, to }) => `| ${from} | ${input} | ${to} | ${events.join(", ")} |`)
		.join("\n");
}

function diagram(transitions: readonly Transition[]): string {
	const arrows = new Map<string, string[]>();
	for (const { from, input, to } of transitions) {
		if (from === to) continue;
		const key = `\t${from} --> ${to}`;
		arrows.set(key, [...(arrows.get(key) ?? []), input]);
	}
	return [...arrows].map(([arrow, inputs]) => `${arrow}: ${inputs.join(", ")}`).join("\n");
}

function signals(): string {
	return Object.entries(SIGNALS)
		.map(([signal, { colour, light, sound, repeat, tone }]) => {
			const flash = light.length === 0 ? "steady" : `${light.join("/")} ms`;
			const heard =
				sound.length === 0 ? "silent" : `${sound.join("/")} ms at ${tone} Hz${repeat ? ", repeated" : ""}`;
			return `| ${signal} | ${colour} | ${flash} | ${heard} |`;
		})
		.join("\n");
}

function settings(): string {
	return Object.entries(DOOR_FIELDS)
		.map(([field, allowed]) => {
			const range = "choices" in allowed ? allowed.choices.join(", ") : `${allowed.min} to ${allowed.max} s`;
			const unit = "choices" in allowed ? "" : " s";
			return `| \`${field}\` | ${DOOR_SETTINGS[field as DoorField]} | ${allowed.default}${unit} | ${range} |`;
		})
		.join("\n");
}

/** The parts of docs/door.md that the code makes, by the name in their markers. */
export function generated(): Readonly<Record<string, string>> {
	const head = "| in | when | then | logs |\n|---|---|---|---|\n";
	return {
		leaf: head + rows(leafTransitions()),
		diagram: `\`\`\`mermaid\nstateDiagram-v2\n\t[*] --> closed\n${diagram(leafTransitions())}\n\`\`\``,
		modes: head + rows(modeTransitions()),
		signals: `| signal | colour | light on/off | sound on/off |\n|---|---|---|---|\n${signals()}`,
		settings: `| setting | is | default | may be |\n|---|---|---|---|\n${settings()}`,
	};
}

/** `text` with every part between `<!-- NAME -->` and `<!-- end NAME -->` made anew. Throws where a marker is missing. */
export function renew(text: string, parts: Readonly<Record<string, string>>): string {
	let result = text;
	for (const [name, part] of Object.entries(parts)) {
		const begin = `<!-- ${name} -->\n`;
		const end = `\n<!-- end ${name} -->`;
		const from = result.indexOf(begin);
		const to = result.indexOf(end);
		if (from < 0 || to < from) throw new Error(`no markers for ${name}`);
		result = result.slice(0, from + begin.length) + part + result.slice(to);
	}
	return result;
}

/** docs/door.md brought up to date with the code. */
export function withTables(text: string): string {
	return renew(text, generated());
}
