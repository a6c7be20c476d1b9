// SPDX-License-Identifier: Apache-2.0

import type { Alarm } from "../../hal/contracts/time.js";
import type { Wifi } from "../../hal/contracts/wifi.js";
import type { CborMap } from "../../protocol/cbor/value.js";
import type { ConfigProblem, ReaderConfig } from "../../protocol/config/document.js";
import type { DoorCommand, EventSink } from "../../protocol/events.js";
import type {
	ReaderInfo,
	ReaderState,
	ReplyOf,
	SelfTestResult,
	TestResult,
} from "../../protocol/provisioning/messages.js";
import type { SelfTestPart, TestName } from "../../protocol/provisioning/tests.js";
import type { ConfigStore } from "../config/store.js";
import type { PlanInstaller, ProvisioningTarget } from "../service/target.js";
import { endsBy } from "../sync/time.js";
import type { Device } from "./device.js";
import { fieldTest } from "./field-tests.js";
import { unfit, wifiRefusal } from "./fit.js";
import { LoggedPlan } from "./logged-plan.js";
import { selfTest } from "./selftest.js";
import { namesOf } from "./startup.js";
import { runningDoor } from "./waiting.js";

/** Of this firmware; package.json has the same. */
export const FIRMWARE_VERSION = "0.1.0";
/** Number of the image, which rises with each release: what a site is told of. */
export const IMAGE = 1;

/** From a reply to the restart that it announces, ms: 1280 bytes at 115200 baud take 111. */
const RESTART_MS = 300;

/** The reader as the serial protocol sees it. */
export class InstallerView implements ProvisioningTarget {
	readonly record: EventSink;
	private readonly device: Device;
	private readonly store: ConfigStore;
	readonly #restart: Alarm;
	#plan: PlanInstaller | undefined;

	constructor(device: Device, store: ConfigStore) {
		const { clock } = device.platform;
		this.record = device.events.record;
		this.device = device;
		this.store = store;
		this.#restart = clock.alarm(() => device.restart());
	}

	get log() {
		return this.device.platform.flash.log;
	}

	get wifi(): Wifi | undefined {
		return this.device.platform.wifi;
	}

	get plan(): PlanInstaller | undefined {
		if (this.store.membership === undefined) return undefined;
		this.#plan ??= new LoggedPlan(runningDoor(this.device).access.plan, this.record);
		return this.#plan;
	}

	get newestSigned(): number | undefined {
		return this.device.door?.access.plan.issued;
	}

	get knownTime(): number | undefined {
		const { door, platform } = this.device;
		// The plan may not be read yet.
		const isUnset = door === undefined && platform.wall.trust() === "unset";
		const now = door !== undefined ? door.access.knownTime : isUnset ? undefined : platform.wall.now();
		return endsBy(now, Math.max(this.newestSigned ?? 0, this.store.lists.newest.issued));
	}

	get minPlanVersion(): number | undefined {
		return this.device.door?.access.plan.minVersion;
	}

	info(): ReaderInfo {
		const { chip = "unknown", board = "unknown" } = this.device.platform.hardware ?? {};
		return { firmware: FIRMWARE_VERSION, chip, hardware: board };
	}

	state(trusted: boolean): ReaderState {
		const { platform, startup, door, radios, timekeeper } = this.device;
		const { wall, wifi, restartCause } = platform;
		return {
			time: wall.trust() === "unset" ? null : wall.now(),
			trust: wall.trust(),
			timeSource: timekeeper.source ?? null,
			timeError: Number.isFinite(timekeeper.error) ? timekeeper.error : null,
			clockChip: timekeeper.chip,
			networkOff: timekeeper.networkOff ?? null,
			started: restartCause,
			...(startup.beginning.failed > 0 && { failedStarts: startup.beginning.failed }),
			...(startup.waitMs > 0 && {
				waits: namesOf(startup.beginning.held),
				seconds: Math.ceil(startup.waitMs / 1000),
			}),
			wifi: wifi?.joined ?? null,
			...(door && { nfc: radios?.nfc?.ready ?? false, bluetooth: radios?.bluetooth?.ready ?? null }),
			...(door && trusted && this.doorState()),
		};
	}

	identify(ms: number): void {
		runningDoor(this.device).access.door.identify(ms);
	}

	test(name: TestName, done: (result: TestResult) => void): void {
		fieldTest(this.device, this.store, name, done);
	}

	selfTest(part: SelfTestPart, done: (result: SelfTestResult) => void): void {
		selfTest(this.device, this.store, part, done);
	}

	get wifiRefusal(): string | undefined {
		return wifiRefusal(this.device.platform, this.store);
	}

	unfit(config: ReaderConfig): readonly ConfigProblem[] {
		return unfit(this.device.platform, this.store, config);
	}

	configured(): number {
		this.restart();
		return RESTART_MS;
	}

	setTime(seconds: number, source?: "site"): void {
		const { door, timekeeper } = this.device;
		if (source === undefined) this.store.setBack = 0;
		if (door !== undefined) door.access.setTime(seconds, source);
		else timekeeper.set(seconds, source);
	}

	command(command: DoorCommand, seconds?: number, by?: Uint8Array): ReplyOf<"door"> {
		const { door } = runningDoor(this.device).access;
		const done = door.command(command, seconds, by);
		return { done, mode: door.mode, unlocked: door.door.unlocked };
	}

	lockDown(ms: number, sequence: number): void {
		runningDoor(this.device).access.door.notice(ms, sequence);
	}

	watch(sink: ((event: CborMap) => void) | undefined): void {
		this.device.events.watcher = sink;
	}

	restart(): void {
		// After a reset there is no site to speak with.
		if (this.store.membership === undefined) this.device.sync?.close();
		this.#restart.set(RESTART_MS);
	}

	private doorState(): ReaderState {
		const { relay } = this.device;
		const { access, inputs } = runningDoor(this.device);
		const { plan, log, door } = access;
		return {
			door: door.door.leaf,
			mode: door.mode,
			relay: relay.energised,
			open: inputs.doorPosition?.active ?? null,
			plan: plan.version,
			planEpoch: plan.epoch,
			planIssued: plan.issued,
			planExpires: plan.expires,
			planHash: plan.bodyHash ?? null,
			credentials: plan.count,
			...(plan.problem !== undefined && { planProblem: plan.problem }),
			events: log.last,
			acknowledged: log.acknowledged,
		};
	}
}
