/**
 * A door and everything around its reader: chip, phones, lock, flash, radio, time, the site. The firmware in it is the
 * firmware of a device; the world meets it at the buses only. One seed gives one run.
 */

import type { GATTServerClass } from "../hal/contracts/bluetooth.js";
import type { RestartCause, Retained } from "../hal/contracts/chip.js";
import type { Platform } from "../hal/contracts/platform.js";
import { type HceExchange, HostCardEmulation } from "../phone/hce.js";
import { Holder, type HolderResult } from "../phone/holder.js";
import { checkConfig } from "../protocol/config/document.js";
import { DEFAULT_DOOR } from "../protocol/config/door.js";
import { EDDSA, signer } from "../protocol/credential/cose.js";
import type { Crypto } from "../protocol/crypto.js";
import { EVENTS } from "../protocol/events.js";
import { decodeRecord, type LogEntry } from "../protocol/log/record.js";
import { verifyLog } from "../protocol/log/verify.js";
import { FLAG, NO_END } from "../protocol/plan/format.js";
import { type Decision, REASONS, reasonOf } from "../protocol/reasons.js";
import {
	ALWAYS_OPEN,
	encodeTables,
	type PlanImage,
	packRecords,
	type RecordModel,
	type Signing,
	signDelta,
	signSnapshot,
	tombstone,
} from "../site/lib/plan/encode.js";
import { startDevice } from "../src/app/device.js";
import { boot, type Firmware, type ReaderKey, type Setup } from "../src/app/main.js";
import { ConfigStore } from "../src/config/store.js";
import { PlanStore } from "../src/plan/store.js";
import type { Intent } from "../src/schemes/scheme.js";
import { BlePhone, type BlePhoneOptions } from "./ble/central.js";
import { IOS } from "./ble/profile.js";
import { SimRadio } from "./ble/radio.js";
import { UART } from "./bus/serial.js";
import { type Operation, timed } from "./cost-model.js";
import { SimDoor } from "./door.js";
import { FirmwareRun } from "./firmware-run.js";
import { SimFlash, SimRollbackCounter } from "./flash.js";
import { AndroidPhone } from "./nfc/cards.js";
import { PanelIO } from "./panel.js";
import { type People, type PhoneKind, people } from "./phones.js";
import { PN532SerialBoard } from "./pn532/board.js";
import { SeededRandom } from "./random.js";
import { EPOCH, type IssuedCredential, SimSite } from "./site.js";
import { VirtualTime } from "./time.js";
import { SimWallClock } from "./wall-clock.js";
import { SimWifi } from "./wifi.js";

function readerKey({ publicKey, secretKey, cwt }: IssuedCredential): ReaderKey {
	return { algorithm: publicKey.algorithm, secretKey, credential: cwt };
}

/** The word of RTC memory. */
class SimRetained implements Retained {
	#value = 0;

	read(): number {
		return this.#value;
	}

	write(value: number): void {
		this.#value = value;
	}
}

/** Restarts that take the power of everything on the board. */
const COLD: readonly RestartCause[] = ["power-on", "brown-out"];
/** From a restart of the chip to its firmware. */
const CHIP_START_MS = 300;
/** As in sdkconfig. */
const WATCHDOG_MS = 5000;

export interface WorldOptions {
	readonly seed?: number;
	/** Crypto of phones and site; the reader's too, unless it brings its own. */
	readonly crypto: Crypto;
	/** EDHOC suite of the phones. */
	readonly suite?: number;
	/** Starts the firmware on a platform, `boot` here or a process of another engine; a whole device where no setup is. */
	readonly start?: (
		platform: Platform,
		setup: Setup | undefined,
		spend: World["spend"],
	) => Firmware | undefined;
	/** What becomes of an exception that leaves a callback of the firmware; without it the run stops there. */
	readonly onException?: (error: unknown) => void;
	/** What the plan gives the valid phone besides an open door. */
	readonly rights?: {
		readonly override?: boolean;
		readonly firstPerson?: boolean;
		readonly extended?: boolean;
	};
	/** The plan allows office mode at this door. */
	readonly officeMode?: boolean;
	/** The SDK's GATT server bare, without what `hal/esp32` cures of it. */
	readonly bareRadio?: boolean;
	/** A Bluetooth of the computer's own in place of the simulated radio. */
	bluetooth?: GATTServerClass;
	/** How a phone opens over Bluetooth; held near, where absent. */
	readonly intent?: Intent;
	/** A whole device, from the factory: no site, no keys; its installer's port is `console`. */
	readonly factory?: boolean;
	/** A whole device that this site has commissioned: keys, trust and configuration are in its own flash. */
	readonly commissioned?: boolean;
	/** Bits per second of the PN532's UART. */
	readonly baud?: number;
	/** Bytes of the flash partitions. */
	readonly planSize?: number;
	readonly logSize?: number;
}

