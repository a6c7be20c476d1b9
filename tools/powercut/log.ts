// SPDX-License-Identifier: Apache-2.0

import { NodeCrypto } from "../../hal/node/crypto.js";
import { toHex } from "../../protocol/bytes.js";
import type { KeyPair } from "../../protocol/crypto.js";
import { EVENTS } from "../../protocol/events.js";
import type { Gap } from "../../protocol/log/findings.js";
import { KEPT } from "../../protocol/log/kept.js";
import { CHECKPOINT_SIZE, decodeRecord, RECORD_SIZE } from "../../protocol/log/record.js";
import { verifyLog } from "../../protocol/log/verify.js";
import { Power, SimFlash } from "../../sim/flash.js";
import { VirtualTime } from "../../sim/time.js";
import { AuditLog } from "../../src/log/log.js";
import type { PowercutWorld, Scenario } from "./scenario.js";

/** Power cuts over the log: append, next sector, wrap, acknowledge, idle work, a key, another key after a reset. */

/** Signing and verifying the same few checkpoints a hundred thousand times shows nothing new. */
class RememberingCrypto extends NodeCrypto {
	readonly #signatures = new Map<string, Uint8Array>();
	readonly #verified = new Map<string, boolean>();

	override ed25519Sign(message: Uint8Array, secretKey: Uint8Array): Uint8Array {
		const key = `${toHex(secretKey.subarray(32))}${toHex(this.sha256(message))}`;
		let signature = this.#signatures.get(key);
		if (signature === undefined) {
			signature = super.ed25519Sign(message, secretKey);
			this.#signatures.set(key, signature);
		}
		return signature;
	}

	override ed25519Verify(signature: Uint8Array, message: Uint8Array, publicKey: Uint8Array): boolean {
		const key = `${toHex(publicKey)}${toHex(signature)}${toHex(this.sha256(message))}`;
		let good = this.#verified.get(key);
		if (good === undefined) {
			good = super.ed25519Verify(signature, message, publicKey);
			this.#verified.set(key, good);
		}
		return good;
	}
}

const crypto = new RememberingCrypto();

/** Whose log it is: number of the reader's key, 0 before it is commissioned and after its reset. No key comes again. */
type Identity = number;

const pairs = new Map<Identity, KeyPair>();

function pairOf(identity: Identity): KeyPair | undefined {
	if (identity === 0) return undefined;
	let pair = pairs.get(identity);
	if (pair === undefined) {
		pair = crypto.ed25519KeyPair(new Uint8Array(32).fill(identity));
		pairs.set(identity, pair);
	}
	return pair;
}

const SECTOR = 512;
const SECTORS = 4;
const SLOTS = (SECTOR - CHECKPOINT_SIZE) / RECORD_SIZE;

/** `alarm` appends what has its room reserved; `commission` is a restart with a new key, `reset` one without. */
type Step = "append" | "alarm" | "acknowledge" | "maintain" | "restart" | "commission" | "reset";

interface LogWorld extends PowercutWorld {
	readonly power: Power;
	readonly flash: SimFlash;
	/** Steps done, over all runs. */
	step: number;
	/** Serials whose `append` returned, with kind and value as the caller gave them. */
	readonly kept: Map<number, number>;
	/** The same of those that have their room reserved. */
	readonly alarms: Map<number, number>;
	/** Which reader it was when it appended them. */
	readonly by: Map<number, Identity>;
	/** Which reader it is. */
	identity: Identity;
	/** The newest key that was made. */
	made: Identity;
	/** The last that a start came to its end as. */
	opened: Identity;
	/** Some start came to its end: there is a log. */
	begun: boolean;
	/** Value of the event being appended when the power went. */
	readonly flights: Set<number>;
	/** What the site has said it has. */
	acknowledged: number;
	/** Every gap that the log has ever declared. */
	readonly gaps: Gap[];
	next: number;
}

/** Events the log makes by itself. */
const OWN: ReadonlySet<number> = new Set([EVENTS.restart, EVENTS.acknowledged, EVENTS.gap]);

function scenario(
	name: string,
	before: readonly Step[],
	steps: readonly Step[],
	identity: Identity = 1,
): Scenario<LogWorld> {
	let contents: Uint8Array | undefined;
	let start: LogWorld | undefined;
	return {
		name,
		begin() {
			if (contents === undefined || start === undefined) {
				start = fresh(identity);
				// Checked as it grows, because later sectors take the place of those that declared gaps.
				for (let i = 0; i < before.length; i += 4) {
					work(start, before.slice(i, i + 4));
					check(start);
				}
				contents = start.flash.snapshot();
			}
			const world = fresh(start.identity);
			world.flash.restore(contents);
			for (const [serial, value] of start.kept) world.kept.set(serial, value);
			for (const [serial, value] of start.alarms) world.alarms.set(serial, value);
			for (const [serial, by] of start.by) world.by.set(serial, by);
			world.opened = start.opened;
			world.begun = start.begun;
			world.made = start.made;
			world.gaps.push(...start.gaps);
			world.acknowledged = start.acknowledged;
			world.next = start.next;
			return world;
		},
		run: (world) => work(world, steps),
		check,
	};
}

