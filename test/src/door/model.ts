// SPDX-License-Identifier: Apache-2.0

import { assert } from "chai";
import fc from "fast-check";
import { LEASE_MS, RENEWAL_MS, Relay } from "../../../drivers/relay/relay.js";
import { checkDoorConfig, type DoorConfig } from "../../../protocol/config/door.js";
import {
	COMMANDS,
	type DoorCommand,
	type DoorInput,
	EVENTS,
	type InputFault,
} from "../../../protocol/events.js";
import { decodeRecord, type LogEntry } from "../../../protocol/log/record.js";
import { DOOR_MODES, type PlanMode } from "../../../protocol/plan/tables.js";
import { SimDoor } from "../../../sim/door.js";
import { SimFlash } from "../../../sim/flash.js";
import { VirtualTime } from "../../../sim/time.js";
import { DoorController } from "../../../src/door/controller.js";
import { alarms, BETWEEN_MS } from "../../../src/door/feedback.js";
import { Limiter, MAX_SINGLE, type RecordSink } from "../../../src/log/limiter.js";
import { AuditLog } from "../../../src/log/log.js";
import { providers } from "../../support/providers.js";
import { checkAlarms, checkLog, checkOutcomes, Witness } from "./witness.js";

const SECTOR = 1024;
const GRANTED = { granted: true, reason: "granted" } as const;
const DENIED = { granted: false, reason: "revoked" } as const;
const READER = new Uint8Array(8).fill(9);

/** A door as it stands in a wall, its firmware with a log in flash, and the witness. */
export class ModelWorld {
	readonly time = new VirtualTime();
	readonly config: DoorConfig;
	readonly door: SimDoor;
	readonly witness: Witness;
	readonly #flash = new SimFlash({ size: 16 * SECTOR, sectorSize: SECTOR });
	#log!: AuditLog;
	#limiter!: Limiter;
	readonly #maxSingle: number;
	/** A restart that nobody asked for: counts that were not recorded are lost with it. */
	#interrupted = false;
	controller!: DoorController;
	/** Added to the firmware's monotonic clock. */
	skew = 0;
	/** The clock has jumped or the position switch has lied: exact times and openings prove nothing any more. */
	skewed = false;
	#scheduled: PlanMode = "locked";
	/** Since when an alarm of the door is not the signal that shows. */
	#maskedSince: number | undefined;

	/** `maxSingle`: records before the limits of floods count. */
	constructor(settings: Partial<DoorConfig>, maxSingle = MAX_SINGLE) {
		this.#maxSingle = maxSingle;
		const checked = checkDoorConfig(settings);
		if (!("config" in checked)) throw new Error(JSON.stringify(checked.problems));
		this.config = checked.config;
		this.door = new SimDoor(this.time, this.config);
		this.witness = new Witness(this.config);
		this.start();
	}

