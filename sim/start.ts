/**
 * The simulator: `npm start`. Prints one tap as a timeline; then, on a terminal, a door to play with.
 */
import { parseArgs } from "node:util";
import { NodeCrypto } from "../hal/node/crypto.js";
import { invitation } from "./invitation.js";
import { runTap } from "./scenario.js";
import { startTerminal } from "./terminal.js";
import { formatTimeline } from "./timeline.js";
import { World } from "./world.js";

const { values } = parseArgs({
	options: {
		seed: { type: "string", default: "1" },
		pn532: { type: "string" },
		ble: { type: "boolean", default: false },
		factory: { type: "boolean", default: false },
		baud: { type: "string", default: "115200" },
		engine: { type: "string", default: "node" },
	},
});
const seed = Number(values.seed);
if (!Number.isSafeInteger(seed) || seed < 0) {
	process.stderr.write("start: --seed must be a whole number\n");
	process.exit(1);
}
if (values.engine !== "node" && !(values.engine === "xs" && values.factory)) {
	process.stderr.write("start: --engine is node, or xs with --factory\n");
	process.exit(1);
}
const crypto = new NodeCrypto();

if (values.pn532 !== undefined) {
	const { startHardware } = await import("./hardware.js");
	startHardware({ crypto, seed, port: values.pn532, baud: Number(values.baud) });
} else if (values.ble) {
	const ble = await import("../hal/node/ble.js");
	try {
		const bleno = await ble.findBluetooth();
		const near = ble.tellsSignal(bleno);
		const given = JSON.stringify(invitation(new World({ crypto, seed }), "valid"));
		process.stdout.write(
			`The reader advertises by this computer's Bluetooth. A phone's invitation (docs/phone-app.md):\n${given}\n${
				near
					? "It opens for a phone that is held near, and for a tap in its app.\n"
					: "It opens for a tap in the phone's app: this computer tells nobody how near a phone is.\n"
			}`,
		);
		startTerminal({
			crypto,
			seed,
			bluetooth: (run) => ble.nodeGattServer({ bleno, run }),
			intent: { near, tap: true, either: near },
		});
	} catch (error) {
		if (!(error instanceof ble.BluetoothUnavailable)) throw error;
		process.stderr.write(`start: ${error.message}\n  ${error.advice}\n`);
		process.exit(1);
	}
} else if (values.factory) {
	const { startFactory } = await import("./factory.js");
	await startFactory({ crypto, seed, engine: values.engine });
} else {
	const colour = process.stdout.isTTY === true;
	process.stdout.write("A phone is tapped on the reader (npm run tap -- --help has more):\n\n");
	const result = runTap({ crypto, link: "nfc", phone: "valid", suite: 4, seed });
	process.stdout.write(`${formatTimeline(result, colour)}\n`);
	if (process.stdin.isTTY && colour) startTerminal({ crypto, seed });
	else process.exitCode = result.decision === "granted" ? 0 : 1;
}
