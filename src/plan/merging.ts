// SPDX-License-Identifier: Apache-2.0

import type { PlanState } from "../../protocol/plan/format.js";
import { MergedPages } from "./merge.js";
import type { Loaded, PlanOptions } from "./replay.js";
import type { Slot } from "./slot.js";
import { SnapshotWriter } from "./snapshot-writer.js";

/** The plan in force with its deltas, on its way into the idle slot as one snapshot. */
export class Merging {
	/** What the last delta describes. */
	readonly state: PlanState;
	private readonly options: PlanOptions;
	private readonly pages: MergedPages;
	/** That delta, signed: the snapshot has its version. */
	private readonly envelope: Uint8Array;
	private readonly idle: Slot;
	private into: SnapshotWriter | undefined;

	constructor(options: PlanOptions, loaded: Loaded, envelope: Uint8Array, idle: Slot) {
		const { applied, base, journal, overlay, slot, state, tableBytes } = loaded;
		this.options = options;
		this.state = state;
		this.envelope = envelope;
		this.idle = idle;
		this.pages = new MergedPages(options.flash, options.crypto, {
			slot,
			base,
			tables: tableBytes,
			target: state,
			overlay,
			changes: applied,
			address: (place) => journal.address(place),
		});
	}

	/** Does one page: "more" while there are more, then the whole snapshot. "failed": the old body is damaged. */
	next(): SnapshotWriter | "more" | "failed" {
		const { flash, crypto } = this.options;
		const { into, pages } = this;
		if (into === undefined) {
			if (pages.prepare())
				this.into = new SnapshotWriter(flash, crypto, this.idle, this.envelope, this.state);
			return "more";
		}
		if (pages.left === 0) return into;
		const page = pages.next();
		return page !== undefined && into.write(page) === undefined ? "more" : "failed";
	}
}
