import type { Crypto, Flash } from "../../hal/contracts.js";
import { equal } from "../bytes.js";
import { AT } from "./record.js";
import { SectorWalk } from "./sector.js";
import { type Earlier, isSigned, type SignatureProblem, Vouching } from "./vouching.js";

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
	/** The site has records that this log does not reach: an old image, or its end was cut off. */
	| "behind-site"
	/** The site's record of this serial has another link: another history. */
	| "differs-from-site";

export interface Problem {
	readonly reason: ProblemReason;
	/** Serials concerned, inclusive. */
	readonly from: number;
	readonly to: number;
	/** Where in the partition. */
	readonly sector: number;
}

export interface Gap {
	readonly from: number;
	readonly to: number;
}

export interface VerifyOptions {
	/** The reader's Ed25519 public key; without it signatures are not checked. */
	publicKey?: Uint8Array | undefined;
	/** What the site last acknowledged, and the link of that record where it kept it. */
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
	readonly unsealed: number;
	/** From before the reader had this key: no problem, but something to know. In order. */
	readonly earlier: readonly Earlier[];
	/** Losses that the log itself declares. */
	readonly gaps: readonly Gap[];
	/** In the order of the log. */
	readonly problems: readonly Problem[];
}

/**
 * Takes each good record (32 bytes, valid during the call) and the serial; with the first of a sector its `checkpoint`
 * (160 bytes, valid during the call) where that is whole.
 */
export type RecordSink = (record: Uint8Array, serial: number, checkpoint?: Uint8Array) => void;

/**
 * Checks a whole log: positions, links, digests, signatures, serials, and the site's cursor. `sink` gets every record
 * whose link holds, in order.
 */
export function verifyLog(
	flash: Flash,
	crypto: Crypto,
	options: VerifyOptions = {},
	sink?: RecordSink,
): LogReport {
	return new Verification(flash, crypto, options, sink).run();
}

class Verification {
	readonly #flash: Flash;
	readonly #crypto: Crypto;
	readonly #options: VerifyOptions;
	readonly #sink: RecordSink | undefined;
	readonly #walk: SectorWalk;
	readonly #sectors: number;
	readonly #vouching: Vouching<Problem>;
	#problems: Problem[] = [];
	readonly #gaps: Gap[] = [];
	#first = 0;
	#last = 0;
	#records = 0;
	#torn = 0;
	#unsealed = 0;
	#read = 0;
	#oldest = 0;
	#sectorFirst = 0;
	/** The serial that has to come next; 0 before the first sector. */
	#expected = 0;
	#digest: Uint8Array | undefined;
	#siteLink: Uint8Array | undefined;
	/** The next record is the first of a sector whose checkpoint is whole. */
	#fresh = false;

	constructor(flash: Flash, crypto: Crypto, options: VerifyOptions, sink: RecordSink | undefined) {
		this.#flash = flash;
		this.#crypto = crypto;
		this.#options = options;
		this.#sink = sink;
		this.#vouching = new Vouching(crypto, options.publicKey);
		this.#walk = new SectorWalk(flash, crypto);
		this.#sectors = flash.size / flash.sectorSize;
	}

