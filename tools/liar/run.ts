// SPDX-License-Identifier: Apache-2.0

import { type BrokerFaults, HONEST, type SimBroker } from "../../sim/broker.js";
import { SeededRandom } from "../../sim/random.js";
import { DOORS, type Door, LiarWorld } from "./world.js";

/** Acts of a run. */
const ACTS = 24;
/** Time after each act, ms at most. */
const PAUSE_MS = 6000;
/** With a broker that has become honest all is settled by then, ms: the longest back-off, and then some. */
export const SETTLE_MS = 1_200_000;
const DAY_MS = 86_400_000;

/** What came of a run. */
export interface LiarResult {
	readonly violations: readonly string[];
	/** Taps that opened, and that did not. */
	readonly granted: number;
	readonly denied: number;
	readonly unlocks: number;
	/** Frames that the broker was given. */
	readonly frames: number;
	/** Sessions that began. */
	readonly sessions: number;
	/** Simulated time, ms. */
	readonly ms: number;
}

const FAULTS = [
	"swallow",
	"lose",
	"late",
	"duplicate",
	"replay",
	"stale",
	"swap",
	"truncate",
	"alter",
	"cut",
] as const satisfies readonly (keyof BrokerFaults)[];

const COMMANDED = "open open open open lock normal identify lockdown release release".split(" ");

/** Of lockdowns, s. */
const LENGTHS = [20, 120, 3600, 86_400] as const;

/** One run: an administrator who changes things, people at the doors, and a broker that does what it likes. One seed gives one run. */
export class LiarRun {
	readonly world: LiarWorld;
	readonly #random: SeededRandom;
	readonly #faults: BrokerFaults | undefined;
	#absences = 0;
	#granted = 0;
	#denied = 0;

	/** `faults`: these alone; by the seed where absent. */
	constructor(seed: number, faults?: BrokerFaults) {
		this.#faults = faults;
		this.world = new LiarWorld(seed);
		this.#random = new SeededRandom(seed ^ 0x11a2);
	}

	run(): LiarResult {
		const { world } = this;
		for (const door of DOORS) world.judges[door].reader.powerOn();
		for (let n = 0; n < 4; n++) {
			const id = world.invite();
			for (const door of DOORS) world.give(door, id, "open");
		}
		world.time.run(5000);
		for (let n = 0; n < ACTS; n++) {
			this.#act();
			world.time.run(this.#random.below(PAUSE_MS));
			this.#tap();
		}
		this.#settle();
		return this.#result();
	}

	#act(): void {
		const { world } = this;
		const door = this.#any(DOORS);
		this.#any(this.#acts)(door);
		for (const one of DOORS) world.judges[one].look();
	}

