import { Relay } from "../../drivers/relay/relay.js";
import type { Platform } from "../../hal/contracts/platform.js";
import type { CborMap } from "../../protocol/cbor/value.js";
import type { Bluetooth } from "../../protocol/config/document.js";
import { DEFAULT_DOOR } from "../../protocol/config/door.js";
import { EVENTS, type EventSink, eventName } from "../../protocol/events.js";
import { ConfigStore } from "../config/store.js";
import type { AuditLog } from "../log/log.js";
import type { Intent } from "../schemes/scheme.js";
import type { Provisioning } from "../service/provisioning.js";
import { openInstallerPort } from "./installer-port.js";
import { type Firmware, openLog, type Setup, startDoor } from "./main.js";
import { nfcHealth } from "./radios.js";
import { watchResetButton } from "./reset-button.js";
import { Startup } from "./startup.js";
import { stayJoined } from "./stay-joined.js";

/** EDHOC suites that a reader speaks, the preferred first. */
const SUITES: readonly number[] = Object.freeze([4, 5, 2, 0]);

const INTENTS: Readonly<Record<Exclude<Bluetooth, "off">, Intent>> = Object.freeze({
	near: Object.freeze({ near: true, tap: false }),
	tap: Object.freeze({ near: false, tap: true }),
	"near-and-tap": Object.freeze({ near: true, tap: true }),
	"near-or-tap": Object.freeze({ near: true, tap: true, either: true }),
});

export interface Device {
	/** Absent until its stage has begun (src/app/startup.ts), as everything here. */
	readonly store: ConfigStore | undefined;
	readonly firmware: Firmware | undefined;
	readonly provisioning: Provisioning | undefined;
}

/** Starts the device; everything after happens in callbacks. */
export function startDevice(platform: Platform): Device {
	// First of all: from here on the relay's pin is driven.
	const relay = new Relay(platform.relay);
	let store: ConfigStore | undefined;
	let provisioning: Provisioning | undefined;
	let log: AuditLog | undefined;
	let firmware: Firmware | undefined;
	let watcher: ((event: CborMap) => void) | undefined;
	const listeners = new Set<EventSink>();
	let lastGate: { level: number; at: number } | undefined;
	const tell: EventSink = (kind, detail, value, subject) => {
		for (const listener of listeners) listener(kind, detail, value, subject);
		watcher?.({ event: eventName(kind) ?? String(kind), detail, value });
	};
	const record: EventSink = (kind, detail, value, subject) => {
		if (firmware !== undefined) firmware.record(kind, detail, value, subject);
		else {
			// Where even the log waits, there is none to write to.
			log?.append(kind, detail, value, subject);
			tell(kind, detail, value, subject);
		}
	};
	const signal = (): string =>
		lastGate === undefined
			? "no phone was heard since it started"
			: `the last phone left at ${lastGate.level} dBm, ${Math.round((platform.clock.now() - lastGate.at) / 1000)} s ago`;
	const startup = new Startup({
		clock: platform.clock,
		cause: platform.restartCause,
		retained: platform.retained,
		trace: platform.trace,
		onHealthy: platform.healthy,
		stages: {
			port: () => {
				const opened = new ConfigStore(platform.flash.config, platform.crypto, platform.random);
				opened.open();
				store = opened;
				if (platform.resetButton !== undefined)
					watchResetButton(platform.clock, platform.resetButton, () => {
						opened.reset();
						record(EVENTS.configuration, 1, opened.revision);
						platform.restart();
					});
				if (platform.console === undefined) return;
				provisioning = openInstallerPort({
					platform,
					store: opened,
					startup,
					firmware: () => firmware,
					record,
					listeners,
					signal,
					setWatcher: (sink) => {
						watcher = sink;
					},
				});
			},
			log: () => {
				log = openLog(platform, setupOf(store!), startup.beginning.failed);
			},
			door: () => {
				firmware = startDoor(
					platformFor(platform, store!),
					setupOf(store!),
					relay,
					log!,
					tell,
					// Not in the log: whoever passes by would fill it.
					({ level, near }) => {
						lastGate = { level, at: platform.clock.now() };
						watcher?.({ event: "signal", dBm: level, near });
					},
				);
				if (startup.beginning.held === "radios") nfcHealth(firmware.access, firmware.record, false);
			},
			radios: () => {
				firmware!.startRadios(startup.beginning.held === "radios");
				if (platform.wifi !== undefined) stayJoined(platform.clock, platform.wifi, store!);
			},
		},
	});
	startup.run();
	return {
		get store() {
			return store;
		},
		get firmware() {
			return firmware;
		},
		get provisioning() {
			return provisioning;
		},
	};
}

/** Bluetooth off in the configuration, or no site yet: no radio. */
function platformFor(platform: Platform, store: ConfigStore): Platform {
	if (store.membership !== undefined && store.config?.bluetooth !== "off") return platform;
	const { bluetooth: _off, ...rest } = platform;
	return rest;
}

function setupOf(store: ConfigStore): Setup {
	const { membership, keys, config } = store;
	const bluetooth = config?.bluetooth ?? "near";
	return {
		door: membership?.door ?? "",
		trust: membership?.trust ?? { site: "", keys: [] },
		keys:
			membership === undefined || keys === undefined
				? []
				: keys.flatMap(({ algorithm, secretKey }, i) => {
						// One a key, in the order of the keys; the site may have signed for the first alone.
						const credential = membership.credentials[i];
						return credential === undefined ? [] : [{ algorithm, secretKey, credential }];
					}),
		suites: SUITES,
		config: config?.door ?? DEFAULT_DOOR,
		...(bluetooth === "off" ? {} : { intent: INTENTS[bluetooth] }),
		...(config === undefined ? {} : { proximity: config.proximity }),
	};
}
