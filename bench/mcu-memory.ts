/**
 * On the emulated microcontroller: what the firmware keeps in memory. The world is built first and counted out; then the
 * reader starts, takes 100 taps and installs a plan. Prints one line of JSON.
 */
import { World } from "../sim/world.js";
import { WorldCrypto } from "./world-crypto.js";

declare const host: {
	collect(): void;
	memory(): Record<"slots" | "chunks" | "stackPeak", number>;
	print(line: string): void;
};

let last = { slots: 0, chunks: 0 };

/** Bytes in use that somebody still holds. */
function inUse(): number {
	host.collect();
	const { slots, chunks } = host.memory();
	last = { slots, chunks };
	return slots + chunks;
}

const world = new World({ seed: 1, crypto: new WorldCrypto() });
world.installPlan();
// Twice: what the measuring itself leaves behind is in the base.
inUse();
const base = inUse();
const baseParts = last;
/** What a phone holds between its messages: it is part of the world, and comes to life in the middle of a tap. */
const phoneBytes = phoneSession();

function phoneSession(): number {
	const phone = world.nfcPhone("valid");
	world.board.field.present(phone);
	const session = world.holder("valid").session();
	const message1 = session.begin();
	const bytes = inUse() - base;
	if (message1 === undefined) throw new Error("no message_1");
	session.abandon();
	world.board.field.remove(phone);
	return bytes;
}

const live: { after: string; bytes: number; slots: number; chunks: number }[] = [];
let peakBytes = 0;

function note(after: string): number {
	world.results.length = 0;
	world.exchanges.length = 0;
	world.board.trace.clear();
	const bytes = inUse() - base;
	live.push({ after, bytes, slots: last.slots - baseParts.slots, chunks: last.chunks - baseParts.chunks });
	peakBytes = Math.max(peakBytes, bytes);
	return bytes;
}

function tap(watched: boolean): void {
	world.time.run(100);
	const phone = world.nfcPhone("valid");
	// Whenever the reader computes, in the middle of its transaction.
	world.onCompute = watched
		? () => {
				peakBytes = Math.max(peakBytes, inUse() - base - phoneBytes);
			}
		: undefined;
	world.board.field.present(phone);
	if (!world.time.runUntil(() => world.results.length > 0, 6000)) throw new Error("no decision");
	world.onCompute = undefined;
	world.time.run(50);
	world.board.field.remove(phone);
	world.time.run(500);
	world.results.length = 0;
	world.exchanges.length = 0;
	world.board.trace.clear();
}

world.powerOn();
if (!world.settle()) throw new Error("the reader does not poll");
note("boot");
tap(true);
note("1 tap");
for (let i = 1; i < 10; i++) tap(false);
const ten = note("10 taps");
for (let i = 10; i < 99; i++) tap(false);
tap(true);
const hundred = note("100 taps");
world.onCompute = () => {
	peakBytes = Math.max(peakBytes, inUse() - base);
};
world.sendPlan(world.firmware!.reader.plan);
world.onCompute = undefined;
note("a plan installed");
if (world.decisions().some(({ granted }) => !granted)) throw new Error("a tap was denied");
host.print(
	JSON.stringify({
		live,
		peakBytes,
		growthBytes: Math.max(0, hundred - ten),
		stackBytes: host.memory().stackPeak,
	}),
);
