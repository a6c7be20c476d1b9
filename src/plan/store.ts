// SPDX-License-Identifier: Apache-2.0

import type { NoticeRefusal } from "../../protocol/notice/notice.js";
import { openRevocation, type Revocation } from "../../protocol/notice/revocation.js";
import { notDecoded, openEnvelope, type PlanRefusal } from "../../protocol/plan/envelope.js";
import {
	decodeDelta,
	decodeSnapshot,
	MAX_ADDITIONS,
	MAX_CHANGES,
	orderOf,
	recordPages,
	tablePages,
} from "../../protocol/plan/format.js";
import { fits, type Geometry, geometry, JOURNAL_SIZE } from "../../protocol/plan/layout.js";
import { type PlanMode, PlanTables } from "../../protocol/plan/tables.js";
import type { TrustList } from "../../protocol/trust/list.js";
import type { PlanView } from "../access/decide.js";
import type { PlanEntry } from "../access/plan-entry.js";
import { MAX_AHEAD } from "../config/sealed-state.js";
import { Journal } from "./journal.js";
import { Lookup } from "./lookup.js";
import { Merging } from "./merging.js";
import { Notices, type NoticesRefusal } from "./notices.js";
import { changes, MANY_CHANGES } from "./overlay.js";
import {
	type Absence,
	appliesTo,
	copyDeltas,
	copyState,
	type Loaded,
	load,
	notForUs,
	type PlanOptions,
	readDelta,
	readTables,
} from "./replay.js";
import { Slot } from "./slot.js";
import { type Incoming, SnapshotWriter } from "./snapshot-writer.js";

export type { Absence, PlanOptions } from "./replay.js";

/** Outcome of a delta. `applied`: it is in force. `revoked-ahead`: its revocations are, as deltas before it are missing. */
export type DeltaResult = "applied" | "revoked-ahead" | PlanRefusal;

/**
 * The access plan in flash: two slots, of which the one that was committed last is in force, with the later deltas in its
 * journal. A power cut at any point leaves the old plan or the new one, whole.
 *
 * No call blocks for long: `write`, `commit` and `work` do one page or one sector a call.
 */
export class PlanStore implements PlanView {
	private readonly options: PlanOptions;
	private readonly geometry: Geometry;
	private readonly slots: readonly [Slot, Slot];
	readonly #lookup: Lookup;
	private readonly notices: Notices | undefined;
	private loaded: Loaded | undefined;
	#absence: Absence = "empty";
	#incoming: SnapshotWriter | undefined;
	private merge: Merging | undefined;
	/** The plan whose merge differed from what was signed, as `orderOf`; it is not tried again. */
	private unmergeable = 0;
	/** The page that the scrub looks at next. */
	private scrubbed = 0;
	#damaged = false;

