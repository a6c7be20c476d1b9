// SPDX-License-Identifier: Apache-2.0

import { DS3231 } from "../drivers/clock/ds3231.js";
import type { GATTServerClass } from "../hal/contracts/bluetooth.js";
import type { RestartCause } from "../hal/contracts/chip.js";
import type { Network } from "../hal/contracts/network.js";
import type { Platform } from "../hal/contracts/platform.js";
import { DEFAULT_TIME_SERVER } from "../protocol/config/document.js";
import type { CredentialFields } from "../protocol/credential/issue.js";
import type { Crypto } from "../protocol/crypto.js";
/**
 * A door and everything around its reader: chip, phones, lock, flash, radio, time, the site. The firmware in it is the
 * firmware of a device; the world meets it at the buses only. One seed gives one run.
 */
import { NOTICES_SIZE } from "../protocol/plan/layout.js";
import type { SigningKey } from "../site/lib/site-keys.js";
import type { KeyModel } from "../site/lib/trust/model.js";
import { type Device, startDevice } from "../src/app/device.js";
import type { schemesOf } from "../src/app/schemes.js";
import type { SealedState } from "../src/config/sealed-state.js";
import { CELLS } from "../src/schemes/qr/uses.js";
import { SealedTime } from "../src/time/sealed-time.js";
import { Auditor } from "./auditor.js";
import { SimRadio } from "./ble/radio.js";
import { SimBroker } from "./broker.js";
import { i2cClass } from "./bus/i2c.js";
import { UART } from "./bus/serial.js";
import { commission, configuration, DOOR } from "./commission.js";
import { CPUS, type Cpu, type CpuName } from "./cpu.js";
import { SimDoor } from "./door.js";
import { DS3231Chip } from "./ds3231/ds3231.js";
import { FirmwareRun } from "./firmware-run.js";
import { Power, SimFlash, SimStateCell } from "./flash.js";
import { SimNetwork, timeServer } from "./network.js";
import type { Pace } from "./pace.js";
import { PanelIO } from "./panel.js";
import { type People, type PhoneKind, people } from "./people.js";
import { Phones } from "./phones.js";
import { platformOf } from "./platform.js";
import { type AnyPN532Board, pn532Board, type Wiring } from "./pn532/board.js";
import { SeededRandom } from "./random.js";
import { SimRetained } from "./retained.js";
import { QrPage } from "./scanner/page.js";
import { type SimGM861, type SimLineScanner, scannerOf } from "./scanner/scanner.js";
import { DEVICE_KEY, SimSelf, selfFlash } from "./self.js";
import { EPOCH, SimSite } from "./site.js";
import { SitePlan, type SitePlanOptions } from "./site-plan.js";
import { SimSiteServer } from "./site-server.js";
import { VirtualTime } from "./time.js";
import { callOf, told } from "./told-crypto.js";
import { connectBroker, practiceServerKey, serverModel, UPLINK } from "./uplink.js";
import { SimWallClock } from "./wall-clock.js";
import { SimWifi } from "./wifi.js";
import { type Stretch, Work } from "./work.js";

/** Restarts that take the power of everything on the board. */
const COLD: readonly RestartCause[] = ["power-on", "brown-out"];
/** Restarts through which the controller keeps its clock and its RTC memory: all but those by power and reset pin. */
const WARM: readonly RestartCause[] = [
	"software",
	"watchdog",
	"exception",
	"out-of-memory",
	"stack-overflow",
];
/** Of the simulated time server (RFC 5737: for documentation). */
export const TIME_ADDRESS = "192.0.2.123";
/** From a restart of the chip to its firmware. */
const CHIP_START_MS = 300;
/** As in sdkconfig. */
const WATCHDOG_MS = 5000;