	/** `noticeFor`: what a sealed state has of a lockdown by notice, ms. */
	start(noticeFor?: number): void {
		const clock = {
			now: () => this.time.now() + this.skew,
			alarm: (callback: () => void) => this.time.alarm(callback),
		};
		this.#log = new AuditLog({
			flash: this.#flash,
			crypto: providers[0]!,
			clock,
			wall: { now: () => this.time.now(), trust: () => "synced", set: () => {} },
			reader: READER,
		});
		const log = this.#log;
		log.open("watchdog");
		this.witness.log.push({ at: this.time.now(), kind: EVENTS.restart, detail: 4, value: 0 });
		let single = false;
		const sink: RecordSink = {
			append: (...record) => {
				single = true;
				log.append(...record);
			},
		};
		this.#limiter = new Limiter(clock, sink, this.#maxSingle);
		this.controller = new DoorController({
			config: this.config,
			clock,
			strike: new Relay({ io: this.door.relay.io }),
			signals: { show: () => {} },
			renewalMs: RENEWAL_MS,
			onEvent: (kind, detail, value, subject) => {
				single = false;
				this.#limiter.record(kind, detail, value, subject);
				if (kind === EVENTS["door-opened"]) this.witness.recorded(single);
				this.witness.log.push({ at: this.time.now(), kind, detail, value });
				if (kind === EVENTS.unlocked) this.witness.pardon();
			},
		});
		const { door } = this;
		this.controller.start(
			log.doorMemory,
			{
				doorPosition: door.open,
				rex: door.exitPressed,
				tamper: door.tampered,
				fire: door.fire,
				lockdown: door.lockdown,
			},
			this.#scheduled,
			noticeFor,
		);
		if (door.exitPressed) this.witness.exit(this.time.now(), true);
	}

	restart(): void {
		this.#interrupted = true;
		const { noticeFor } = this.controller.door;
		this.controller.close();
		this.door.relay.reset();
		this.witness.restart();
		this.start(noticeFor > 0 ? noticeFor : undefined);
		assert.isTrue(noticeFor === 0 || this.controller.lockdown, "a restart ends no lockdown");
		this.look();
	}

	/** Lets time pass, and looks at the door whenever anything can have moved. */
	wait(ms: number): void {
		const end = this.time.micros + ms * 1000;
		for (let at = this.time.next; at !== undefined && at <= end; at = this.time.next) {
			// The moment before: what is unlocked until now was unlocked then.
			if (!this.door.locked) this.look((at - 1) / 1000);
			this.time.step();
			this.look();
		}
		this.time.run((end - this.time.micros) / 1000);
		this.look();
	}

	look(now = this.time.micros / 1000): void {
		if (!this.skewed) this.witness.see(now, !this.door.locked);
		if (!this.door.locked) assert.isTrue(this.controller.door.unlocked || this.skewed, "who unlocked it?");
		else assert.isFalse(this.leaving, `people are locked in at ${now}`);
		if (!this.skewed) this.#lookAtAlarm(now);
	}

	#lookAtAlarm(now: number): void {
		const { door, signal } = this.controller;
		if (!alarms(door) || signal === door.leaf) this.#maskedSince = undefined;
		else {
			this.#maskedSince ??= now;
			assert.isAtMost(now - this.#maskedSince, BETWEEN_MS, `${signal} masks an alarm at ${now}`);
		}
	}

	/** People press to leave, or have to: whatever else happens, and whatever the clock or a switch says, they can. */
	get leaving(): boolean {
		const { exit, fire } = this.config;
		return (this.door.exitPressed && exit === "unlock") || (this.door.fire && fire === "unlock");
	}

	/** The leaf has moved: witness and firmware are told. */
	moved(): void {
		const now = this.time.now();
		const { door, witness } = this;
		if (door.open) witness.opened(now);
		else witness.closed(now);
		this.controller.input("doorPosition", door.open);
	}

	schedule(mode: PlanMode): void {
		this.#scheduled = mode;
		this.controller.schedule(mode);
	}

	entries(): LogEntry[] {
		const cursor = this.#log.read(1);
		const list: LogEntry[] = [];
		for (let record = cursor.next(); record; record = cursor.next()) list.push(decodeRecord(record));
		return list;
	}

	maintain(): void {
		this.#log.maintain();
	}

	/** Everybody goes home: the invariants over the whole. */
	end(): void {
		if (this.door.exitPressed) new Exit(false).run(undefined, this);
		if (this.door.open) new Shut().run(undefined, this);
		this.schedule("locked");
		for (const command of ["normal", "release"] as const) this.controller.command(command);
		for (const which of ["lockdown", "fire"] as const) new Contact(which, false).run(undefined, this);
		if (this.config.position !== "none") this.controller.input("doorPosition", false);
		this.wait(150_000);
		assert.isTrue(this.door.locked, "in the end it is locked");
		assert.equal(this.controller.door.pending, 0);
		this.#limiter.settle(true);
		const found = this.entries();
		checkAlarms(found, this.config.position !== "none");
		checkOutcomes(this.witness.log);
		checkLog(
			this.witness.log.map((event) => (event.kind === EVENTS.restart ? { ...event, value: 0 } : event)),
			found,
			this.#interrupted,
		);
	}
}