function fresh(identity: Identity): LogWorld {
	const power = new Power();
	const flash = new SimFlash({ size: SECTORS * SECTOR, sectorSize: SECTOR, power });
	const none = { step: 0, acknowledged: 0, next: 1000 };
	const maps = { kept: new Map(), alarms: new Map(), by: new Map(), flights: new Set<number>(), gaps: [] };
	return { power, flash, ...none, ...maps, identity, made: identity, opened: identity, begun: false };
}

function open(world: LogWorld): AuditLog {
	const pair = pairOf(world.identity);
	const log = new AuditLog({
		flash: world.flash,
		crypto,
		clock: new VirtualTime(),
		wall: { now: () => 1_800_000_000, trust: () => "synced", set: () => {} },
		reader: pair === undefined ? new Uint8Array(8) : crypto.sha256(pair.publicKey).slice(0, 8),
		sign: pair && ((message) => crypto.ed25519Sign(message, pair.secretKey)),
	});
	log.open("power-on");
	world.opened = world.identity;
	world.begun = true;
	if (log.acknowledged > world.acknowledged) throw new Error("acknowledged without a site");
	for (const serial of world.kept.keys()) if (serial > log.last) throw new Error(`serial ${serial} is lost`);
	return log;
}

function work(world: LogWorld, steps: readonly Step[]): void {
	let log = open(world);
	while (world.step < steps.length) {
		const step = steps[world.step]!;
		if (step === "append" || step === "alarm") {
			const value = world.next++;
			world.flights.add(value);
			const serial = log.append(step === "alarm" ? EVENTS.forced : EVENTS.decision, 0, value);
			if (step === "alarm") world.alarms.set(serial, value);
			if (world.kept.has(serial)) throw new Error(`serial ${serial} given twice`);
			world.kept.set(serial, value);
			world.by.set(serial, world.identity);
		} else if (step === "acknowledge") {
			// The site says so first; whether the reader has taken it is what a cut decides.
			world.acknowledged = Math.max(world.acknowledged, log.last);
			log.acknowledge(log.last);
		} else if (step === "maintain") log.maintain();
		else {
			// The configuration has it before the restart, which may be cut: the next start is this reader's again.
			if (step === "commission") world.identity = ++world.made;
			else if (step === "reset") world.identity = 0;
			world.step++;
			log = open(world);
			continue;
		}
		world.step++;
	}
	world.step = 0;
}

function check(world: LogWorld): void {
	const found = new Map<number, number>();
	const copies = new Set<number>();
	const asOpened = judge(world, world.opened, found, copies);
	// A start as another reader was cut: the log is the one's or already the other's, nothing between.
	const wrong = asOpened && world.identity !== world.opened ? judge(world, world.identity) : asOpened;
	if (wrong !== undefined) throw new Error(wrong);
	const { first, gaps } = verifyLog(world.flash, crypto);
	world.gaps.push(...gaps);
	for (const [serial, value] of found) {
		const kept = world.kept.get(serial);
		if (kept !== undefined && kept !== value) throw new Error(`serial ${serial} is another event`);
		if (kept === undefined && value >= 0 && !world.flights.has(value)) {
			throw new Error(`serial ${serial} is invented`);
		}
	}
	for (const [serial, value] of world.alarms)
		if (!found.has(serial) && !copies.has(value) && serial > world.acknowledged)
			throw new Error(`alarm ${serial} was displaced`);
	for (const value of copies)
		if (![...world.alarms.values()].includes(value) && !world.flights.has(value))
			throw new Error(`alarm ${value} is invented`);
	const declared = (serial: number): boolean =>
		world.gaps.some((gap) => serial >= gap.from && serial <= gap.to);
	for (const serial of world.kept.keys()) {
		if (found.has(serial) || serial <= world.acknowledged || declared(serial)) continue;
		// Erased for the next sector, whose checkpoint will declare it.
		if (serial < first && serial >= first - SLOTS) continue;
		throw new Error(`serial ${serial} is lost, and no gap says so`);
	}
	for (const gap of gaps) {
		for (let serial = gap.from; serial <= gap.to; serial++) {
			if (found.has(serial)) throw new Error(`serial ${serial} is there, and a gap says it is not`);
		}
	}
}

