import { BlePeripheral } from "../../drivers/ble/peripheral.js";
import { Indicator } from "../../drivers/indicator/indicator.js";
import { PN532 } from "../../drivers/pn532/pn532.js";
import { RENEWAL, Relay } from "../../drivers/relay/relay.js";
import type { Platform } from "../../hal/contracts/platform.js";
import type { DoorConfig } from "../../protocol/config/door.js";
import { DEFAULT_PROXIMITY, type ProximityConfig } from "../../protocol/config/proximity.js";
import { EDDSA, type SignatureAlgorithm, signer } from "../../protocol/credential/cose.js";
import type { Trust } from "../../protocol/credential/credential.js";
import { byKcwt } from "../../protocol/edhoc/id-cred.js";
import type { EventSink } from "../../protocol/events.js";
import { VERSION } from "../../protocol/link/version.js";
import { type Identity, Reader } from "../access/reader.js";
import { DoorController } from "../door/controller.js";
import { SIGNALS, type Signal } from "../door/feedback.js";
import type { Intent } from "../links/ble.js";
import type { GateReading } from "../links/proximity.js";
import { AuditLog } from "../log/log.js";
import { PlanStore } from "../plan/store.js";
import { connectInputs, type Inputs, levelsOf } from "./inputs.js";

/** A key pair of the reader, and the site's word for it. */
export interface ReaderKey {
	readonly algorithm: SignatureAlgorithm;
	/** As `KeyPair.secretKey` of the algorithm. It never leaves the reader. */
	readonly secretKey: Uint8Array;
	/** The CWT that the site signed over the public key. */
	readonly credential: Uint8Array;
}

/** What makes this reader the one of this door: from its configuration. Plain data. */
export interface Setup {
	readonly door: string;
	readonly trust: Trust;
	/** One a signature algorithm; the Ed25519 one signs the log. */
	readonly keys: readonly ReaderKey[];
	/** EDHOC suites by value, the preferred first. */
	readonly suites: readonly number[];
	readonly config: DoorConfig;
	readonly intent?: Intent;
	readonly proximity?: ProximityConfig;
}

/** The running firmware. */
export interface Firmware {
	readonly reader: Reader;
	/** Absent before `startRadios`. */
	readonly nfc: PN532 | undefined;
	readonly relay: Relay;
	readonly inputs: Inputs;
	readonly indicator: Indicator<Signal>;
	/** For events of others: into the log, and to whoever watches. */
	readonly record: EventSink;
	/** How the Bluetooth radio is; `undefined` where it is not used, or not yet. */
	readonly radio: RadioState | undefined;
	/** Begins NFC and Bluetooth, once. `failing`: NFC was said to fail until now. */
	startRadios(failing?: boolean): void;
}

export interface RadioState {
	/** It has come up, and advertising has not failed since. */
	ready: boolean;
	/** For people. */
	detail: string;
}

const NEAR: Intent = Object.freeze({ near: true, tap: false });

/**
 * Composition root: joins a platform's parts, the drivers and the reader. The same on an ESP32, in the simulator and on
 * a desktop's XS; only the platform differs. `watch` hears every event that goes into the log, `onGateReading` how strong each
 * phone over BLE was.
 */
export function boot(
	platform: Platform,
	setup: Setup,
	watch?: EventSink,
	onGateReading?: (reading: GateReading) => void,
): Firmware {
	const relay = new Relay(platform.relay);
	const firmware = startDoor(platform, setup, relay, openLog(platform, setup), watch, onGateReading);
	firmware.startRadios();
	return firmware;
}

/** Opens the log and puts the restart into it. `failed`: starts in a row before this one that failed. */
export function openLog(platform: Platform, setup: Setup, failed = 0): AuditLog {
	const { clock, wall, crypto } = platform;
	const key = setup.keys.find(({ algorithm }) => algorithm === EDDSA);
	const own = key && signer(crypto, EDDSA, key.secretKey);
	const log = new AuditLog({
		flash: platform.flash.log,
		crypto,
		clock,
		wall,
		reader: key ? crypto.sha256(key.secretKey.subarray(32)).subarray(0, 8) : new Uint8Array(8),
		sign: own && ((message) => own.sign(message)),
	});
	log.open(platform.restartCause, failed);
	return log;
}

