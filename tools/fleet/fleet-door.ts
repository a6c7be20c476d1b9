// SPDX-License-Identifier: Apache-2.0

import type { RestartCause } from "../../hal/contracts/chip.js";
import type { Network } from "../../hal/contracts/network.js";
import type { GuardedOutput, GuardedOutputClass } from "../../hal/contracts/output.js";
import type { Platform } from "../../hal/contracts/platform.js";
import type { Clock, TimeTrust, WallClock } from "../../hal/contracts/time.js";
import type { Wifi } from "../../hal/contracts/wifi.js";
import { checkConfig } from "../../protocol/config/document.js";
import type { ServerSettings } from "../../protocol/config/server.js";
import type { Crypto, Random } from "../../protocol/crypto.js";
import { EVENTS, type EventSink } from "../../protocol/events.js";
import { verifyLog } from "../../protocol/log/verify.js";
import { NOTICES_SIZE } from "../../protocol/plan/layout.js";
import type { Decision } from "../../protocol/reasons.js";
import { listHash, type TrustList } from "../../protocol/trust/list.js";
import { memberOf } from "../../site/lib/provisioning/commission.js";
import type { SigningKey } from "../../site/lib/site-keys.js";
import { decide } from "../../src/access/decide.js";
import { emptyEntry } from "../../src/access/plan-entry.js";
import { type Device, startDevice } from "../../src/app/device.js";
import { SealedState } from "../../src/config/sealed-state.js";
import { ConfigStore } from "../../src/config/store.js";
import { FirmwareLife } from "./firmware-life.js";
import { RamCell, RamFlash } from "./ram-flash.js";

/** What makes a reader the one of a door. */
export interface Commission {
	readonly door: string;
	readonly trust: TrustList;
	/** A key with the role `commission`. */
	readonly by: SigningKey;
}

export interface FleetDoorOptions {
	readonly clock: Clock;
	/** Seconds since 1970. */
	readonly seconds: () => number;
	readonly network: Network;
	readonly random: Random;
	readonly crypto: Crypto;
	/** Absent: no strike is moved. */
	readonly relay?: GuardedOutputClass;
	/** The firmware has run: what it knows may be another now. */
	readonly onTurn?: (door: FleetDoor) => void;
	readonly onEvent?: EventSink;
	readonly trace?: (text: string) => void;
}

/** What is wired to it: nothing, so that it can have this configuration. */
const WIRED = Object.freeze({ position: "none", requestToExit: "none" });
const WIFI = Object.freeze({ ssid: "fleet", password: "" });

