// SPDX-License-Identifier: Apache-2.0

/**
 * A Bluetooth adapter for the browser's own Web Bluetooth: the DevTools protocol's `BluetoothEmulation` takes the place of
 * the hardware below it, and the simulated radio, with a reader on it, the place of the air. Chooser, filters, permissions,
 * discovery and the queue of GATT operations are the browser's.
 *
 * That emulation has no notifications. So each value that the reader notifies is handed over as the answer to a read of
 * the same characteristic, which Web Bluetooth reports by the same event (Web Bluetooth, 5.3: `characteristicvaluechanged`).
 */

import type { CDPSession, Page } from "playwright-core";
import type { GATTCharacteristic } from "../../hal/contracts/bluetooth.js";
import { toHex } from "../../protocol/bytes.js";
import {
	SERVICE_UUID,
	UUID_FROM_PHONE,
	UUID_TO_PHONE,
	UUID_VERSION,
} from "../../protocol/link/ble-service.js";
import { GattClient } from "../../sim/ble/client.js";
import type { CentralSide, SimLink, SimRadio } from "../../sim/ble/radio.js";

const ADDRESS = "4C:49:4E:54:45:4C";
/** HCI and ATT both say success by 0; HCI says "connection failed to be established" by 0x3e. */
const SUCCESS = 0;
const NOT_ESTABLISHED = 0x3e;
/** AD type "complete list of 128-bit service UUIDs" (Supplement to the Core Specification, Part A 1.1). */
const AD_UUIDS_128 = 0x07;
const PROPERTY_NAMES = { read: 2, writeWithoutResponse: 4, write: 8, notify: 16 } as const;
const CCCD = "00002902-0000-1000-8000-00805f9b34fb";

/** Keeps the characteristic that the page has subscribed to, for `reading`. */
const WATCH = `{
	const { prototype } = BluetoothRemoteGATTCharacteristic;
	const { startNotifications } = prototype;
	prototype.startNotifications = function () {
		globalThis.subscribed = this;
		return startNotifications.call(this);
	};
}`;

/** The 128-bit service UUIDs of an advertisement, as text. */
function advertisedServices(data: Uint8Array): string[] {
	const uuids: string[] = [];
	for (let at = 0; at < data.length; at += data[at]! + 1) {
		if (data[at + 1] !== AD_UUIDS_128) continue;
		for (let from = at + 2; from < at + 1 + data[at]!; from += 16)
			uuids.push(
				toHex(data.slice(from, from + 16).reverse()).replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-"),
			);
	}
	return uuids;
}

export interface AdapterOptions {
	readonly page: Page;
	readonly radio: SimRadio;
	readonly mtu: number;
}

/** What the page wants of a characteristic. */
interface CharacteristicOperation {
	readonly characteristicId: string;
	readonly type: "read" | "write" | "subscribe-to-notifications" | "unsubscribe-from-notifications";
	/** Base64. */
	readonly data?: string;
}

export class EmulatedAdapter implements CentralSide {
	readonly interval = 7.5;
	readonly perEvent = 4;
	/** What went wrong here; a spec wants it empty. */
	readonly errors: Error[] = [];
	/** Sizes of the frames that the page wrote and that the reader notified. */
	readonly written: number[] = [];
	readonly notified: number[] = [];
	readonly #page: Page;
	readonly #browser: CDPSession;
	readonly #radio: SimRadio;
	readonly #mtu: number;
	/** By the browser's name of it. */
	readonly #characteristics = new Map<string, GATTCharacteristic>();
	readonly #values: Uint8Array[] = [];
	#link: SimLink | undefined;
	#client: GattClient | undefined;
	#added = false;
	#reading: Promise<void> = Promise.resolve();

	private constructor({ page, radio, mtu }: AdapterOptions, browser: CDPSession) {
		this.#page = page;
		this.#browser = browser;
		this.#radio = radio;
		this.#mtu = mtu;
	}

