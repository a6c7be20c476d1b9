// SPDX-License-Identifier: Apache-2.0

import { assert } from "chai";
import { Indicator } from "../../../drivers/indicator/indicator.js";
import { RENEWAL_MS, Relay } from "../../../drivers/relay/relay.js";
import { checkDoorConfig } from "../../../protocol/config/door.js";
import { SimDoor } from "../../../sim/door.js";
import { PanelIO } from "../../../sim/panel.js";
import { VirtualTime } from "../../../sim/time.js";
import { DoorController } from "../../../src/door/controller.js";
import { SIGNALS, type Signal } from "../../../src/door/feedback.js";

const REVOKED = { granted: false, reason: "revoked" } as const;
const NO_RIGHTS = { extended: false, firstPerson: false, passageMode: false };
const request = { id: new Uint8Array(8).fill(7), link: "nfc", planVersion: 1, rights: NO_RIGHTS } as const;

/** A minute of an alarm at a reader with light and sounder: how long each signal showed, and each tone sounded, ms. */
class AlarmedDoor {
	readonly time = new VirtualTime();
	readonly shown = new Map<Signal, number>();
	readonly heard = new Map<number, number>();
	readonly order: Signal[] = [];
	readonly controller: DoorController;
	readonly #indicator: Indicator<Signal>;
	readonly #panel: PanelIO;

	constructor() {
		const checked = checkDoorConfig({});
		if (!("config" in checked)) throw new Error("no configuration");
		const { config } = checked;
		const leaf = new SimDoor(this.time, config);
		const panel = new PanelIO(this.time, leaf, config);
		this.#panel = panel;
		this.#indicator = new Indicator({
			clock: this.time,
			patterns: SIGNALS,
			light: panel.light,
			sounder: panel.sounder,
		});
		this.controller = new DoorController({
			config,
			clock: this.time,
			strike: new Relay({ io: leaf.relay.io }),
			signals: this.#indicator,
			renewalMs: RENEWAL_MS,
			onEvent: () => {},
		});
		this.controller.start(0, { doorPosition: false });
	}

	/** Each millisecond counts for what shows and sounds in it. */
	wait(ms: number): void {
		for (let i = 0; i < ms; i++) {
			const signal = this.#indicator.signal!;
			if (signal !== this.order.at(-1)) this.order.push(signal);
			this.shown.set(signal, (this.shown.get(signal) ?? 0) + 1);
			const { tone } = this.#panel;
			this.heard.set(tone, (this.heard.get(tone) ?? 0) + 1);
			this.time.run(1);
		}
	}

	/** The alarm: the leaf opened without a cause. */
	force(): void {
		this.controller.input("doorPosition", true);
		this.time.run(1000);
	}
}

/** What the alarm alone shows and sounds in a minute, ms. */
function undisturbed(): AlarmedDoor {
	const door = new AlarmedDoor();
	door.force();
	door.wait(60_000);
	return door;
}

describe("an alarm of the door among the signals", () => {
	const TONE = SIGNALS.forced.tone;
	const alone = undisturbed();

	/** At least four fifths of the light and sound that the alarm has alone. */
	function assertHeard(door: AlarmedDoor): void {
		assert.equal(alone.shown.get("forced"), 60_000);
		assert.isAtLeast(door.shown.get("forced")!, 0.8 * 60_000, "light");
		assert.isAtLeast(door.heard.get(TONE)!, 0.8 * alone.heard.get(TONE)!, "sound");
	}

	it("is not replaced by identify, which needs no authority", () => {
		const door = new AlarmedDoor();
		door.force();
		door.controller.identify(60_000);
		door.wait(60_000);
		assertHeard(door);
		assert.isAtLeast(door.shown.get("identify")!, 5000, "the reader is found all the same");
	});

	it("is not replaced by denials of a phone that is tapped every 2 s, or every 100 ms", () => {
		for (const every of [2000, 100]) {
			const door = new AlarmedDoor();
			door.force();
			for (let at = 0; at < 60_000; at += every) {
				door.controller.decide(REVOKED, request);
				door.wait(every);
			}
			assertHeard(door);
			assert.isAtLeast(door.shown.get("denied")!, 5000, "who is denied is told");
		}
	});

	it("is not replaced by all that a stranger can do together, nor before it has been seen", () => {
		const door = new AlarmedDoor();
		door.controller.identify(60_000);
		for (let at = 0; at < 5000; at += 500) {
			door.controller.decide(REVOKED, request);
			door.wait(500);
		}
		door.shown.clear();
		door.heard.clear();
		door.force();
		for (let at = 0; at < 60_000; at += 500) {
			door.controller.identify(60_000);
			door.controller.reading(true);
			door.controller.decide(REVOKED, request);
			door.wait(500);
			if (at < 2000) assert.isUndefined(door.shown.get("denied"), "the alarm comes first");
		}
		assertHeard(door);
	});

	it("answers one denial in the next pause, however it falls", () => {
		for (let after = 0; after < 6000; after += 250) {
			const door = new AlarmedDoor();
			door.force();
			door.wait(after);
			door.order.length = 0;
			door.controller.decide(REVOKED, request);
			door.wait(5000);
			assert.deepEqual(
				door.order.filter((signal) => signal === "denied"),
				["denied"],
				`${after} ms into the alarm`,
			);
			assert.equal(door.order.at(-1), "forced");
			assert.equal(door.shown.get("denied"), 600);
		}
	});

	it("the held-open alarm and its warning too", () => {
		const door = new AlarmedDoor();
		door.controller.decide({ granted: true, reason: "granted" }, request);
		door.controller.input("doorPosition", true);
		door.time.run(16_000);
		door.controller.identify(60_000);
		door.wait(60_000);
		const alarm = door.shown.get("warning")! + door.shown.get("held")!;
		assert.isAtLeast(alarm, 0.8 * 60_000);
	});

	it("yields at once to who opens with a right", () => {
		const door = new AlarmedDoor();
		door.force();
		door.controller.decide({ granted: true, reason: "granted" }, request);
		door.wait(10);
		assert.notInclude(door.order, "forced");
	});
});
