// SPDX-License-Identifier: Apache-2.0

import type { World } from "../../world.js";

/** A mistake in the wires of a reader, or their mending. */
export interface Wiring {
	readonly does: string;
	readonly set: (world: World) => void;
}

export const WIRING = Object.freeze({
	"irq-cut": {
		does: "the PN532's interrupt wire is broken",
		set: ({ board }) => {
			board.faults.irqStuck = true;
		},
	},
	"contact-cut": {
		does: "the wire of the door's contact is cut",
		set: ({ panel }) => {
			panel.position.wires = "cut";
		},
	},
	"contact-short": {
		does: "the wires of the door's contact touch each other",
		set: ({ panel }) => {
			panel.position.wires = "shorted";
		},
	},
	"exit-short": {
		does: "the wires of the exit button touch each other",
		set: ({ panel }) => {
			panel.exit.wires = "shorted";
		},
	},
	"exit-cut": {
		does: "the wire of the exit button is cut",
		set: ({ panel }) => {
			panel.exit.wires = "cut";
		},
	},
	"lock-swapped": {
		does: "the lock hangs on the relay's other contact: open at rest, which the reader cannot feel",
		set: ({ door }) => {
			door.otherContact = true;
		},
	},
	"lock-dead": {
		does: "the lock has no supply, which the reader cannot feel",
		set: ({ door }) => {
			door.lockPower = false;
		},
	},
	"clock-cut": {
		does: "the clock chip's wire is cut",
		set: ({ clockChip }) => {
			clockChip.faults.absent = true;
		},
	},
	"clock-stuck": {
		does: "the clock chip holds its bus low",
		set: ({ clockChip }) => {
			clockChip.faults.stuck = true;
		},
	},
	whole: {
		does: "the wires are as the plan of the installer has them",
		set: ({ board, clockChip, door, panel }) => {
			board.faults.irqStuck = false;
			Object.assign(clockChip.faults, { absent: false, stuck: false });
			Object.assign(door, { otherContact: false, lockPower: true });
			panel.position.wires = "whole";
			panel.exit.wires = "whole";
		},
	},
} as const satisfies Readonly<Record<string, Wiring>>);