	/** Plugs it in, in range of the reader; the user takes the first reader of the browser's list. */
	static async plugIn(options: AdapterOptions): Promise<EmulatedAdapter> {
		const { page, radio } = options;
		const context = page.context();
		const browser = await context.browser()!.newBrowserCDPSession();
		const prompts = await context.newCDPSession(page);
		const adapter = new EmulatedAdapter(options, browser);
		await page.addInitScript(WATCH);
		await browser.send("BluetoothEmulation.enable", { state: "powered-on", leSupported: true });
		await prompts.send("DeviceAccess.enable");
		let taken: unknown;
		prompts.on("DeviceAccess.deviceRequestPrompted", ({ id, devices: [first] }) => {
			// Told again with each advertisement.
			if (first === undefined || id === taken) return;
			taken = id;
			adapter.#do(prompts.send("DeviceAccess.selectPrompt", { id, deviceId: first.id }));
		});
		browser.on("BluetoothEmulation.gattOperationReceived", (operation) =>
			adapter.#do(adapter.#gatt(operation.type)),
		);
		browser.on("BluetoothEmulation.characteristicOperationReceived", (operation) =>
			adapter.#operation(operation),
		);
		radio.scan((data) => adapter.#heard(data));
		return adapter;
	}

	async unplug(): Promise<void> {
		await this.#browser.send("BluetoothEmulation.disable");
		await this.#browser.detach();
	}

	distance(): number {
		return 0.2;
	}

	onPdu(pdu: Uint8Array): void {
		this.#client?.received(pdu);
	}

	#notify(value: Uint8Array): void {
		this.notified.push(value.length);
		this.#values.push(value.slice());
		// One after the other: of two reads at once the browser's emulation answers one.
		this.#reading = this.#reading.then(() =>
			this.#page.evaluate("globalThis.subscribed.readValue().then(() => undefined)").then(() => undefined),
		);
		this.#do(this.#reading);
	}

	onDisconnect(): void {
		this.#link = undefined;
		// The emulation forgets the services with the connection.
		this.#added = false;
		this.#values.length = 0;
		this.#do(this.#browser.send("BluetoothEmulation.simulateGATTDisconnection", { address: ADDRESS }));
	}

	#do(work: Promise<unknown>): void {
		work.catch((error: Error) => this.errors.push(error));
	}

	#heard(data: Uint8Array): void {
		// Chromium lets go of the adapter where an optional field is absent.
		const rest = { name: "", appearance: 0, txPower: 0, manufacturerData: [] };
		const scanRecord = { ...rest, uuids: advertisedServices(data) };
		const entry = { deviceAddress: ADDRESS, rssi: -50, scanRecord };
		this.#do(this.#browser.send("BluetoothEmulation.simulateAdvertisement", { entry }));
	}

	async #gatt(type: "connection" | "discovery"): Promise<void> {
		let code = SUCCESS;
		if (type === "connection") {
			await this.#addService();
			this.#link = this.#radio.connect(this);
			this.#client = this.#link && new GattClient(this.#link);
			if (this.#client !== undefined) {
				this.#client.onNotification = (value) => this.#notify(value);
				this.#client.exchangeMtu(this.#mtu);
			}
			if (this.#link === undefined) code = NOT_ESTABLISHED;
		}
		await this.#browser.send("BluetoothEmulation.simulateGATTOperationResponse", {
			address: ADDRESS,
			type,
			code,
		});
	}

	/** The reader's service as the browser will discover it. */
	async #addService(): Promise<void> {
		if (this.#added) return;
		this.#added = true;
		const { serviceId } = await this.#browser.send("BluetoothEmulation.addService", {
			address: ADDRESS,
			serviceUuid: SERVICE_UUID,
		});
		for (const uuid of [UUID_FROM_PHONE, UUID_TO_PHONE, UUID_VERSION]) {
			const characteristic = this.#radio.server!.table.at(this.#radio.handle(uuid))!.characteristic!;
			const properties = Object.fromEntries(
				Object.entries(PROPERTY_NAMES).map(([name, bit]) => [name, (characteristic.properties & bit) !== 0]),
			);
			const notifies = properties.notify === true;
			if (notifies) properties.read = true;
			const { characteristicId } = await this.#browser.send("BluetoothEmulation.addCharacteristic", {
				serviceId,
				characteristicUuid: uuid,
				properties,
			});
			if (notifies)
				await this.#browser.send("BluetoothEmulation.addDescriptor", {
					characteristicId,
					descriptorUuid: CCCD,
				});
			this.#characteristics.set(String(characteristicId), characteristic);
		}
	}

	#operation({ characteristicId, data, type }: CharacteristicOperation): void {
		const characteristic = this.#characteristics.get(characteristicId)!;
		const respond = (value?: Uint8Array): void =>
			this.#do(
				this.#browser.send("BluetoothEmulation.simulateCharacteristicOperationResponse", {
					characteristicId,
					type,
					code: SUCCESS,
					...(value ? { data: Buffer.from(value).toString("base64") } : {}),
				}),
			);
		if (type === "read") {
			respond(characteristic.uuid === UUID_TO_PHONE ? this.#values.shift() : characteristic.value);
			return;
		}
		const handle = this.#radio.handle(characteristic.uuid);
		const client = this.#client;
		if (type === "write") {
			const frame = new Uint8Array(Buffer.from(data ?? "", "base64"));
			this.written.push(frame.length);
			client?.write(handle, frame, () => respond());
		} else if (type === "subscribe-to-notifications") client?.subscribe(handle + 1, () => respond());
		else respond();
	}
}
