// SPDX-License-Identifier: Apache-2.0

/**
 * `navigator.bluetooth` of a page, with a simulated radio in the place of the air: what the page does with it is done by a phone's Bluetooth
 * of the simulation (`sim/bridge`), a line of words each way.
 */
import type { Page } from "playwright-core";
import type { SimRadio } from "../../sim/ble/radio.js";
import { BridgedCentral } from "../../sim/bridge/central.js";
import type { RealTime } from "../../sim/realtime.js";

/** In the page, before its own scripts. */
const SCRIPT = `{
	const hex = (bytes) => Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
	const bytes = (hex) => Uint8Array.from(hex.match(/../g) ?? [], (byte) => Number.parseInt(byte, 16));
	/** By the word that ends the waiting. */
	const waiting = new Map();
	const characteristics = new Map();
	const until = (word, line) => new Promise((resolve, reject) => {
		waiting.set(word, { resolve, reject });
		bluetoothSays(line);
	});
	class Characteristic extends EventTarget {
		value = undefined;
		constructor(uuid) {
			super();
			this.uuid = uuid;
		}
		async startNotifications() {
			await until("subscribed", "subscribe " + this.uuid);
			return this;
		}
		async writeValueWithoutResponse(value) {
			bluetoothSays("write " + this.uuid + " " + hex(value));
		}
	}
	class Device extends EventTarget {
		id = "1";
		gatt = {
			connect: async () => {
				await until("connected", "connect");
				return {
					getPrimaryService: async (service) => ({
						getCharacteristic: async (uuid) => {
							const one = new Characteristic(uuid);
							characteristics.set(uuid, one);
							return one;
						},
					}),
					disconnect: () => this.gatt.disconnect(),
				};
			},
			disconnect: () => bluetoothSays("disconnect"),
		};
	}
	const device = new Device();
	globalThis.bluetoothHears = (line) => {
		const [word, uuid, value = ""] = line.trim().split(" ");
		const wait = waiting.get(word);
		waiting.delete(word);
		wait?.resolve();
		if (word === "notify") {
			const one = characteristics.get(uuid);
			one.value = new DataView(bytes(value).buffer);
			one.dispatchEvent(new Event("characteristicvaluechanged"));
		} else if (word === "disconnected") {
			for (const { reject } of waiting.values()) reject(new DOMException("GATT Server is disconnected.", "NetworkError"));
			waiting.clear();
			device.dispatchEvent(new Event("gattserverdisconnected"));
		}
	};
	Object.defineProperty(navigator, "bluetooth", {
		value: {
			requestDevice: async () => {
				if (!navigator.userActivation.isActive) throw new DOMException("Must be handling a user gesture.", "SecurityError");
				if (await bluetoothSays("choose")) return device;
				throw new DOMException("User cancelled the requestDevice() chooser.", "NotFoundError");
			},
		},
	});
}`;

export class PageBluetooth {
	/** What the person does in the browser's list of readers. */
	chooses = true;
	/** Lines that the page has said. */
	readonly said: string[] = [];
	readonly #real: RealTime;
	readonly #radio: SimRadio;
	#central: BridgedCentral | undefined;

	private constructor(real: RealTime, radio: SimRadio) {
		this.#real = real;
		this.#radio = radio;
	}

	/** Before the page is loaded; a page has one. */
	static async plugIn(page: Page, real: RealTime, radio: SimRadio): Promise<PageBluetooth> {
		const bluetooth = new PageBluetooth(real, radio);
		await page.exposeFunction("bluetoothSays", (line: string) => bluetooth.#says(page, line));
		await page.addInitScript(SCRIPT);
		return bluetooth;
	}

	#says(page: Page, line: string): boolean {
		this.said.push(line);
		if (line === "choose") return this.chooses;
		this.#real.now(() => {
			if (line === "connect") this.#central = this.#connect(page);
			this.#central?.received(Buffer.from(`${line}\n`));
		});
		return true;
	}

	/** A new phone as far as the reader sees: browsers, too, take another address each time. */
	#connect(page: Page): BridgedCentral {
		this.#central?.gone();
		return new BridgedCentral(
			{
				// A page that was closed meanwhile hears nothing.
				send: (line) =>
					void page.evaluate(`bluetoothHears(${JSON.stringify(String(line))})`).catch(() => undefined),
				end: () => undefined,
			},
			this.#radio,
		);
	}
}
