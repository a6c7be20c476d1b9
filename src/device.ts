/**
 * A whole device: what it keeps about itself, the reader that comes of it, and the installer's serial port. Before
 * commissioning it runs too, as a reader that believes nobody, so that an installer can try what is wired.
 */
import { selfTest } from "../drivers/pn532/selftest.js";
import type { Alarm, Serial, Wifi } from "../hal/contracts.js";
import { type DoorInput, EVENTS, type EventName, type EventSink, eventName } from "./audit/events.js";
import type { Bluetooth } from "./config/document.js";
import { ConfigStore } from "./config/store.js";
import { DEFAULT_DOOR } from "./door/config.js";
import type { Intent } from "./link/ble.js";
import { boot, type Firmware, type Setup } from "./main.js";
import { type PlanRefusal, planEventDetail } from "./plan/envelope.js";
import type { Platform } from "./platform.js";
import type { DeviceFacade, PlanFacade, TestName, TestResult } from "./provisioning/facade.js";
import { Provisioning } from "./provisioning/provisioning.js";
import type { Fields } from "./provisioning/value.js";
import { watchResetButton } from "./reset-button.js";
import { stayJoined } from "./stay-joined.js";

/** Of this firmware; package.json has the same. */
export const FIRMWARE_VERSION = "0.1.0";

/** EDHOC suites that a reader speaks, the preferred first. */
const SUITES: readonly number[] = Object.freeze([4, 5, 2, 0]);
/** How long the installer may take to open the door or press the button, ms. */
const HAND_MS = 30_000;
/** What somebody does to try an input, and the event that comes of it. */
const HANDS: Readonly<
	Record<
		Exclude<TestName, "relay" | "nfc" | "ble">,
		{ readonly event: EventName; readonly what: string; readonly input: DoorInput }
	>
> = Object.freeze({
	door: { event: "door-opened", what: "open the door", input: "position" },
	rex: { event: "exit", what: "press request-to-exit", input: "exit" },
	tamper: { event: "tamper", what: "open the housing", input: "tamper" },
	fire: { event: "fire", what: "trip the fire alarm's contact", input: "fire" },
	lockdown: { event: "lockdown", what: "trip the lockdown contact", input: "lockdown" },
} as const);
/** From a reply to the restart that it announces, ms: 1280 bytes at 115200 baud take 111. */
const RESTART_MS = 300;
/** The relay's test pulse is the strike time of the door; looked at after this, ms. */
const RELAY_MS = 50;
const CONSOLE_BAUD = 115_200;
/** Most bytes of one write to the console: the hardware FIFO of an ESP32. */
const PIECE = 128;

const INTENTS: Readonly<Record<Exclude<Bluetooth, "off">, Intent>> = Object.freeze({
	near: Object.freeze({ near: true, tap: false }),
	tap: Object.freeze({ near: false, tap: true }),
	"near-or-tap": Object.freeze({ near: true, tap: true, either: true }),
});

export interface Device {
	readonly store: ConfigStore;
	readonly firmware: Firmware;
	readonly provisioning: Provisioning | undefined;
}

/** Starts the device; everything after happens in callbacks. */
export function startDevice(platform: Platform): Device {
	const store = new ConfigStore(platform.flash.config, platform.crypto, platform.random);
	store.open();
	let watcher: ((event: Fields) => void) | undefined;
	const listeners = new Set<EventSink>();
	let heard: { level: number; at: number } | undefined;
	const firmware = boot(
		platformFor(platform, store),
		setupOf(store),
		(kind, detail, value, subject) => {
			for (const listener of listeners) listener(kind, detail, value, subject);
			watcher?.({ event: eventName(kind) ?? String(kind), detail, value });
		},
		// Not in the log: whoever passes by would fill it.
		({ level, near }) => {
			heard = { level, at: platform.clock.now() };
			watcher?.({ event: "signal", dBm: level, near });
		},
	);
	if (platform.resetButton !== undefined)
		watchResetButton(platform.clock, platform.resetButton, () => {
			store.reset();
			firmware.record(EVENTS.configuration, 1, store.revision);
			platform.restart();
		});
	if (platform.wifi !== undefined) stayJoined(platform.clock, platform.wifi, store);
	if (platform.console === undefined) return { store, firmware, provisioning: undefined };
	const signal = (): string =>
		heard === undefined
			? "no phone was heard since it started"
			: `the last phone left at ${heard.level} dBm, ${Math.round((platform.clock.now() - heard.at) / 1000)} s ago`;
	const device = new Facade(platform, store, firmware, listeners, signal, (sink) => {
		watcher = sink;
	});
	return { store, firmware, provisioning: openConsole(platform, store, device) };
}

