// SPDX-License-Identifier: Apache-2.0

/** A reader that speaks with its site, on the emulated microcontroller: taps while a plan comes, then a day of heartbeats. */
import { DOOR } from "../sim/commission.js";
import { deviceCreation } from "../sim/engine/creation.js";
import type { Radio } from "../sim/scenario.js";
import { newPlan } from "../sim/traffic.js";
import { afterMessage3, tap, wholeTap } from "./counted-tap.js";
import { linkOf, type Point } from "./mcu-memory.js";
import { type McuWorld, mcuWorld } from "./mcu-world.js";

export interface SyncFigures {
	/** What the device gives slots and chunks, bytes: it has held all that is measured here, collections included. */
	readonly peakBytes: number;
	/** Most in use at any crossing of a bus, after a collection there, while a plan comes and a phone is served. */
	readonly mostBytes: number;
	readonly live: readonly Point[];
	/** From tap 10 to tap 100, and over a day of heartbeats. */
	readonly growthBytes: number;
	readonly stackBytes: number;
	/** The costliest of the taps while a plan comes, by link. Instructions. */
	readonly worst: Readonly<Record<Radio, { readonly tap: number; readonly afterMessage3: number }>>;
}

const TAPS = 100;
/** From a start to a session, and for a plan, ms. */
const LIMIT_MS = 120_000;
/** Of a day's heartbeat each 45 s are one leap of the clock, with a second after it in which the reader does what was due. */
const LEAP_MS = 44_000;
const HOUR_MS = 3_600_000;

class SyncBench {
	readonly device: McuWorld = mcuWorld({ server: true });
	readonly live: Point[] = [];
	readonly worst = { nfc: { tap: 0, afterMessage3: 0 }, ble: { tap: 0, afterMessage3: 0 } };

	/** The site has a new plan of a thousand for the door; a few pieces of it have come on return. */
	change(): void {
		const { world } = this.device;
		const pieces = world.broker.past.length + 8;
		newPlan(world);
		if (!world.time.runUntil(() => world.broker.past.length >= pieces, LIMIT_MS))
			throw new Error("no plan comes");
	}

	/** Until the plan that comes is in force. */
	settle(): void {
		const { time, server } = this.device.world;
		const inForce = (): boolean => server!.hello?.version === server!.books.image(DOOR)!.version;
		if (!time.runUntil(inForce, LIMIT_MS)) throw new Error("the plan has not come into force");
		time.run(1000);
	}

	/** Taps, each while a plan comes. */
	taps(from: number, to: number): void {
		for (let i = from; i <= to; i++) {
			const link = linkOf(i);
			this.change();
			const marks = tap(this.device, link);
			const worst = this.worst[link];
			this.worst[link] = {
				tap: Math.max(worst.tap, wholeTap(marks)),
				afterMessage3: Math.max(worst.afterMessage3, afterMessage3(marks)),
			};
			this.settle();
		}
	}

	/** Time in which nothing happens but that reader and broker say that they are there. */
	heartbeats(ms: number): void {
		const { time } = this.device.world;
		for (let at = 0; at < ms; at += LEAP_MS + 1000) {
			time.spend(LEAP_MS * 1000);
			time.run(1000);
		}
	}

	/** What a day of heartbeats leaves behind, the most of its first and of its last hours compared, bytes. */
	day(): number {
		const most = (hours: number): number => {
			let bytes = 0;
			for (let i = 0; i < hours; i++) {
				this.heartbeats(HOUR_MS);
				bytes = Math.max(bytes, this.inUse());
			}
			return bytes;
		};
		// Alarms and numbers come and go by the hour; the session's 24 hours end in between.
		const before = most(5);
		this.heartbeats(16 * HOUR_MS);
		return Math.max(0, most(5) - before);
	}

	inUse(): number {
		const { slots, chunks } = this.device.engine.figures();
		return slots + chunks;
	}

	note(after: string): number {
		const { engine } = this.device;
		const { slots, chunks, peakSlots, peakChunks, stack } = engine.figures();
		this.live.push({ after, slots, chunks, peak: { slots: peakSlots, chunks: peakChunks, stack } });
		engine.resetPeaks();
		return slots + chunks;
	}
}

export function measureSync(): SyncFigures {
	const bench = new SyncBench();
	const { engine, world } = bench.device;
	try {
		bench.note("boot");
		if (!world.time.runUntil(() => world.server!.hello !== undefined, LIMIT_MS))
			throw new Error("no session");
		world.time.run(5000);
		bench.note("a session");
		bench.taps(1, 4);
		// What is prepared for the next phone is there or not: the most of a few taps.
		let ten = 0;
		for (let i = 5; i <= 10; i++) {
			bench.taps(i, i);
			ten = Math.max(ten, bench.inUse());
		}
		bench.note("10 taps, a plan in each");
		let hundred = 0;
		for (let i = 11; i <= TAPS; i++) {
			bench.taps(i, i);
			if (i > TAPS - 6) hundred = Math.max(hundred, bench.inUse());
		}
		hundred = Math.max(hundred, bench.note(`${TAPS} taps, a plan in each`));
		const left = bench.day();
		bench.note("a day of heartbeats");
		engine.sample(true);
		bench.taps(TAPS + 1, TAPS + 2);
		engine.sample(false);
		const { mostBoth } = engine.figures();
		const { chunk, heap } = deviceCreation();
		return {
			peakBytes: chunk + 16 * heap,
			mostBytes: mostBoth,
			live: bench.live,
			growthBytes: Math.max(0, hundred - ten) + left,
			stackBytes: Math.max(...bench.live.map(({ peak }) => peak.stack)),
			worst: bench.worst,
		};
	} finally {
		engine.close();
	}
}
