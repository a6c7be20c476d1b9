/**
 * A simulated Bluetooth LE link between phones and the reader's GATT server: advertising that a scan may hear or miss,
 * connection events, loss that costs an event (the link layer sends again), MTU exchange, signal strength by distance.
 * It gives the firmware a `GATTServerClass`, so that the driver under test is the driver on the device.
 */
import type {
	GATTCharacteristic,
	GATTConnection,
	GATTServer,
	GATTServerClass,
	GATTServerOptions,
} from "../../hal/contracts.js";
import type { SeededRandom } from "../random.js";
import type { VirtualTime } from "../time.js";

const PROPERTIES = Object.freeze({ read: 2, writeWithoutResponse: 4, write: 8, notify: 16 });
/** As the SDK's default, CONFIG_BT_NIMBLE_MAX_CONNECTIONS; more, to see the driver refuse a second phone. */
const MAX_CONNECTIONS = 3;
/** Notifications that wait in the stack before it refuses. */
const NOTIFY_QUEUE = 4;
/** The link is given up when nothing got through for this long, ms. */
const SUPERVISION_MS = 4000;

export interface RadioOptions {
	readonly time: VirtualTime;
	readonly random: SeededRandom;
	/** Share of connection events that get nothing through, 0 to 1. */
	readonly loss?: number;
}

/** The other end of a connection: the phone. Callbacks come at connection events. */
export interface CentralSide {
	readonly mtu: number;
	readonly interval: number;
	readonly perEvent: number;
	/** Metres from the reader; may change while connected. */
	distance(): number;
	onNotify(characteristic: GATTCharacteristic, value: Uint8Array): void;
	onDisconnect(): void;
}

/** Log-distance path loss: -50 dBm at 30 cm with a phone in hand, exponent 2.4 indoors, ±3 dB of fading. */
export function signalStrength(metres: number, random: SeededRandom): number {
	const loss = 24 * Math.log10(Math.max(metres, 0.02) / 0.3);
	return Math.round(-50 - loss + (random.below(61) - 30) / 10);
}

export class SimLink implements GATTConnection {
	readonly #radio: SimRadio;
	readonly #central: CentralSide;
	readonly #toPhone: {
		characteristic: GATTCharacteristic;
		value: Uint8Array;
		done: ((e?: Error) => void) | undefined;
	}[] = [];
	readonly #toReader: (() => void)[] = [];
	#mtu = 23;
	#cancel: (() => void) | undefined;
	#missed = 0;
	open = true;

	constructor(radio: SimRadio, central: CentralSide) {
		this.#radio = radio;
		this.#central = central;
		this.#schedule();
	}

	get maximumWrite(): number {
		return this.#mtu - 3;
	}

	get central(): CentralSide {
		return this.#central;
	}

	notify(characteristic: GATTCharacteristic, value: Uint8Array, callback?: (error?: Error) => void): void {
		if (!this.open) throw new Error("disconnected");
		if (this.#toPhone.length >= NOTIFY_QUEUE) throw new Error("no buffers");
		this.#toPhone.push({ characteristic, value: value.slice(0, this.maximumWrite), done: callback });
	}

	/** Local close: the phone hears of it one interval later. */
	close(): void {
		this.#radio.disconnect(this);
	}

	/** Queues something that the phone does over the air; it happens at a connection event. */
	fromPhone(action: () => void): void {
		this.#toReader.push(action);
	}

	exchangeMtu(): void {
		this.#mtu = Math.max(23, Math.min(this.#central.mtu, this.#radio.serverMtu));
	}

	end(): void {
		this.open = false;
		this.#cancel?.();
		for (const { done } of this.#toPhone.splice(0)) done?.(new Error("disconnected"));
	}

	#schedule(): void {
		this.#cancel = this.#radio.time.after(this.#central.interval * 1000, () => this.#event());
	}

	/** One connection event: packets both ways, or none where the radio lost it. */
	#event(): void {
		if (this.#radio.random.uint32() / 0x1_0000_0000 < this.#radio.loss) {
			this.#missed += this.#central.interval;
			if (this.#missed >= SUPERVISION_MS) {
				this.#radio.disconnect(this);
				return;
			}
		} else {
			this.#missed = 0;
			for (const action of this.#toReader.splice(0, this.#central.perEvent)) if (this.open) action();
			for (const { characteristic, value, done } of this.#toPhone.splice(0, this.#central.perEvent)) {
				if (!this.open) return;
				done?.();
				this.#central.onNotify(characteristic, value);
			}
		}
		if (this.open) this.#schedule();
	}
}

