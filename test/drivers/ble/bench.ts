// SPDX-License-Identifier: Apache-2.0

import { type BleCarrier, BlePeripheral, SUBSCRIBE_LIMIT_MS } from "../../../drivers/ble/peripheral.js";
import type { HolderSession } from "../../../phone/hce.js";
import { Holder, type HolderResult } from "../../../phone/holder.js";
import { DEFAULT_PROXIMITY } from "../../../protocol/config/proximity.js";
import { SUITE_IDS } from "../../../protocol/edhoc/suites.js";
import type { Decision, Reason } from "../../../protocol/reasons.js";
/** A reader's BLE side and simulated phones around it, for specs. */
import type { TrustList } from "../../../protocol/trust/list.js";
import { BlePhone } from "../../../sim/ble/central.js";
import { ANDROID, IOS, type PhoneProfile } from "../../../sim/ble/profile.js";
import { type RadioOptions, SimRadio } from "../../../sim/ble/radio.js";
import { SeededRandom } from "../../../sim/random.js";
import { type IssuedCredential, SimSite } from "../../../sim/site.js";
import { VirtualTime } from "../../../sim/time.js";
import { BleLink, SHORT_SUBSCRIBE_MS } from "../../../src/links/ble.js";
import { ConnectionThrottle } from "../../../src/links/connection-throttle.js";
import type { LinkFailure } from "../../../src/links/failure.js";
import { Proximity } from "../../../src/links/proximity.js";
import { Edhoc } from "../../../src/schemes/edhoc/scheme.js";
import type { Intent, SchemeEvents } from "../../../src/schemes/scheme.js";
import { providers } from "../../support/providers.js";

export { ANDROID, IOS };

export interface BleBenchOptions extends Omit<RadioOptions, "time" | "random"> {
	readonly seed?: number;
	readonly intent?: Intent;
	readonly decision?: Decision;
}

export class BleBench {
	readonly crypto = providers[0]!;
	readonly random: SeededRandom;
	readonly time = new VirtualTime();
	readonly radio: SimRadio;
	readonly site: SimSite;
	readonly peripheral: BlePeripheral;
	readonly link: () => BleLink | undefined;
	/** Credential ids that were decided on, and when, ms. */
	readonly decided: { id: string; at: number }[] = [];
	readonly refused: [Reason, string][] = [];
	readonly failures: LinkFailure[] = [];
	readonly warnings: string[] = [];
	/** Phones that were there to be talked to, in their order. */
	readonly carriers: BleCarrier[] = [];
	/** Frames that the driver has handed on. */
	frames = 0;

	constructor(options: BleBenchOptions = {}) {
		this.random = new SeededRandom(options.seed ?? 5);
		this.radio = new SimRadio({ ...options, time: this.time, random: this.random });
		this.site = new SimSite(this.crypto, this.random);
		const edhoc = new Edhoc({
			crypto: this.crypto,
			random: this.random,
			suites: SUITE_IDS,
			credentials: [this.site.reader("FRONT", 4).own, this.site.reader("FRONT", 5).own],
			site: this.site,
			door: "FRONT",
		});
		const intent = options.intent ?? { near: true, tap: false };
		const events: SchemeEvents = {
			onIdentity: ({ id }) => {
				this.decided.push({ id: id.join(), at: this.time.now() });
				return options.decision ?? { granted: true, reason: "granted" };
			},
			onRefused: (reason, detail) => this.refused.push([reason, detail]),
		};
		const session = edhoc.ble(events, intent);
		edhoc.prepare();
		const throttle = new ConnectionThrottle(this.time);
		const link = new BleLink({
			clock: this.time,
			sessions: [session],
			proximity: new Proximity(DEFAULT_PROXIMITY),
			throttle,
			intent,
			onEnd: (failure) => {
				if (failure) this.failures.push(failure);
				edhoc.prepare();
			},
		});
		this.link = () => link;
		this.peripheral = new BlePeripheral({
			clock: this.time,
			server: { io: this.radio.serverClass() },
			services: [session.service],
			onPhone: (carrier, service) => {
				this.carriers.push(carrier);
				link.start(carrier, service);
			},
			onFrame: (frame) => {
				this.frames++;
				link.frame(frame);
			},
			onGone: () => link.lost(),
			onSilent: (peer) => throttle.gone(false, peer),
			isBlocked: (peer) => throttle.isBlocked(peer),
			subscribeLimit: () => (throttle.short ? SHORT_SUBSCRIBE_MS : SUBSCRIBE_LIMIT_MS),
			onState: (state, detail) => {
				if (state !== "ready") this.warnings.push(detail);
			},
		});
		this.time.run(10);
	}

	holder(
		credential: IssuedCredential,
		suite: number,
		results: HolderResult[],
		trust: TrustList = this.site.trust,
	): Holder {
		return new Holder({
			crypto: this.crypto,
			random: this.random,
			credential: credential.own,
			suite,
			trust,
			onResult: (result) => results.push(result),
		});
	}

	phone(
		profile: PhoneProfile,
		more: {
			suite?: number;
			distance?: () => number;
			tapped?: boolean;
			credential?: IssuedCredential;
			/** Whom the phone believes; its own site where absent. */
			trust?: TrustList;
			known?: boolean;
			persistent?: boolean;
			/** An app of another make, in place of the library's. */
			app?: (credential: IssuedCredential) => HolderSession;
		} = {},
	): { phone: BlePhone; results: HolderResult[]; credential: IssuedCredential } {
		const results: HolderResult[] = [];
		const suite = more.suite ?? 4;
		const credential = more.credential ?? this.site.phone(suite);
		const holder = this.holder(credential, suite, results, more.trust);
		const phone = new BlePhone({
			radio: this.radio,
			profile,
			session: () => more.app?.(credential) ?? holder.session(),
			distance: more.distance ?? (() => 0.2),
			tapped: more.tapped ?? false,
			known: more.known ?? true,
			persistent: more.persistent ?? false,
		});
		return { phone, results, credential };
	}

	/** A good phone at the reader from now on: ms until it is decided on, or undefined within `limit`. */
	goodPhone(limit = 3000, profile: PhoneProfile = ANDROID): number | undefined {
		const before = this.decided.length;
		const { phone } = this.phone(profile);
		const start = this.time.now();
		// The user holds it there: the app waits until it can connect.
		phone.initiate();
		this.time.runUntil(() => this.decided.length > before, limit);
		if (this.radio.crashes.length > 0) throw new Error(`the chip restarted: ${this.radio.crashes.join()}`);
		return this.decided.length > before ? this.decided[before]!.at - start : undefined;
	}
}
