// SPDX-License-Identifier: Apache-2.0

/**
 * What a new board is tried by, part after part (`lintel selftest`, docs/BRINGUP.md). Functions of the module alone: a reader that
 * is not tried keeps nothing of it in memory.
 */
import { LEASE_MS } from "../../drivers/relay/relay.js";
import type { Flash } from "../../hal/contracts/flash.js";
import type { CborMap } from "../../protocol/cbor/value.js";
import type { DoorInput } from "../../protocol/events.js";
import type { SelfTestResult } from "../../protocol/provisioning/messages.js";
import type { SelfTestPart } from "../../protocol/provisioning/tests.js";
import type { ConfigStore } from "../config/store.js";
import type { Signal } from "../door/feedback.js";
import type { Device } from "./device.js";
import { fieldTest } from "./field-tests.js";
import { wifiRefusal } from "./fit.js";
import { runningDoor } from "./waiting.js";

type Done = (passed: boolean | null, detail: string, figures?: CborMap) => void;

/** `done` is called once. Throws `busy` where the part waits for its start. */
export function selfTest(
	device: Device,
	store: ConfigStore,
	part: SelfTestPart,
	done: (result: SelfTestResult) => void,
): void {
	PARTS[part](device, store, (passed, detail, figures = {}) =>
		done({ passed, detail, figures, memory: device.platform.diagnostics?.memory() ?? {} }),
	);
}

const PARTS: Readonly<Record<SelfTestPart, (device: Device, store: ConfigStore, done: Done) => void>> =
	Object.freeze({ start, random, flash, clock, adc, nfc, bluetooth, wifi, light, sounder, relay });

function after(device: Device, ms: number, action: () => void): void {
	const alarm = device.platform.clock.alarm(() => {
		alarm.close();
		action();
	});
	alarm.set(ms);
}

function start({ platform, startup }: Device, _store: ConfigStore, done: Done): void {
	const { failed } = startup.beginning;
	const figures = { uptime: platform.clock.now(), failed, ...platform.diagnostics?.image() };
	done(failed === 0, `started for ${platform.restartCause}`, figures);
}

/** Bits of the sample, and how many of them may be ones: the monobit test of FIPS 140-2, 4.9.1. */
const SAMPLE_BYTES = 2500;
const MIN_ONES = 9725;
const MAX_ONES = 10_275;

function random({ platform }: Device, _store: ConfigStore, done: Done): void {
	const bytes = new Uint8Array(SAMPLE_BYTES);
	const began = platform.clock.now();
	platform.random.fill(bytes);
	const ms = platform.clock.now() - began;
	let ones = 0;
	for (let i = 0; i < SAMPLE_BYTES; i++) for (let byte = bytes[i]!; byte !== 0; byte &= byte - 1) ones++;
	done(ones > MIN_ONES && ones < MAX_ONES, `${ones} ones of ${8 * SAMPLE_BYTES} bits`, { ones, ms });
}

const PAGE = 256;

/** Reads the log, and writes and erases the plan's last sector where that is blank: no plan is in it. */
function flash({ platform }: Device, _store: ConfigStore, done: Done): void {
	const { clock } = platform;
	const { log, plan } = platform.flash;
	const { sectorSize } = plan;
	const sector = new Uint8Array(sectorSize);
	let began = clock.now();
	const lap = (): number => {
		const ms = clock.now() - began;
		began = clock.now();
		return ms;
	};
	for (let at = 0; at < 16 * sectorSize && at < log.size; at += sectorSize) log.read(at, sector);
	const read = lap();
	const last = plan.size / sectorSize - 1;
	if (!holds(plan, last, sector, 0xff)) {
		done(null, "read only: a plan fills its partition", { read });
		return;
	}
	lap();
	plan.erase(last);
	const erase = lap();
	const page = new Uint8Array(PAGE).fill(0x5a);
	for (let at = 0; at < sectorSize; at += PAGE) plan.write(last * sectorSize + at, page);
	const write = lap();
	const good = holds(plan, last, sector, 0x5a);
	plan.erase(last);
	done(
		good && holds(plan, last, sector, 0xff),
		`a sector: erased in ${erase} ms, written in ${write} ms; 16 read in ${read} ms`,
		{ read, erase, write },
	);
}

function holds(flash: Flash, sector: number, into: Uint8Array, byte: number): boolean {
	flash.read(sector * flash.sectorSize, into);
	return into.every((read) => read === byte);
}

const CLOCK_MS = 3000;

/** The time, whether it goes as fast as the controller's own timer, and how the clock chip is. */
function clock(device: Device, _store: ConfigStore, done: Done): void {
	const { wall } = device.platform;
	const began = wall.now();
	after(device, CLOCK_MS, () => {
		const trust = wall.trust();
		const seconds = wall.now() - began;
		const good = Math.abs(seconds - CLOCK_MS / 1000) <= 1;
		const figures = { seconds: wall.now(), elapsed: seconds };
		const chip = `clock chip ${device.timekeeper.chip}`;
		if (trust === "unset") done(null, `not set: \`lintel time set\`, then once more; ${chip}`, figures);
		else
			done(
				good && !device.timekeeper.failing,
				`${trust}; ${seconds} s in ${CLOCK_MS / 1000}; ${chip}`,
				figures,
			);
	});
}

