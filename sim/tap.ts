// SPDX-License-Identifier: Apache-2.0

/** One tap, headless: `npm run tap`. Exit 0 granted, 2 denied, 1 when there was no decision. */
import { NodeCrypto } from "../hal/node/crypto.js";
import { commandLine, fail } from "../tools/command-line.js";
import { CPU_NAMES } from "./cpu.js";
import type { XsEngine } from "./engine/xs.js";
import { PACE_NAMES } from "./pace.js";
import { PHONE_KINDS, type PhoneKind } from "./people.js";
import { WIRINGS } from "./pn532/board.js";
import { runTap, type TapOptions, type TapResult, type Way } from "./scenario.js";
import { formatTimeline } from "./timeline.js";

const USAGE = `npm run tap -- [--link nfc|ble|qr] [--phone ${PHONE_KINDS.join("|")}] [--suite 4|5|2|0]
               [--bus ${WIRINGS.join("|")}] [--cpu ${CPU_NAMES.join("|")}] [--pace ${PACE_NAMES.join("|")}]
               [--profile ios|android] [--first | --repeat] [--seed N] [--engine node|xs] [--traffic] [--json]
--cpu: of the reader: a chip, or an rv32 at so many MHz; --pace: of the phone
--first: over Bluetooth, a phone that has to discover the service; --repeat: the second tap of the same phone
--traffic: while the site sends one plan behind the other; beside it, the same tap without`;

function choice<T extends string>(name: string, value: string, choices: readonly T[]): T {
	return choices.find((c) => c === value) ?? fail(USAGE, `--${name} must be one of ${choices.join(", ")}`);
}

function whole(name: string, value: string): number {
	if (!/^\d{1,9}$/.test(value)) fail(USAGE, `--${name} must be a whole number`);
	return Number(value);
}

const OPTIONS = {
	link: { type: "string", default: "nfc" },
	engine: { type: "string", default: "node" },
	phone: { type: "string", default: "valid" },
	bus: { type: "string", default: "spi" },
	cpu: { type: "string", default: "160" },
	suite: { type: "string", default: "4" },
	pace: { type: "string", default: "typical" },
	profile: { type: "string", default: "ios" },
	first: { type: "boolean", default: false },
	repeat: { type: "boolean", default: false },
	seed: { type: "string", default: "1" },
	traffic: { type: "boolean", default: false },
	json: { type: "boolean", default: false },
} as const;

const values = commandLine(USAGE, OPTIONS);
const link = choice<Way>("link", values.link, ["nfc", "ble", "qr"]);
const onXs = choice("engine", values.engine, ["node", "xs"]) === "xs";
const options: TapOptions = {
	crypto: new NodeCrypto(),
	link,
	phone: choice<PhoneKind>("phone", values.phone, PHONE_KINDS),
	profile: choice("profile", values.profile, ["ios", "android"]),
	first: values.first,
	repeat: values.repeat,
	bus: choice("bus", values.bus, WIRINGS),
	pace: choice("pace", values.pace, PACE_NAMES),
	cpu: choice("cpu", values.cpu, CPU_NAMES),
	suite: Number(choice("suite", values.suite, ["4", "5", "2", "0"])),
	seed: whole("seed", values.seed),
	traffic: values.traffic,
};
if (values.first && values.repeat) fail(USAGE, "--first and --repeat are two visits: give one");
if (values.first && link !== "ble")
	fail(USAGE, "--first is a first visit over Bluetooth: it needs --link ble");
const result = onXs ? await tapOnXs() : runTap(options);
if (result === undefined) process.exitCode = 1;
else {
	const { timeline, ...summary } = result;
	// The same in virtual time on either engine, and much faster on this one.
	const quietMs = values.traffic ? runTap({ ...options, traffic: false }).relayOnMs : undefined;
	const beside = quietMs === undefined ? "" : `\nwithout traffic: relay on after ${quietMs} ms`;
	const text = values.json
		? JSON.stringify({ ...summary, ...(quietMs !== undefined && { quietMs }) })
		: formatTimeline(result, process.stdout.isTTY === true) + beside;
	process.stdout.write(`${text}\n`);
	process.exitCode = result.decision === "granted" ? 0 : result.decision === "denied" ? 2 : 1;
}

/** XS in a process of its own, the world here. Nothing of the engine is left behind, however it ends. */
async function tapOnXs(): Promise<TapResult | undefined> {
	const [{ xsEngine }, { EngineEnded }, { MissingTool }] = await Promise.all([
		import("./engine/xs.js"),
		import("./engine/bus.js"),
		import("../tools/xs/build.js"),
	]);
	let engine: XsEngine | undefined;
	// Ctrl-C ends the engine, and this process when it has cleared up.
	process.once("SIGINT", () => process.exit(1));
	try {
		engine = xsEngine();
		return runTap({ ...options, start: engine.start });
	} catch (error) {
		if (!(error instanceof MissingTool || error instanceof EngineEnded)) throw error;
		// An exception of the firmware comes with its stack.
		process.stderr.write(`tap: ${error.message.split("\n")[0]}\n`);
		return undefined;
	} finally {
		engine?.close();
	}
}
