// SPDX-License-Identifier: Apache-2.0

import { EVENTS, type EventSink, PARTS } from "../../protocol/events.js";
import { type PlanRefusal, planEventDetail } from "../../protocol/plan/envelope.js";
import { ID } from "../../protocol/plan/format.js";
import type { PlanStore } from "../plan/store.js";
import type { PlanInstaller } from "../service/target.js";

/** The plan as installer and site change it: what came into force or was refused is in the log. */
export function loggedPlan(plan: PlanStore, record: EventSink): PlanInstaller {
	const refused = (result: PlanRefusal | undefined): PlanRefusal | undefined => {
		if (result !== undefined) record(EVENTS.plan, planEventDetail(result), plan.version);
		return result;
	};
	return {
		begin: (envelope, goOn) => refused(plan.begin(envelope, goOn)),
		get incoming() {
			return plan.incoming;
		},
		write: (chunk) => refused(plan.write(chunk)),
		commit: () => {
			const result = plan.commit();
			if (result === "done") record(EVENTS.plan, 0, plan.version);
			else if (result !== "more") refused(result);
			return result;
		},
		applyDelta: (envelope) => {
			const result = plan.applyDelta(envelope);
			if (result === "applied" || result === "revoked-ahead") record(EVENTS.plan, 0, plan.version);
			else refused(result);
			return result;
		},
		takeNotice: (signed) => {
			const result = plan.takeNotice(signed);
			if (typeof result === "string") return result;
			record(EVENTS.revocation, result.ids.length / ID, result.sequence);
			return "taken";
		},
		get notice() {
			return plan.notice;
		},
		isKeptBy: (list) => plan.isKeptBy(list),
		open: () => {
			plan.open();
			if (plan.absence === "plan-damaged") record(EVENTS.health, (PARTS.plan << 8) | 1, 0);
		},
		get epoch() {
			return plan.epoch;
		},
		get version() {
			return plan.version;
		},
		get count() {
			return plan.count;
		},
	};
}
