/**
 * The Moddable SDK's own simulators start here (`mcconfig -d -m -p lin`, `mac`, `win`): the device's firmware, the models
 * of its chip and of phones in one process, on simulated time. The timeline of each tap goes to the trace.
 */
import "./globals.js";
import { PortableCrypto } from "../../hal/portable/crypto.js";
import { openDoor, type TapOptions, visit } from "../scenario.js";
import { formatTimeline } from "../timeline.js";

export default function main(): void {
	trace("Lintel: a site makes its keys and credentials; JavaScript crypto takes a while\n");
	const tap: TapOptions = { crypto: new PortableCrypto(), link: "nfc", phone: "valid", suite: 4, seed: 1 };
	const world = openDoor(tap);
	for (const phone of ["valid", "revoked", "stranger"] as const) {
		trace("\n");
		for (const line of formatTimeline(visit(world, { ...tap, phone }), false).split("\n")) trace(`${line}\n`);
	}
}
