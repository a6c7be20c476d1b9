// SPDX-License-Identifier: Apache-2.0

import type { RestartCause } from "../hal/contracts/chip.js";
import type { Serial } from "../hal/contracts/io.js";
import type { Network } from "../hal/contracts/network.js";
import type { Platform } from "../hal/contracts/platform.js";
import type { Wifi } from "../hal/contracts/wifi.js";
import type { ServerSettings } from "../protocol/config/server.js";
import type { Crypto } from "../protocol/crypto.js";
import { NOTICES_SIZE } from "../protocol/plan/layout.js";
import type { Decision } from "../protocol/reasons.js";
import { type Device, startDevice } from "../src/app/device.js";
import { SealedTime } from "../src/time/sealed-time.js";
import { commission, configuration } from "./commission.js";
import { SimRelay } from "./door.js";
import { FirmwareRun } from "./firmware-run.js";
import { SimFlash, SimStateCell } from "./flash.js";
import { SimNetwork } from "./network.js";
import { SeededRandom } from "./random.js";
import { DEVICE_KEY, SimSelf } from "./self.js";
import type { SimSite } from "./site.js";
import type { VirtualTime } from "./time.js";
import { SimWallClock } from "./wall-clock.js";

export interface BareReaderOptions {
	readonly time: VirtualTime;
	readonly crypto: Crypto;
	readonly seed: number;
	readonly site: SimSite;
	/** The door's name. */
	readonly door: string;
	readonly server: ServerSettings;
	/** Seconds since 1970 when simulated time began: what its clock is set to. */
	readonly epoch: number;
	/** Bytes of the plan's partition and of the log's. */
	readonly planSize?: number;
	readonly logSize?: number;
}

/** A PN532 that is not there. */
class Silence implements Serial {
	format = "buffer" as const;

	read(): undefined {
		return undefined;
	}

	write(): void {}

	close(): void {}
}

/**
 * A commissioned reader without radios and wires, for runs of many: the firmware is the device's own, and meets its network, flash and
 * relay. Who has proved themselves is said to it.
 */
export class BareReader {
	readonly door: string;
	readonly network: SimNetwork;
	readonly relay: SimRelay;
	readonly wall: SimWallClock;
	readonly self = new SimSelf();
	readonly flash: Readonly<Record<"plan" | "log" | "config" | "notices", SimFlash>>;
	/** False: the network is out of reach. */
	reachable = true;
	/** A line of the reader's trace. */
	onTrace: ((text: string) => void) | undefined;
	readonly #options: BareReaderOptions;
	readonly #random: SeededRandom;
	readonly #timeStore = new SimStateCell();
	#run: FirmwareRun | undefined;
	#device: Device | undefined;

	constructor(options: BareReaderOptions) {
		const { crypto, door, epoch, logSize, planSize, seed, server, site, time } = options;
		this.#options = options;
		this.#random = new SeededRandom(seed);
		this.door = door;
		this.network = new SimNetwork(time, () => this.reachable);
		this.relay = new SimRelay(time);
		this.wall = new SimWallClock(time);
		this.flash = {
			plan: new SimFlash({ size: planSize ?? 128 * 1024 }),
			log: new SimFlash({ size: logSize ?? 32 * 1024 }),
			config: this.self.flash,
			notices: new SimFlash({ size: NOTICES_SIZE }),
		};
		commission(this.flash.config, this.self.sealed(crypto), crypto, site, configuration({ id: door }));
		const store = this.self.open(crypto, this.#random);
		store.setServer(server);
		store.setWifi({ ssid: "Building", password: "" });
		new SealedTime(this.#timeStore, crypto, DEVICE_KEY).write(epoch);
	}

	/** The firmware; absent while the power is off. */
	get device(): Device | undefined {
		return this.#device;
	}

	/** Its Ed25519 key, as the site registers it. */
	get publicKey(): Uint8Array {
		return this.self.open(this.#options.crypto, this.#random).keys![0]!.publicKey;
	}

	powerOn(cause: RestartCause = "power-on"): void {
		const run = new FirmwareRun(this.#options.time);
		this.#run = run;
		this.#device = startDevice(this.#platform(run, cause));
	}

	powerOff(): void {
		this.#run?.end();
		this.#run = undefined;
		this.#device = undefined;
		this.relay.reset();
		this.network.powerOff();
		this.wall.lose();
	}

	/** A phone has proved that its credential is this. */
	tap(id: Uint8Array): Decision {
		return this.#device!.door!.access.decide("nfc", { scheme: "edhoc", id, acted: true });
	}

	#platform(run: FirmwareRun, cause: RestartCause): Platform {
		const { crypto } = this.#options;
		const { network } = this;
		const restart = (): void => {
			this.powerOff();
			this.powerOn("software");
		};
		return {
			...{ clock: run.clock, wall: this.wall, timeStore: this.#timeStore, random: this.#random, crypto },
			...{ flash: this.flash, state: this.self.state, deviceKey: DEVICE_KEY, restartCause: cause },
			watchdog: { feed: () => undefined },
			pn532: { serial: { io: run.own(Silence) } },
			relay: { io: this.relay.io },
			wifi: this.#wifi(),
			network: {
				resolve: (host, done) => network.resolve(host, run.callback(done)),
				udp: (onReadable) => network.udp(run.callback(onReadable)),
				tcp: run.own(network.tcp),
			} satisfies Network,
			restart,
			trace: (text) => this.onTrace?.(text),
		};
	}

	/** Always joined: what is out of reach is the network behind it. */
	#wifi(): Wifi {
		return {
			busy: false,
			joined: true,
			scan: (done) => done([]),
			join: (_ssid, _password, done) => done(true),
			watch: () => undefined,
		};
	}
}
