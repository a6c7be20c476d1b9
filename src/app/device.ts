// SPDX-License-Identifier: Apache-2.0

import { DS3231 } from "../../drivers/clock/ds3231.js";
import { Relay } from "../../drivers/relay/relay.js";
import type { Platform } from "../../hal/contracts/platform.js";
import { CONFIGURATION_CHANGES, EVENTS } from "../../protocol/events.js";
import type { LogEntry } from "../../protocol/log/record.js";
import { SealedState } from "../config/sealed-state.js";
import { ConfigStore } from "../config/store.js";
import type { Provisioning } from "../service/provisioning.js";
import type { Sync } from "../sync/sync.js";
import { SealedTime } from "../time/sealed-time.js";
import { SntpClient } from "../time/sntp-client.js";
import { Timekeeper } from "../time/timekeeper.js";
import { bluetoothSettings } from "./bluetooth-settings.js";
import { type RunningDoor, startDoor } from "./door.js";
import { DeviceEvents } from "./events.js";
import { wifiRefusal } from "./fit.js";
import { Health } from "./health.js";
import { openInstallerPort } from "./installer-port.js";
import { InstallerView } from "./installer-view.js";
import { LastSignal } from "./last-signal.js";
import { endOfLog, openLog } from "./open-log.js";
import { Radios } from "./radios.js";
import { watchResetButton } from "./reset-button.js";
import { type Scanner, startScanner, usesOf } from "./scanner.js";
import { schemesOf } from "./schemes.js";
import { type Stage, Startup } from "./startup.js";
import { stayJoined } from "./stay-joined.js";
import { awaitRelease, cutRelease } from "./supply.js";
import { syncOf } from "./sync.js";
import { tryNetwork } from "./trial.js";
import { wipe } from "./wipe.js";

/** Starts the device; everything after happens in callbacks. `schemes`: the ways in which phones open the door. */
export function startDevice(platform: Platform, schemes: typeof schemesOf = schemesOf): Device {
	const device = new Device(platform, schemes);
	device.startup.run();
	return device;
}

/**
 * The one composition: joins a platform's parts, the drivers and the firmware, the same on an ESP32, in the simulator and
 * on a desktop's XS. What a stage of `startup` has not begun yet is absent.
 */
export class Device {
	readonly platform: Platform;
	readonly relay: Relay;
	readonly startup: Startup;
	readonly events: DeviceEvents;
	readonly lastSignal: LastSignal;
	readonly timekeeper: Timekeeper;
	store: ConfigStore | undefined;
	/** The reader as its site and its installer see it. */
	view: InstallerView | undefined;
	door: RunningDoor | undefined;
	/** With the door; each radio begins in its own stage. */
	radios: Radios | undefined;
	/** Absent too where the configuration has none. */
	scanner: Scanner | undefined;
	/** Absent too where the platform has no console. */
	provisioning: Provisioning | undefined;
	private readonly schemes: typeof schemesOf;
	health: Health | undefined;
	/** The event that had released the lock when the supply failed, where that brought this start about. */
	private cut: LogEntry | undefined;
	private sntp: SntpClient | undefined;
	/** Absent until the reader is in its network, and where it has no server to speak with. */
	sync: Sync | undefined;

	constructor(platform: Platform, schemes: typeof schemesOf) {
		// First of all: from here on the relay's pin is driven.
		this.relay = new Relay(platform.relay);
		this.platform = platform;
		this.events = new DeviceEvents(platform.clock);
		this.schemes = schemes;
		this.lastSignal = new LastSignal(platform.clock);
		const { clock, clockChip, crypto, deviceKey, timeStore, trace, wall } = platform;
		this.timekeeper = new Timekeeper({
			...{ clock, wall, trace, record: this.events.record },
			store: timeStore && new SealedTime(timeStore, crypto, deviceKey),
			chip: clockChip && new DS3231(clockChip),
		});
		this.startup = new Startup({
			clock: platform.clock,
			cause: platform.restartCause,
			retained: platform.retained,
			trace: platform.trace,
			onHealthy: platform.healthy,
			begin: (stage) => this.begin(stage),
		});
	}

	private begin(stage: Stage): void {
		if (stage === "port") this.startPort();
		else if (stage === "log") this.startLog();
		else if (stage === "door") this.startDoor();
		else if (stage === "nfc") this.startNfc();
		else if (stage === "wifi") this.startWifi();
		else this.radios!.startBluetooth();
	}

