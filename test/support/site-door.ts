// SPDX-License-Identifier: Apache-2.0

/** A server whose pages are in the browser, and whose door is the firmware, over the computer's network. */
import { assert } from "chai";
import { TestReader } from "../site/server/test-reader.js";
import { useBrowser } from "./browser.js";
import { BrowserSite } from "./site-browser.js";
import { HANGS_MS } from "./until.js";

export const ADA = "2b7d9ce0114f6685";
export const BEN = "00112233445566aa";

const now = (): number => Math.floor(Date.now() / 1000);

const PLAN = {
	site: "ACME",
	timeZone: "Europe/Vienna",
	accessPlans: { staff: [{ schedule: "always" }] },
	doors: { FRONT: {} },
	users: [
		{ name: "Ada Obermeier", accessPlans: ["staff"], credentials: [{ id: ADA }] },
		{ name: "Ben", accessPlans: [], credentials: [{ id: BEN }] },
	],
};

/** What the API says of a door, as far as specs look at it. */
interface DoorView {
	readonly state: string;
	readonly alarms: readonly string[];
	readonly log: { readonly here: number; readonly there: number | null };
}

export class DoorSite extends BrowserSite {
	reader!: TestReader;

	/** The door has its plan, and is in a session. */
	async begin(configuration: object): Promise<void> {
		await this.start({ now });
		this.reader = new TestReader(this, "FRONT");
		this.reader.configuration = configuration;
		const { key, readerId } = this.reader;
		const body = { door: "FRONT", name: "Front door", key, readerId };
		const answer = await this.ask("POST", "/api/doors", { body });
		assert.equal((await this.ask("PUT", "/api/plan", { body: PLAN })).status, 204);
		this.reader.commission(answer.body.server);
		this.reader.powerOn();
		await this.becomes("has it", ({ state }) => state === "has-it");
	}

	/** Until the door is so at the server. */
	async becomes(what: string, met: (door: DoorView) => boolean): Promise<void> {
		for (const end = Date.now() + HANGS_MS; ; ) {
			const { body } = await this.ask("GET", "/api/doors/FRONT");
			if (met(body)) return;
			if (Date.now() > end) throw new Error(`not in ${HANGS_MS} ms: ${what}: ${JSON.stringify(body)}`);
			await new Promise((resolve) => setTimeout(resolve, 20));
		}
	}

	/** The server has all of the door's log. */
	async logged(): Promise<void> {
		const { log } = this.reader.device.events;
		const { last } = log!;
		await this.becomes("its log", ({ log }) => log.here >= last);
	}
}

/** A server, its door and a browser for the specs of this suite. */
export function useDoorSite(configuration: object = {}): DoorSite {
	const site = new DoorSite();
	useBrowser();
	before(function () {
		this.timeout(HANGS_MS);
		return site.begin(configuration);
	});
	after(async () => {
		site.reader.powerOff();
		await site.end();
	});
	return site;
}
