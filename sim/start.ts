// SPDX-License-Identifier: Apache-2.0

/**
 * The simulator: `npm start`. Prints one tap; then, on a terminal, serves the page with a door to play with.
 */
import { NodeCrypto } from "../hal/node/crypto.js";
import { commandLine, fail } from "../tools/command-line.js";
import { enrolment } from "./enrolment.js";
import { type LiveOptions, serveScene } from "./live-scene.js";
import type { SceneRun } from "./page/run.js";
import { servePage } from "./page-server.js";
import { runTap } from "./scenario.js";
import { Scene } from "./scene/scene.js";
import { startTerminal, type TerminalOptions, terminalScene } from "./terminal.js";
import { formatPlain, formatTimeline } from "./timeline.js";
import { World } from "./world.js";

const USAGE = `npm start -- [--seed N] [--bytes] [--port 4190]     one tap, with its bytes; then a page with a door to play with
npm start -- --terminal [--seed N]                  that door on this terminal
npm start -- --bridge 35963 [--factory]             programs of this computer play the phones, at this port and the next
npm start -- --engine xs [--seed N]                the page's door, whose firmware runs on XS in a process of its own
npm start -- --factory [--engine xs] [--seed N]     a reader as it leaves the factory, for npx lintel
npm start -- --site http://127.0.0.1:4191           such a reader, on this computer's network: it joins that site's server
npm start -- --pn532 /dev/ttyUSB0 [--baud 115200]   a real PN532: real phones, a simulated door
npm start -- --ble                                  this computer's Bluetooth: real phones, a simulated door
With --port, --pn532 and --ble show their door on the page.`;

const values = commandLine(USAGE, {
	seed: { type: "string", default: "1" },
	bytes: { type: "boolean", default: false },
	port: { type: "string" },
	terminal: { type: "boolean", default: false },
	pn532: { type: "string" },
	ble: { type: "boolean", default: false },
	factory: { type: "boolean", default: false },
	bridge: { type: "string" },
	site: { type: "string" },
	baud: { type: "string", default: "115200" },
	engine: { type: "string", default: "node" },
});
const seed = Number(values.seed);
if (!/^\d{1,9}$/.test(values.seed)) fail(USAGE, "--seed must be a whole number");
if (!/^\d{4,7}$/.test(values.baud)) fail(USAGE, "--baud must be a number, as 115200");
if (values.site !== undefined && !/^https?:\/\/./.test(values.site))
	fail(USAGE, "--site is the address of a site's server, as http://127.0.0.1:4191");
const factory = values.factory || values.site !== undefined;
const onXs = values.engine === "xs";
if (values.engine !== "node" && !onXs) fail(USAGE, "--engine is node or xs");
if (Number(factory) + Number(values.ble) + Number(values.pn532 !== undefined) > 1)
	fail(USAGE, "--factory (or --site), --pn532 and --ble are three simulators: give one");
const servesPage = process.stdin.isTTY || values.port !== undefined;
if (onXs && !factory && (values.ble || values.terminal || values.pn532 !== undefined || !servesPage))
	fail(USAGE, "--engine is xs with --factory, or for the page, which --port serves without a terminal");
const bridge = values.bridge === undefined ? undefined : Number(values.bridge);
if (bridge !== undefined && !(/^\d{1,5}$/.test(values.bridge!) && bridge < 65_535))
	fail(USAGE, "--bridge must be a port, as 35963");
if (bridge !== undefined && (values.ble || values.pn532 !== undefined))
	fail(USAGE, "--bridge plays phones at the simulated radios, not at real ones");
const { port } = values;
if (port !== undefined && !(/^\d{1,5}$/.test(port) && Number(port) < 65_536))
	fail(USAGE, "--port must be a port, as 4190");
const crypto = new NodeCrypto();

/** Ends this process with the reason where what it starts cannot have its ports. */
async function listening(option: string, start: Promise<unknown>): Promise<void> {
	try {
		await start;
	} catch (error) {
		const { syscall, message } = error as NodeJS.ErrnoException;
		if (syscall !== "listen") throw error;
		fail(USAGE, `--${option}: ${message}`);
	}
}

