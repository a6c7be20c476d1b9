// SPDX-License-Identifier: Apache-2.0

import { assert } from "chai";
import fc from "fast-check";
import { toHex } from "../../../protocol/bytes.js";
import {
	CAUSES,
	COMMANDS,
	DECISION_FLAGS,
	EVENTS,
	type EventCode,
	INPUT_FAULTS,
	INPUTS,
} from "../../../protocol/events.js";
import { REASONS } from "../../../protocol/reasons.js";
import { VirtualTime } from "../../../sim/time.js";
import { Limiter, MAX_SINGLE, REFILL_S } from "../../../src/log/limiter.js";

interface Happening {
	readonly kind: EventCode;
	readonly detail: number;
	readonly value: number;
	readonly subject?: Uint8Array | undefined;
}

const id = (n: number): Uint8Array => new Uint8Array(8).fill(n);

const event = (kind: EventCode, detail = 0, value = 0, subject?: Uint8Array): Happening => ({
	kind,
	detail,
	value,
	subject,
});

/** What a limiter records, in virtual time. */
class Recorder {
	readonly time = new VirtualTime();
	readonly records: (Happening & { readonly at: number })[] = [];
	readonly limiter = new Limiter(this.time, {
		append: (kind, detail, value, subject) => {
			this.records.push({ kind, detail, value, subject: subject?.slice(), at: this.time.now() });
		},
	});

	happen({ kind, detail, value, subject }: Happening): void {
		this.limiter.record(kind, detail, value, subject);
	}

	/** As housekeeping does, each second. */
	wait(ms: number): void {
		for (let left = ms; left > 0; left -= 1000) {
			this.time.run(Math.min(1000, left));
			this.limiter.settle();
		}
	}
}

/** Under what an event is counted: its kind, of denials reason and credential too. */
function keyOf(kind: number, detail: number, subject: Uint8Array | undefined): string {
	const denied = kind === EVENTS.decision && (detail & 255) !== 0;
	return denied ? `${kind} ${detail & 255} ${toHex(subject ?? id(0))}` : String(kind);
}

/** How many happened: of the service, the value counts more that the port left out. */
const weight = ({ kind, value, detail }: Happening): number =>
	kind === EVENTS.service && detail !== 1 ? 1 + value : 1;

function count(happenings: readonly Happening[]): Map<string, number> {
	const counts = new Map<string, number>();
	for (const one of happenings) {
		const repeated = one.kind === EVENTS.repeated;
		const kind = repeated ? one.detail & 255 : one.kind;
		const key = keyOf(kind, repeated ? one.detail >> 8 : one.detail, one.subject);
		counts.set(key, (counts.get(key) ?? 0) + (repeated ? one.value : weight(one)));
	}
	return counts;
}

const denial = fc
	.tuple(fc.constantFrom(...Object.values(REASONS).filter((code) => code > 0)), fc.nat(1))
	.map(([reason, who]) => event(EVENTS.decision, reason, 4, id(who)));

/** An opening without a cause in all the ways that it can go. */
const opening = fc
	.constantFrom([EVENTS.forced, EVENTS["forced-ended"]], [])
	.map((alarm) => [
		event(EVENTS["door-opened"], CAUSES.none),
		...alarm.map((kind) => event(kind)),
		event(EVENTS["door-closed"]),
	]);

const together = (...all: Happening[]): fc.Arbitrary<Happening[]> => fc.constant(all);

const flood: fc.Arbitrary<Happening[]> = fc.oneof(
	denial.map((one): Happening[] => [one]),
	opening,
	together(event(EVENTS.tamper), event(EVENTS["tamper-ended"])),
	together(event(EVENTS.fire), event(EVENTS["fire-ended"])),
	together(event(EVENTS["held-warning"]), event(EVENTS.held), event(EVENTS["held-ended"])),
	together(event(EVENTS.lockdown, CAUSES.lockdown), event(EVENTS["lockdown-ended"], CAUSES.lockdown)),
	fc
		.tuple(fc.constantFrom(...Object.values(INPUTS)), fc.integer({ min: 1, max: 4 }))
		.map(([input, fault]): Happening[] => [
			event(EVENTS["input-fault"], (input << 8) | fault),
			event(EVENTS["input-fault"], (input << 8) | INPUT_FAULTS.cut),
			event(EVENTS["input-restored"], input << 8),
		]),
	fc.nat(50).map((more): Happening[] => [event(EVENTS.service, 2, more)]),
	together(event(EVENTS.exit, 1)),
	together(event(EVENTS.health, 0x101), event(EVENTS.health, 0x100)),
	together(event(EVENTS.plan, 1, 7)),
);

/** What nobody without a right to it can cause, or what explains an unlocked door. */
const entitled: fc.Arbitrary<Happening[]> = fc.constantFrom(
	[event(EVENTS.decision, DECISION_FLAGS.extended << 8, 4, id(9)), event(EVENTS.outcome)],
	[event(EVENTS.exit)],
	[event(EVENTS.command, COMMANDS.unlock), event(EVENTS.unlocked, CAUSES.command)],
	[event(EVENTS["door-opened"], CAUSES.grant, 1), event(EVENTS["door-closed"])],
	[event(EVENTS.lockdown, CAUSES.command), event(EVENTS["lockdown-ended"], CAUSES.command)],
	[event(EVENTS.configuration, 0, 3)],
	[event(EVENTS.plan, 0, 8)],
	[event(EVENTS.service, 1, 0, id(8))],
);

