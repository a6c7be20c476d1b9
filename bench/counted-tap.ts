// SPDX-License-Identifier: Apache-2.0

/** One tap in a world whose firmware counts what it does. */

import type { Radio } from "../sim/scenario.js";
import type { World } from "../sim/world.js";

/** How long a tap and what it leaves to do may take, ms. */
const AFTER_MS = 6000;

export interface Counted {
	readonly world: World;
	readonly engine: { /** Of the firmware, since its start. */ instructions(): number };
}

export interface Mark {
	readonly name: string;
	readonly instructions: number;
}

export function between(marks: readonly Mark[], from: string, to: string): number {
	const at = (name: string) => marks.find((mark) => mark.name === name)!.instructions;
	return at(to) - at(from);
}

export function wholeTap(marks: readonly Mark[]): number {
	return between(marks, "start", "message_4, release");
}

export function afterMessage3(marks: readonly Mark[]): number {
	return between(marks, "message_1 to message_2", "message_3 to relay on");
}

/**
 * One tap of the valid phone, and the instructions of the firmware up to each of its points. It has a new credential, which the reader has to
 * verify as a stranger's; `again`: the one of the tap before.
 */
export function tap(
	{ world, engine }: Counted,
	link: Radio,
	{ again = false, onCame }: { readonly again?: boolean; readonly onCame?: () => void } = {},
): readonly Mark[] {
	if (!again) world.people.valid = world.site.renewed(world.people.valid);
	const marks: Mark[] = [];
	const mark = (name: string): void => {
		marks.push({ name, instructions: engine.instructions() });
	};
	let relay = false;
	world.door.relay.watch(() => {
		if (world.door.relay.on && !relay) mark("message_3 to relay on");
		relay = true;
	});
	world.phones.results.length = 0;
	world.time.run(250);
	onCame?.();
	const leave = link === "nfc" ? presentNfc(world, mark) : connectBle(world, mark);
	if (!world.time.runUntil(() => world.phones.results.length > 0, AFTER_MS)) throw new Error("no decision");
	world.time.run(50);
	mark("message_4, release");
	leave();
	world.time.run(AFTER_MS);
	mark("after");
	const [result] = world.phones.results;
	if (result?.kind !== "decision" || !result.decision?.granted) throw new Error("the tap was denied");
	return marks;
}

function presentNfc(world: World, mark: (name: string) => void): () => void {
	const names = ["phone found, SELECT", "message_1 to message_2"];
	mark("start");
	const phone = world.phones.nfc("valid", () => {
		const name = names.shift();
		if (name !== undefined) mark(name);
	});
	world.board.field.present(phone);
	return () => world.board.field.remove(phone);
}

/** A frame's first byte has this bit in the last frame of a message (docs/PROTOCOL.md). */
const LAST = 0x40;

function connectBle(world: World, mark: (name: string) => void): () => void {
	// The reader is at work between the last frame of one message and that of the next.
	const names = ["phone connected, message_1 received", "", "message_1 to message_2"];
	const phone = world.phones.ble("valid", {
		onFrame: (_, frame) => {
			if ((frame[0]! & LAST) === 0) return;
			const name = names.shift();
			if (name) mark(name);
		},
	});
	phone.start();
	// Until then the phone scans, and the reader polls for cards as ever.
	if (!world.time.runUntil(() => phone.times.connected > 0, AFTER_MS)) throw new Error("no connection");
	mark("start");
	return () => undefined;
}