export interface WorldOptions extends Pick<SitePlanOptions, "document" | "rights" | "tables"> {
	readonly seed?: number;
	/** The calendar at 0 of the world's time, seconds since 1970. */
	readonly starts?: number;
	/** Keys in the site's trust list besides its own. */
	readonly keys?: readonly KeyModel[];
	/** Crypto of phones and site; the reader's too, unless it brings its own. */
	readonly crypto: Crypto;
	/** EDHOC suite of the phones. */
	readonly suite?: number;
	/** How fast the phones are; `typical` where absent. */
	readonly pace?: Pace;
	/** How the PN532 is wired; SPI with interrupt and reset where absent. */
	readonly bus?: Wiring;
	/** Its processor; an ESP32-C3's where absent. */
	readonly cpu?: CpuName | Cpu;
	/** What the installer configured, besides the door's name. */
	readonly configuration?: object;
	/** The reader speaks with a server of its site, over Wi-Fi and a broker in memory. */
	readonly server?: boolean;
	/** The reader is as it leaves the factory: no site, no keys, no configuration. */
	readonly factory?: boolean;
	/** The ways in which phones open the door, in place of the device's own. */
	readonly schemes?: typeof schemesOf;
	/** Starts the firmware in a process of another engine. */
	readonly start?: (platform: Platform, native: World["native"]) => void;
	/** What becomes of an exception that leaves a callback of the firmware; without it the run stops there. */
	readonly onException?: (error: unknown) => void;
	/** The SDK's GATT server bare, without what `hal/esp32` cures of it. */
	readonly bareRadio?: boolean;
	/** A Bluetooth of the computer's own in place of the simulated radio. */
	bluetooth?: GATTServerClass;
	/** The computer's own network in place of the simulated one. */
	network?: Network;
	/** Bytes of the log's partition. */
	readonly logSize?: number;
	/** The clock chip is not fitted. */
	readonly withoutClockChip?: boolean;
}

export class World {
	readonly time = new VirtualTime();
	readonly site: SimSite;
	readonly people: People;
	readonly phones: Phones;
	readonly plan: SitePlan;
	readonly auditor: Auditor;
	readonly wall: SimWallClock;
	readonly board: AnyPN532Board;
	readonly door: SimDoor;
	readonly panel: PanelIO;
	/** The line of the installer's port; the device on it is the installer. */
	readonly console: UART;
	/** The line of the scanner, and what is on it where the configuration has one. */
	readonly scanner: UART;
	readonly qr: SimGM861 | SimLineScanner | undefined;
	/** How often codes have opened. */
	readonly uses: readonly SimStateCell[];
	readonly radio: SimRadio;
	/** The site's server, where it has one, and its broker. */
	readonly server: SimSiteServer | undefined;
	readonly broker: SimBroker;
	readonly wifi = new SimWifi(this.time);
	readonly network = new SimNetwork(this.time, () => this.wifi.joined);
	readonly flash: Readonly<Record<"plan" | "log" | "config" | "notices", SimFlash>>;
	/** The supply of everything that keeps: a cut that is planned there takes the power of the whole board. */
	readonly power = new Power();
	/** Its configuration, and what it knows for certain. */
	readonly self = new SimSelf(selfFlash(this.power));
	readonly deviceKey = DEVICE_KEY;
	/** The reader's Ed25519 key, once it is commissioned. */
	readonly readerKey: Uint8Array | undefined;
	readonly retained = new SimRetained();
	readonly clockChip = new DS3231Chip(this.time);
	readonly timeStore = new SimStateCell(this.power);
	/** The reader has just computed so many instructions, in so many µs. */
	onStretch: ((stretch: Stretch, instructions: number, micros: number) => void) | undefined;
	/** A line of the reader's trace. */
	onTrace: ((text: string) => void) | undefined;
	readonly #options: WorldOptions;
	/** Another site, whose people come here too. */
	readonly #other: SimSite;
	readonly #readerRandom: SeededRandom;
	#run: FirmwareRun | undefined;
	/** By how much the calendar has been moved, s. */
	#leapt = 0;
	#device: Device | undefined;

