/** The installer's serial port, and the reader as its protocol sees it, also while parts of it wait (src/app/startup.ts). */
import { selfTest } from "../../drivers/pn532/selftest.js";
import type { Serial } from "../../hal/contracts/io.js";
import type { Platform } from "../../hal/contracts/platform.js";
import type { Alarm } from "../../hal/contracts/time.js";
import type { Wifi } from "../../hal/contracts/wifi.js";
import type { CborMap } from "../../protocol/cbor/value.js";
import { type DoorInput, EVENTS, type EventName, type EventSink, eventName } from "../../protocol/events.js";
import { type PlanRefusal, planEventDetail } from "../../protocol/plan/envelope.js";
import { ProvisioningError } from "../../protocol/provisioning/error.js";
import type { TestName } from "../../protocol/provisioning/tests.js";
import type { ConfigStore } from "../config/store.js";
import { Provisioning } from "../service/provisioning.js";
import type { PlanInstaller, ProvisioningTarget, TestResult } from "../service/target.js";
import type { Firmware } from "./main.js";
import type { Startup } from "./startup.js";

/** Of this firmware; package.json has the same. */
export const FIRMWARE_VERSION = "0.1.0";

/** How long the installer may take to open the door or press the button, ms. */
const HAND_MS = 30_000;
/** What somebody does to try an input, and the event that comes of it. */
const HANDS: Readonly<
	Record<
		Exclude<TestName, "relay" | "nfc" | "ble">,
		{ readonly event: EventName; readonly what: string; readonly input: DoorInput }
	>
> = Object.freeze({
	door: Object.freeze({ event: "door-opened", what: "open the door", input: "doorPosition" } as const),
	rex: Object.freeze({ event: "exit", what: "press request-to-exit", input: "rex" } as const),
	tamper: Object.freeze({ event: "tamper", what: "open the housing", input: "tamper" } as const),
	fire: Object.freeze({ event: "fire", what: "trip the fire alarm's contact", input: "fire" } as const),
	lockdown: Object.freeze({
		event: "lockdown",
		what: "trip the lockdown contact",
		input: "lockdown",
	} as const),
} as const);
/** From a reply to the restart that it announces, ms: 1280 bytes at 115200 baud take 111. */
const RESTART_MS = 300;
/** A relay that people may need for their way out is not turned back for a test. */
const ESCAPE = "not tried: fire or request-to-exit keeps the strike released; test again when that is over";
const CONSOLE_BAUD = 115_200;
/** Most bytes of one write to the console: the hardware FIFO of an ESP32. */
const PIECE = 128;
/** Most that waits for the line, bytes: three of the longest replies, or the 16 networks of an Improv scan. */
const MAX_WAITING = 4096;
/** What each frame that waits takes beside its own bytes, on XS. */
const WAITING_EACH = 96;

export interface InstallerPortOptions {
	readonly platform: Platform;
	readonly store: ConfigStore;
	readonly startup: Startup;
	/** Absent while the door waits for its start. */
	readonly firmware: () => Firmware | undefined;
	readonly record: EventSink;
	readonly listeners: Set<EventSink>;
	readonly signal: () => string;
	readonly setWatcher: (sink: ((event: CborMap) => void) | undefined) => void;
}

/** The platform has a console. */
export function openInstallerPort(options: InstallerPortOptions): Provisioning {
	const { platform, store } = options;
	const device = new InstallerView(options);
	const { clock, wall, crypto, random } = platform;
	const { io, ...use } = platform.console!;
	const input = new Uint8Array(PIECE);
	const queue: Uint8Array[] = [];
	let room = 0;
	let waiting = 0;
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
			waiting -= piece.length;
			if (piece.length === next.length) {
				queue.shift();
				waiting -= WAITING_EACH;
			} else queue[0] = next.subarray(piece.length);
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
			// Somebody asks faster than the line gives. Who hears nothing asks again, and the log has each event.
			if (waiting > MAX_WAITING) return;
			waiting += bytes.length + WAITING_EACH;
			queue.push(bytes.slice());
			pump();
		},
	});
	return provisioning;
}

/** The reader as the serial protocol sees it. */
class InstallerView implements ProvisioningTarget {
	readonly #options: InstallerPortOptions;
	readonly #restart: Alarm;
	#plan: PlanInstaller | undefined;
	readonly record: EventSink;

	constructor(options: InstallerPortOptions) {
		this.#options = options;
		this.#restart = options.platform.clock.alarm(() => options.platform.restart());
		this.record = options.record;
	}

	get log() {
		return this.#options.platform.flash.log;
	}

	get wifi(): Wifi | undefined {
		return this.#options.platform.wifi;
	}

