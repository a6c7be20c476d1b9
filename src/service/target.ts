import type { Flash } from "../../hal/contracts/flash.js";
import type { Wifi } from "../../hal/contracts/wifi.js";
import type { CborMap } from "../../protocol/cbor/value.js";
import type { ReaderConfig } from "../../protocol/config/document.js";
import type { EventSink } from "../../protocol/events.js";
import type { PlanRefusal } from "../../protocol/plan/envelope.js";
import type { ReaderInfo, ReaderState, TestResult } from "../../protocol/provisioning/messages.js";
import type { TestName } from "../../protocol/provisioning/tests.js";

/** The access plan by cable: `PlanStore`'s own install, a snapshot piece by piece or a delta. */
export interface PlanInstaller {
	begin(envelope: Uint8Array): PlanRefusal | undefined;
	/** At most 1024 bytes. */
	write(chunk: Uint8Array): PlanRefusal | undefined;
	/** One step: call again while it says "more". */
	commit(): "more" | "done" | PlanRefusal;
	applyDelta(envelope: Uint8Array): "applied" | "revoked-ahead" | PlanRefusal;
	readonly version: number;
	readonly count: number;
}

/** What provisioning needs of the reader. Everything returns at once; what takes time calls `done` once, later. */
export interface ProvisioningTarget {
	/** Fixed facts: `firmware`, `chip`, `hardware`. */
	info(): ReaderInfo;
	/** How the reader is at the moment: door, time, plan, health. */
	state(): ReaderState;
	/** Shows and sounds where the reader is. */
	identify(ms: number): void;
	test(name: TestName, done: (result: TestResult) => void): void;
	/** The configuration is in flash: takes it over, by a restart of its own in that many ms, or at once. */
	configured(config: ReaderConfig): number | undefined;
	setTime(seconds: number): void;
	/** Absent where the reader has no Wi-Fi. */
	readonly wifi?: Omit<Wifi, "busy"> | undefined;
	/** Absent before commissioning. */
	readonly plan?: PlanInstaller | undefined;
	/** The least version of a plan that the reader takes; absent before commissioning. */
	readonly minPlanVersion?: number | undefined;
	readonly log: Flash;
	/** Appends to the log. */
	readonly record: EventSink;
	/** Calls `sink` for each event from now on; `undefined` ends that. */
	watch(sink: ((event: CborMap) => void) | undefined): void;
	/** After the reply has left. */
	restart(): void;
}