/** What is wrong with the log as the one of `identity`; `undefined`: nothing. */
function judge(
	world: LogWorld,
	identity: Identity,
	found = new Map<number, number>(),
	copies = new Set<number>(),
): string | undefined {
	const publicKey = pairOf(identity)?.publicKey;
	const report = verifyLog(world.flash, crypto, { publicKey }, (record, serial) => {
		const entry = decodeRecord(record);
		const copy = (entry.kind & KEPT) !== 0;
		found.set(serial, copy || OWN.has(entry.kind) ? -1 : entry.value);
		if (copy) copies.add(entry.value);
		if (entry.kind === EVENTS.acknowledged && entry.value > world.acknowledged) {
			throw new Error(`record ${serial} acknowledges ${entry.value}`);
		}
	});
	for (const { from, reason, to } of report.problems) {
		// The one sector that a cut may leave half erased: the oldest, on its way to be the newest.
		const erasing = reason === "bad-checkpoint" && to === report.first - 1;
		// Cut before there was a log: nothing is in it, and so nothing signed.
		const nothing = reason === "unsigned" && report.sectors === 0 && !world.begun;
		if (!erasing && !nothing) return `${reason} ${from}..${to} as reader ${identity}`;
	}
	if (publicKey === undefined) return undefined;
	for (const [serial, by] of world.by) {
		if (!found.has(serial)) continue;
		const earlier = report.earlier.some(({ from, to }) => serial >= from && serial <= to);
		if (earlier !== (by !== identity))
			return `serial ${serial} by reader ${by}: ${earlier ? "" : "not "}earlier`;
	}
	return undefined;
}

function times(count: number, ...steps: readonly Step[]): Step[] {
	return Array.from({ length: count }, () => steps).flat();
}

/** A record is 32 bytes however long the log is: small sectors bring every boundary into a few steps. */
export const logScenarios: readonly Scenario<LogWorld>[] = [
	scenario("log-first", [], times(SLOTS + 3, "append")),
	scenario("log-append", times(5, "append"), times(4, "append")),
	scenario("log-sector", times(SLOTS - 3, "append"), times(4, "append")),
	scenario("log-wrap", times(SECTORS * SLOTS - 4, "append"), times(SLOTS + 3, "append")),
	scenario(
		"log-acknowledged",
		times(SECTORS * SLOTS, "append", "acknowledge"),
		times(SLOTS + 3, "append", "acknowledge"),
	),
	scenario(
		"log-idle",
		times(2 * SECTORS * SLOTS, "append", "maintain"),
		times(SLOTS + 3, "append", "maintain", "maintain"),
	),
	scenario("log-late-site", times(SECTORS * SLOTS + 5, "append"), [
		...times(4, "append"),
		"acknowledge",
		...times(SLOTS, "append", "maintain"),
		"acknowledge",
	]),
	// Copies are made once in a lap: each of these begins another of its sectors.
	...[0, 1, 2].map((sectors) =>
		scenario(
			`log-kept-${sectors}`,
			[...times(2, "alarm"), ...times((2 * SECTORS + sectors) * SLOTS, "append")],
			["alarm", ...times(SLOTS + 2, "append", "maintain")],
		),
	),
	scenario(
		"log-kept-acknowledged",
		[...times(2, "alarm"), ...times(SECTORS * SLOTS, "append"), "acknowledge", "alarm"],
		times(SLOTS + 3, "append"),
	),
	scenario("log-key", [], ["append", "append", "commission", "append", "restart", "append"], 0),
	scenario("log-key-full", times(SLOTS - 2, "append"), ["append", "commission", "append", "restart"], 0),
	scenario(
		"log-key-wrap",
		times(SECTORS * SLOTS - 3, "append"),
		["append", "commission", ...times(SLOTS, "append"), "restart", "append"],
		0,
	),
	scenario(
		"log-key-idle",
		times(SECTORS * SLOTS, "append", "maintain"),
		["maintain", "commission", "maintain", "append", "acknowledge", "maintain"],
		0,
	),
	scenario("log-reset", times(SECTORS * SLOTS + 2, "append"), [
		"append",
		"reset",
		"append",
		"commission",
		"append",
		"maintain",
		"reset",
		"commission",
		...times(3, "append"),
		"acknowledge",
	]),
	scenario("log-reset-acknowledged", times(SECTORS * SLOTS, "append", "acknowledge"), [
		"commission",
		"append",
		"acknowledge",
		"reset",
		...times(SLOTS, "append", "maintain"),
		"commission",
		"append",
	]),
];
