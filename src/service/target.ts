// SPDX-License-Identifier: Apache-2.0

import type { Flash } from "../../hal/contracts/flash.js";
import type { Wifi } from "../../hal/contracts/wifi.js";
import type { CborMap } from "../../protocol/cbor/value.js";
import type { ConfigProblem, ReaderConfig } from "../../protocol/config/document.js";
import type { DoorCommand, EventSink } from "../../protocol/events.js";
import type { NoticeRefusal } from "../../protocol/notice/notice.js";
import type { PlanRefusal } from "../../protocol/plan/envelope.js";
import type {
	ReaderInfo,
	ReaderState,
	ReplyOf,
	SelfTestResult,
	TestResult,
} from "../../protocol/provisioning/messages.js";
import type { SelfTestPart, TestName } from "../../protocol/provisioning/tests.js";
import type { JudgedPlan } from "../config/trust-lists.js";
import type { NoticesRefusal } from "../plan/notices.js";
import type { Incoming } from "../plan/snapshot-writer.js";

/** Installs access plans: a snapshot in pieces, or a delta, as `PlanStore` does. */
export interface PlanInstaller extends JudgedPlan {
	/** `goOn`: what of the same snapshot a power cut has left in flash counts; the caller goes on at `incoming.taken`. */
	begin(envelope: Uint8Array, goOn?: boolean): PlanRefusal | undefined;
	/** The snapshot that was begun; absent where none was, or it has come to an end. */
	readonly incoming: Incoming | undefined;
	/** At most 1024 bytes. */
	write(chunk: Uint8Array): PlanRefusal | undefined;
	/** One step of the commit; call it while it returns "more". */
	commit(): "more" | "done" | PlanRefusal;
	applyDelta(envelope: Uint8Array): "applied" | "revoked-ahead" | PlanRefusal;
	/** Takes a signed revocation notice. "known": it was in force before. */
	takeNotice(signed: Uint8Array): "taken" | "known" | NoticeRefusal | NoticesRefusal;
	/** It has each revocation notice of its list's epoch up to this sequence. */
	readonly notice: number;
	/** A part of the plan in force fails its check in flash: a snapshot of the same version is accepted. */
	readonly damaged: boolean;
	readonly epoch: number;
	readonly version: number;
	readonly count: number;
}

/** The parts of the reader that provisioning uses. Every call returns at once; a slow one calls `done` once, later. */
export interface ProvisioningTarget {
	/** Fixed facts: `firmware`, `chip`, `hardware`. */
	info(): ReaderInfo;
	/** The present state. `trusted`: of door, plan and log too, not alone of what an installer without a key has to mend. */
	state(trusted: boolean): ReaderState;
	/** Lights and sounds for `ms`, so that an installer finds the reader. */
	identify(ms: number): void;
	test(name: TestName, done: (result: TestResult) => void): void;
	selfTest(part: SelfTestPart, done: (result: SelfTestResult) => void): void;
	/** What of a valid configuration this reader's hardware cannot do; empty where it can do all. */
	unfit(config: ReaderConfig): readonly ConfigProblem[];
	/** Applies the configuration that is now in flash. Returns the ms until the restart that this takes, if any. */
	configured(config: ReaderConfig): number | undefined;
	/** `source`: who says so; absent: an installer. */
	setTime(seconds: number, source?: "site"): void;
	/** A command to the door. `seconds`: of an `open`, 0: the strike time; `by`: 8 bytes, who gives it at the site. */
	command(command: DoorCommand, seconds?: number, by?: Uint8Array): ReplyOf<"door">;
	/** A lockdown notice of the site, for `ms`; 0: none stands. */
	lockDown(ms: number, sequence: number): void;
	/** Absent where the reader has no Wi-Fi. */
	readonly wifi?: Pick<Wifi, "joined" | "scan" | "join"> | undefined;
	/** Why its Wi-Fi may not be used now; absent where it may. */
	readonly wifiRefusal?: string | undefined;
	/** Absent before commissioning. */
	readonly plan?: PlanInstaller | undefined;
	/** When the site signed its plan, seconds since 1970; absent while the plan is not read. */
	readonly newestSigned?: number | undefined;
	/** The time by which keys end here, seconds since 1970; absent where it is unset, or as good as that for the plan. */
	readonly knownTime?: number | undefined;
	/** The lowest version of a plan that the reader accepts; absent before commissioning, or where its list's epoch has none. */
	readonly minPlanVersion?: number | undefined;
	readonly log: Flash;
	/** Appends to the log. */
	readonly record: EventSink;
	/** Calls `sink` for each event from now on; `undefined` ends that. */
	watch(sink: ((event: CborMap) => void) | undefined): void;
	/** Restarts once the reply has left. */
	restart(): void;
}
