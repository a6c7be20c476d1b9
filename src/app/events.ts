// SPDX-License-Identifier: Apache-2.0

import type { Clock } from "../../hal/contracts/time.js";
import type { CborMap } from "../../protocol/cbor/value.js";
import { CAUSES, EVENTS, type EventCode, type EventSink, eventName, PARTS } from "../../protocol/events.js";
import type { SealedState } from "../config/sealed-state.js";
import { DECISIVE, isDecisive, remember } from "../door/memory.js";
import { Limiter } from "../log/limiter.js";
import type { AuditLog } from "../log/log.js";

/** The reader's events: into its log, and to those who watch. */
export class DeviceEvents {
	/** Absent before its stage has begun: then there is none to write to. */
	log: AuditLog | undefined;
	/** Absent as long. */
	sealed: SealedState | undefined;
	/** The installer who watches. */
	watcher: ((event: CborMap) => void) | undefined;
	readonly listeners = new Set<EventSink>();
	readonly limiter: Limiter;
	/** The sealed state did not take the last change. */
	sealFails = false;

	constructor(clock: Clock) {
		this.limiter = new Limiter(clock, this);
	}

	/** What the limiter records. */
	append(kind: EventCode, detail: number, value: number, subject?: Uint8Array): void {
		this.log?.append(kind, detail, value, subject);
	}

	readonly record: EventSink = (kind: EventCode, detail, value, subject) => {
		this.limiter.record(kind, detail, value, subject);
		if (isDecisive(kind)) this.seal(kind, detail, value);
		for (const listener of this.listeners) listener(kind, detail, value, subject);
		this.watcher?.({ event: eventName(kind) ?? String(kind), detail, value, ...(subject && { subject }) });
	};

	private seal(kind: EventCode, detail: number, value: number): void {
		const { sealed } = this;
		if (sealed === undefined) return;
		const memory = remember(sealed.door, kind, detail, value) & DECISIVE;
		const { lockdown } = sealed;
		const isOver = kind === EVENTS["lockdown-ended"] && detail === CAUSES.notice && lockdown.end !== 0;
		if (memory === sealed.door && !isOver) return;
		let failed = false;
		try {
			sealed.door = memory;
			if (isOver) sealed.lockdown = { ...lockdown, end: 0 };
		} catch {
			// No fire and no lockdown may end the firmware for it: the log has them, and a start goes by the stricter of the two.
			failed = true;
		}
		if (failed === this.sealFails) return;
		this.sealFails = failed;
		this.record(EVENTS.health, (PARTS.state << 8) | (failed ? 1 : 0), 0);
	}
}