/** Bluetooth off in the configuration, or no site yet: no radio. */
function platformFor(platform: Platform, store: ConfigStore): Platform {
	if (store.membership !== undefined && store.config?.bluetooth !== "off") return platform;
	const { bluetooth: _off, ...rest } = platform;
	return rest;
}

function setupOf(store: ConfigStore): Setup {
	const { membership, keys, config } = store;
	const bluetooth = config?.bluetooth ?? "near";
	return {
		door: membership?.door ?? "",
		trust: membership?.trust ?? { site: "", keys: [] },
		keys:
			membership === undefined || keys === undefined
				? []
				: keys.flatMap(({ algorithm, secretKey }, i) => {
						// One a key, in the order of the keys; the site may have signed for the first alone.
						const credential = membership.credentials[i];
						return credential === undefined ? [] : [{ algorithm, secretKey, credential }];
					}),
		suites: SUITES,
		config: config?.door ?? DEFAULT_DOOR,
		...(bluetooth === "off" ? {} : { intent: INTENTS[bluetooth] }),
		...(config === undefined ? {} : { proximity: config.proximity }),
	};
}

function openConsole(platform: Platform, store: ConfigStore, device: DeviceFacade): Provisioning {
	const { clock, wall, crypto, random } = platform;
	const { io, ...use } = platform.console!;
	const input = new Uint8Array(PIECE);
	const queue: Uint8Array[] = [];
	let room = 0;
	let provisioning: Provisioning | undefined;
	const port: Serial = new io({
		baud: CONSOLE_BAUD,
		...use,
		format: "buffer",
		onReadable: () => {
			for (let n = port.read(input); n; n = port.read(input)) provisioning?.feed(input.subarray(0, n));
		},
		onWritable: (count) => {
			room = count;
			pump();
		},
	});
	const pump = (): void => {
		for (let next = queue[0]; next !== undefined && room > 0; next = queue[0]) {
			const piece = next.subarray(0, Math.min(room, PIECE));
			port.write(piece);
			room -= piece.length;
			if (piece.length === next.length) queue.shift();
			else queue[0] = next.subarray(piece.length);
		}
	};
	provisioning = new Provisioning({
		clock,
		wall,
		crypto,
		random,
		store,
		device,
		write: (bytes) => {
			queue.push(bytes.slice());
			pump();
		},
	});
	return provisioning;
}

/** The reader as the serial protocol sees it. */
class Facade implements DeviceFacade {
	readonly #platform: Platform;
	readonly #store: ConfigStore;
	readonly #firmware: Firmware;
	readonly #listeners: Set<EventSink>;
	readonly #signal: () => string;
	readonly #setWatcher: (sink: ((event: Fields) => void) | undefined) => void;
	readonly #restart: Alarm;
	readonly #plan: PlanFacade;
	readonly record: EventSink;

	constructor(
		platform: Platform,
		store: ConfigStore,
		firmware: Firmware,
		listeners: Set<EventSink>,
		signal: () => string,
		setWatcher: (sink: ((event: Fields) => void) | undefined) => void,
	) {
		this.#platform = platform;
		this.#store = store;
		this.#firmware = firmware;
		this.#listeners = listeners;
		this.#signal = signal;
		this.#setWatcher = setWatcher;
		this.#restart = platform.clock.alarm(() => platform.restart());
		this.record = firmware.record;
		this.#plan = loggedPlan(firmware);
	}

	get log() {
		return this.#platform.flash.log;
	}

	get wifi(): Wifi | undefined {
		return this.#platform.wifi;
	}

	get plan(): PlanFacade | undefined {
		return this.#store.membership === undefined ? undefined : this.#plan;
	}

	info(): Fields {
		const { chip = "unknown", board = "unknown" } = this.#platform.hardware ?? {};
		return { firmware: FIRMWARE_VERSION, chip, hardware: board };
	}

