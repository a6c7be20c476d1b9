// SPDX-License-Identifier: Apache-2.0

/** A door of a site for pages of phones: a reader in the computer's time, with its server over TCP, Bluetooth for the page, and a QR scanner. */
import { assert } from "chai";
import type { Page } from "playwright-core";
import { SCANNER_FIELDS } from "../../protocol/config/scanner.js";
import { SimRadio } from "../../sim/ble/radio.js";
import { UART } from "../../sim/bus/serial.js";
import { SimStateCell } from "../../sim/flash.js";
import { SeededRandom } from "../../sim/random.js";
import { RealTime } from "../../sim/realtime.js";
import { SimLineScanner } from "../../sim/scanner/lines.js";
import { VirtualTime } from "../../sim/time.js";
import { CELLS } from "../../src/schemes/qr/uses.js";
import { TestReader } from "../site/server/test-reader.js";
import type { TestSite } from "../site/server/test-site.js";
import { PageBluetooth } from "./web-bluetooth.js";

export class PhoneDoor {
	readonly reader: TestReader;
	readonly #time = new VirtualTime();
	readonly #real = new RealTime(this.#time);
	readonly #radio = new SimRadio({ time: this.#time, random: new SeededRandom(1) });

	readonly #line = new UART(this.#time);
	readonly #scanner = new SimLineScanner(this.#line, SCANNER_FIELDS.baud.default);
	readonly #uses = Array.from({ length: CELLS }, () => new SimStateCell());
	readonly #site: TestSite;

	private constructor(site: TestSite, door: string) {
		this.#site = site;
		this.reader = new TestReader(site, door);
		this.reader.configuration = { scanner: { model: "line" } };
		this.reader.fitted = {
			bluetooth: { io: this.#radio.serverClass() },
			scanner: () => ({ serial: { io: this.#line.Serial }, cell: (index) => this.#uses[index]! }),
		};
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
		this.#real.now(() => {
			this.#scanner.setPower(true);
			this.reader.powerOn();
		});
	}

	/** Its firmware counts from now on as started long ago: in the first 45 s it takes no code. */
	runsForLong(): void {
		this.reader.ahead += 60_000;
	}

	/** A phone shows this to the scanner, and takes it away; what the door has decided then, as the site has it in its log: a reason. */
	async shown(text: string): Promise<string> {
		const before = await this.#decisions();
		this.#real.now(() => {
			// It is read once, at once.
			this.#scanner.see(() => text);
			this.#scanner.see(undefined);
		});
		let all = before;
		while (all.length === before.length) all = await this.#decisions();
		return all.at(-1)!;
	}

	async #decisions(): Promise<string[]> {
		const { body } = await this.#site.ask(
			"GET",
			`/api/log?event=decision&order=oldest&limit=1000&door=${this.reader.door}`,
		);
		return body.rows.map(({ reason }: { reason: string }) => reason);
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
