// SPDX-License-Identifier: Apache-2.0

/** The plan: envelope, snapshot, delta, tables, time zone, and what a reader counts of it. */
import { utf8Encode } from "../../../protocol/bytes.js";
import { decodeSign1 } from "../../../protocol/credential/cose.js";
import { openEnvelope } from "../../../protocol/plan/envelope.js";
import { decodeDelta, decodeSnapshot, NO_END, orderOf } from "../../../protocol/plan/format.js";
import { PlanTables, SCHEDULE_ALWAYS } from "../../../protocol/plan/tables.js";
import { parseTimeZone } from "../../../protocol/plan/tz.js";
import { SimStateCell } from "../../../sim/flash.js";
import { SeededRandom } from "../../../sim/random.js";
import { DEVICE_KEY } from "../../../sim/self.js";
import { EPOCH } from "../../../sim/site.js";
import {
	encodeTables,
	type PlanImage,
	packRecords,
	signDelta,
	signSnapshot,
} from "../../../site/lib/plan/encode.js";
import {
	ANCHOR,
	AREA_HASH,
	MAX_AHEAD,
	putSeal,
	SEAL,
	SealedState,
} from "../../../src/config/sealed-state.js";
import { type FuzzTarget, latin1, never, target } from "../target.js";
import { crypto, site } from "../world.js";

const tables = encodeTables({
	zone: "CET-1CEST,M3.5.0,M10.5.0/3",
	shifts: [{ at: EPOCH, offset: 3600 }],
	strictTime: true,
	grace: 3600,
	defaultMode: "locked",
	modes: [{ schedule: 0, mode: "locked" }],
	holidays: [{ year: 2026, month: 12, day: 24, days: 3, kind: 0 }],
	schedules: [[{ days: 0x1f, from: 480, to: 1080 }]],
	plans: [[{ schedule: SCHEDULE_ALWAYS, from: 0, until: NO_END }], [{ schedule: 0, from: 100, until: 9000 }]],
});
const plan = (version: number, ids: readonly number[]): PlanImage => ({
	site: site.id,
	door: "front",
	version,
	issued: EPOCH + version,
	expires: EPOCH + 86_400,
	tables,
	records: packRecords(
		ids.map((n) => ({ id: new SeededRandom(n).bytes(8), access: n & 1, flags: 0, from: 0, until: NO_END })),
	),
});
const signing = { crypto, ...site.keys.signing };
const old = plan(1, [1, 2, 3, 4, 5]);
export const snapshot = signSnapshot(old, signing).envelope;
export const delta = signDelta(old, plan(2, [1, 2, 4, 5, 6, 7]), signing);
const cell = new SimStateCell();
const state = new SealedState(cell, crypto, DEVICE_KEY);
state.belongTo(new Uint8Array(ANCHOR).fill(1));
state.raisePlan(orderOf({ epoch: 2, version: 1 }), [orderOf({ epoch: 2, version: 3 })]);
state.notices = {
	bank: 1,
	count: 3,
	newest: orderOf({ epoch: 2, version: 9 }),
	hash: new Uint8Array(AREA_HASH).fill(5),
};
state.lockdown = { newest: orderOf({ epoch: 2, version: 4 }), end: EPOCH, lifted: false };
const counted = cell.value!;
const payload = (envelope: Uint8Array): Uint8Array => decodeSign1(envelope).payload.slice();

export const PLAN_TARGETS: readonly FuzzTarget[] = Object.freeze([
	target(
		"plan-envelope",
		[snapshot, delta],
		never,
		(input) => {
			openEnvelope(input, site.trust, "front", EPOCH, crypto);
		},
		{ share: 0.2 },
	),
	target("plan-snapshot", [payload(snapshot)], never, (input) => {
		decodeSnapshot(input);
	}),
	target("plan-delta", [payload(delta)], never, (input) => {
		decodeDelta(input);
	}),
	target("sealed-state", [counted], never, (input) => {
		// As it comes, and as this device itself would have sealed it.
		const sealed = input.length < SEAL ? input : putSeal(crypto, DEVICE_KEY, input.slice());
		for (const bytes of [input, sealed]) {
			const cell = new SimStateCell();
			cell.value = bytes;
			const state = new SealedState(cell, crypto, DEVICE_KEY);
			if (state.damaged) continue;
			const { ahead, anchor, notices, plan } = state;
			if (notices.hash.length !== AREA_HASH || notices.count >= 0x8000 || notices.bank > 1)
				throw new Error("an area that none can be");
			if (anchor.length !== ANCHOR || ahead.length > MAX_AHEAD || ![plan, ...ahead].every(Number.isFinite))
				throw new Error("a state that none can be");
		}
	}),
	target("plan-tables", [tables], never, (input) => {
		const parsed = PlanTables.parse(input);
		if (parsed === undefined) return;
		parsed.mode(EPOCH);
		parsed.mode(undefined);
		for (let number = 0; number < 4; number++) {
			parsed.need(number);
			parsed.admits(number, EPOCH);
		}
	}),
	target(
		"time-zone",
		["CET-1CEST,M3.5.0,M10.5.0/3", "UTC0", "<+1030>-10:30<+11>-11,M10.1.0,M4.1.0", "EST5EDT,J60,300/2"].map(
			utf8Encode,
		),
		never,
		(input) => {
			parseTimeZone(latin1(input))?.offsetAt(EPOCH);
		},
	),
]);
