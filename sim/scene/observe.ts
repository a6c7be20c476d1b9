// SPDX-License-Identifier: Apache-2.0

import type { Operation } from "../cost-model.js";
import type { TraceEntry } from "../pn532/trace.js";
import type { World } from "../world.js";

/** One thing that was seen in the world, at a µs of the scene. */
export type Observation =
	/** On the PN532's bus (host, chip), in its field (reader, card), or at a pin. */
	| ({ readonly kind: "bus" } & TraceEntry)
	/** A command-response pair of a tap, as the phone's app had it; `at`: when it had the command. */
	| {
			readonly kind: "apdu";
			readonly at: number;
			readonly command: Uint8Array;
			readonly response: Uint8Array;
	  }
	/** A frame of a transaction over Bluetooth, as the phone gave or got it. */
	| {
			readonly kind: "frame";
			readonly at: number;
			readonly from: "phone" | "reader";
			readonly bytes: Uint8Array;
	  }
	/** The reader has computed until `at`, for so long. */
	| {
			readonly kind: "compute";
			readonly at: number;
			readonly operation: Operation;
			readonly micros: number;
	  }
	/** A line of the reader's trace. */
	| { readonly kind: "trace"; readonly at: number; readonly text: string }
	| { readonly kind: "relay"; readonly at: number; readonly on: boolean };

export type Observe = (observation: Observation) => void;

/** Tells what is seen in a world, as it happens. What phones exchange is told by `Visitors`. */
export function observeWorld(world: World, now: () => number, observe: Observe): void {
	const { board, door, time } = world;
	board.trace.onEntry = (entry) => observe({ ...entry, kind: "bus", at: entry.at + now() - time.micros });
	world.onCompute = (operation, micros) => observe({ kind: "compute", at: now(), operation, micros });
	world.onTrace = (text) => observe({ kind: "trace", at: now(), text });
	door.relay.watch(() => observe({ kind: "relay", at: now(), on: door.relay.on }));
}