	constructor(options: WorldOptions) {
		const { seed = 1, crypto, suite = 4, bus = "spi", pace = "typical", starts = EPOCH } = options;
		const { power, time } = this;
		const random = new SeededRandom(seed);
		const config = configuration(options.configuration);
		this.#options = options;
		this.#readerRandom = new SeededRandom(seed ^ 0x5eed);
		this.flash = {
			plan: new SimFlash({ size: 256 * 1024, power }),
			log: new SimFlash({ size: options.logSize ?? 128 * 1024, power }),
			config: this.self.flash,
			notices: new SimFlash({ size: NOTICES_SIZE, power }),
		};
		this.uses = Array.from({ length: CELLS }, () => new SimStateCell(power));
		power.onCut = () => this.powerOff();
		const serverKey = options.server ? practiceServerKey(crypto) : undefined;
		const keys = [...(options.keys ?? []), ...(serverKey ? [serverModel(serverKey, starts)] : [])];
		this.site = new SimSite(crypto, random, undefined, keys, serverKey && starts, starts);
		const other = new SimSite(crypto, random, "OTHER001", [], undefined, starts);
		this.#other = other;
		if (!options.factory) {
			const uplink = serverKey && UPLINK;
			this.readerKey = commission(this.flash.config, this.sealed(), crypto, this.site, config, uplink);
			this.setClock();
		}
		this.network.names.set(DEFAULT_TIME_SERVER, TIME_ADDRESS);
		this.network.servers.set(
			`${TIME_ADDRESS}:123`,
			timeServer(() => this.seconds),
		);
		this.broker = new SimBroker(time, seed);
		connectBroker(this.network, this.broker);
		this.clockChip.faults.absent = options.withoutClockChip === true;
		this.people = people(this.site, other, suite);
		this.wall = new SimWallClock(time);
		this.board = pn532Board(bus === "hsu921600" ? "hsu" : bus, time, random);
		this.door = new SimDoor(time, config.door);
		this.panel = new PanelIO(time, this.door, config.door);
		this.console = new UART(time, { fifo: 16 * 1024 });
		this.scanner = new UART(time);
		this.qr = scannerOf(this.scanner, config.scanner);
		// Its own dice: what the radio does must not move the keys that phones make.
		this.radio = new SimRadio({
			time,
			random: new SeededRandom(seed ^ 0xb1e),
			cured: options.bareRadio !== true,
		});
		const { radio, people: holders, site } = this;
		this.phones = new Phones({ crypto, random, radio, people: holders, trust: site.trust, suite, pace });
		this.plan = new SitePlan({
			...options,
			site,
			people: holders,
			flash: this.flash.plan,
			sealed: this.sealed,
		});
		this.auditor = new Auditor(this.flash.log, crypto);
		this.server = serverKey && this.#server(serverKey, this.readerKey);
	}

	/** The firmware in this process; absent where it runs in another, or the power is off. */
	get device(): Device | undefined {
		return this.#device;
	}

	/** The reader has power, and its firmware runs. */
	get powered(): boolean {
		return this.#run !== undefined;
	}

	/** The page that a person's phone shows to a scanner; `claims` as `QrPage` has them. */
	page(kind: PhoneKind, claims: Partial<CredentialFields> = {}): QrPage {
		const site = kind === "foreign" ? this.#other : this.site;
		const dates = kind === "expired" ? site.past() : {};
		return new QrPage(site, this.people[kind], this.#options.crypto, { ...dates, ...claims });
	}

	/** The time in this world, seconds since 1970. */
	get seconds(): number {
		return this.site.epoch + this.#leapt + Math.floor(this.time.micros / 1_000_000);
	}

	/** The calendar goes on by so many seconds at once, in the reader as at its site; nothing happens meanwhile. */
	leap(seconds: number): void {
		this.#leapt += seconds;
		this.clockChip.leap(seconds);
		const trust = this.wall.trust();
		if (trust !== "unset") this.wall.set(this.wall.now() + seconds, trust);
	}

	#server(serverKey: SigningKey, reader: Uint8Array | undefined): SimSiteServer {
		const { broker, site, time } = this;
		const { crypto, seed = 1 } = this.#options;
		const random = new SeededRandom(seed ^ 0x517e);
		const seconds = (): number => this.seconds;
		const server = new SimSiteServer({
			...{ time, crypto, random, broker, serverKey, seconds },
			site: site.keys,
		});
		if (reader !== undefined) server.books.register(DOOR, reader);
		return server;
	}

	/** What the reader knows for certain, as a store that works on its flash while it is off has to have it. */
	readonly sealed = (): SealedState => this.self.sealed(this.#options.crypto);

	/** Firmware in another process is about to do native work: a function of hal/crypto/native. */
	readonly native = (name: string): void => {
		const call = callOf(name);
		if (call !== undefined) this.#run?.work?.meet(call);
	};

	#work(): Work {
		const { cpu = "esp32c3" } = this.#options;
		return new Work({
			cpu: typeof cpu === "string" ? CPUS[cpu] : cpu,
			spend: (micros) => this.time.spend(micros),
			onStretch: (stretch, instructions, micros) => this.onStretch?.(stretch, instructions, micros),
		});
	}

