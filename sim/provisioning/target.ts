// SPDX-License-Identifier: Apache-2.0

import type { Clock, WallClock } from "../../hal/contracts/time.js";
import type { Wifi } from "../../hal/contracts/wifi.js";
import type { CborMap } from "../../protocol/cbor/value.js";
import type { ConfigProblem, ReaderConfig } from "../../protocol/config/document.js";
import { COMMANDS, type DoorCommand, EVENTS, eventName } from "../../protocol/events.js";
import type {
	ReaderInfo,
	ReaderState,
	ReplyOf,
	SelfTestResult,
	TestResult,
} from "../../protocol/provisioning/messages.js";
import type { SelfTestPart, TestName } from "../../protocol/provisioning/tests.js";
import type { ProvisioningTarget } from "../../src/service/target.js";
import { SimFlash } from "../flash.js";

export interface Recorded {
	readonly event: string;
	readonly detail: number;
	readonly value: number;
}

/** A reader around the provisioning under test: notes what it was told, passes its tests unless told otherwise. */
export class SimProvisioningTarget implements ProvisioningTarget {
	readonly log = new SimFlash({ size: 16 * 1024 });
	readonly recorded: Recorded[] = [];
	readonly applied: ReaderConfig[] = [];
	readonly failing = new Set<TestName>();
	/** Tests that never come back. */
	readonly stuck = new Set<TestName>();
	/** What its hardware cannot do of any configuration. */
	lacks: readonly ConfigProblem[] = [];
	/** When the site signed its plan; `undefined`: it is not read yet. */
	newestSigned: number | undefined = 0;
	identified = 0;
	restarts = 0;
	lockdown = false;
	password = "";
	readonly #clock: Clock;
	readonly #wall: WallClock;
	#sink: ((event: CborMap) => void) | undefined;
	#joined = false;

	constructor(clock: Clock, wall: WallClock) {
		this.#clock = clock;
		this.#wall = wall;
	}

	get knownTime(): number | undefined {
		return this.#wall.trust() === "unset" ? undefined : this.#wall.now();
	}

	lockDown(): void {}

	info(): ReaderInfo {
		return { firmware: "0.1.0", chip: "simulated", hardware: "bench" };
	}

	state(): ReaderState {
		return { time: this.#wall.trust() === "unset" ? null : this.#wall.now(), trust: this.#wall.trust() };
	}

	identify(ms: number): void {
		this.identified += ms;
	}

	test(name: TestName, done: (result: TestResult) => void): void {
		if (this.stuck.has(name)) return;
		const passed = !this.failing.has(name);
		const detail = passed ? `${name} works` : `${name} did not answer: check its wires`;
		this.#clock.alarm(() => done({ passed, detail })).set(20);
	}

	selfTest(part: SelfTestPart, done: (result: SelfTestResult) => void): void {
		this.#clock.alarm(() => done({ passed: true, detail: `${part} works`, figures: {}, memory: {} })).set(20);
	}

	unfit(): readonly ConfigProblem[] {
		return this.lacks;
	}

	configured(config: ReaderConfig): undefined {
		this.applied.push(config);
	}

	setTime(seconds: number): void {
		this.#wall.set(seconds, "synced");
	}

	readonly wifi: Pick<Wifi, "joined" | "scan" | "join"> = ((facade: SimProvisioningTarget) => ({
		get joined() {
			return facade.#joined;
		},
		scan: (done) => done([{ ssid: "Building", rssi: -51, secured: true }]),
		join: (ssid, password, done) => {
			facade.#joined = ssid === "Building" && password === "correct horse";
			facade.password = password;
			done(facade.#joined);
		},
	}))(this);

	readonly record = (kind: number, detail: number, value: number, subject?: Uint8Array): void => {
		const event = eventName(kind) ?? String(kind);
		this.recorded.push({ event, detail, value });
		this.#sink?.({ event, detail, value, ...(subject && { subject }) });
	};

	command(command: DoorCommand): ReplyOf<"door"> {
		const done = command !== "open" || !this.lockdown;
		this.record(EVENTS.command, COMMANDS[command], done ? 0 : 1);
		if (command === "lockdown" || command === "release") this.lockdown = command === "lockdown";
		return { done, mode: this.lockdown ? "lockdown" : command, unlocked: command === "unlock" };
	}

	watch(sink: ((event: CborMap) => void) | undefined): void {
		this.#sink = sink;
	}

	restart(): void {
		this.restarts++;
	}
}
