// SPDX-License-Identifier: Apache-2.0

/** The two radios at the reader: joins the drivers of PN532 and Bluetooth with the links, the links with schemes and access. */
import { BlePeripheral } from "../../drivers/ble/peripheral.js";
import { PN532 } from "../../drivers/pn532/pn532.js";
import type { GattService } from "../../hal/contracts/bluetooth.js";
import type { BluetoothUse, Platform } from "../../hal/contracts/platform.js";
import { equal } from "../../protocol/bytes.js";
import type { Link } from "../../protocol/events.js";
import type { Decision } from "../../protocol/reasons.js";
import type { Access } from "../access/access.js";
import { BleLink, SHORT_SUBSCRIBE_MS, SILENCE_LIMIT_MS } from "../links/ble.js";
import { ConnectionThrottle } from "../links/connection-throttle.js";
import type { LinkFailure } from "../links/failure.js";
import { NfcLink } from "../links/nfc.js";
import { type GateReading, Proximity } from "../links/proximity.js";
import { Retry } from "../links/retry.js";
import type { Identity, Scheme, SchemeEvents } from "../schemes/scheme.js";
import type { BluetoothSettings } from "./bluetooth-settings.js";
import type { Health } from "./health.js";

export interface RadioState {
	/** It has come up, and advertising has not failed since. */
	ready: boolean;
	/** For people. */
	detail: string;
}

/** A phone at the NFC reader on which was decided. */
interface Visit {
	readonly uid: Uint8Array;
	readonly id: Uint8Array;
	readonly decision: Decision;
}

export interface RadiosOptions {
	readonly platform: Platform;
	readonly access: Access;
	readonly health: Health;
	/** In the order in which phones are asked for them. */
	readonly schemes: readonly Scheme[];
	/** Absent: Bluetooth is not used. */
	readonly bluetooth: BluetoothSettings | undefined;
	/** The phone that lies there was served before this start, in which the supply failed. */
	readonly occupied: boolean;
	/** A phone over BLE has gone, and how strong it was at last. */
	readonly onGateReading: (reading: GateReading) => void;
}

/** A Bluetooth radio that has not advertised for so long has failed, ms: it may take a moment to come up, or between phones. */
export const BLE_FAILED_MS = 5000;

export class Radios {
	/** Absent until `startNfc`. */
	nfc: PN532 | undefined;
	/** Absent until `startBluetooth`, and where Bluetooth is not used. */
	ble: BlePeripheral | undefined;
	/** Absent where Bluetooth is not used. */
	readonly #bluetooth: RadioState | undefined;
	private readonly options: RadiosOptions;
	private nfcLink: NfcLink | undefined;
	/** The UID of the phone in the field. */
	private uid: Uint8Array | undefined;
	/** The last decision over NFC. */
	private visit: Visit | undefined;
	private bleLink: BleLink | undefined;

	constructor(options: RadiosOptions) {
		this.options = options;
		const { bluetooth, platform, schemes } = options;
		if (
			bluetooth !== undefined &&
			platform.bluetooth !== undefined &&
			schemes.some(({ ble }) => ble !== undefined)
		)
			this.#bluetooth = { ready: false, detail: "the radio has not come up" };
	}

	startNfc(): void {
		if (this.options.platform.pn532 === undefined) return;
		this.nfc = this.frontEnd();
		this.nfcLink = this.linkNfc(this.nfc);
	}

	startBluetooth(): void {
		const options = this.options;
		const state = this.#bluetooth;
		if (state === undefined) return;
		const server = options.platform.bluetooth!;
		const settings = options.bluetooth!;
		const offered = options.schemes.filter(({ ble }) => ble !== undefined);
		const throttle = new ConnectionThrottle(options.platform.clock);
		const { intent } = settings;
		const sessions = offered.map((scheme) => scheme.ble!(this.eventsOf("ble"), intent));
		const gate = new Proximity(settings.proximity);
		const link = new BleLink({
			clock: options.platform.clock,
			sessions,
			proximity: gate,
			intent,
			throttle,
			onPassed: () => options.access.door.reading(true),
			onEnd: (failure) => {
				this.ended("ble", failure);
				const { level, near } = gate;
				if (level !== undefined) options.onGateReading({ level, near });
			},
		});
		this.bleLink = link;
		this.prepare();
		const services = sessions.map(({ service }) => service);
		this.ble = this.peripheral(server, services, link, throttle, state);
	}

	/** How Bluetooth is: the stack is asked. Absent where Bluetooth is not used. */
	get bluetooth(): Readonly<RadioState> | undefined {
		const state = this.#bluetooth;
		if (state?.ready !== true || this.ble?.advertising === true) return state;
		return { ready: false, detail: "the stack does not advertise" };
	}

	/** A phone is served. */
	get busy(): boolean {
		return this.nfcLink?.active === true || this.bleLink?.active === true;
	}