	/** The platform that the firmware gets. */
	platform(cause: RestartCause): Platform {
		const { crypto, bluetooth, network = this.network, onException } = this.#options;
		const work = this.#work();
		const run = new FirmwareRun(this.time, onException, work);
		this.#run = run;
		this.radio.work = work;
		const { config, log, notices, plan } = this.flash;
		const parts = {
			...this,
			network,
			state: this.self.state,
			random: work.random(this.#readerRandom),
			crypto: told(crypto, (call) => work.meet(call)),
			flash: {
				plan: work.flash(plan),
				log: work.flash(log),
				config: work.flash(config),
				notices: work.flash(notices),
			},
			fastBaud: this.#options.bus === "hsu921600" ? 921_600 : undefined,
			hold: (micros: number) => this.time.spend(micros),
			bluetooth: bluetooth ? run.own(bluetooth) : this.radio.serverClass(),
			restart: () => this.restart("software"),
			trace: (text: string) => this.onTrace?.(text),
		};
		return platformOf(parts, run, cause);
	}

	/** As the installer's `commission` leaves it. */
	setClock(): void {
		this.clockChip.setPower(true);
		new DS3231({ io: i2cClass(this.clockChip) }).set(this.seconds, this.seconds);
		new SealedTime(this.timeStore, this.#options.crypto, this.deviceKey).write(this.seconds);
		this.clockChip.setPower(false);
	}

	powerOn(cause: RestartCause = "power-on"): void {
		if (!this.power.on) this.power.restore();
		this.board.chip.setPower(true);
		this.clockChip.setPower(true);
		this.qr?.setPower(true);
		// The site has given the plan that was installed, or has it to give.
		const { books } = this.server ?? {};
		if (books !== undefined && books.image(DOOR) === undefined) books.setPlan(this.plan.image);
		const platform = this.platform(cause);
		const { start } = this.#options;
		const run = this.#run;
		try {
			if (start) start(platform, this.native);
			else {
				const device = startDevice(platform, this.#options.schemes);
				if (run === this.#run) this.#device = device;
			}
		} catch (error) {
			// The power went while it started.
			if (run !== this.#run) return;
			const { onException } = this.#options;
			if (onException === undefined) throw error;
			run?.hang();
			this.time.after(CHIP_START_MS * 1000, () => {
				if (run === this.#run) onException(error);
			});
		}
	}

	/** Power goes: the firmware is gone in the middle of whatever it did, what the flash has stays. */
	powerOff(): void {
		this.#reset();
		this.retained.write(0);
		this.wall.lose();
		this.board.chip.setPower(false);
		this.clockChip.setPower(false);
		this.qr?.setPower(false);
	}

	/** The reader's chip starts again, in the middle of whatever it did. */
	restart(cause: RestartCause): void {
		if (COLD.includes(cause)) this.powerOff();
		else {
			// The PN532 has its power from elsewhere.
			this.#reset();
			if (!WARM.includes(cause)) {
				this.retained.write(0);
				this.wall.lose();
			} else if (this.wall.trust() !== "unset") this.wall.set(this.wall.now(), "restored");
		}
		this.powerOn(cause);
	}

	/** The firmware hangs: nothing of it runs, what it drives stays as it is, until the watchdog bites. */
	hang(): void {
		const run = this.#run;
		run?.hang();
		this.time.after(WATCHDOG_MS * 1000, () => {
			if (run === this.#run) this.restart("watchdog");
		});
	}

	/** The reader's chip is reset: its pins float, its radio is silent. */
	#reset(): void {
		this.#run?.end();
		this.#run = undefined;
		this.door.relay.reset();
		this.panel.dark();
		this.radio.powerOff();
		this.wifi.powerOff();
		this.network.powerOff();
		this.#device = undefined;
	}

	/** Runs until the reader polls; false where it does not within 5 s. */
	settle(): boolean {
		return this.time.runUntil(() => this.board.field.on, 5000);
	}
}
