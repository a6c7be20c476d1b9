import { Indicator } from "../../drivers/indicator/indicator.js";
import { RENEWAL, Relay } from "../../drivers/relay/relay.js";
import type { Platform } from "../../hal/contracts/platform.js";
import type { DoorConfig } from "../../protocol/config/door.js";
import type { ProximityConfig } from "../../protocol/config/proximity.js";
import { EDDSA, type SignatureAlgorithm, signer } from "../../protocol/credential/cose.js";
import type { Trust } from "../../protocol/credential/credential.js";
import type { EventSink } from "../../protocol/events.js";
import { Access } from "../access/access.js";
import { DoorController } from "../door/controller.js";
import { SIGNALS, type Signal } from "../door/feedback.js";
import type { GateReading } from "../links/proximity.js";
import { AuditLog } from "../log/log.js";
import { PlanStore } from "../plan/store.js";
import type { Intent } from "../schemes/scheme.js";
import { connectInputs, type Inputs, levelsOf } from "./inputs.js";
import { Radios } from "./radios.js";
import { schemesOf } from "./schemes.js";

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
	readonly access: Access;
	/** Absent before `startRadios`. */
	readonly radios: Radios | undefined;
	readonly relay: Relay;
	readonly inputs: Inputs;
	readonly indicator: Indicator<Signal>;
	/** Appends to the log and tells those who watch: for events that do not come from the door. */
	readonly record: EventSink;
	/** Begins NFC and Bluetooth, once. `failing`: NFC was said to fail until now. */
	startRadios(failing?: boolean): void;
}

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
	const { clock, wall, crypto, trace } = platform;
	const plan = new PlanStore({
		flash: platform.flash.plan,
		rollbackCounter: platform.rollbackCounter,
		crypto,
		trust: setup.trust,
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
	let radios: Radios | undefined;
	const access = new Access({
		clock,
		wall,
		plan,
		log,
		record,
		door,
		trace,
		busy: () => radios?.busy === true,
		collect: platform.collect,
	});
	const inputs = connectInputs(
		setup.config,
		platform.inputs ?? {},
		clock,
		() => door,
		(input) => trace(`the configuration has a ${input} input and this platform none`),
	);
	access.start(levelsOf(inputs));
	return {
		access,
		relay,
		inputs,
		indicator,
		record,
		get radios() {
			return radios;
		},
		startRadios(failing = false) {
			const { intent, proximity } = setup;
			const schemes = schemesOf(platform, setup);
			radios = new Radios({
				platform,
				access,
				record,
				schemes,
				failing,
				...(intent && { intent }),
				...(proximity && { proximity }),
				onGateReading,
			});
		},
	};
}