	/** Work ahead for the next phone. By index: an iterator takes 8 slots. */
	prepare(): void {
		const { schemes } = this.options;
		for (let i = 0; i < schemes.length; i++) schemes[i]!.prepare?.();
	}

	/** A phone is served, or has connected over Bluetooth and is about to say what it wants. */
	get engaged(): boolean {
		return this.busy || this.ble?.connected === true;
	}

	private eventsOf(link: Link): SchemeEvents {
		const { access } = this.options;
		return {
			onIdentity: (identity) => (link === "nfc" ? this.decideNfc(identity) : access.decide(link, identity)),
			onRefused: (reason, detail) => access.refused(link, reason, detail),
		};
	}

	/** A phone that lost the field for a moment has a new UID and proves itself once more: it is told the same, and nothing moves. */
	private decideNfc(identity: Identity): Decision {
		const { access } = this.options;
		const last = this.visit;
		const repeats = last !== undefined && equal(last.id, identity.id);
		if (repeats) access.door.reading(false);
		const decision = repeats ? last.decision : access.decide("nfc", identity);
		this.visit = { uid: this.uid!, id: identity.id.slice(), decision };
		return decision;
	}

	private frontEnd(): PN532 {
		const { platform, health, occupied } = this.options;
		return new PN532({
			clock: platform.clock,
			occupied,
			...platform.pn532,
			onReady: () => health.report("nfc", true, "chip answers"),
			onTarget: ({ kind, uid }) => {
				if (kind === "iso-dep") this.nfcTarget(uid);
				else this.noApplication("a card that takes no APDUs");
			},
			onLost: (error) => this.nfcLink?.lost(error.message),
			onError: (error) => health.report("nfc", false, error.message),
		});
	}

	private linkNfc(nfc: PN532): NfcLink {
		const { platform, schemes } = this.options;
		const { clock } = platform;
		const sessions = schemes.flatMap((scheme) => scheme.nfc?.(this.eventsOf("nfc")) ?? []);
		const retry = new Retry();
		this.prepare();
		return new NfcLink({
			clock,
			card: nfc,
			sessions,
			onEnd: (failure) => {
				this.ended("nfc", failure);
				nfc.release(retry.again(clock.now(), failure?.started === true));
				this.ble?.quiet(false);
			},
		});
	}

	/** A card or phone that takes APDUs is in the field. */
	private nfcTarget(uid: Uint8Array): void {
		const link = this.nfcLink;
		if (link === undefined || link.active) return;
		this.uid = uid;
		if (this.visit !== undefined && !this.nfc!.lately(this.visit.uid)) this.visit = undefined;
		link.start();
		// While SELECT is on its way.
		this.options.access.door.reading(true);
		// The work of a tap is long, and no phone may connect over BLE meanwhile (docs/ble.md, hazards).
		this.ble?.quiet(true);
	}

	private ended(link: Link, failure: LinkFailure | undefined): void {
		if (failure === undefined) return;
		const { access } = this.options;
		if (failure.started) access.refused(link, failure.reason, failure.detail);
		else if (failure.reason === "no-application") this.noApplication(failure.detail);
		else if (link === "nfc") access.door.reading(false);
	}

	/** An ordinary card, or a phone without the app: it is told so, unless the door is released for a phone beside it. */
	private noApplication(detail: string): void {
		const { access } = this.options;
		if (access.door.door.leaf === "released") access.door.reading(false);
		else access.refused("nfc", "no-application", detail);
	}

	private peripheral(
		server: BluetoothUse,
		services: readonly GattService[],
		link: BleLink,
		throttle: ConnectionThrottle,
		state: RadioState,
	): BlePeripheral {
		const { health, platform } = this.options;
		const { clock, trace } = platform;
		const limit = clock.alarm(() => health.report("ble", false, state.detail));
		limit.set(BLE_FAILED_MS);
		return new BlePeripheral({
			clock,
			server,
			services,
			onPhone: (carrier, service) => link.start(carrier, service),
			onFrame: (frame) => link.frame(frame),
			onGone: () => link.lost(),
			onSilent: (peer) => throttle.gone(false, peer),
			isBlocked: (peer) => throttle.isBlocked(peer),
			subscribeLimit: () => (throttle.short ? SHORT_SUBSCRIBE_MS : SILENCE_LIMIT_MS),
			onState: (kind, detail) => {
				// What one phone did says nothing of the radio.
				if (kind !== "dropped") state.detail = detail;
				if (kind === "ready") {
					state.ready = true;
					limit.clear();
					health.report("ble", true, detail);
				} else if (kind === "failed" && state.ready) {
					state.ready = false;
					limit.set(BLE_FAILED_MS);
				}
				trace(`ble ${kind}: ${detail}`);
			},
		});
	}
}