	private startPort(): void {
		const { flash, state, deviceKey, crypto, random, clock, resetButton } = this.platform;
		this.timekeeper.start();
		const sealed = new SealedState(state, crypto, deviceKey);
		const store = new ConfigStore(flash.config, sealed, crypto, random);
		store.open();
		for (const setting of store.dropped)
			this.platform.trace(`the stored setting door.${setting} is of a former version and no longer counts`);
		store.lists.record = this.events.record;
		this.store = store;
		this.view = new InstallerView(this, store);
		this.events.sealed = sealed;
		if (resetButton !== undefined) watchResetButton(clock, resetButton, () => this.reset(store));
		if (this.platform.console !== undefined)
			this.provisioning = openInstallerPort(this, this.platform.console, store);
	}

	private startLog(): void {
		const { events, platform } = this;
		const store = this.store!;
		const due = store.wipe;
		const former = due === "all" ? endOfLog(platform) : undefined;
		if (due !== undefined) {
			wipe(platform, platform.flash.plan);
			wipe(platform, platform.flash.notices);
			if (due === "all") wipe(platform, platform.flash.log);
			usesOf(this, store)?.mend();
			store.wiped();
		}
		events.log = openLog(platform, store, this.startup.beginning.failed);
		this.cut = cutRelease(events.log, platform.restartCause);
		this.timekeeper.report();
		if (former === undefined) return;
		events.record(EVENTS.configuration, CONFIGURATION_CHANGES.erased, former.last, former.reader);
		// What was logged of it is gone with the former site's log.
		events.record(EVENTS.configuration, CONFIGURATION_CHANGES.commissioned, store.revision);
	}

	private startDoor(): void {
		const { events, platform } = this;
		this.door = startDoor(this, this.store!, events.log!);
		const { door } = this.door.access;
		this.health = new Health({ door, record: events.record, trace: platform.trace });
		if (this.cut !== undefined) awaitRelease(this, this.health);
		this.radios = this.#radios(this.store!, this.health);
		if (this.startup.waits("nfc")) this.health.report("nfc", false, "waits");
		if (this.startup.waits("bluetooth") && this.radios.bluetooth !== undefined)
			this.health.report("ble", false, "waits");
		if (this.startup.waits("wifi") && this.store!.wifi !== undefined)
			this.health.report("wifi", false, "waits");
	}

	#radios(store: ConfigStore, health: Health): Radios {
		const { platform, events, lastSignal } = this;
		const cut = this.cut;
		if (cut?.kind === EVENTS.decision) this.door!.access.cutShort(cut.subject);
		return new Radios({
			platform,
			access: this.door!.access,
			health,
			schemes: this.schemes(platform, store),
			bluetooth: bluetoothSettings(store),
			occupied: cut !== undefined,
			onGateReading: (reading) => {
				lastSignal.set(reading);
				// Not in the log: every phone that passes would fill it.
				events.watcher?.({ event: "signal", dBm: reading.level, near: reading.near });
			},
		});
	}

	/** And the scanner, which reads what a phone shows where NFC hears what it says. */
	private startNfc(): void {
		this.radios!.startNfc();
		this.scanner = startScanner(this, this.store!);
	}

	private startWifi(): void {
		const { clock, wifi, trace } = this.platform;
		const store = this.store!;
		const refusal = wifiRefusal(this.platform, store);
		if (wifi === undefined || refusal !== undefined) {
			if (store.wifi !== undefined) trace(`Wi-Fi stays off: ${refusal ?? "there is none"}`);
			return;
		}
		stayJoined(clock, wifi, store, () => {
			this.askTime();
			this.sync ??= syncOf(this);
			this.sync?.start();
		});
		if (store.trial !== undefined) tryNetwork(this, wifi, store);
		this.health!.report("wifi", true, "begun");
	}

	/** From the first time that the reader is in its network: one without a network keeps nothing of it. */
	private askTime(): void {
		const { clock, network, random, trace, wifi } = this.platform;
		const server = this.store!.config?.timeServer ?? "";
		if (this.sntp !== undefined || network === undefined || wifi === undefined || server === "") return;
		this.sntp = new SntpClient({
			...{ clock, network, random, trace, wifi, server },
			onTime: (seconds) => this.door!.access.networkTime(seconds),
		});
	}

	/** A restart that was asked for. */
	restart(): void {
		this.events.limiter.settle(true);
		this.platform.restart();
	}

	private reset(store: ConfigStore): void {
		store.reset();
		this.events.record(EVENTS.configuration, CONFIGURATION_CHANGES.reset, store.revision);
		this.restart();
	}
}