/** The firmware of a door without its radios: sync, plan and log over flash in memory. */
export class FleetDoor {
	readonly name: string;
	/** The reader's Ed25519 key, and the id of its credential. */
	readonly reader: Uint8Array;
	readonly readerId: Uint8Array;
	/** The last line of its trace. */
	said = "nothing";
	/** How often what it says to people may have changed. */
	planChanges = 0;
	/** When its session has begun, ms of its clock; 0: it has none. */
	session = 0;
	readonly #options: FleetDoorOptions;
	readonly #flash = {
		plan: new RamFlash(256 * 1024),
		log: new RamFlash(128 * 1024),
		config: new RamFlash(16 * 1024),
		notices: new RamFlash(NOTICES_SIZE),
	};
	readonly #state = new RamCell();
	readonly #timeStore = new RamCell();
	readonly #deviceKey = new Uint8Array(32);
	readonly #entry = emptyEntry();
	#life: FirmwareLife | undefined;
	#device: Device | undefined;

	constructor(options: FleetDoorOptions, { by, door, trust }: Commission) {
		const { crypto, random } = options;
		this.#options = options;
		this.name = door;
		random.fill(this.#deviceKey);
		const store = this.#store();
		const checked = checkConfig({ id: door, bluetooth: "off", timeServer: "", door: WIRED });
		if ("problems" in checked) throw new Error(`no door's name: ${door}`);
		store.makeKeys();
		const key = store.keys![0]!;
		const id = new Uint8Array(8);
		random.fill(id);
		const member = memberOf(trust.site, by, door, [key], id);
		store.join({ ...member, trust, anchor: listHash(trust, crypto) }, checked.config);
		store.setWifi(WIFI);
		this.reader = key.publicKey;
		this.readerId = id;
	}

	/** Where it finds its site's server, from the next start on. */
	connectTo(server: ServerSettings): void {
		this.#store().setServer(server);
	}

	/** Power comes. */
	start(cause: RestartCause = "power-on"): void {
		const life = new FirmwareLife(this.#options.clock, () => this.#options.onTurn?.(this));
		this.#life = life;
		this.session = 0;
		this.#device = startDevice(this.#platform(life, cause), () => []);
		this.#device.events.listeners.add((kind, detail, value, subject) => {
			if (kind === EVENTS.plan || kind === EVENTS.revocation) this.planChanges++;
			if (kind === EVENTS.sync) this.session = detail === 1 ? this.#options.clock.now() : 0;
			this.#options.onEvent?.(kind, detail, value, subject);
		});
	}

	/** Power goes: what the flash has stays. */
	powerOff(): void {
		this.#life?.end();
		this.#life = this.#device = undefined;
	}

	get device(): Device | undefined {
		return this.#device;
	}

	/** What the door would say to whoever proved to be this credential's holder; asked of its plan, and nothing moves. */
	decision(id: Uint8Array): Decision | undefined {
		const { door, platform, timekeeper } = this.#device ?? {};
		if (door === undefined) return undefined;
		const { plan } = door.access;
		const { wall } = platform!;
		plan.lookup(id, this.#entry);
		return decide(plan, this.#entry, {}, door.access.door, wall.now(), wall.trust(), timekeeper!.error);
	}

	/** That holder comes: the decision is in the log. */
	visit(id: Uint8Array): Decision {
		return this.#device!.door!.access.decide("nfc", { scheme: "edhoc", id, acted: true });
	}

	/** The site has all of its log, as far as it knows. */
	get drained(): boolean {
		const { log } = this.#device?.events ?? {};
		return log !== undefined && log.acknowledged === log.last;
	}

	/** Records of its log, 32 bytes each, the oldest first. */
	records(): Uint8Array[] {
		const records: Uint8Array[] = [];
		verifyLog(this.#flash.log, this.#options.crypto, {}, (record) => records.push(record.slice()));
		return records;
	}

	/** What its flash has, as an installer finds it while the door is off. */
	#store(): ConfigStore {
		const { crypto, random } = this.#options;
		const sealed = new SealedState(this.#state, crypto, this.#deviceKey);
		const store = new ConfigStore(this.#flash.config, sealed, crypto, random);
		store.open();
		return store;
	}

	#platform(life: FirmwareLife, restartCause: RestartCause): Platform {
		const { crypto, network, random, relay = NoRelay, seconds, trace } = this.#options;
		return {
			clock: life.clock,
			wall: wallClock(seconds),
			timeStore: this.#timeStore,
			...{ crypto, random, restartCause },
			flash: this.#flash,
			state: this.#state,
			deviceKey: this.#deviceKey,
			watchdog: { feed: () => undefined },
			relay: { io: relay },
			wifi: airOf(life),
			network: {
				udp: (onReadable) => network.udp(life.callback(onReadable)),
				resolve: (host, done) => network.resolve(host, life.callback(done)),
				tcp: life.tcp(network.tcp!),
			},
			restart: () => {
				this.powerOff();
				this.start("software");
			},
			trace: (text) => {
				this.said = text;
				trace?.(text);
			},
		};
	}
}

class NoRelay implements GuardedOutput {
	hold(): void {}
	release(): void {}
	read(): number {
		return 0;
	}
	close(): void {}
}

/** A station that is in its network from its first try on. */
function airOf(life: FirmwareLife): Wifi {
	let joined = false;
	return {
		get joined() {
			return joined;
		},
		busy: false,
		scan: (done) => done([]),
		join: (_ssid, _password, done) => {
			joined = true;
			life.clock.alarm(() => done(true)).set(0);
		},
		watch: () => undefined,
	};
}

/** Unset at each start, as after a power cut. */
function wallClock(seconds: () => number): WallClock {
	let trust: TimeTrust = "unset";
	let ahead = 0;
	return {
		now: () => (trust === "unset" ? 0 : seconds() + ahead),
		trust: () => trust,
		set: (now, how) => {
			ahead = now - seconds();
			trust = how;
		},
	};
}
