// SPDX-License-Identifier: Apache-2.0

import type { AndroidPhone } from "./nfc/cards.js";
import type { PhoneKind } from "./people.js";
import type { World } from "./world.js";

/** How long a hand holds the phone to the reader, ms. */
const TAP_MS = 1200;
/** How long a hand holds a screen to the scanner, ms. */
const SHOWN_MS = 2000;
/** How long request-to-exit stays pressed, ms: long enough to see what the door does meanwhile. */
const PRESS_MS = 300_000;

/** What a person does at the simulated door. Each gives what to say of it. */
export class Hands {
	powered = false;
	readonly #world: World;
	#phone: AndroidPhone | undefined;

	constructor(world: World) {
		this.#world = world;
	}

	tap(kind: PhoneKind): string {
		const { board, phones, time } = this.#world;
		if (this.#phone) board.field.remove(this.#phone);
		const held = phones.nfc(kind);
		this.#phone = held;
		board.field.present(held);
		time.after(TAP_MS * 1000, () => board.field.remove(held));
		return `a phone is held to the reader (${kind})`;
	}

	/** As a visitor does, who has no app: the page shows another code each 15 s. */
	showCode(kind: PhoneKind): string {
		const { qr, time } = this.#world;
		if (qr === undefined) return "there is no scanner";
		const page = this.#world.page(kind);
		qr.see(() => page.at(this.#world.seconds));
		time.after(SHOWN_MS * 1000, () => qr.see(undefined));
		return `a phone shows its code to the scanner (${kind})`;
	}

	pull(): string {
		return this.#world.door.pull() ? "the door opens" : "the door is locked";
	}

	shut(): string {
		this.#world.door.shut();
		return "the door is shut";
	}

	breakOpen(): string {
		this.#world.door.force();
		return "the door is forced with a crowbar";
	}

	pressExit(): string {
		const { door, time } = this.#world;
		door.press(true);
		time.after(PRESS_MS * 1000, () => door.press(false));
		return "somebody inside presses request-to-exit";
	}

	switchPower(): string {
		if (this.powered) this.#world.powerOff();
		else this.#world.powerOn();
		this.powered = !this.powered;
		return this.powered ? "power comes back" : "power is cut";
	}

	wedgeChip(): string {
		this.#world.board.chip.wedge();
		return "the PN532 goes silent; the reader finds out and resets it";
	}
}