export class World {
	readonly time = new VirtualTime();
	readonly site: SimSite;
	readonly people: People;
	readonly wall: SimWallClock;
	readonly board: PN532SerialBoard;
	readonly door: SimDoor;
	readonly panel: PanelIO;
	/** The line of the installer's port; the device on it is the installer. */
	readonly console: UART;
	readonly radio: SimRadio;
	readonly wifi = new SimWifi(this.time);
	readonly flash: { readonly plan: SimFlash; readonly log: SimFlash; readonly config: SimFlash };
	readonly rollbackCounter = new SimRollbackCounter();
	readonly retained = new SimRetained();
	readonly setup: Setup;
	/** Command-response pairs of the taps so far, as the phones saw them. */
	readonly exchanges: HceExchange[] = [];
	readonly results: HolderResult[] = [];
	/** The reader has just computed this. */
	onCompute: ((operation: Operation, micros: number) => void) | undefined;
	/** A line of the reader's trace. */
	onTrace: ((text: string) => void) | undefined;
	readonly #options: WorldOptions;
	readonly #crypto: Crypto;
	readonly #random: SeededRandom;
	readonly #readerRandom: SeededRandom;
	readonly #suite: number;
	#image: PlanImage;
	#life: FirmwareRun | undefined;
	#device: { readonly firmware: Firmware | undefined } | undefined;
	/** What `newEntries` has given, and the writes of the log's flash by then. */
	#told = { writes: -1, serial: 0 };

