// SPDX-License-Identifier: Apache-2.0

import { randomBytes } from "node:crypto";
import type { Serial } from "../../../hal/contracts/io.js";
import type { TCP, TCPOptions } from "../../../hal/contracts/network.js";
import type { GuardedOutput } from "../../../hal/contracts/output.js";
import type { Platform } from "../../../hal/contracts/platform.js";
import type { Alarm, Clock, TimeTrust, WallClock } from "../../../hal/contracts/time.js";
import { NodeClock } from "../../../hal/node/clock.js";
import { NodeCrypto } from "../../../hal/node/crypto.js";
import { NodeRandom } from "../../../hal/node/random.js";
import { NodeTCP, resolveByNode } from "../../../hal/node/tcp.js";
import { fromHex, toHex } from "../../../protocol/bytes.js";
import { checkConfig } from "../../../protocol/config/document.js";
import type { ServerSettings } from "../../../protocol/config/server.js";
import { EDDSA, signer } from "../../../protocol/credential/cose.js";
import { issueCredential } from "../../../protocol/credential/issue.js";
import { NOTICES_SIZE } from "../../../protocol/plan/layout.js";
import { listIn } from "../../../protocol/trust/envelope.js";
import { decodeList, listHash } from "../../../protocol/trust/list.js";
import { SimFlash, SimStateCell } from "../../../sim/flash.js";
import { DEVICE_KEY, SimSelf } from "../../../sim/self.js";
import { type Device, startDevice } from "../../../src/app/device.js";
import type { ConfigStore } from "../../../src/config/store.js";
import type { TestSite } from "./test-site.js";

/** A reader without radios and wires, unless they are `fitted`: the firmware whole, over the computer's network and in its time. */
export class TestReader {
	readonly door: string;
	/** In hexadecimal. */
	readonly key: string;
	readonly readerId: string;
	/** Its clock is ahead of the computer's, ms. */
	ahead = 0;
	/** How often the strike was released. */
	released = 0;
	/** What it is connected to besides, while it has power. */
	fitted: Partial<Platform> = {};
	/** What its installer configures besides its name. */
	configuration: object = {};
	readonly #site: TestSite;
	readonly #crypto = new NodeCrypto();
	readonly #random = new NodeRandom();
	readonly #self = new SimSelf();
	readonly #flash = {
		plan: new SimFlash({ size: 128 * 1024 }),
		log: new SimFlash({ size: 32 * 1024 }),
		config: this.#self.flash,
		notices: new SimFlash({ size: NOTICES_SIZE }),
	};
	/** Of the commissioning. */
	readonly #store: ConfigStore;
	readonly #credential: Uint8Array;
	/** What ends with the power. */
	readonly #made = new Set<{ close(): void }>();
	#on = false;
	#device: Device | undefined;

	constructor(site: TestSite, door: string) {
		this.#site = site;
		this.door = door;
		this.#store = this.#self.open(this.#crypto, this.#random);
		const { publicKey } = this.#store.makeKeys()[0]!;
		const id = new Uint8Array(randomBytes(8));
		const key = { algorithm: EDDSA, publicKey } as const;
		const by = signer(this.#crypto, EDDSA, site.office.secretKey);
		this.#credential = issueCredential({ issuer: "ACME", subject: door, id, key }, by);
		this.key = toHex(publicKey);
		this.readerId = toHex(id);
	}

	/** Commissions it by the site's first list, with what the server says of its broker; or has it go to another one. */
	commission(server: ServerSettings): void {
		const store = this.#store;
		const settings = { ...server, spread: 0 };
		if (store.membership !== undefined) {
			store.setServer(settings);
			return;
		}
		const trust = decodeList(listIn(this.#site.keys.lists[0]!)!)!;
		const checked = checkConfig({ ...this.configuration, id: this.door });
		if ("problems" in checked) throw new Error("the configuration is not valid");
		const anchor = listHash(trust, this.#crypto);
		store.join({ trust, anchor, door: this.door, credentials: [this.#credential] }, checked.config, settings);
		store.setWifi({ ssid: "Building", password: "" });
	}

	get device(): Device {
		return this.#device!;
	}

	powerOn(): void {
		this.#on = true;
		this.#device = startDevice(this.#platform());
	}

	powerOff(): void {
		this.#on = false;
		this.#device = undefined;
		for (const part of this.#made) part.close();
		this.#made.clear();
	}

	/** What becomes of a phone that has proved that its credential is this: a reason. */
	tap(id: string): string {
		return this.#device!.door!.access.decide("nfc", { scheme: "edhoc", id: fromHex(id), acted: true }).reason;
	}

	#own<A extends unknown[]>(callback: (...args: A) => void): (...args: A) => void {
		return (...args) => {
			if (this.#on) callback(...args);
		};
	}

	#platform(): Platform {
		const { resolve, tcp } = { resolve: resolveByNode, tcp: this.#tcp() };
		const reader = this;
		return {
			...{ clock: this.#clock(), wall: wallClock(), timeStore: new SimStateCell() },
			...{ random: this.#random, crypto: this.#crypto },
			...{ flash: this.#flash, state: this.#self.state, deviceKey: DEVICE_KEY, restartCause: "power-on" },
			watchdog: { feed: () => undefined },
			pn532: { serial: { io: Silence } },
			relay: {
				io: class implements GuardedOutput {
					#isOn = false;
					hold(): void {
						reader.released++;
						this.#isOn = true;
					}
					release(): void {
						this.#isOn = false;
					}
					read(): number {
						return this.#isOn ? 1 : 0;
					}
					close(): void {}
				},
			},
			wifi: {
				busy: false,
				joined: true,
				scan: (done) => done([]),
				join: (_ssid, _password, done) => done(true),
				watch: () => undefined,
			},
			network: {
				udp: () => ({ read: () => undefined, write: () => undefined, close: () => undefined }),
				resolve: (host, done) => resolve(host, this.#own(done)),
				tcp,
			},
			...this.fitted,
			restart: () => {
				this.powerOff();
				this.powerOn();
			},
			trace: () => {},
		};
	}

	#clock(): Clock {
		const clock = new NodeClock();
		return {
			now: () => clock.now() + this.ahead,
			alarm: (callback): Alarm => {
				const alarm = clock.alarm(this.#own(callback));
				this.#made.add(alarm);
				return alarm;
			},
		};
	}

	#tcp(): new (options: TCPOptions) => TCP {
		const reader = this;
		return class extends NodeTCP {
			constructor({ address, onError, onReadable, onWritable, port }: TCPOptions) {
				super({
					...{ address, port, onReadable: reader.#own(onReadable) },
					...{ onWritable: reader.#own(onWritable), onError: reader.#own(onError) },
				});
				reader.#made.add(this);
			}
		};
	}
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

/** The computer's, unset until it is set. */
function wallClock(): WallClock {
	let trust: TimeTrust = "unset";
	let ahead = 0;
	const seconds = (): number => Math.floor(Date.now() / 1000);
	return {
		now: () => (trust === "unset" ? 0 : seconds() + ahead),
		trust: () => trust,
		set: (now, how) => {
			ahead = now - seconds();
			trust = how;
		},
	};
}