	run(): LogReport {
		const sequences = this.#order();
		const newest = sequences.at(-1) ?? -1;
		let sequence = sequences[0] ?? 0;
		for (; sequence <= newest || this.#adopt(sequence); sequence++) this.#sector(sequence);
		this.#beginning(sequences[0] ?? 0, newest);
		this.#site();
		// Erased altogether, it has no checkpoint that could be wrong either.
		if (this.#vouching.unsigned && this.#problems.length === 0)
			this.#problem("unsigned", this.#first, this.#last, -1);
		return {
			intact: this.#problems.length === 0,
			first: this.#first,
			last: this.#last,
			records: this.#records,
			sectors: this.#read,
			torn: this.#torn,
			signed: this.#vouching.signed,
			unsealed: this.#unsealed,
			earlier: this.#vouching.earlier,
			gaps: this.#gaps,
			problems: this.#problems,
		};
	}

	/** Sequence numbers of the sectors whose checkpoint is whole, in order; those in a wrong place are problems. */
	#order(): number[] {
		const found: number[] = [];
		for (let i = 0; i < this.#sectors; i++) {
			if (!this.#walk.open(i)) continue;
			const { sequence, expected } = this.#walk;
			if (sequence % this.#sectors === i) found.push(sequence);
			else this.#problem("misplaced", expected, expected, i);
		}
		found.sort((a, b) => a - b);
		// A ring holds one lap: what is older than that was put there.
		return found.filter((sequence) => {
			const stale = sequence <= found.at(-1)! - this.#sectors;
			if (stale) this.#problem("misplaced", 0, 0, sequence % this.#sectors);
			return !stale;
		});
	}

	#sector(sequence: number): void {
		const sector = sequence % this.#sectors;
		const whole = this.#walk.open(sector) && this.#walk.sequence === sequence;
		this.#fresh = whole;
		if (whole) this.#checkpoint(sector);
		else if (this.#expected > 0 && this.#walk.adopt(sector, this.#expected)) {
			this.#problem("bad-checkpoint", this.#expected, this.#expected, sector);
			this.#sectorFirst = this.#expected;
		} else {
			this.#problem("bad-checkpoint", this.#expected, this.#expected, sector);
			this.#digest = undefined;
			return;
		}
		if (this.#first === 0) this.#first = this.#walk.expected;
		this.#slots(sector);
		this.#digest = this.#hash(sector);
		this.#read++;
	}

	/** Whether a sector after the newest is one of the log whose checkpoint was destroyed altogether. */
	#adopt(sequence: number): boolean {
		return this.#expected > 0 && this.#walk.adopt(sequence % this.#sectors, this.#expected);
	}

	#checkpoint(sector: number): void {
		const { checkpoint, checkpointView: view } = this.#walk;
		const first = view.getUint32(AT.first);
		const lostFrom = view.getUint32(AT.lostFrom);
		if (lostFrom > 0) this.#gaps.push({ from: lostFrom, to: view.getUint32(AT.lostTo) });
		if (this.#expected > 0 && first > this.#expected) {
			this.#problem("missing", this.#expected, first - 1, sector);
		} else if (first < this.#expected) this.#problem("bad-checkpoint", first, first, sector);
		if (this.#digest && !equal(this.#digest, checkpoint.slice(AT.digest, AT.digest + 32))) {
			this.#problem("changed-sector", this.#sectorFirst, first - 1, sector);
		}
		this.#sectorFirst = first;
		this.#oldest = view.getUint32(AT.oldest);
		this.#signature(checkpoint, first, sector);
	}

	/** After the chain up to it was checked. */
	#signature(checkpoint: Uint8Array, first: number, sector: number): void {
		const reason = this.#vouching.problemOf(checkpoint);
		if (reason !== undefined) {
			const problem = { reason, from: first, to: first, sector };
			this.#problems.push(problem);
			this.#vouching.hold(checkpoint, reason, problem);
			return;
		}
		if (!isSigned(checkpoint)) return;
		this.#unsealed = 0;
		const vouched = this.#vouching.vouch(checkpoint);
		if (vouched.size > 0) this.#problems = this.#problems.filter((problem) => !vouched.has(problem));
	}

	#slots(sector: number): void {
		const walk = this.#walk;
		let bad = 0;
		while (!walk.atEnd) {
			const expected = walk.expected;
			const slot = walk.next();
			if (slot === "free") continue;
			if (slot === "bad") {
				bad++;
				continue;
			}
			if (walk.missed > 0) {
				this.#problem("bad-record", expected, expected + walk.missed - 1, sector);
				bad -= walk.missed;
			}
			this.#take();
		}
		const damaged = walk.resume();
		if (damaged > 0) this.#problem("bad-record", walk.expected - damaged, walk.expected - 1, sector);
		// What is bad and took no serial was torn. The very last record of the log cannot be told from it when changed.
		this.#torn += bad - damaged;
		this.#expected = walk.expected;
	}

	#take(): void {
		const { serial, record } = this.#walk;
		this.#records++;
		this.#unsealed++;
		this.#last = serial;
		if (serial === this.#options.site?.serial) this.#siteLink = record.slice(24);
		this.#sink?.(record, serial, this.#fresh ? this.#walk.checkpoint : undefined);
		this.#fresh = false;
	}

	/** The newest checkpoint says where the log begins; only the one sector that comes next may be blank since. */
	#beginning(oldest: number, newest: number): void {
		if (this.#first <= this.#oldest || this.#oldest === 0) return;
		const from = this.#oldest;
		const to = this.#first - 1;
		const next = (newest + 1) % this.#sectors;
		if (oldest > newest - this.#sectors + 2) {
			this.#problems.unshift({ reason: "missing", from, to, sector: oldest % this.#sectors });
		} else if (!this.#blank(next)) {
			this.#problems.unshift({ reason: "bad-checkpoint", from, to, sector: next });
		}
	}

	#blank(sector: number): boolean {
		const page = new Uint8Array(this.#flash.sectorSize);
		this.#flash.read(sector * this.#flash.sectorSize, page);
		return page.every((byte) => byte === 0xff);
	}

	#hash(sector: number): Uint8Array {
		const page = new Uint8Array(this.#flash.sectorSize);
		this.#flash.read(sector * this.#flash.sectorSize, page);
		return this.#crypto.sha256(page);
	}

	#site(): void {
		const { site } = this.#options;
		if (site === undefined || site.serial === 0) return;
		if (site.serial > this.#last) {
			this.#problem("behind-site", this.#last + 1, site.serial, -1);
		} else if (site.link && this.#siteLink && !equal(site.link, this.#siteLink)) {
			this.#problem("differs-from-site", site.serial, site.serial, -1);
		}
	}

	#problem(reason: ProblemReason, from: number, to: number, sector: number): void {
		this.#problems.push({ reason, from, to, sector });
		this.#vouching.broken();
	}
}
