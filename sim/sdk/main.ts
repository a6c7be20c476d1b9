/**
 * The Moddable SDK's own simulators start here (`mcconfig -d -m -p lin`, `mac`, `win`): in this machine a world with the
 * models of chip, phones and door, on simulated time; in one beside it the device's firmware, with a device's memory. The
 * timeline of each tap goes to the trace, and then what the firmware needed.
 */
import "./globals.js";
import config from "mc/config";
import { PortableCrypto } from "../../hal/crypto/js/crypto.js";
import { timed } from "../cost-model.js";
import { openDoor, type TapOptions, visit } from "../scenario.js";
import { formatTimeline } from "../timeline.js";
import { type Creation, MachineBus } from "./bus.js";
import { machine } from "./machine.js";
import { QuickCrypto } from "./quick-crypto.js";

/** What the manifest gives a device; a chunk's headers and pointers are twice as long here as on its 32 bits. */
function creation(): Creation {
	const { chunk, heap, stack } = config.device as Creation;
	return { chunk: 2 * chunk, heap, stack };
}

export default function main(): void {
	try {
		visits();
	} catch (error) {
		// The engine says no more of it than that there was one.
		trace(`${error}\n`);
		throw error;
	}
}

function visits(): void {
	trace("Lintel: a site makes its keys and credentials; JavaScript crypto takes a while\n");
	const portable = new PortableCrypto();
	const tap: TapOptions = {
		crypto: new QuickCrypto(),
		link: "nfc",
		phone: "valid",
		suite: 4,
		seed: 1,
		start: (platform, setup, spend) => {
			const own = { ...platform, crypto: timed(portable, spend) };
			new MachineBus(() => platform.clock.now()).start(own, setup!, creation());
			return undefined;
		},
	};
	const world = openDoor(tap);
	for (const phone of ["valid", "revoked", "stranger"] as const) {
		trace("\n");
		for (const line of formatTimeline(visit(world, { ...tap, phone }), false).split("\n")) trace(`${line}\n`);
		const [slots, allSlots, chunks, allChunks, stack, allStack] = machine.figures();
		trace(
			`the firmware's machine: ${slots} of ${allSlots} slots, ${chunks} of ${allChunks} bytes of chunks, ` +
				`at most ${stack} of ${allStack} slots of stack\n`,
		);
	}
}
