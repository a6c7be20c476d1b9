import { BlePeripheral } from "../drivers/ble/peripheral.js";
import { PN532 } from "../drivers/pn532/pn532.js";
import { RENEWAL, Relay } from "../drivers/relay/relay.js";
import { AuditLog } from "./audit/log.js";
import { EDDSA } from "./credential/cose.js";
import type { DoorConfig } from "./door/config.js";
import { DoorController, type DoorLevels, type SignalOutput } from "./door/controller.js";
import type { Intent } from "./link/ble.js";
import { VERSION } from "./link/nfc.js";
import { DEFAULT_PROXIMITY, type ProximityConfig } from "./link/proximity.js";
import { PlanStore } from "./plan/store.js";
import type { Platform } from "./platform.js";
import { type Identity, Reader } from "./reader.js";

/** What makes this reader the one of this door: from its configuration. */
export interface Setup {
	readonly identity: Identity;
	/** Public key of the reader, 32 bytes Ed25519: the log is bound to it. */
	readonly publicKey: Uint8Array;
	readonly door: DoorConfig;
	readonly intent?: Intent;
	readonly proximity?: ProximityConfig;
}

/** The running firmware. */
export interface Firmware {
	readonly reader: Reader;
	readonly nfc: PN532;
	readonly relay: Relay;
}

const NEAR: Intent = Object.freeze({ near: true, tap: false });
const CLOSED: DoorLevels = Object.freeze({ open: false });
const NO_SIGNALS: SignalOutput = Object.freeze({ show: () => undefined });

/**
 * Composition root: joins a platform's parts, the drivers and the reader. The same on an ESP32, in the simulator and on
 * a desktop's XS; only the platform differs.
 */
export function boot(platform: Platform, setup: Setup): Firmware {
	const { clock, wall, crypto, random, trace } = platform;
	const { identity } = setup;
	const own = identity.credentials.find(({ algorithm }) => algorithm === EDDSA);
	const log = new AuditLog({
		flash: platform.flash.log,
		crypto,
		clock,
		wall,
		reader: crypto.sha256(setup.publicKey).subarray(0, 8),
		sign: own && ((message) => own.sign(message)),
	});
	const plan = new PlanStore({
		flash: platform.flash.plan,
		floor: platform.floor,
		crypto,
		trust: identity.trust,
		door: identity.door,
	});
	const relay = new Relay(platform.relay);
	const door = new DoorController({
		config: setup.door,
		clock,
		strike: relay,
		signals: NO_SIGNALS,
		renewal: RENEWAL,
		onEvent: (kind, detail, value, subject) => {
			log.append(kind, detail, value, subject);
		},
	});
	const reader = new Reader({
		clock,
		wall,
		crypto,
		random,
		identity,
		plan,
		log,
		door,
		restartCause: platform.restartCause,
		trace,
	});
	reader.start(CLOSED);
	let failed = false;
	const nfc = new PN532({
		clock,
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
	if (platform.bluetooth) {
		const intent = setup.intent ?? NEAR;
		const flags = (intent.near ? 1 : 0) | (intent.tap ? 2 : 0);
		new BlePeripheral({
			clock,
			server: platform.bluetooth,
			version: Uint8Array.of(VERSION, flags),
			...reader.attachBle(intent, setup.proximity ?? DEFAULT_PROXIMITY),
		});
	}
	return { reader, nfc, relay };
}
