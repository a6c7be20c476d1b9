// SPDX-License-Identifier: Apache-2.0

import { type HceExchange, HostCardEmulation, type PhoneTiming, TIMING } from "../phone/hce.js";
import { Holder, type HolderResult } from "../phone/holder.js";
import type { Crypto } from "../protocol/crypto.js";
import type { TrustList } from "../protocol/trust/list.js";
import { BlePhone, type BlePhoneOptions } from "./ble/central.js";
import { IOS } from "./ble/profile.js";
import type { SimRadio } from "./ble/radio.js";
import { AndroidPhone } from "./nfc/cards.js";
import { PACES, type Pace } from "./pace.js";
import type { People, PhoneKind } from "./people.js";
import type { SeededRandom } from "./random.js";

export interface PhonesOptions {
	readonly crypto: Crypto;
	readonly random: SeededRandom;
	readonly radio: SimRadio;
	readonly people: People;
	readonly trust: TrustList;
	/** EDHOC suite that they speak. */
	readonly suite: number;
	/** `typical` where absent. */
	readonly pace?: Pace;
}

/** The people's phones, and what they heard of the reader. */
export class Phones {
	/** Command-response pairs of the taps so far. */
	readonly exchanges: HceExchange[] = [];
	readonly results: HolderResult[] = [];
	readonly #options: PhonesOptions;

	constructor(options: PhonesOptions) {
		this.#options = options;
	}

	/** A phone that has not touched the reader yet. */
	nfc(kind: PhoneKind, onExchange?: (exchange: HceExchange) => void): AndroidPhone {
		const holder = this.#holder(kind);
		const hce = new HostCardEmulation(() => holder.session(), {
			timing: this.#timing(),
			onExchange: (exchange) => {
				this.exchanges.push(exchange);
				onExchange?.(exchange);
			},
		});
		return new AndroidPhone(hce, this.#options.random);
	}

	/** A phone with a credential that the simulated site did not issue. */
	of(holder: Holder): AndroidPhone {
		return new AndroidPhone(new HostCardEmulation(() => holder.session()), this.#options.random);
	}

	/** A phone over BLE; it does nothing before `start` or `connect`. */
	ble(kind: PhoneKind, more: Partial<Omit<BlePhoneOptions, "radio" | "session">> = {}): BlePhone {
		const holder = this.#holder(kind);
		const { profile = IOS } = more;
		const slowness = PACES[this.#options.pace ?? "typical"];
		return new BlePhone({
			radio: this.#options.radio,
			distance: () => 0.2,
			known: true,
			...more,
			profile: { ...profile, message1: profile.message1 * slowness, message3: profile.message3 * slowness },
			session: () => holder.session(),
		});
	}

	#timing(): PhoneTiming {
		const slowness = PACES[this.#options.pace ?? "typical"];
		const { message2, message4, select } = TIMING;
		return { select: select * slowness, message2: message2 * slowness, message4: message4 * slowness };
	}

	/** One of a crowd: what it hears is not among `results`. */
	crowd(kind: PhoneKind, onEnd: () => void): BlePhone {
		const holder = this.#holder(kind, () => {});
		const { radio } = this.#options;
		return new BlePhone({
			...{ radio, profile: IOS, distance: () => 0.2, known: true, onEnd },
			session: () => holder.session(),
		});
	}

	#holder(
		kind: PhoneKind,
		onResult = (result: HolderResult): void => void this.results.push(result),
	): Holder {
		const { crypto, random, people, suite, trust } = this.#options;
		return new Holder({
			crypto,
			random,
			credential: people[kind].own,
			suite,
			trust,
			onResult,
		});
	}
}