	constructor(options: PlanOptions) {
		this.options = options;
		this.geometry = geometry(options.flash);
		this.slots = [
			new Slot(options.flash, 0, options.crypto, options.deviceKey),
			new Slot(options.flash, this.geometry.slotSize, options.crypto, options.deviceKey),
		];
		this.#lookup = new Lookup(options.flash);
		this.notices = options.notices && new Notices(options.notices, options.crypto, this.#lookup);
	}

	/** Finds the plan in force after a start. Verifies its signature and that of each delta, about 20 ms each. */
	open(): void {
		this.loaded = undefined;
		this.#incoming = this.merge = undefined;
		this.#damaged = false;
		this.notices?.open();
		const floor = this.options.rollbackCounter.plan;
		// Where a plan was in force before, an empty flash is a loss, not a new reader.
		this.#absence = floor === 0 ? "empty" : "lost";
		const [a, b] = this.slots;
		const order = [a, b].map((slot) => ({ slot, sequence: slot.sequence() }));
		order.sort((x, y) => y.sequence - x.sequence);
		this.settleHeld(order[0]!);
		for (const { slot, sequence } of order) {
			if (sequence === 0) continue;
			const loaded = load(this.options, this.geometry, slot, sequence);
			if (typeof loaded === "string") {
				if (this.#absence === "empty" || this.#absence === "lost") this.#absence = loaded;
				continue;
			}
			if (floor < orderOf(loaded.state)) {
				// A power cut came between the commit mark and the rollback counter: the mark's cells may be weak.
				slot.confirm(sequence);
				if (loaded.last >= 0) loaded.journal.confirm(loaded.last);
			}
			this.take(loaded);
			break;
		}
	}

	/** After a start: the list that a power cut left waiting for its plan is in force where that plan's mark is there. */
	private settleHeld({ slot, sequence }: { readonly slot: Slot; readonly sequence: number }): void {
		const { held } = this.options;
		const next = held?.candidate;
		if (held === undefined || next === undefined) return;
		if (sequence === 0 || !this.isLoaded(slot, sequence, next)) held.drop();
		else {
			// First the mark, whose cells may be weak: without it the list would have no plan.
			slot.confirm(sequence);
			held.settle();
		}
	}

	/** Whether the plan in force stays so under another list. */
	isKeptBy(list: TrustList): boolean {
		const l = this.loaded;
		return l === undefined || this.isLoaded(l.slot, l.sequence, list);
	}

	/** By which what comes is judged: the list that waits, else the one in force. */
	private get newest(): TrustList {
		return this.options.held?.candidate ?? this.options.trust;
	}

	private isLoaded(slot: Slot, sequence: number, trust: TrustList): boolean {
		return typeof load({ ...this.options, trust }, this.geometry, slot, sequence) !== "string";
	}

	private take(loaded: Loaded): void {
		this.options.rollbackCounter.raisePlan(orderOf(loaded.state), loaded.earlyRevocations);
		this.loaded = loaded;
		this.scrubbed = 0;
		this.notices?.settle(this.included);
	}

	// What is in force

	get version(): number {
		return this.loaded?.state.version ?? 0;
	}

	/** Of the plan in force, which may be a former one; 0 without a plan. */
	get epoch(): number {
		return this.loaded?.state.epoch ?? 0;
	}

	/** The lowest version of a snapshot of the list's epoch that is accepted; `undefined` where none is. */
	get minVersion(): number | undefined {
		const least = this.least() - orderOf({ epoch: this.newest.epoch, version: 0 });
		return least > 0xffff_ffff ? undefined : Math.max(1, least);
	}

	/** The lowest snapshot that is accepted, as `orderOf`. It never falls, even where the plan is lost. */
	private least(): number {
		// The one in force is accepted again only where it is damaged.
		return Math.max(this.floor(), orderOf(this) + (this.damaged ? 0 : 1));
	}

	/** Where no plan is in force, nothing says what a revocation ahead of its base revoked: one with it has to come. */
	private floor(): number {
		const { ahead, plan } = this.options.rollbackCounter;
		return this.loaded === undefined ? Math.max(plan, ...ahead) : plan;
	}

	get issued(): number {
		return this.loaded?.state.issued ?? 0;
	}

	get expires(): number {
		return this.loaded?.state.expires ?? 0;
	}

	/** The number of credentials, revoked ones included. */
	get count(): number {
		return this.loaded?.state.count ?? 0;
	}

	/** SHA-256 of the body in force, for the site to compare. */
	get bodyHash(): Uint8Array | undefined {
		return this.loaded?.state.bodyHash;
	}

	/** What admits: no plan does while nothing says who was revoked after it. */
	private get admitting(): Loaded | undefined {
		return this.notices?.isLost === true ? undefined : this.loaded;
	}

	get tables(): PlanTables | undefined {
		return this.admitting?.tables;
	}

	get absence(): "no-plan" | "plan-damaged" | undefined {
		const { problem } = this;
		if (problem === undefined) return undefined;
		return problem === "empty" ? "no-plan" : "plan-damaged";
	}

	/** The cause of `absence`, for logs and installers. */
	get problem(): Absence | undefined {
		if (this.loaded === undefined) return this.#absence;
		return this.admitting === undefined ? "notices-lost" : undefined;
	}

	/** Whether a part in flash fails its check. The remedy is a snapshot, which may be of the version in force. */
	get damaged(): boolean {
		return this.#damaged || this.absence === "plan-damaged";
	}

	/** Revocations that apply although deltas before them are missing, as `orderOf`. */
	get earlyRevocations(): readonly number[] {
		return this.loaded?.earlyRevocations ?? [];
	}

	/** `PlanTables.mode` of the plan; `undefined` without a plan. */
	mode(now: number | undefined): PlanMode | undefined {
		return this.admitting?.tables.mode(now);
	}

	/** Looks up a credential by its 8 bytes. Returns whether the plan lists it; `into` gets its entry. */
	lookup(id: Uint8Array, into: PlanEntry): boolean {
		const l = this.admitting;
		const kind =
			l === undefined
				? "absent"
				: this.#lookup.find(l.slot, l.base, l.overlay, l.journal, id, into, this.notices);
		into.kind = kind;
		if (kind === "damaged") this.#damaged = true;
		return kind === "listed";
	}

	// Notices

	/** The newest notice that the plan in force includes, as `orderOf` with its sequence. */
	private get included(): number {
		const state = this.loaded?.state;
		return state === undefined ? 0 : orderOf({ epoch: state.epoch, version: state.notice });
	}

	/** The reader has each revocation notice of its list's epoch up to this sequence, in the plan or beside it. */
	get notice(): number {
		const { epoch } = this.newest;
		const state = this.loaded?.state;
		const from = state?.epoch === epoch ? state.notice : 0;
		return this.notices?.contiguous(epoch, from) ?? from;
	}

	/** Takes a signed revocation notice: returned, it has come into force, whatever is missing before it. "known": it was. */
	takeNotice(signed: Uint8Array): Revocation | "known" | NoticeRefusal | NoticesRefusal {
		const { crypto, door } = this.options;
		const notice = openRevocation(signed, this.newest, door, crypto);
		if (typeof notice === "string") return notice;
		const result = this.notices === undefined ? "flash-fault" : this.notices.add(notice, this.included);
		return result === "taken" ? notice : result;
	}

	// A snapshot

	/** The snapshot that was begun; absent where none was, or it has come to an end. */
	get incoming(): Incoming | undefined {
		return this.#incoming;
	}

	/**
	 * Begins a snapshot by its signed envelope, and drops one that was under way. Erases two sectors. `goOn`: what of the same snapshot
	 * a power cut has left in flash counts, and the caller goes on at `incoming.taken`.
	 */
	begin(envelope: Uint8Array, goOn = false): PlanRefusal | undefined {
		const { crypto, door, flash, knownTime } = this.options;
		const trust = this.newest;
		const payload = openEnvelope(envelope, trust, door, knownTime(), crypto);
		if (typeof payload === "string") return payload;
		const header = decodeSnapshot(payload);
		if (header === undefined) return notDecoded(payload);
		const wrong = notForUs(header, door, trust);
		if (wrong !== undefined) return wrong;
		if (orderOf(header) < this.least()) return "not-newer";
		if (!fits(header, this.geometry.bodyCapacity)) return "too-large";
		this.merge = undefined;
		this.#incoming = new SnapshotWriter(flash, crypto, this.idle(), envelope, copyState(header), goOn);
		return undefined;
	}

	/** Takes the next bytes of the snapshot's body, at most 4096. A refusal drops the snapshot. */
	write(chunk: Uint8Array): PlanRefusal | undefined {
		if (this.#incoming === undefined) return "no-install";
		if (chunk.length > 4096) throw new RangeError("chunk of more than 4096 bytes");
		const refusal = this.#incoming.write(chunk);
		if (refusal !== undefined) this.#incoming = undefined;
		return refusal;
	}

	/** One step of the commit; call it while it returns "more". The last step puts the snapshot in force. */
	commit(): "more" | "done" | PlanRefusal {
		if (this.#incoming === undefined) return "no-install";
		const { state } = this.#incoming;
		// A list or a delta may have come in the meantime.
		let result: ReturnType<PlanStore["finish"]>;
		if (state.epoch !== this.newest.epoch) result = "wrong-epoch";
		else if (orderOf(state) < orderOf(this)) result = "not-newer";
		else result = this.finish(this.#incoming);
		if (result !== "more") this.#incoming = undefined;
		return result;
	}

	private finish(install: SnapshotWriter): "more" | "done" | PlanRefusal {
		const ready = install.verify();
		if (ready !== true) return ready === false ? "more" : ready;
		const refusal = this.refusalOf(install);
		if (refusal !== undefined) return refusal;
		const { slot } = install;
		const { held, trust } = this.options;
		// A merge is of the plan that the list in force knows.
		const next = install === this.#incoming ? held?.candidate : undefined;
		const sequence = Math.max(this.slots[0].sequence(), this.slots[1].sequence()) + 1;
		if (next !== undefined && !held!.prepare()) return "flash-fault";
		slot.commit(sequence);
		const loaded = load({ ...this.options, trust: next ?? trust }, this.geometry, slot, sequence);
		if (typeof loaded === "string") {
			// The flash is worn out and lost the mark. The plan in force stays, and a start finds it.
			slot.invalidate();
			if (next !== undefined) held!.drop();
			return "flash-fault";
		}
		this.#damaged = false;
		this.take(loaded);
		if (next !== undefined) held!.settle();
		return "done";
	}

	/** Why what is written may not come into force. What it reads is gone before more is needed. */
	private refusalOf(install: SnapshotWriter): PlanRefusal | undefined {
		const { slot, state } = install;
		const { crypto, door, flash, knownTime } = this.options;
		const tables = readTables(slot, state);
		const header = slot.readHeader();
		if (tables === undefined || header === undefined) return "flash-fault";
		if (PlanTables.parse(tables) === undefined) return "bad-tables";
		const journal = new Journal(flash, slot.journalAt, crypto);
		const old = this.loaded?.journal;
		if (old !== undefined && !copyDeltas(old, journal, orderOf(state))) return "journal-full";
		if (install !== this.#incoming) return undefined;
		// A list may have come since it was begun.
		const opened = openEnvelope(header, this.newest, door, knownTime(), crypto);
		return typeof opened === "string" ? opened : undefined;
	}

	private idle(): Slot {
		return this.loaded?.slot === this.slots[0] ? this.slots[1] : this.slots[0];
	}

	// Deltas

	/** Applies a signed delta at once, also while a snapshot is under way. One write. */
	applyDelta(envelope: Uint8Array): DeltaResult {
		const { crypto, door, held, knownTime, rollbackCounter, trust } = this.options;
		// By the list that waits the plan in force is void: a whole one has to replace it.
		if (held?.candidate !== undefined) return "wrong-base";
		const payload = openEnvelope(envelope, trust, door, knownTime(), crypto);
		if (typeof payload === "string") return payload;
		const delta = decodeDelta(payload);
		if (delta === undefined) return notDecoded(payload);
		const wrong = notForUs(delta, door, trust);
		if (wrong !== undefined) return wrong;
		const l = this.loaded;
		if (l === undefined) return "wrong-base";
		const order = orderOf(delta);
		if (order <= orderOf(l.state)) return "not-newer";
		const next = appliesTo(delta, l.state);
		if (!next && !delta.revokeOnly) return "wrong-base";
		if (!next && l.earlyRevocations.includes(order)) return "revoked-ahead";
		if (!next && l.earlyRevocations.length >= MAX_AHEAD) return "journal-full";
		if (next) {
			const grown = delta.tables.length > 0 ? delta.tables : l.tableBytes;
			if (delta.tablesLength !== grown.length) return "bad-tables";
			if (delta.tables.length > 0 && PlanTables.parse(delta.tables) === undefined) return "bad-tables";
			if (!fits(delta, this.geometry.bodyCapacity)) return "too-large";
		}
		const max = delta.revokeOnly ? MAX_CHANGES : MAX_ADDITIONS;
		if (l.overlay.count + changes(delta) > max) return "journal-full";
		if (!l.journal.hasRoom(envelope.length, delta.revokeOnly)) return "journal-full";
		const place = l.journal.append(envelope);
		if (place === undefined) return "flash-fault";
		if (!next || l.earlyRevocations.length > 0) {
			// Deltas are missing or a gap closes: the journal is applied again, in the order of versions.
			const again = load(this.options, this.geometry, l.slot, l.sequence);
			if (typeof again === "string") return "flash-fault";
			this.take(again);
			return next ? "applied" : "revoked-ahead";
		}
		const read = readDelta(l.journal, place)!;
		l.overlay.addAll(read.delta, read.payload, read.payloadAt);
		if (delta.tables.length > 0) {
			l.tableBytes = delta.tables.slice();
			l.tables = PlanTables.parse(l.tableBytes)!;
		}
		l.state = copyState(delta);
		l.applied = l.overlay.count;
		l.last = place;
		rollbackCounter.raisePlan(order, l.earlyRevocations);
		this.notices?.settle(this.included);
		return "applied";
	}

	// Housekeeping

	/**
	 * One step of idle work: merges the deltas into the idle slot where there are many, else verifies one page of the plan in
	 * force. Returns true while a merge is under way, so that the caller comes back soon.
	 */
	work(): boolean {
		if (this.loaded === undefined || this.#incoming !== undefined) return false;
		if (this.merge !== undefined) return this.step(this.merge);
		if (this.isFull(this.loaded)) return this.compact();
		const { slot, base } = this.loaded;
		if (!this.#lookup.check(slot, this.scrubbed)) this.#damaged = true;
		this.scrubbed = (this.scrubbed + 1) % (tablePages(base) + recordPages(base));
		return false;
	}

	private isFull(l: Loaded): boolean {
		if (l.last < 0 || orderOf(l.state) === this.unmergeable) return false;
		return l.overlay.count >= MANY_CHANGES || l.journal.used >= JOURNAL_SIZE / 4;
	}

	/** Begins a merge now. Returns false where there is nothing to merge. */
	compact(): boolean {
		const l = this.loaded;
		if (l === undefined || l.last < 0 || this.#incoming !== undefined) return false;
		const envelope = l.journal.entry(l.last);
		if (envelope === undefined) {
			this.#damaged = true;
			return false;
		}
		this.merge = new Merging(this.options, l, envelope, this.idle());
		return true;
	}

	private step(merge: Merging): boolean {
		const into = merge.next();
		const result = typeof into === "string" ? into : this.finish(into);
		if (result === "more") return true;
		this.merge = undefined;
		if (result === "done") return false;
		// The old body is damaged, or merges to other bytes than were signed. Only a snapshot mends that.
		this.unmergeable = orderOf(merge.state);
		this.#damaged = true;
		return false;
	}
}
