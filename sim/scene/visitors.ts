// SPDX-License-Identifier: Apache-2.0

import type { BlePhone } from "../ble/central.js";
import { AndroidPhone, MifareClassic } from "../nfc/cards.js";
import type { Card } from "../nfc/field.js";
import type { Applet } from "../nfc/isodep.js";
import type { PhoneKind } from "../people.js";
import { SeededRandom } from "../random.js";
import type { World } from "../world.js";
import type { Observe } from "./observe.js";

/** How long a hand holds a phone or card to the reader, ms. */
const TAP_MS = 1200;
/** How long a hand holds a screen to the scanner, ms. */
const SHOWN_MS = 2000;
/** How long who comes by Bluetooth stands before the reader, ms. */
const PASS_MS = 6000;
/** How near they stand, cm. */
const PASS_CM = 20;
/** From here on a phone that was let in has left, cm: when it comes nearer again, that is another visit. */
const LEFT_CM = 200;

/** ISO/IEC 7816-4: application not found. */
const NO_APPLICATION: Applet = {
	process: () => ({ response: Uint8Array.of(0x6a, 0x82), micros: 20_000 }),
	deselected: () => {},
};

/** A phone that is at the reader. */
export interface Present {
	readonly who: PhoneKind | "transport" | "bank";
	readonly by: "nfc" | "ble" | "qr";
	/** Over Bluetooth: how far it is, cm. */
	readonly distance?: number;
}

interface Near {
	readonly phone: BlePhone;
	distance: number;
	/** Its transaction is over. */
	done: boolean;
}

/** Phones and cards at the door, and the people who hold them. Each method gives what to say of it. */
export class Visitors {
	readonly #world: World;
	readonly #now: () => number;
	readonly #observe: Observe;
	/** What is held to the reader or shown to the scanner. */
	#held: readonly Present[] = [];
	#release: (() => void) | undefined;
	readonly #near = new Map<PhoneKind, Near>();
	/** Of cards: they must not move the keys that phones make. */
	readonly #random = new SeededRandom(0xca4d);

	/** `now`: µs of the scene. */
	constructor(world: World, now: () => number, observe: Observe) {
		this.#world = world;
		this.#now = now;
		this.#observe = observe;
	}

	/** Who is there now. */
	get present(): readonly Present[] {
		const near = [...this.#near].map(([who, { distance }]) => ({ who, by: "ble" as const, distance }));
		return [...this.#held, ...near];
	}

	tap(who: PhoneKind): string {
		this.#hold([{ who, by: "nfc" }], [this.#phone(who)]);
		return `a phone is held to the reader (${who})`;
	}

	/** One on the other, as two who stand in a queue. */
	stack(who: PhoneKind, other: PhoneKind): string {
		const held = [who, other];
		this.#hold(
			held.map((one) => ({ who: one, by: "nfc" as const })),
			held.map((one) => this.#phone(one)),
		);
		return `two phones are held to the reader at once (${who}, ${other})`;
	}

	card(kind: "transport" | "bank"): string {
		const card =
			kind === "transport"
				? new MifareClassic(this.#random.bytes(4))
				: new AndroidPhone(NO_APPLICATION, this.#random);
		this.#hold([{ who: kind, by: "nfc" }], [card]);
		return `a ${kind} card is held to the reader`;
	}

	/** As a visitor does, who has no app: the page shows another code each 15 s. */
	showCode(who: PhoneKind): string {
		const { qr } = this.#world;
		if (qr === undefined) return "there is no scanner";
		const page = this.#world.page(who);
		this.#until(
			SHOWN_MS,
			[{ who, by: "qr" }],
			() => qr.see(() => this.#shown(page.at(this.#world.seconds))),
			() => qr.see(undefined),
		);
		return `a phone shows its code to the scanner (${who})`;
	}

	/** A phone in a pocket comes to the reader by Bluetooth, and goes again. */
	pass(who: PhoneKind): string {
		this.near(who, PASS_CM, false);
		const here = this.#near.get(who);
		this.#world.time.after(PASS_MS * 1000, () => {
			if (this.#near.get(who) === here) this.away(who);
		});
		return `a phone comes to the reader by Bluetooth (${who})`;
	}

	/** A phone comes within reach, or the one that is there moves. `tapped`: its user has acted in the app. */
	near(who: PhoneKind, distance: number, tapped: boolean): string {
		const there = this.#near.get(who);
		const returns = there?.done && there.distance >= LEFT_CM && distance < LEFT_CM;
		if (there !== undefined && !tapped && !returns) there.distance = distance;
		else {
			if (there !== undefined) this.away(who);
			this.#come(who, distance, tapped);
		}
		return `a phone is ${distance} cm away (${who})${tapped ? ", and its user taps in the app" : ""}`;
	}

	away(who: PhoneKind): string {
		const there = this.#near.get(who);
		if (there === undefined) return `no such phone is near (${who})`;
		this.#near.delete(who);
		there.phone.disconnect();
		this.#tell({ who, by: "ble" }, false);
		return `the phone is taken away (${who})`;
	}

	#come(who: PhoneKind, distance: number, tapped: boolean): void {
		const phone = this.#world.phones.ble(who, {
			...{ persistent: true, tapped },
			distance: () => here.distance / 100,
			onEnd: (result) => {
				here.done ||= result === "finished";
			},
			onFrame: (direction, bytes) =>
				this.#observe({
					...{ kind: "frame", at: this.#now(), who, bytes },
					from: direction === "to-reader" ? "phone" : "reader",
				}),
		});
		const here: Near = { phone, distance, done: false };
		this.#near.set(who, here);
		this.#tell({ who, by: "ble" }, true);
		phone.start();
	}

	#phone(who: PhoneKind): AndroidPhone {
		return this.#world.phones.nfc(who, ({ command, response }) =>
			this.#observe({ kind: "apdu", at: this.#now(), command, response }),
		);
	}

	#shown(text: string): string {
		this.#observe({ kind: "code", at: this.#now(), text });
		return text;
	}

	#tell({ by, who }: Present, came: boolean): void {
		this.#observe({ kind: "present", at: this.#now(), who, by, came });
	}

	#hold(held: readonly Present[], cards: readonly Card[]): void {
		const { field } = this.#world.board;
		this.#until(
			TAP_MS,
			held,
			() => {
				for (const card of cards) field.present(card);
			},
			() => {
				for (const card of cards) field.remove(card);
			},
		);
	}

	/** One hand: what it held before is gone. */
	#until(ms: number, held: readonly Present[], begin: () => void, end: () => void): void {
		this.#release?.();
		this.#held = held;
		for (const one of held) this.#tell(one, true);
		begin();
		const release = (): void => {
			if (this.#release !== release) return;
			end();
			for (const one of held) this.#tell(one, false);
			this.#held = [];
			this.#release = undefined;
		};
		this.#release = release;
		this.#world.time.after(ms * 1000, release);
	}
}
