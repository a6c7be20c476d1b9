// SPDX-License-Identifier: Apache-2.0

import { equal, readUint16, readUint32 } from "../bytes.js";
import type { Crypto } from "../crypto.js";
import { EVENTS } from "../events.js";
import {
	CheckpointSignatures,
	isSigned,
	type PreKeyRecords,
	type SignatureProblem,
} from "./checkpoint-signatures.js";
import { KEPT } from "./kept.js";
import { AT, BODY_SIZE, KIND_AT, RUNNING } from "./record.js";

export type ProblemReason =
	/** A record was changed after it was written: its link does not fit. */
	| "bad-record"
	/** Serials that ought to be there are not. */
	| "missing"
	/** A sector has no whole checkpoint where one ought to be. */
	| "bad-checkpoint"
	/** A sector lies where it was not written: copied or moved. */
	| "misplaced"
	/**
	 * Not signed by this reader's key, not signed at all, or of another reader; the last two only where no later checkpoint
	 * vouches for it (`earlier`).
	 */
	| SignatureProblem
	/** A sector is not what the next checkpoint says it was. */
	| "changed-sector"
	/** The site has later records than this log: the image is old, or its end was cut off. */
	| "behind-site"
	/** The site has this serial with another link: the two logs are different histories. */
	| "differs-from-site";

export interface Problem {
	readonly reason: ProblemReason;
	/** Serials concerned, inclusive. */
	readonly from: number;
	readonly to: number;
	/** Where in the partition; -1 where that cannot be said. */
	readonly sector: number;
}

export interface Gap {
	readonly from: number;
	readonly to: number;
}

export interface VerifyOptions {
	/** The reader's Ed25519 public key; without it signatures are not checked. */
	publicKey?: Uint8Array | undefined;
	/** What the site last acknowledged, and the link of that record where it kept it. Serial 0 is no record. */
	site?: { readonly serial: number; readonly link?: Uint8Array | undefined } | undefined;
}

export interface LogReport {
	readonly intact: boolean;
	/** First and last serial found; 0 without records. */
	readonly first: number;
	readonly last: number;
	readonly records: number;
	readonly sectors: number;
	/** Slots that a power cut tore; nothing is lost with them. */
	readonly torn: number;
	/** Sectors whose checkpoint the key signed; without a key those that say they are signed. */
	readonly signed: number;
	/** Records after the newest checkpoint signed by the key: only the site's cursor vouches for these. */
	readonly sinceCheckpoint: number;
	/**
	 * Records that no signature covered yet when the reader was off, each up to a restart or to the checkpoint that a start made
	 * before it: what was changed in its flash then was signed afterwards. The site's cursor vouches for those that the site had
	 * by then.
	 */
	readonly unsignedAtRestart: readonly Gap[];
	/** Copies: a signature says that the reader found the record so when it copied it, not that it had written it. */
	readonly copies: readonly Gap[];
	/** From before the reader had this key: no problem, but something to know. In order. */
	readonly earlier: readonly PreKeyRecords[];
	/** Losses that the log itself declares. */
	readonly gaps: readonly Gap[];
	/** In the order of the log. */
	readonly problems: readonly Problem[];
}

/**
 * Collects what a check of a log finds, for logs in flash and for exports. The caller walks the log, gives its records and
 * checkpoints in order and reports breaks of the chain; `Findings` judges the signatures and the site's cursor.
 */
export class Findings {
	private readonly site: VerifyOptions["site"];
	private readonly vouching: CheckpointSignatures<Problem>;
	private readonly gaps: Gap[] = [];
	private readonly unsignedAtRestart: Gap[] = [];
	private readonly copies: Gap[] = [];
	private problems: Problem[] = [];
	private last = 0;
	private records = 0;
	private sinceCheckpoint = 0;
	/** Of the record that the site's cursor names. */
	private siteLink: Uint8Array | undefined;

