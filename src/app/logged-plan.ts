// SPDX-License-Identifier: Apache-2.0

import { EVENTS, type EventSink, PARTS } from "../../protocol/events.js";
import { type PlanRefusal, planEventDetail } from "../../protocol/plan/envelope.js";
import { ID } from "../../protocol/plan/format.js";
import type { TrustList } from "../../protocol/trust/list.js";
import type { PlanStore } from "../plan/store.js";
import type { PlanInstaller } from "../service/target.js";

/** The plan as installer and site change it: what came into force or was refused is in the log. */
export class LoggedPlan implements PlanInstaller {
	private readonly plan: PlanStore;
	private readonly record: EventSink;

	constructor(plan: PlanStore, record: EventSink) {
		this.plan = plan;
		this.record = record;
	}

	begin(envelope: Uint8Array, goOn?: boolean): PlanRefusal | undefined {
		return this.refused(this.plan.begin(envelope, goOn));
	}

	get incoming(): PlanStore["incoming"] {
		return this.plan.incoming;
	}

	write(chunk: Uint8Array): PlanRefusal | undefined {
		return this.refused(this.plan.write(chunk));
	}

	commit(): ReturnType<PlanStore["commit"]> {
		const result = this.plan.commit();
		if (result === "done") this.taken();
		else if (result !== "more") this.refused(result);
		return result;
	}

	applyDelta(envelope: Uint8Array): ReturnType<PlanStore["applyDelta"]> {
		const before = this.plan.earlyRevocations.length;
		const result = this.plan.applyDelta(envelope);
		if (result !== "applied" && result !== "revoked-ahead") this.refused(result);
		// One that is ahead already may come again.
		else if (result === "applied" || this.plan.earlyRevocations.length > before) this.taken();
		return result;
	}

	takeNotice(signed: Uint8Array): ReturnType<PlanInstaller["takeNotice"]> {
		const result = this.plan.takeNotice(signed);
		if (typeof result === "string") return result;
		this.record(EVENTS.revocation, result.ids.length / ID, result.sequence);
		return "taken";
	}

	get notice(): number {
		return this.plan.notice;
	}

	get damaged(): boolean {
		return this.plan.damaged && this.plan.absence === undefined;
	}

	isKeptBy(list: TrustList): boolean {
		return this.plan.isKeptBy(list);
	}

	open(): void {
		this.plan.open();
		if (this.plan.absence === "plan-damaged") this.record(EVENTS.health, (PARTS.plan << 8) | 1, 0);
	}

	get epoch(): number {
		return this.plan.epoch;
	}

	get version(): number {
		return this.plan.version;
	}

	get count(): number {
		return this.plan.count;
	}

	private taken(): void {
		this.record(EVENTS.plan, 0, this.plan.version);
	}

	private refused(result: PlanRefusal | undefined): PlanRefusal | undefined {
		if (result !== undefined) this.record(EVENTS.plan, planEventDetail(result), this.plan.version);
		return result;
	}
}