	get plan(): PlanInstaller | undefined {
		const { store, firmware } = this.#options;
		if (store.membership === undefined) return undefined;
		const running = firmware();
		if (running === undefined) throw new ProvisioningError("busy", this.#waits());
		this.#plan ??= loggedPlan(running);
		return this.#plan;
	}

	get minPlanVersion(): number | undefined {
		return this.#options.firmware()?.access.plan.minVersion;
	}

	info(): CborMap {
		const { chip = "unknown", board = "unknown" } = this.#options.platform.hardware ?? {};
		return { firmware: FIRMWARE_VERSION, chip, hardware: board };
	}

	state(): CborMap {
		const { platform, startup } = this.#options;
		const { wall, wifi, restartCause } = platform;
		const firmware = this.#options.firmware();
		return {
			time: wall.trust() === "unset" ? null : wall.now(),
			trust: wall.trust(),
			started: restartCause,
			...(startup.beginning.failed > 0 && { failedStarts: startup.beginning.failed }),
			...(startup.waitMs > 0 && {
				waits: startup.beginning.held!,
				seconds: Math.ceil(startup.waitMs / 1000),
			}),
			wifi: wifi?.joined ?? null,
			...(firmware && doorState(firmware)),
		};
	}

	identify(ms: number): void {
		this.#running().access.door.identify(ms);
	}

	test(name: TestName, done: (result: TestResult) => void): void {
		const { inputs, radios } = this.#running();
		if (name === "relay") this.#testRelay(done);
		else if (name === "nfc") {
			if (radios === undefined) throw new ProvisioningError("busy", this.#waits());
			selfTest(radios.nfc, (error) =>
				done({ passed: error === undefined, detail: error?.message ?? "the PN532 gave back 262 bytes" }),
			);
		} else if (name === "ble") done(this.#testRadio());
		else {
			const { event, what, input } = HANDS[name];
			this.#testInput(event, what, inputs[input], done);
		}
	}

	configured(): number {
		this.restart();
		return RESTART_MS;
	}

	setTime(seconds: number): void {
		const firmware = this.#options.firmware();
		if (firmware !== undefined) firmware.access.setTime(seconds);
		else this.#options.platform.wall.set(seconds, "synced");
	}

	watch(sink: ((event: CborMap) => void) | undefined): void {
		this.#options.setWatcher(sink);
	}

	restart(): void {
		this.#restart.set(RESTART_MS);
	}

	#running(): Firmware {
		const firmware = this.#options.firmware();
		if (firmware === undefined) throw new ProvisioningError("busy", this.#waits());
		return firmware;
	}

	#waits(): string {
		const { failed, held } = this.#options.startup.beginning;
		const seconds = Math.ceil(this.#options.startup.waitMs / 1000);
		return `after ${failed} failed starts ${held} waits for another ${seconds} s`;
	}

	/** Releases the strike once, as a command that is in the log; turns it to locked for a moment where it is released. */
	#testRelay(done: (result: TestResult) => void): void {
		const { access, relay } = this.#running();
		const { door } = access;
		const before = relay.energised;
		if (!door.command("open")) {
			done({ passed: false, detail: "refused: lockdown" });
			return;
		}
		if (relay.energised === before && !door.exercise()) {
			done({ passed: false, detail: door.door.egress ? ESCAPE : "the relay did not move" });
			return;
		}
		const moved = relay.energised !== before;
		done({ passed: moved, detail: moved ? "the relay moved" : "the relay did not move" });
	}

	#testRadio(): TestResult {
		const { store, platform, signal, startup } = this.#options;
		const radio = this.#running().radios?.bluetooth;
		if (radio !== undefined) return { passed: radio.ready, detail: `${radio.detail}; ${signal()}` };
		if (startup.waitMs > 0) throw new ProvisioningError("busy", this.#waits());
		const off = store.config?.bluetooth === "off";
		const detail =
			platform.bluetooth === undefined
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
			this.#options.listeners.delete(listener);
			limit.close();
			done({ passed, detail: passed ? "seen" : `nothing came in 30 s: ${what}, and look at its wires` });
		};
		const limit = this.#options.platform.clock.alarm(() => end(false));
		const listener: EventSink = (kind) => {
			if (eventName(kind) === event) end(true);
		};
		this.#options.listeners.add(listener);
		limit.set(HAND_MS);
	}
}

function doorState({ access, radios, inputs, relay }: Firmware): CborMap {
	const { plan, log, door } = access;
	return {
		door: door.door.leaf,
		mode: door.mode,
		relay: relay.energised,
		open: inputs.doorPosition?.active ?? null,
		nfc: radios?.nfc.ready ?? false,
		bluetooth: radios?.bluetooth?.ready ?? null,
		plan: plan.version,
		planIssued: plan.issued,
		planExpires: plan.expires,
		planHash: plan.bodyHash ?? null,
		credentials: plan.count,
		events: log.last,
		acknowledged: log.acknowledged,
	};
}

/** The plan as an installer changes it: what came into force or was refused is in the log. */
function loggedPlan({ access, record }: Firmware): PlanInstaller {
	const { plan } = access;
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