type Step = fc.Command<object, ModelWorld>;

abstract class Base implements Step {
	abstract toString(): string;
	abstract act(world: ModelWorld): void;

	check(): boolean {
		return true;
	}

	run(_model: object | undefined, world: ModelWorld): void {
		this.act(world);
		world.look();
	}
}

class Tap extends Base {
	readonly #who: number;
	readonly #rights: { extended: boolean; firstPerson: boolean; passageMode: boolean };
	readonly #granted: boolean;

	constructor(who: number, extended: boolean, firstPerson: boolean, passageMode: boolean, granted: boolean) {
		super();
		this.#who = who;
		this.#rights = { extended, firstPerson, passageMode };
		this.#granted = granted;
	}

	override act(world: ModelWorld): void {
		const decision = world.controller.decide(this.#granted ? GRANTED : DENIED, {
			id: new Uint8Array(8).fill(this.#who),
			link: this.#who % 2 === 0 ? "nfc" : "qr",
			planVersion: 1,
			rights: this.#rights,
		});
		const { mode } = world.controller;
		assert.equal(decision.granted, this.#granted && mode !== "lockdown");
		if (!decision.granted) return;
		world.witness.entry();
		// A jump of the clock may have let the relay fall; the next word brings it back.
		assert.isFalse(world.door.locked, "granted, but locked");
	}

	override toString(): string {
		const rights = Object.entries(this.#rights).flatMap(([name, is]) => (is ? [name] : []));
		return `tap(${this.#who} ${this.#granted ? "granted" : "denied"} ${rights.join("+")})`;
	}
}

class Exit extends Base {
	readonly #pressed: boolean;

	constructor(pressed: boolean) {
		super();
		this.#pressed = pressed;
	}

	override act(world: ModelWorld): void {
		if (world.door.exitPressed === this.#pressed) return;
		world.door.press(this.#pressed);
		world.witness.exit(world.time.now(), this.#pressed);
		world.controller.input("rex", this.#pressed);
	}

	override toString(): string {
		return this.#pressed ? "press exit" : "let go of exit";
	}
}

class Pull extends Base {
	readonly #with: "hand" | "handle" | "crowbar";

	constructor(how: "hand" | "handle" | "crowbar") {
		super();
		this.#with = how;
	}

	override act(world: ModelWorld): void {
		if (world.door.open) return;
		if (this.#with === "crowbar") world.door.force();
		else if (!world.door.pull(this.#with === "handle")) return;
		world.moved();
	}

	override toString(): string {
		return `pull by ${this.#with}`;
	}
}

class Shut extends Base {
	override act(world: ModelWorld): void {
		if (!world.door.open) return;
		world.door.shut();
		world.moved();
	}

	override toString(): string {
		return "shut";
	}
}

class Wait extends Base {
	readonly #ms: number;

	constructor(ms: number) {
		super();
		this.#ms = ms;
	}

	override act(world: ModelWorld): void {
		world.wait(this.#ms);
	}

	override toString(): string {
		return `wait(${this.#ms})`;
	}
}

class Order extends Base {
	readonly #command: DoorCommand;
	/** Of an `open`; 0: the strike time. */
	readonly #seconds: number;
	readonly #by: Uint8Array | undefined;

	/** `who`: at the site; 0: an installer. */
	constructor(command: DoorCommand, seconds: number, who: number) {
		super();
		this.#command = command;
		this.#seconds = command === "open" ? seconds : 0;
		this.#by = who === 0 ? undefined : new Uint8Array(8).fill(who);
	}

	override act(world: ModelWorld): void {
		const done = world.controller.command(this.#command, this.#seconds, this.#by);
		const { mode } = world.controller;
		assert.equal(
			done,
			this.#command !== "open" || mode !== "lockdown",
			"lockdown alone refuses, and to open alone",
		);
		if (this.#command !== "open" || !done) return;
		world.witness.entry();
		assert.isFalse(world.door.locked, "commanded to open, but locked");
	}

	override toString(): string {
		return `command(${this.#command} ${this.#seconds} ${this.#by?.[0] ?? "installer"})`;
	}
}

/** A lockdown notice of the site, or its word that none stands. */
class NoticeOf extends Base {
	readonly #ms: number;
	readonly #sequence: number;

	constructor(ms: number, sequence: number) {
		super();
		this.#ms = ms;
		this.#sequence = sequence;
	}

	override act(world: ModelWorld): void {
		const { controller } = world;
		controller.notice(this.#ms, this.#sequence);
		assert.equal(controller.door.noticeFor, this.#ms);
		if (this.#ms > 0) assert.include(["lockdown", "evacuation"], controller.mode);
	}

	override toString(): string {
		return `lockdown notice ${this.#sequence} for ${this.#ms}`;
	}
}

/** Anyone on the cable asks the reader to show itself. */
class Identify extends Base {
	override act(world: ModelWorld): void {
		world.controller.identify(60_000);
	}

	override toString(): string {
		return "identify";
	}
}

/** An installer's test of the relay, and what comes next in its midst or after it. */
class RelayTest extends Base {
	readonly #waits: boolean;

	constructor(waits: boolean) {
		super();
		this.#waits = waits;
	}

	override act(world: ModelWorld): void {
		const { controller, door, witness } = world;
		if (!controller.command("open")) return;
		witness.entry();
		world.look();
		const turned = controller.exercise();
		assert.equal(door.locked, turned);
		if (world.leaving) assert.isFalse(turned, "nobody is locked in");
		if (!this.#waits) return;
		world.wait(251);
		assert.isFalse(door.locked, "released again");
	}

	override toString(): string {
		return this.#waits ? "relay test" : "relay test, interrupted";
	}
}

class Contact extends Base {
	readonly #which: "tamper" | "fire" | "lockdown";
	readonly #active: boolean;

	constructor(which: "tamper" | "fire" | "lockdown", active: boolean) {
		super();
		this.#which = which;
		this.#active = active;
	}

	override act(world: ModelWorld): void {
		world.door.set(this.#which === "tamper" ? "tampered" : this.#which, this.#active);
		world.controller.input(this.#which, this.#active);
	}

	override toString(): string {
		return `${this.#which} ${this.#active ? "on" : "off"}`;
	}
}

class Schedule extends Base {
	readonly #mode: PlanMode;

	constructor(mode: PlanMode) {
		super();
		this.#mode = mode;
	}

	override act(world: ModelWorld): void {
		world.schedule(this.#mode);
	}

	override toString(): string {
		return `schedule(${this.#mode})`;
	}
}

class Fault extends Base {
	readonly #input: DoorInput;
	readonly #fault: InputFault;

	constructor(input: DoorInput, fault: InputFault) {
		super();
		this.#input = input;
		this.#fault = fault;
	}

	override act(world: ModelWorld): void {
		world.controller.inputFault(this.#input, this.#fault);
	}

	override toString(): string {
		return `${this.#input} line ${this.#fault}`;
	}
}

/** A position switch that says what is not so: a cut line without supervision, a magnet that has moved. */
class Lie extends Base {
	readonly #open: boolean;

	constructor(open: boolean) {
		super();
		this.#open = open;
	}

	override act(world: ModelWorld): void {
		world.skewed = true;
		world.controller.input("doorPosition", this.#open);
	}

	override toString(): string {
		return `position says ${this.#open ? "open" : "closed"}`;
	}
}

class Restart extends Base {
	override act(world: ModelWorld): void {
		world.restart();
	}

	override toString(): string {
		return "restart";
	}
}

class Jump extends Base {
	readonly #ms: number;

	constructor(ms: number) {
		super();
		this.#ms = ms;
	}

	override act(world: ModelWorld): void {
		world.skew += this.#ms;
		world.skewed = true;
	}

	override toString(): string {
		return `clock jumps ${this.#ms}`;
	}
}

const mostlyFalse = fc.integer({ min: 0, max: 3 }).map((n) => n === 0);

function steps(jumps: boolean): fc.Arbitrary<Step>[] {
	const list: fc.Arbitrary<Step>[] = [
		fc
			.tuple(fc.integer({ min: 1, max: 2 }), mostlyFalse, mostlyFalse, fc.boolean(), fc.boolean())
			.map(([who, extended, first, passage, granted]) => new Tap(who, extended, first, passage, granted)),
		fc.boolean().map((pressed) => new Exit(pressed)),
		fc.constantFrom("hand", "hand", "handle", "crowbar").map((how) => new Pull(how as "hand")),
		fc.constant(new Shut()),
		fc
			.oneof(
				fc.integer({ min: 0, max: 1200 }),
				fc.integer({ min: 0, max: 70_000 }),
				fc.constantFrom(499, 500, 4999, 5000, 5499, 5500, 15_000, 30_000, 60_000, LEASE_MS),
			)
			.map((ms) => new Wait(ms)),
		fc
			.tuple(
				fc.constantFrom(...(Object.keys(COMMANDS) as DoorCommand[])),
				fc.oneof(fc.constant(0), fc.integer({ min: 1, max: 60 })),
				fc.integer({ min: 0, max: 2 }),
			)
			.map(([command, seconds, who]) => new Order(command, seconds, who)),
		fc
			.tuple(fc.oneof(fc.constant(0), fc.integer({ min: 1, max: 90_000 })), fc.integer({ min: 1, max: 9 }))
			.map(([ms, sequence]) => new NoticeOf(ms, sequence)),
		fc
			.tuple(fc.constantFrom("tamper", "fire", "lockdown"), fc.boolean())
			.map(([which, active]) => new Contact(which as "fire", active)),
		fc.constantFrom(...DOOR_MODES).map((mode) => new Schedule(mode)),
		fc
			.tuple(
				fc.constantFrom("doorPosition", "rex", "fire"),
				fc.constantFrom("cut", "short", "foreign", "none"),
			)
			.map(([input, fault]) => new Fault(input as "rex", fault as "cut")),
		fc.constant(new Restart()),
		fc.constant(new Identify()),
		fc.boolean().map((waits) => new RelayTest(waits)),
	];
	if (jumps) {
		list.push(fc.integer({ min: -100_000, max: 100_000 }).map((ms) => new Jump(ms)));
		list.push(fc.boolean().map((open) => new Lie(open)));
	}
	return list;
}

const settings: fc.Arbitrary<Partial<DoorConfig>> = fc
	.record({
		lock: fc.constantFrom("fail-secure", "fail-safe"),
		contact: fc.constantFrom("normally-open", "normally-closed"),
		relock: fc.constantFrom("on-open", "on-close", "by-time"),
		exit: fc.constantFrom("unlock", "shunt", "ignore"),
		fire: fc.constantFrom("unlock", "ignore"),
		forcedGrace: fc.constantFrom(0, 1, 3),
		heldTime: fc.constantFrom(0, 30),
		preAlarm: fc.constantFrom(0, 15),
		position: fc.constantFrom("normally-closed", "normally-closed", "normally-closed", "none"),
	})
	.map((record) => (record.position === "none" ? { ...record, relock: "by-time" } : record)) as fc.Arbitrary<
	Partial<DoorConfig>
>;

/** Sequences are too short for the limits of floods: some begin with less. */
const limits = fc.constantFrom(MAX_SINGLE, MAX_SINGLE, 1);

/** Explores `runs` sequences; throws fast-check's report with the shortest one that breaks an invariant. */
export function explore(runs: number, seed: number, jumps: boolean): void {
	fc.assert(
		fc.property(
			settings,
			limits,
			fc.commands(steps(jumps), { maxCommands: 30 }),
			(config, limit, commands) => {
				const world = new ModelWorld(config, limit);
				fc.modelRun(() => ({ model: {}, real: world }), commands);
				world.end();
			},
		),
		{ numRuns: runs, seed, endOnFailure: false },
	);
}
