// SPDX-License-Identifier: Apache-2.0

/** A door of a site for pages of phones: a reader in the computer's time, in reach of the page's Bluetooth, with its server over TCP. */
import { assert } from "chai";
import type { Page } from "playwright-core";
import { SimRadio } from "../../sim/ble/radio.js";
import { SeededRandom } from "../../sim/random.js";
import { RealTime } from "../../sim/realtime.js";
import { VirtualTime } from "../../sim/time.js";
import { TestReader } from "../site/server/test-reader.js";
import type { TestSite } from "../site/server/test-site.js";
import { PageBluetooth } from "./web-bluetooth.js";

export class PhoneDoor {
	readonly reader: TestReader;
	readonly #time = new VirtualTime();
	readonly #real = new RealTime(this.#time);
	readonly #radio = new SimRadio({ time: this.#time, random: new SeededRandom(1) });

	private constructor(site: TestSite, door: string) {
		this.reader = new TestReader(site, door);
		this.reader.fitted = { bluetooth: { io: this.#radio.serverClass() } };
	}

	/** Registered with the site's server, commissioned, and switched on. */
	static async open(site: TestSite, id: string, name: string): Promise<PhoneDoor> {
		const door = new PhoneDoor(site, id);
		const { key, readerId } = door.reader;
		const { body, status } = await site.ask("POST", "/api/doors", {
			body: { door: id, name, key, readerId },
		});
		assert.equal(status, 200, JSON.stringify(body));
		door.reader.commission(body.server);
		door.#real.start();
		door.powerOn();
		return door;
	}

	powerOn(): void {
		this.#real.now(() => this.reader.powerOn());
	}

	powerOff(): void {
		this.#real.now(() => {
			this.reader.powerOff();
			this.#radio.powerOff();
		});
	}

	/** This page's Bluetooth reaches the door. */
	reach(page: Page): Promise<PageBluetooth> {
		return PageBluetooth.plugIn(page, this.#real, this.#radio);
	}

	close(): void {
		this.powerOff();
		this.#real.stop();
	}
}