/** A tap; whether it was granted. */
function printTap(): boolean {
	const result = runTap({ crypto, link: "nfc", phone: "valid", suite: 4, seed });
	const text = values.bytes ? formatTimeline(result, process.stdout.isTTY === true) : formatPlain(result);
	process.stdout.write(`${text}\n`);
	return result.decision === "granted";
}

/** `live`: the page's world is this process's. */
async function startPage(live?: LiveOptions): Promise<SceneRun | undefined> {
	const { address, server } = await servePage(Number(port ?? 4190));
	const link = `${address}${live === undefined ? "" : "?live"}${seed === 1 ? "" : `#seed=${seed}`}`;
	process.stdout.write(`\nThe door is yours: ${link}  (Ctrl-C ends it)\n`);
	return live && serveScene(server, live);
}

/** One scene with real hardware on the page, whose events enter it by `now`. */
async function showReal(
	make: (now: (action: () => void) => void) => Scene,
	without: readonly string[] = [],
): Promise<void> {
	let run: SceneRun | undefined;
	const scene = make((action) => (run === undefined ? action() : run.now(action)));
	run = await startPage({ crypto, isReal: true, make: () => scene, without });
	run!.hear({ kind: "start", script: "" });
}

/** The firmware on XS, in a process of its own. */
async function xsScene(): Promise<LiveOptions> {
	const { xsEngine } = await import("./engine/xs.js");
	const engine = xsEngine();
	for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const)
		process.on(signal, () => {
			engine.close();
			process.exit(0);
		});
	return { crypto, make: (script) => new Scene({ crypto, script, world: { start: engine.start } }) };
}

if (values.pn532 !== undefined) {
	const { hardwareScene, NOT_ON_HARDWARE, startHardware } = await import("./hardware.js");
	const hardware = { crypto, seed, port: values.pn532, baud: Number(values.baud) };
	if (port === undefined) startHardware(hardware);
	else
		await listening(
			"port",
			showReal(() => hardwareScene(hardware), NOT_ON_HARDWARE),
		);
} else if (values.ble) {
	const ble = await import("../hal/node/ble.js");
	try {
		const bleno = await ble.findBluetooth();
		const near = ble.tellsSignal(bleno);
		const given = JSON.stringify(enrolment(new World({ crypto, seed }), "valid"));
		process.stdout.write(
			`The reader advertises by this computer's Bluetooth. A phone's enrolment (docs/phone-app.md):\n${given}\n${
				near
					? "It opens for a phone that is held near, and for a tap in its app.\n"
					: "It opens for a tap in the phone's app: this computer tells nobody how near a phone is.\n"
			}`,
		);
		const options: TerminalOptions = {
			...{ crypto, seed, opens: near ? "near-or-tap" : "tap" },
			bluetooth: (run) => ble.nodeGattServer({ bleno, run }),
		};
		if (port === undefined) await startTerminal(options);
		else
			await listening(
				"port",
				showReal((now) => terminalScene(options, now)),
			);
	} catch (error) {
		if (!(error instanceof ble.BluetoothUnavailable)) throw error;
		process.stderr.write(`start: ${error.message}\n  ${error.advice}\n`);
		process.exit(1);
	}
} else if (factory) {
	const { startFactory } = await import("./factory.js");
	await listening(
		"bridge",
		startFactory({ crypto, seed, engine: onXs ? "xs" : "node", bridge, site: values.site }),
	);
} else if (bridge !== undefined) {
	const given = JSON.stringify(enrolment(new World({ crypto, seed }), "valid"));
	process.stdout.write(`The enrolment of a valid phone (docs/phone-app.md):\n${given}\n`);
	await listening("bridge", startTerminal({ crypto, seed, bridge }));
} else if (values.terminal) await startTerminal({ crypto, seed });
else if (onXs) await listening("port", startPage(await xsScene()));
else {
	process.exitCode = printTap() ? 0 : 1;
	if (servesPage) await listening("port", startPage());
}