	/** Each as likely as the others. */
	readonly #acts: readonly ((door: Door) => void)[] = [
		() => this.#lie(),
		() => this.#lie(),
		() => this.#tell(this.world.broker),
		() => this.#second(),
		() => this.world.broker.drop(),
		() => this.#monthsLater(),
		() => this.world.restartSite(),
		(door) => this.#restart(door),
		(door) => this.#outOfReach(door),
		(door) => this.world.give(door, this.world.invite(), "open"),
		(door) => this.world.give(door, this.world.invite(), "open"),
		// More than fits a delta: a snapshot.
		(door) => {
			for (let i = 0; i < 3; i++) this.world.give(door, this.world.invite(), "open");
		},
		(door) => this.world.give(door, this.world.invite(), "override"),
		(door) => this.world.give(door, this.#anyone(), "paused"),
		(door) => this.world.give(door, this.#anyone(), undefined),
		(door) => this.#readmit(door),
		() => this.world.revoke([this.#anyone()]),
		() => this.world.nextList(this.#random.below(3) === 0),
		(door) => this.world.command(door, this.#any(COMMANDED)),
		(door) => this.#lock(door),
		(door) => this.#lock(door),
		() => this.world.release(),
		(door) => this.#leave(door),
	];

	#lock(door: Door): void {
		this.world.lock(this.#any<readonly Door[]>([[], [door], DOORS]), this.#any(LENGTHS));
	}

	#restart(door: Door): void {
		const { reader } = this.world.judges[door];
		reader.powerOff();
		this.world.time.run(1000);
		reader.powerOn();
	}

	#outOfReach(door: Door): void {
		const { reader } = this.world.judges[door];
		reader.reachable = !reader.reachable;
	}

	/** Only who was not taken back for good is let in again. */
	#readmit(door: Door): void {
		const id = this.#anyone();
		if (this.world.isRevoked(id)) this.world.give(door, this.world.invite(), "open");
		else this.world.give(door, id, "open");
	}

	/** The broker lies from now on, in other ways. */
	#lie(): void {
		const faults: Record<string, number> = { ...HONEST, longest: 1 + this.#random.below(60_000) };
		for (const fault of FAULTS) if (this.#random.below(3) === 0) faults[fault] = this.#random.below(40) / 100;
		this.world.broker.faults = this.#faults ?? (faults as unknown as BrokerFaults);
		this.world.other.faults = this.world.broker.faults;
	}

	/** Says something of the past again, to any reader and under any name. */
	#tell(broker: SimBroker): void {
		const { past } = broker;
		// Lists, notices and lockdowns need no session.
		const retained = past.filter((one) => one.retain);
		const kept = retained.length > 0 ? retained : past;
		for (let n = this.#random.below(40); n > 0 && past.length > 0; n--) {
			const { data, retain, topic } = this.#any(this.#random.below(3) === 0 ? kept : past);
			const named = this.#random.below(4) === 0 ? this.#any(past).topic : topic;
			const clients = broker.clients;
			const id = clients.length > 0 && this.#random.below(2) === 0 ? this.#any(clients) : undefined;
			broker.tell({ topic: named, data, retain }, id);
			this.world.time.run(this.#random.below(300));
		}
	}

	#leave(door: Door): void {
		const judge = this.world.judges[door];
		if (judge.reader.device?.door === undefined) return;
		judge.leave();
		// So long the way out is open.
		this.world.time.run(6000);
	}

	/** No reader is on for up to half a year, twice a run at most: what was said before comes as late as that. */
	#monthsLater(): void {
		if (this.#absences++ === 2) return;
		const readers = DOORS.map((door) => this.world.judges[door].reader);
		for (const reader of readers) reader.powerOff();
		for (let months = this.#random.below(7); months > 0; months--) {
			this.world.time.run(this.#random.below(30) * DAY_MS);
			this.world.nextServer();
		}
		for (const reader of readers) reader.powerOn();
		this.#tell(this.world.broker);
	}

	/** For a while a lying name server sends readers to another broker, which says what was said before. */
	#second(): void {
		this.world.meetFalse(this.#any<readonly Door[]>([["east"], ["west"], DOORS]));
		this.world.time.run(10_000 + this.#random.below(20_000));
		this.#tell(this.world.other);
		this.#tap();
		this.world.meetFalse([]);
	}

	#tap(): void {
		const { world } = this;
		const judge = world.judges[this.#any(DOORS)];
		if (judge.reader.device?.door === undefined) return;
		if (judge.tap(this.#anyone())) this.#granted++;
		else this.#denied++;
		// So long is a strike released.
		world.time.run(4000);
	}

	/** From here on the broker is honest: all arrives, and each log is whole. */
	#settle(): void {
		const { world } = this;
		world.broker.faults = HONEST;
		world.meetFalse([]);
		for (const door of DOORS) world.judges[door].reader.reachable = true;
		const isSettled = world.time.runUntil(() => world.isSettled, SETTLE_MS);
		for (const door of DOORS) {
			const judge = world.judges[door];
			judge.look();
			judge.compareLog(world.log(door));
			if (!isSettled)
				judge.violations.push(`${door}: not all has come in ${SETTLE_MS} ms: ${world.describe(door)}`);
			this.#leave(door);
			for (const id of world.people) {
				judge.tap(id);
				world.time.run(4000);
			}
		}
	}

	#result(): LiarResult {
		const { broker, judges, time } = this.world;
		return {
			violations: DOORS.flatMap((door) => judges[door].violations),
			...{ granted: this.#granted, denied: this.#denied },
			unlocks: DOORS.reduce((sum, door) => sum + judges[door].opened, 0),
			...{ frames: broker.past.length, sessions: this.world.sessions },
			ms: time.now(),
		};
	}

	#anyone(): Uint8Array {
		return this.#any(this.world.people);
	}

	#any<T>(of: readonly T[]): T {
		return of[this.#random.below(of.length)]!;
	}
}