/** The door with its inputs, light and plan. No phone reaches it before `startRadios`. */
export function startDoor(
	platform: Platform,
	setup: Setup,
	relay: Relay,
	log: AuditLog,
	watch?: EventSink,
	onGateReading?: (reading: GateReading) => void,
): Firmware {
	const { clock, wall, crypto, random, trace } = platform;
	const credentials = setup.keys.map((key) => ({
		...byKcwt(key.credential),
		...signer(crypto, key.algorithm, key.secretKey),
	}));
	const identity: Identity = { trust: setup.trust, suites: setup.suites, credentials };
	const plan = new PlanStore({
		flash: platform.flash.plan,
		rollbackCounter: platform.rollbackCounter,
		crypto,
		trust: identity.trust,
		door: setup.door,
	});
	const record: EventSink = (kind, detail, value, subject) => {
		log.append(kind, detail, value, subject);
		watch?.(kind, detail, value, subject);
	};
	const indicator = new Indicator({
		clock,
		patterns: SIGNALS,
		sounds: setup.config.sounds,
		...(platform.light ? { light: platform.light } : {}),
		...(platform.sounder ? { sounder: platform.sounder } : {}),
	});
	const door: DoorController = new DoorController({
		config: setup.config,
		clock,
		strike: relay,
		signals: indicator,
		renewal: RENEWAL,
		onEvent: record,
	});
	const reader = new Reader({
		clock,
		wall,
		crypto,
		random,
		identity,
		plan,
		log,
		record,
		door,
		trace,
		onGateReading,
		collect: platform.collect,
	});
	const inputs = connectInputs(
		setup.config,
		platform.inputs ?? {},
		clock,
		() => door,
		(input) => trace(`the configuration has a ${input} input and this platform none`),
	);
	reader.start(levelsOf(inputs));
	let nfc: PN532 | undefined;
	let radio: RadioState | undefined;
	return {
		reader,
		relay,
		inputs,
		indicator,
		record,
		get nfc() {
			return nfc;
		},
		get radio() {
			return radio;
		},
		startRadios(failing = false) {
			nfc = startNfc(platform, reader, failing);
			radio = startBluetooth(platform, setup, reader);
		},
	};
}

function startNfc(platform: Platform, reader: Reader, failing: boolean): PN532 {
	let failed = failing;
	const nfc = new PN532({
		clock: platform.clock,
		...platform.pn532,
		onReady: () => {
			if (failed) reader.nfcHealth(true, "chip answers");
			failed = false;
		},
		onTarget: (target) => {
			if (target.kind === "iso-dep") reader.nfcTarget();
		},
		onLost: (error) => reader.nfcLost(error.message),
		onError: (error) => {
			failed = true;
			reader.nfcHealth(false, error.message);
		},
	});
	reader.attachNfc(nfc);
	return nfc;
}

function startBluetooth(platform: Platform, setup: Setup, reader: Reader): RadioState | undefined {
	if (!platform.bluetooth) return undefined;
	const state: RadioState = { ready: false, detail: "the radio has not come up" };
	const intent = setup.intent ?? NEAR;
	const flags = (intent.near ? 1 : 0) | (intent.tap ? 2 : 0) | (intent.either ? 4 : 0);
	const events = reader.attachBle(intent, setup.proximity ?? DEFAULT_PROXIMITY);
	const ble = new BlePeripheral({
		clock: platform.clock,
		server: platform.bluetooth,
		version: Uint8Array.of(VERSION, flags),
		...events,
		onState: (kind, detail) => {
			// What one phone did says nothing of the radio.
			if (kind !== "dropped") {
				state.ready = kind === "ready";
				state.detail = detail;
			}
			events.onState(kind, detail);
		},
	});
	reader.useBle(ble);
	return state;
}
