// SPDX-License-Identifier: Apache-2.0

/** A reader with a QR scanner on the emulated microcontroller, in a session with its site: what a code costs, and what it leaves. */
import type { CredentialFields } from "../protocol/credential/issue.js";
import { CODE_LIFE_S, STEP_S } from "../protocol/qr/code.js";
import { deviceCreation } from "../sim/engine/creation.js";
import type { Radio } from "../sim/scenario.js";
import { newPlan } from "../sim/traffic.js";
import { tap } from "./counted-tap.js";
import { linkOf, type Point } from "./mcu-memory.js";
import { type McuWorld, mcuWorld } from "./mcu-world.js";

export interface QrFigures {
	/** From a code's first byte on the line to the relay on, instructions: of the codes without a count, and with one. */
	readonly code: number;
	readonly counted: number;
	/** The costliest of all codes: a collection falls into some of them. */
	readonly worst: number;
	/** A text of 395 characters that is no code, refused. */
	readonly refused: number;
	/** What the device gives slots and chunks, bytes: it has held all that is measured here. */
	readonly peakBytes: number;
	/** Most in use at any crossing of a bus, collected there, while a plan comes, a code is shown and a phone is served. */
	readonly mostBytes: number;
	readonly live: readonly Point[];
	/** From code 10 to code 40. */
	readonly growthBytes: number;
	readonly stackBytes: number;
}

const CODES = 40;
const TAPS = 8;
const LIMIT_MS = 120_000;
/** At this rate a code is on the line for 35 ms, so what else the reader does meanwhile hardly counts. */
const SCANNER = { model: "line", baud: 115_200 };

class QrBench {
	readonly device: McuWorld = mcuWorld({ server: true, configuration: { scanner: SCANNER } });
	readonly live: Point[] = [];

	/** Instructions from the code's first byte until the relay is on; for a text that is refused, until it is in the log. */
	show(text: string): number {
		const { engine, world } = this.device;
		const before = world.auditor.decisions().length;
		const start = engine.instructions();
		world.qr!.see(() => text);
		const decided = (): boolean => world.door.relay.on || world.auditor.decisions().length > before;
		if (!world.time.runUntil(decided, 5000)) throw new Error("no decision");
		world.qr!.see(undefined);
		const cost = engine.instructions() - start;
		world.time.run(STEP_S * 1000);
		return cost;
	}

	code(claims: Partial<CredentialFields> = {}): number {
		const { world } = this.device;
		const cost = this.show(world.page("valid", claims).at(world.seconds));
		if (!world.auditor.decisions().at(-1)!.granted) throw new Error("the code was denied");
		return cost;
	}

	/** A code, and a tap behind it, while a plan comes. */
	withPlan(link: Radio, sampled: boolean): void {
		const { engine, world } = this.device;
		newPlan(world);
		world.time.run(200);
		if (sampled) engine.sample(true);
		this.code({ audience: "FRONT", count: 1000 });
		tap(this.device, link);
		engine.sample(false);
		world.time.run(STEP_S * 1000);
	}

	inUse(): number {
		const { slots, chunks } = this.device.engine.figures();
		return slots + chunks;
	}

	note(after: string): void {
		const { engine } = this.device;
		const { slots, chunks, peakSlots, peakChunks, stack } = engine.figures();
		this.live.push({ after, slots, chunks, peak: { slots: peakSlots, chunks: peakChunks, stack } });
		engine.resetPeaks();
	}
}

export function measureQr(): QrFigures {
	const bench = new QrBench();
	const { engine, world } = bench.device;
	try {
		bench.note("boot");
		if (!world.time.runUntil(() => world.server!.hello !== undefined, LIMIT_MS))
			throw new Error("no session");
		world.time.run(CODE_LIFE_S * 1000);
		bench.note("a session");
		const costs: number[] = [];
		let ten = 0;
		let last = 0;
		for (let i = 1; i <= CODES; i++) {
			costs.push(bench.code());
			if (i > 4 && i <= 10) ten = Math.max(ten, bench.inUse());
			if (i > CODES - 6) last = Math.max(last, bench.inUse());
		}
		bench.note(`${CODES} codes`);
		const counted = bench.code({ audience: "FRONT", count: 1000 });
		const refused = bench.show("A".repeat(395));
		for (let i = 1; i <= TAPS; i++) bench.withPlan(linkOf(i), i > TAPS - 2);
		bench.note(`${TAPS} taps, a plan and a code in each`);
		const { chunk, heap } = deviceCreation();
		return {
			...{ code: costs[1]!, counted, worst: Math.max(...costs), refused },
			peakBytes: chunk + 16 * heap,
			mostBytes: engine.figures().mostBoth,
			live: bench.live,
			growthBytes: Math.max(0, last - ten),
			stackBytes: Math.max(...bench.live.map(({ peak }) => peak.stack)),
		};
	} finally {
		engine.close();
	}
}