export class SimRadio {
	readonly time: VirtualTime;
	readonly random: SeededRandom;
	loss: number;
	#options: GATTServerOptions | undefined;
	#advertising: { data: Uint8Array; interval: number } | undefined;
	#stopAdvertising: (() => void) | undefined;
	readonly #links: SimLink[] = [];
	readonly #scanners = new Set<(data: Uint8Array) => void>();

	constructor(options: RadioOptions) {
		this.time = options.time;
		this.random = options.random;
		this.loss = options.loss ?? 0;
	}

	get serverMtu(): number {
		return this.#options?.mtu ?? 23;
	}

	get connections(): number {
		return this.#links.length;
	}

	get isAdvertising(): boolean {
		return this.#advertising !== undefined;
	}

	/** The class that the firmware makes its server of. */
	serverClass(): GATTServerClass {
		const radio = this;
		return class implements GATTServer {
			static readonly properties = PROPERTIES;

			constructor(options: GATTServerOptions) {
				radio.#open(options);
			}

			startAdvertising(data: Uint8Array, scanResponse?: Uint8Array, interval = 100): void {
				if (data.length > 31 || (scanResponse?.length ?? 0) > 31) throw new RangeError("at most 31 bytes");
				radio.#advertise(data.slice(), interval);
			}

			stopAdvertising(): void {
				radio.#stop();
			}

			rssi(connection: GATTConnection): number | undefined {
				const link = connection as SimLink;
				return link.open ? signalStrength(link.central.distance(), radio.random) : undefined;
			}

			close(): void {
				radio.powerOff();
			}
		};
	}

	/** Hears every advertisement until the function that is given back is called. */
	scan(heard: (data: Uint8Array) => void): () => void {
		this.#scanners.add(heard);
		return () => this.#scanners.delete(heard);
	}

	/** A central connects; `undefined` where the reader does not listen or is full. */
	connect(central: CentralSide): SimLink | undefined {
		const options = this.#options;
		if (options === undefined || this.#advertising === undefined) return undefined;
		if (this.#links.length >= MAX_CONNECTIONS) return undefined;
		const link = new SimLink(this, central);
		this.#links.push(link);
		options.onConnect(link);
		return link.open ? link : undefined;
	}

	disconnect(link: SimLink): void {
		const at = this.#links.indexOf(link);
		if (at < 0) return;
		this.#links.splice(at, 1);
		link.end();
		this.time.after(0, () => this.#options?.onDisconnect(link));
		this.time.after(link.central.interval * 1000, () => link.central.onDisconnect());
	}

	characteristic(uuid: string): GATTCharacteristic | undefined {
		for (const service of this.#options?.services ?? [])
			for (const characteristic of service.characteristics)
				if (characteristic.uuid === uuid) return characteristic;
		return undefined;
	}

	/** The reader's power is cut: everybody is cut off and nothing is advertised. */
	powerOff(): void {
		this.#stop();
		this.#options = undefined;
		for (const link of this.#links.splice(0)) {
			link.end();
			this.time.after(SUPERVISION_MS * 1000, () => link.central.onDisconnect());
		}
	}

	#open(options: GATTServerOptions): void {
		if (this.#options !== undefined) throw new Error("the device has one server");
		for (const service of options.services)
			for (const c of service.characteristics) {
				const notifies = (c.properties & PROPERTIES.notify) !== 0;
				const writes = (c.properties & (PROPERTIES.write | PROPERTIES.writeWithoutResponse)) !== 0;
				if (
					notifies !== (c.onSubscribe !== undefined && c.onUnsubscribe !== undefined) ||
					writes !== (c.onWrite !== undefined)
				)
					throw new TypeError("handlers must match properties");
			}
		this.#options = options;
		this.time.after(5000, () => {
			if (this.#options === options) options.onReady();
		});
	}

	#advertise(data: Uint8Array, interval: number): void {
		this.#stop();
		this.#advertising = { data, interval };
		const next = (): void => {
			for (const heard of [...this.#scanners]) heard(data);
			if (this.#advertising)
				this.#stopAdvertising = this.time.after((interval + this.random.below(11)) * 1000, next);
		};
		this.#stopAdvertising = this.time.after(interval * 1000, next);
	}

	#stop(): void {
		this.#stopAdvertising?.();
		this.#advertising = undefined;
	}
}