const gaps = fc.oneof(fc.nat(2000), fc.nat(2 * REFILL_S * 1000));

describe("audit: floods", () => {
	it("nothing is lost count of: single records and counts are all there was, of each kind, reason and credential", () => {
		fc.assert(
			fc.property(
				fc.array(fc.tuple(fc.oneof(flood, entitled), fc.nat(60_000)), { maxLength: 400 }),
				(steps) => {
					const recorder = new Recorder();
					const all = steps.flatMap(([happenings]) => happenings);
					for (const [happenings, gap] of steps) {
						for (const one of happenings) recorder.happen(one);
						recorder.wait(gap);
					}
					recorder.limiter.settle(true);
					assert.deepEqual(count(recorder.records), count(all));
				},
			),
			{ numRuns: 50 },
		);
	});

	it("of each limit at most 20 single records, and one an hour more, single or a count", () => {
		fc.assert(
			fc.property(flood, fc.array(gaps, { minLength: 60, maxLength: 200 }), (happenings, pauses) => {
				const recorder = new Recorder();
				for (const pause of pauses) {
					for (const one of happenings) recorder.happen(one);
					recorder.wait(pause);
				}
				const hours = recorder.time.now() / 1000 / REFILL_S;
				for (const kind of new Set(happenings.map((one) => one.kind))) {
					const records = recorder.records.filter(
						(one) => one.kind === kind || (one.kind === EVENTS.repeated && (one.detail & 255) === kind),
					);
					// A part's failure and its recovery are of one kind.
					const each = happenings.filter((one) => one.kind === kind).length;
					assert.isAtMost(records.length, each * (MAX_SINGLE + hours + 1), `kind ${kind}`);
				}
			}),
			{ numRuns: 50 },
		);
	});

	it("what unlocks the door, and who had a right to be there, is never left out", () => {
		fc.assert(
			fc.property(fc.array(fc.oneof(entitled, flood), { maxLength: 300 }), (steps) => {
				const recorder = new Recorder();
				const owed: Happening[] = [];
				for (const happenings of steps)
					for (const one of happenings) {
						recorder.happen(one);
						const { kind, detail } = one;
						const grant = kind === EVENTS.decision && (detail & 255) === 0;
						const caused = kind === EVENTS["door-opened"] && detail !== CAUSES.none;
						const exit = kind === EVENTS.exit && detail === 0;
						const always: readonly number[] = [EVENTS.unlocked, EVENTS.command, EVENTS.configuration];
						const plan = kind === EVENTS.plan && detail === 0;
						if (grant || caused || exit || plan || always.includes(kind)) owed.push(one);
					}
				const plain = ({ kind, detail, value }: Happening) => `${kind} ${detail} ${value}`;
				const recorded = recorder.records.map(plain);
				let at = -1;
				for (const one of owed) {
					at = recorded.indexOf(plain(one), at + 1);
					assert.isAtLeast(at, 0, plain(one));
				}
			}),
			{ numRuns: 50 },
		);
	});

	it("an alarm and its end are recorded both or counted both", () => {
		const recorder = new Recorder();
		const pairs = [
			[EVENTS["door-opened"], EVENTS["door-closed"]],
			[EVENTS.forced, EVENTS["forced-ended"]],
			[EVENTS.tamper, EVENTS["tamper-ended"]],
		] as const;
		for (let i = 0; i < 3000; i++) {
			for (const kind of [
				EVENTS["door-opened"],
				EVENTS.forced,
				EVENTS["forced-ended"],
				EVENTS["door-closed"],
			])
				recorder.happen(event(kind));
			recorder.happen(event(EVENTS.tamper));
			recorder.wait(20_000);
			recorder.happen(event(EVENTS["tamper-ended"]));
		}
		for (const [begin, end] of pairs) {
			let open = 0;
			for (const { kind } of recorder.records) {
				if (kind === begin) open++;
				else if (kind === end) open--;
				assert.include([0, 1], open);
			}
		}
	});

	it("one credential's denials take nothing from another's, nor from another reason's", () => {
		const recorder = new Recorder();
		for (let i = 0; i < 1000; i++) recorder.happen(event(EVENTS.decision, REASONS.revoked, 1, id(1)));
		recorder.happen(event(EVENTS.decision, REASONS.revoked, 1, id(2)));
		recorder.happen(event(EVENTS.decision, REASONS["no-application"], 1, id(0)));
		assert.lengthOf(recorder.records, MAX_SINGLE + 2);
	});

	it("more credentials than there are rows are counted exactly all the same, and bounded", () => {
		const recorder = new Recorder();
		for (let i = 0; i < 5000; i++)
			recorder.happen(event(EVENTS.decision, REASONS.revoked, 1, id(1 + (i % 100))));
		recorder.wait(10_000);
		assert.isFalse(
			recorder.records.some(({ kind }) => kind === EVENTS.repeated),
			"not due yet",
		);
		recorder.limiter.settle(true);
		const denials = recorder.records.filter(({ kind }) => kind === EVENTS.decision);
		assert.equal(denials.length, 17 * MAX_SINGLE);
		const counted = recorder.records
			.filter(({ kind }) => kind === EVENTS.repeated)
			.reduce((sum, { value }) => sum + value, 0);
		assert.equal(denials.length + counted, 5000);
	});
});