	state(): Fields {
		const { wall } = this.#platform;
		const { reader, nfc, inputs, radio, relay } = this.#firmware;
		const { plan, log, door } = reader;
		return {
			time: wall.trust() === "unset" ? null : wall.now(),
			trust: wall.trust(),
			door: door.door.passage,
			mode: door.mode,
			relay: relay.energised,
			open: inputs.position?.active ?? null,
			nfc: nfc.ready,
			bluetooth: radio?.ready ?? null,
			wifi: this.#platform.wifi?.joined ?? null,
			plan: plan.version,
			credentials: plan.count,
			events: log.last,
			acknowledged: log.acknowledged,
		};
	}

	identify(ms: number): void {
		this.#firmware.reader.door.identify(ms);
	}

	test(name: TestName, done: (result: TestResult) => void): void {
		if (name === "relay") this.#testRelay(done);
		else if (name === "nfc") {
			selfTest(this.#firmware.nfc, (error) =>
				done({ passed: error === undefined, detail: error?.message ?? "the PN532 gave back 262 bytes" }),
			);
		} else if (name === "ble") done(this.#testRadio());
		else {
			const { event, what, input } = HANDS[name];
			this.#testInput(event, what, this.#firmware.inputs[input], done);
		}
	}

	configured(): number {
		this.restart();
		return RESTART_MS;
	}

	setTime(seconds: number): void {
		this.#firmware.reader.setTime(seconds);
	}

	watch(sink: ((event: Fields) => void) | undefined): void {
		this.#setWatcher(sink);
	}

	restart(): void {
		this.#restart.set(RESTART_MS);
	}

	/** Releases the strike once, as a command that is in the log. */
	#testRelay(done: (result: TestResult) => void): void {
		const { reader, relay } = this.#firmware;
		const before = relay.energised;
		const allowed = reader.door.command("open");
		this.#platform.clock
			.alarm(() => {
				const moved = relay.energised !== before;
				const detail = !allowed ? "refused: lockdown" : moved ? "the relay moved" : "the relay did not move";
				done({ passed: allowed && moved, detail });
			})
			.set(RELAY_MS);
	}

	#testRadio(): TestResult {
		const { radio } = this.#firmware;
		if (radio !== undefined) return { passed: radio.ready, detail: `${radio.detail}; ${this.#signal()}` };
		const off = this.#store.config?.bluetooth === "off";
		const detail =
			this.#platform.bluetooth === undefined
				? "this reader has no Bluetooth"
				: off
					? "Bluetooth is off in the configuration"
					: "Bluetooth begins when the reader has a site";
		return { passed: false, detail };
	}

	/** Waits for somebody's hand: the event that the input makes. */
	#testInput(event: EventName, what: string, input: unknown, done: (result: TestResult) => void): void {
		if (input === undefined) {
			done({ passed: false, detail: "the configuration has no such input" });
			return;
		}
		const end = (passed: boolean): void => {
			this.#listeners.delete(listener);
			limit.close();
			done({ passed, detail: passed ? "seen" : `nothing came in 30 s: ${what}, and look at its wires` });
		};
		const limit = this.#platform.clock.alarm(() => end(false));
		const listener: EventSink = (kind) => {
			if (eventName(kind) === event) end(true);
		};
		this.#listeners.add(listener);
		limit.set(HAND_MS);
	}
}

/** The plan as an installer changes it: what came into force or was refused is in the log. */
function loggedPlan({ reader, record }: Firmware): PlanFacade {
	const { plan } = reader;
	const refused = (result: PlanRefusal | undefined): PlanRefusal | undefined => {
		if (result !== undefined) record(EVENTS.plan, planEventDetail(result), plan.version);
		return result;
	};
	return {
		begin: (envelope) => refused(plan.begin(envelope)),
		write: (chunk) => refused(plan.write(chunk)),
		commit: () => {
			const result = plan.commit();
			if (result === "done") record(EVENTS.plan, 0, plan.version);
			else if (result !== "more") refused(result);
			return result;
		},
		applyDelta: (envelope) => {
			const result = plan.applyDelta(envelope);
			if (result === "applied" || result === "revoked-ahead") record(EVENTS.plan, 0, plan.version);
			else refused(result);
			return result;
		},
		get version() {
			return plan.version;
		},
		get count() {
			return plan.count;
		},
	};
}