	constructor(options: WorldOptions) {
		const seed = options.seed ?? 1;
		this.#options = options;
		this.#crypto = options.crypto;
		this.#random = new SeededRandom(seed);
		this.#readerRandom = new SeededRandom(seed ^ 0x5eed);
		this.#suite = options.suite ?? 4;
		this.site = new SimSite(options.crypto, this.#random);
		const other = new SimSite(options.crypto, this.#random, "OTHER001");
		const reader = this.site.reader("FRONT", 4);
		const readerP256 = this.site.reader("FRONT", 5);
		this.people = people(this.site, other, this.#suite);
		this.wall = new SimWallClock(this.time);
		this.board = new PN532SerialBoard(this.time, this.#random);
		this.door = new SimDoor(this.time, DEFAULT_DOOR);
		this.panel = new PanelIO(this.time, this.door, DEFAULT_DOOR);
		this.console = new UART(this.time, { fifo: 16 * 1024 });
		// Its own dice: what the radio does must not move the keys that phones make.
		this.radio = new SimRadio({
			time: this.time,
			random: new SeededRandom(seed ^ 0xb1e),
			cured: options.bareRadio !== true,
		});
		this.flash = {
			plan: new SimFlash({ size: options.planSize ?? 256 * 1024 }),
			log: new SimFlash({ size: options.logSize ?? 128 * 1024 }),
			config: new SimFlash({ size: 16 * 1024 }),
		};
		this.setup = {
			door: "FRONT",
			trust: this.site.trust,
			keys: [readerKey(reader), readerKey(readerP256)],
			suites: [4, 5, 2, 0],
			config: DEFAULT_DOOR,
			...(options.intent && { intent: options.intent }),
		};
		if (options.commissioned) this.#commission();
		this.#image = {
			site: this.site.id,
			door: "FRONT",
			version: 1,
			issued: EPOCH - 3600,
			expires: EPOCH + 7 * 86_400,
			tables: encodeTables({ ...ALWAYS_OPEN, officeMode: options.officeMode ?? false }),
			records: packRecords(["valid", "revoked", "expired"].map((kind) => this.#record(kind as PhoneKind))),
		};
	}

	/** What an installer's visit leaves in the flash. */
	#commission(): void {
		const { site, setup } = this;
		const store = new ConfigStore(this.flash.config, this.#crypto, this.#readerRandom);
		store.open();
		const credentials = store.makeKeys().map((key) => site.readerCredential(setup.door, key));
		const checked = checkConfig({ id: setup.door });
		if ("problems" in checked) throw new Error("the default configuration is not valid");
		store.join({ trust: site.trust, door: setup.door, credentials }, checked.config);
	}

	#record(kind: PhoneKind): RecordModel {
		const { override, firstPerson, extended } = kind === "valid" ? (this.#options.rights ?? {}) : {};
		const flags =
			(override ? FLAG.override : 0) | (firstPerson ? FLAG.first : 0) | (extended ? FLAG.extended : 0);
		return { id: this.people[kind].id, access: 0, flags, from: 0, until: NO_END };
	}

	get #signing(): Signing {
		const { crypto } = this.#options;
		return { crypto, signer: signer(crypto, EDDSA, this.site.keys.secretKey) };
	}

	/** The firmware in this process; absent where it runs in another, or its door waits. */
	get firmware(): Firmware | undefined {
		return this.#device?.firmware;
	}

	/** The firmware computes: time passes, and nothing else happens. */
	readonly spend = (micros: number, operation: Operation): void => {
		this.time.spend(micros);
		this.onCompute?.(operation, micros);
	};

	/** The platform that the firmware gets. */
	platform(cause: RestartCause): Platform {
		const { time, board } = this;
		const life = new FirmwareRun(time, this.#options.onException);
		const own = this.#options.bluetooth;
		this.#life = life;
		return {
			clock: life.clock,
			wall: this.wall,
			random: this.#readerRandom,
			crypto: timed(this.#crypto, this.spend),
			flash: this.flash,
			rollbackCounter: this.rollbackCounter,
			watchdog: { feed: () => undefined },
			restartCause: cause,
			retained: this.retained,
			pn532: {
				serial: {
					io: life.own(board.Serial),
					baud: 115_200,
					...(this.#options.baud ? { fastBaud: this.#options.baud } : {}),
				},
				reset: { io: life.own(board.Reset) },
			},
			relay: { io: this.door.relay.io },
			inputs: {
				doorPosition: { digital: { io: life.own(this.panel.position.Digital) } },
				rex: { digital: { io: life.own(this.panel.exit.Digital) } },
				tamper: { digital: { io: life.own(this.panel.tamper.Digital) } },
				fire: { digital: { io: life.own(this.panel.fire.Digital) } },
				lockdown: { digital: { io: life.own(this.panel.lockdown.Digital) } },
			},
			console: { io: life.own(this.console.Serial), baud: 115_200 },
			hardware: { chip: "simulated", board: "simulator" },
			light: { ...this.panel.light, io: life.own(this.panel.light.io) },
			sounder: this.panel.sounder,
			bluetooth: { io: own ? life.own(own) : this.radio.serverClass() },
			wifi: this.wifi,
			restart: () => this.restart("software"),
			trace: (text) => this.onTrace?.(text),
		};
	}

	/** Power comes on, and the site tells the time. */
	powerOn(cause: RestartCause = "power-on"): void {
		this.board.chip.setPower(true);
		if (!this.#options.factory) this.wall.set(EPOCH + Math.floor(this.time.micros / 1_000_000), "synced");
		const platform = this.platform(cause);
		const { start, factory, commissioned } = this.#options;
		const whole = factory || commissioned;
		const life = this.#life;
		try {
			if (start) start(platform, whole ? undefined : this.setup, this.spend);
			else if (whole) this.#device = startDevice(platform);
			else this.#device = { firmware: boot(platform, this.setup) };
		} catch (error) {
			const { onException } = this.#options;
			if (onException === undefined) throw error;
			life?.hang();
			this.time.after(CHIP_START_MS * 1000, () => {
				if (life === this.#life) onException(error);
			});
		}
	}

	/** Power goes: the firmware is gone in the middle of whatever it did, what the flash has stays. */
	powerOff(): void {
		this.#reset();
		this.retained.write(0);
		this.wall.lose();
		this.board.chip.setPower(false);
	}

	/** The reader's chip starts again, in the middle of whatever it did. */
	restart(cause: RestartCause): void {
		if (COLD.includes(cause)) this.powerOff();
		else {
			this.#reset();
			// The clock runs on, and the PN532 has its power from elsewhere.
			if (this.wall.trust() !== "unset") this.wall.set(this.wall.now(), "restored");
		}
		this.powerOn(cause);
	}

	/** The firmware hangs: nothing of it runs, what it drives stays as it is, until the watchdog bites. */
	hang(): void {
		const life = this.#life;
		life?.hang();
		this.time.after(WATCHDOG_MS * 1000, () => {
			if (life === this.#life) this.restart("watchdog");
		});
	}

	/** The reader's chip is reset: its pins float, its radio is silent. */
	#reset(): void {
		this.#life?.end();
		this.#life = undefined;
		this.door.relay.reset();
		this.panel.dark();
		this.radio.powerOff();
		this.wifi.powerOff();
		this.#device = undefined;
	}

	/**
	 * The site's plan, and then the revocation of whom it took back: streamed into the flash by the reader's own store,
	 * while the reader is off.
	 */
	installPlan(): void {
		const plan = new PlanStore({
			flash: this.flash.plan,
			rollbackCounter: this.rollbackCounter,
			crypto: this.#crypto,
			trust: this.site.trust,
			door: this.setup.door,
		});
		plan.open();
		this.sendPlan(plan);
		const next: PlanImage = {
			...this.#image,
			version: this.#image.version + 1,
			records: packRecords([
				this.#record("valid"),
				tombstone(this.people.revoked.id),
				this.#record("expired"),
			]),
		};
		const applied = plan.applyDelta(signDelta(this.#image, next, this.#signing));
		if (applied !== "applied") throw new Error(`the revocation was refused: ${applied}`);
		this.#image = next;
	}

	/** The site's plan as it is now, as a new version. */
	snapshot(version: number): ReturnType<typeof signSnapshot> {
		this.#image = { ...this.#image, version };
		return signSnapshot(this.#image, this.#signing);
	}

	/** Streams the site's plan as it is now into `plan`, as a new version. */
	sendPlan(plan: PlanStore): void {
		const snapshot = this.snapshot(plan.version + 1);
		let result: string | undefined = plan.begin(snapshot.envelope);
		for (let at = 0; result === undefined && at < snapshot.body.length; at += 1024)
			result = plan.write(snapshot.body.subarray(at, at + 1024));
		while (result === undefined || result === "more") result = plan.commit();
		if (result !== "done") throw new Error(`the plan was refused: ${result}`);
	}

	/** Runs until the reader polls; false where it does not within 5 s. */
	settle(): boolean {
		return this.time.runUntil(() => this.board.field.on, 5000);
	}

	holder(kind: PhoneKind): Holder {
		const credential: IssuedCredential = this.people[kind];
		return new Holder({
			crypto: this.#crypto,
			random: this.#random,
			credential: credential.own,
			suite: this.#suite,
			trust: this.site.trust,
			onResult: (result) => this.results.push(result),
		});
	}

	/** A phone that has not touched the reader yet. */
	nfcPhone(kind: PhoneKind, onExchange?: (exchange: HceExchange) => void): AndroidPhone {
		const holder = this.holder(kind);
		const hce = new HostCardEmulation(() => holder.session(), {
			onExchange: (exchange) => {
				this.exchanges.push(exchange);
				onExchange?.(exchange);
			},
		});
		return new AndroidPhone(hce, this.#random);
	}

	/** A phone with a credential that the simulated site did not issue. */
	phoneOf(holder: Holder): AndroidPhone {
		return new AndroidPhone(new HostCardEmulation(() => holder.session()), this.#random);
	}

	/** A phone over BLE; it does nothing before `start` or `connect`. */
	blePhone(
		kind: PhoneKind,
		more: Partial<Pick<BlePhoneOptions, "distance" | "profile" | "tapped" | "onFrame" | "known">> = {},
	): BlePhone {
		const holder = this.holder(kind);
		return new BlePhone({
			radio: this.radio,
			profile: IOS,
			distance: () => 0.2,
			known: true,
			...more,
			session: () => holder.session(),
		});
	}

	/** What is in the log's flash, as an auditor reads it. */
	log(): LogEntry[] {
		const entries: LogEntry[] = [];
		verifyLog(this.flash.log, this.#crypto, {}, (record) => entries.push(decodeRecord(record)));
		return entries;
	}

	/** Records that were written since this was last asked; reads the flash only when it was written to. */
	newEntries(): LogEntry[] {
		if (this.flash.log.writes === this.#told.writes) return [];
		const entries = this.log().filter(({ serial }) => serial > this.#told.serial);
		this.#told = { writes: this.flash.log.writes, serial: entries.at(-1)?.serial ?? this.#told.serial };
		return entries;
	}

	/** The decisions in the log, oldest first. */
	decisions(): Decision[] {
		const codes = this.log()
			.filter(({ kind }) => kind === EVENTS.decision)
			.map(({ detail }) => detail & 255);
		return codes.map((code) => ({ granted: code === REASONS.granted, reason: reasonOf(code)! }));
	}
}
