/**
 * A phone with the app in the background: it hears the reader's service, connects, and holds the transaction. The
 * transaction itself is the phone library's; this is what iOS or Android and the app's link code do around it.
 */

import { advertisement, UUID_FROM_PHONE, UUID_TO_PHONE } from "../../drivers/ble/service.js";
import type { GATTCharacteristic } from "../../hal/contracts.js";
import { compare } from "../../src/bytes.js";
import { MIN_MTU } from "../../src/link/frames.js";
import { GattHolder } from "../phone/gatt.js";
import type { HolderSession } from "../phone/hce.js";
import type { PhoneProfile } from "./profile.js";
import type { CentralSide, SimLink, SimRadio } from "./radio.js";

export interface BlePhoneOptions {
	readonly radio: SimRadio;
	readonly profile: PhoneProfile;
	readonly session: () => HolderSession;
	/** Metres; a function where the phone moves. */
	readonly distance: () => number;
	/** The user acted in the app. */
	readonly tapped?: boolean;
	/** The phone knows the service already: no discovery. */
	readonly cached?: boolean;
	readonly onEnd?: (result: "finished" | "disconnected") => void;
	/** What crossed the air, for a timeline. */
	readonly onFrame?: (direction: "to-reader" | "to-phone", frame: Uint8Array) => void;
}

/** Where the time went, ms, between connecting and message_3 handed over. */
export interface BlePhoneTimes {
	connected: number;
	phone: number;
}

export class BlePhone implements CentralSide {
	readonly mtu: number;
	readonly interval: number;
	readonly perEvent: number;
	readonly times: BlePhoneTimes = { connected: 0, phone: 0 };
	readonly #options: BlePhoneOptions;
	#holder: GattHolder | undefined;
	#link: SimLink | undefined;
	#stopScan: (() => void) | undefined;

	constructor(options: BlePhoneOptions) {
		this.#options = options;
		this.mtu = options.profile.mtu;
		this.interval = options.profile.interval;
		this.perEvent = options.profile.perEvent;
	}

	get link(): SimLink | undefined {
		return this.#link;
	}

	distance(): number {
		return this.#options.distance();
	}

	/** Listens until the reader is heard, then connects and transacts once. */
	start(): void {
		const { radio, profile } = this.#options;
		const phase = radio.random.below(profile.scanInterval * 1000);
		const wanted = advertisement();
		this.#stopScan = radio.scan((data) => {
			const inWindow =
				(radio.time.micros + phase) % (profile.scanInterval * 1000) < profile.scanWindow * 1000;
			if (!inWindow || this.distance() > 15 || compare(data, wanted) !== 0) return;
			this.#stopScan?.();
			radio.time.after(profile.connect * 1000, () => this.connect());
		});
	}

	/** Connects at once, as when the scan had already heard the reader. */
	connect(): void {
		const link = this.#options.radio.connect(this);
		if (link === undefined) {
			// Full or not listening: the system goes on scanning.
			this.#options.radio.time.after(100_000, () => this.start());
			return;
		}
		this.#link = link;
		this.times.connected = this.#options.radio.time.micros / 1000;
		const rounds = this.#options.cached ? 0 : this.#options.profile.discovery;
		link.fromPhone(() => link.exchangeMtu());
		for (let i = 0; i < rounds; i++) for (let k = 0; k < this.perEvent; k++) link.fromPhone(() => undefined);
		link.fromPhone(() => this.#characteristic(UUID_TO_PHONE)?.onSubscribe?.(link));
		// The exchange of MTUs comes before the first frame.
		const mtu = Math.max(MIN_MTU, Math.min(this.mtu, this.#options.radio.serverMtu));
		const { session, tapped = false, profile } = this.#options;
		this.#holder = new GattHolder({ session: session(), mtu, tapped });
		const frames = this.#holder.begin();
		if (this.#holder.over) link.close();
		else this.#work(profile.message1, () => this.#send(frames));
	}

	/** The user walks off, or Bluetooth is switched off. */
	disconnect(): void {
		this.#stopScan?.();
		this.#link?.close();
	}

	onNotify(_characteristic: GATTCharacteristic, value: Uint8Array): void {
		this.#options.onFrame?.("to-phone", value);
		const holder = this.#holder;
		if (holder === undefined) return;
		const frames = holder.received(value);
		if (holder.over) this.#link?.close();
		else if (frames.length > 0) this.#work(this.#options.profile.message3, () => this.#send(frames));
	}

	onDisconnect(): void {
		this.#link = undefined;
		const holder = this.#holder;
		holder?.lost();
		this.#holder = undefined;
		this.#options.onEnd?.(holder?.finished === true ? "finished" : "disconnected");
	}

	#work(ms: number, then: () => void): void {
		this.times.phone += ms;
		const link = this.#link;
		this.#options.radio.time.after(ms * 1000, () => {
			if (link === this.#link && link?.open) then();
		});
	}

	/** One frame a connection event. */
	#send(frames: readonly Uint8Array[]): void {
		const link = this.#link!;
		let next = 0;
		const sendNext = (): void => {
			const frame = frames[next++];
			if (frame === undefined) return;
			this.#options.onFrame?.("to-reader", frame);
			this.#characteristic(UUID_FROM_PHONE)?.onWrite?.(frame.slice(), link);
			if (next < frames.length && link.open) link.fromPhone(sendNext);
		};
		link.fromPhone(sendNext);
	}

	#characteristic(uuid: string): GATTCharacteristic | undefined {
		return this.#options.radio.characteristic(uuid);
	}
}