const ADC_READINGS = 16;
/** Most that a quiet line may move, thousandths of the supply: half the way from one band to the next. */
const ADC_SPREAD = 25;

/** Least and most of each input's voltage, thousandths of the supply. A pin that serves a dry contact is not measured. */
function adc(device: Device, _store: ConfigStore, done: Done): void {
	const { inputs } = runningDoor(device);
	const figures: Record<string, [number, number]> = {};
	let quiet = true;
	for (const [name, { digital: _digital, analog, ...pin }] of Object.entries(device.platform.inputs ?? {})) {
		const connected = inputs[name as DoorInput];
		if (analog === undefined || (connected !== undefined && connected.level === undefined)) continue;
		const own = connected === undefined ? new analog(pin) : undefined;
		const full = own === undefined ? 0 : (1 << own.resolution) - 1;
		let least = 1000;
		let most = 0;
		for (let i = 0; i < ADC_READINGS; i++) {
			const level = own === undefined ? connected!.level! : Math.floor((1000 * own.read()) / full);
			least = Math.min(least, level);
			most = Math.max(most, level);
		}
		own?.close();
		figures[name] = [least, most];
		if (most - least > ADC_SPREAD) quiet = false;
	}
	const measured = Object.keys(figures).length;
	if (measured === 0) done(null, "every input is a dry contact: none can be measured", figures);
	else done(quiet, `${measured} lines ${quiet ? "are quiet" : "measured, and one moves"}`, figures);
}

function nfc(device: Device, store: ConfigStore, done: Done): void {
	const began = device.platform.clock.now();
	fieldTest(device, store, "nfc", ({ passed, detail }) => {
		const figures = { ms: device.platform.clock.now() - began, ...device.radios?.nfc?.version };
		done(passed, detail, figures);
	});
}

function bluetooth(device: Device, store: ConfigStore, done: Done): void {
	fieldTest(device, store, "ble", ({ passed, detail }) =>
		done(device.radios?.bluetooth === undefined ? null : passed, detail),
	);
}

function wifi({ platform }: Device, store: ConfigStore, done: Done): void {
	const { clock } = platform;
	const refusal = wifiRefusal(platform, store);
	if (platform.wifi === undefined || refusal !== undefined) {
		done(null, refusal ?? "this reader has no Wi-Fi");
		return;
	}
	const began = clock.now();
	platform.wifi.scan((networks) => {
		const ms = clock.now() - began;
		const strongest = networks[0]?.rssi ?? null;
		done(networks.length > 0, `${networks.length} networks`, { networks: networks.length, strongest, ms });
	});
}

const SHOWN_MS = 1000;
/** Red, green with a tone, white. */
const SHOWN: readonly Signal[] = Object.freeze(["lockdown", "granted", "identify"] as const);

function light(device: Device, _store: ConfigStore, done: Done, next = 0): void {
	const { indicator, access } = runningDoor(device);
	if (next === SHOWN.length) {
		indicator.show(access.door.signal);
		done(null, "red, then green, then white flashes");
		return;
	}
	indicator.show(SHOWN[next]!);
	after(device, SHOWN_MS, () => light(device, _store, done, next + 1));
}

const TONE_HZ = 3000;
const TONE_MS = 500;

function sounder(device: Device, _store: ConfigStore, done: Done): void {
	const { sounder } = device.platform;
	if (sounder === undefined) {
		done(null, "this reader has no sounder");
		return;
	}
	sounder.tone(TONE_HZ);
	after(device, TONE_MS, () => {
		sounder.tone(0);
		done(null, "one tone of half a second");
	});
}

/** How long the relay is watched, ms: less than the task watchdog's 5 s. */
const WATCH_MS = 3000;
const STEP_MS = 10;

/**
 * Whether hardware ends the relay's lease while the firmware stands still, and after how long. Where the relay is off it is turned
 * on by a command that is in the log, and so is the lapse.
 */
function relay(device: Device, _store: ConfigStore, done: Done): void {
	const { platform, relay } = device;
	const { clock, diagnostics } = platform;
	const { door } = runningDoor(device).access;
	if (diagnostics === undefined || door.door.egress) {
		done(null, diagnostics ? "not tried: fire or request-to-exit is active" : "not tried: no hang here");
		return;
	}
	if (!relay.energised && !door.command("open")) {
		done(null, "not tried: lockdown");
		return;
	}
	if (!relay.energised) {
		done(false, "the relay did not go on");
		return;
	}
	const began = clock.now();
	while (relay.energised && clock.now() - began < WATCH_MS) diagnostics.stall(STEP_MS);
	const ms = clock.now() - began;
	const off = !relay.energised;
	done(
		off && ms <= LEASE_MS + 2 * STEP_MS,
		off ? `fell ${ms} ms after the firmware stopped` : `still on ${ms} ms after the firmware stopped`,
		{ ms },
	);
}
