/** Memory of the firmware on the emulated microcontroller, in a machine of the device's size. */
import { deviceCreation } from "../sim/engine/creation.js";
import { Installer } from "../sim/provisioning/installer.js";
import { afterMessage3, crypto, type Link, type McuWorld, mcuWorld, tap, wholeTap } from "./mcu-world.js";

export interface Memory {
	/** What the device gives slots and chunks, bytes: it has held all that is measured here, collections included. */
	readonly peakBytes: number;
	readonly reserved: { readonly slots: number; readonly chunks: number; readonly stack: number };
	/** Most in use at any crossing of a bus, after a collection there: in the first and the last taps and the plan's sync. */
	readonly mostBytes: number;
	readonly live: readonly { readonly after: string; readonly slots: number; readonly chunks: number }[];
	/** From tap 10 to tap 100; of each, the most of the taps just before. */
	readonly growthBytes: number;
	/** Most of the stack that was ever used, bytes. */
	readonly stackBytes: number;
	/** The costliest of the taps, by link: a collection falls into some of them. Instructions. */
	readonly worst: Readonly<Record<Link, { readonly tap: number; readonly afterMessage3: number }>>;
}

const TAPS = 100;

export function measureMemory(): Memory {
	const device = mcuWorld();
	const { engine, world } = device;
	try {
		const live: { after: string; slots: number; chunks: number }[] = [];
		const worst = { nfc: { tap: 0, afterMessage3: 0 }, ble: { tap: 0, afterMessage3: 0 } };
		const taps = (from: number, to: number): void => {
			for (let i = from; i <= to; i++) {
				const link = linkOf(i);
				const marks = tap(device, link);
				worst[link] = {
					tap: Math.max(worst[link].tap, wholeTap(marks)),
					afterMessage3: Math.max(worst[link].afterMessage3, afterMessage3(marks)),
				};
			}
		};
		const inUse = (): number => {
			const { slots, chunks } = engine.figures();
			return slots + chunks;
		};
		const note = (after: string): number => {
			const { slots, chunks } = engine.figures();
			live.push({ after, slots, chunks });
			return slots + chunks;
		};
		note("boot");
		sampled(device, 1);
		note("1 tap");
		taps(2, 4);
		// What is prepared for the next phone is there or not: the most of a few taps.
		let ten = 0;
		for (let i = 5; i <= 10; i++) {
			taps(i, i);
			ten = Math.max(ten, inUse());
		}
		note("10 taps");
		let hundred = 0;
		for (let i = 11; i <= TAPS - 2; i++) {
			taps(i, i);
			if (i > TAPS - 6) hundred = Math.max(hundred, inUse());
		}
		sampled(device, TAPS - 1);
		sampled(device, TAPS);
		hundred = Math.max(hundred, note(`${TAPS} taps`));
		const installer = new Installer(world, crypto);
		installer.prove(world.site.keys);
		engine.sample(true);
		installer.installPlan(100);
		engine.sample(false);
		note("a plan installed");
		tap(device, "nfc");
		const { slotsReserved, chunksReserved, stackReserved, mostBoth, stack } = engine.figures();
		const creation = deviceCreation();
		return {
			peakBytes: creation.chunk + 16 * creation.heap,
			reserved: { slots: slotsReserved, chunks: chunksReserved, stack: stackReserved },
			mostBytes: mostBoth,
			live,
			growthBytes: Math.max(0, hundred - ten),
			stackBytes: stack,
			worst,
		};
	} finally {
		engine.close();
	}
}

function linkOf(number: number): Link {
	return number % 2 ? "nfc" : "ble";
}

function sampled(device: McuWorld, number: number): void {
	tap(device, linkOf(number), () => device.engine.sample(true));
	device.engine.sample(false);
}
