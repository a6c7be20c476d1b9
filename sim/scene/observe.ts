// SPDX-License-Identifier: Apache-2.0

import type { Link } from "../../protocol/events.js";
import type { FlashChange } from "../flash.js";
import type { TraceEntry } from "../pn532/trace.js";
import { type CryptoCall, callOf } from "../told-crypto.js";
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
			/** Which phone. */
			readonly who: string;
			readonly bytes: Uint8Array;
	  }
	/** A code at the scanner. */
	| { readonly kind: "code"; readonly at: number; readonly text: string }
	/** A phone or card has come to the reader, or has gone. */
	| {
			readonly kind: "present";
			readonly at: number;
			readonly who: string;
			readonly by: Link;
			readonly came: boolean;
	  }
	/** The reader has computed until `at`, for so long. */
	| {
			readonly kind: "compute";
			readonly at: number;
			/** The native call that it began with; absent: the firmware's own code. */
			readonly call: CryptoCall | undefined;
			readonly micros: number;
	  }
	/** A line of the reader's trace. */
	| { readonly kind: "trace"; readonly at: number; readonly text: string }
	| { readonly kind: "relay"; readonly at: number; readonly on: boolean }
	| { readonly kind: "flash"; readonly at: number; readonly partition: string; readonly change: FlashChange }
	/** The broker was given this. */
	| { readonly kind: "network"; readonly at: number; readonly topic: string; readonly data: Uint8Array };

export type Observe = (observation: Observation) => void;

/** Tells what is seen in a world, as it happens. What phones exchange is told by `Visitors`. */
export function observeWorld(world: World, now: () => number, observe: Observe): void {
	const { board, broker, door, flash, time } = world;
	board.trace.onEntry = (entry) => observe({ ...entry, kind: "bus", at: entry.at + now() - time.micros });
	world.onStretch = (stretch, _, micros) => {
		const call = callOf(stretch.slice(0, stretch.indexOf(">")));
		if (micros > 0) observe({ kind: "compute", at: now(), call, micros });
	};
	world.onTrace = (text) => observe({ kind: "trace", at: now(), text });
	door.relay.watch(() => observe({ kind: "relay", at: now(), on: door.relay.on }));
	broker.onPublish = ({ topic, data }) => observe({ kind: "network", at: now(), topic, data });
	for (const [partition, memory] of Object.entries(flash))
		memory.onChange = (change) => observe({ kind: "flash", at: now(), partition, change });
}