	constructor(crypto: Crypto, { publicKey, site }: VerifyOptions) {
		this.site = site?.serial === 0 ? undefined : site;
		this.vouching = new CheckpointSignatures(crypto, publicKey);
	}

	/** Adds a problem. It also breaks the chain: no later checkpoint vouches for what came before. */
	problem(reason: ProblemReason, from: number, to = from, sector = -1): void {
		this.problems.push({ reason, from, to, sector });
		this.vouching.broken();
	}

	/** Puts a problem in front of all others, once the whole log was read. */
	problemBefore(reason: ProblemReason, from: number, to: number, sector: number): void {
		this.problems.unshift({ reason, from, to, sector });
	}

	/** Takes a good record: its 32 bytes as in flash, of which the link is copied. */
	record(record: Uint8Array, serial: number): void {
		this.records++;
		if (record[KIND_AT] === EVENTS.restart) this.wasOff();
		if (record[KIND_AT]! & KEPT) this.copied(serial);
		this.sinceCheckpoint++;
		this.last = serial;
		if (serial === this.site?.serial) this.siteLink = record.slice(BODY_SIZE);
	}

	/** While the reader was off, no signature covered the records since the newest checkpoint. */
	private wasOff(): void {
		if (this.sinceCheckpoint === 0) return;
		const to = this.last;
		const from = to - this.sinceCheckpoint + 1;
		const before = this.unsignedAtRestart.at(-1);
		// One stretch grows by each restart before the next checkpoint.
		if (before?.from === from) this.unsignedAtRestart.pop();
		this.unsignedAtRestart.push({ from, to });
	}

	private copied(serial: number): void {
		const before = this.copies.at(-1);
		if (before?.to === serial - 1) this.copies.pop();
		this.copies.push({ from: before?.to === serial - 1 ? before.from : serial, to: serial });
	}

	/** Takes a checkpoint, after the chain up to it was checked: the loss that it declares, and its signature. */
	checkpoint(checkpoint: Uint8Array, serial: number, sector = -1): void {
		const lostFrom = readUint32(checkpoint, AT.lostFrom);
		if (lostFrom > 0) this.gaps.push({ from: lostFrom, to: readUint32(checkpoint, AT.lostTo) });
		const reason = this.vouching.problemOf(checkpoint);
		if (reason !== undefined) {
			const problem: Problem = { reason, from: serial, to: serial, sector };
			this.problems.push(problem);
			this.vouching.hold(checkpoint, reason, problem);
			return;
		}
		if (!isSigned(checkpoint)) return;
		const vouched = this.vouching.vouch(checkpoint);
		// The key's first signature: `earlier` has what was before.
		if (vouched.size === 0 && (readUint16(checkpoint, AT.flags) & RUNNING) === 0) this.wasOff();
		this.sinceCheckpoint = 0;
		if (vouched.size > 0) this.problems = this.problems.filter((problem) => !vouched.has(problem));
	}

	/** When all was read. */
	report({ first, sectors, torn }: Pick<LogReport, "first" | "sectors" | "torn">): LogReport {
		this.compareWithSite();
		// A log without any signed checkpoint proves nothing, unless the site knows a link in it.
		const known = this.site?.link !== undefined && this.siteLink !== undefined;
		if (this.vouching.unsigned && !known && this.problems.length === 0)
			this.problem("unsigned", first, this.last);
		return {
			intact: this.problems.length === 0,
			first,
			last: this.last,
			records: this.records,
			sectors,
			torn,
			signed: this.vouching.signed,
			sinceCheckpoint: this.sinceCheckpoint,
			unsignedAtRestart: this.unsignedAtRestart,
			copies: this.copies,
			earlier: this.vouching.earlier,
			gaps: this.gaps,
			problems: this.problems,
		};
	}

	private compareWithSite(): void {
		const site = this.site;
		if (site === undefined) return;
		if (site.serial > this.last) this.problem("behind-site", this.last + 1, site.serial);
		else if (site.link && this.siteLink && !equal(site.link, this.siteLink))
			this.problem("differs-from-site", site.serial);
	}
}
