/** Memory of the firmware on the emulated microcontroller, in a machine of the device's size. */
import { deviceCreation } from "../sim/engine/creation.js";
import { Installer } from "../sim/provisioning/installer.js";
import { crypto, type McuWorld, mcuWorld, tap } from "./mcu-world.js";

export interface Memory {
	/** What the device gives slots and chunks, bytes: it has held all that is measured here, collections included. */
	readonly peakBytes: number;
	readonly reserved: { readonly slots: number; readonly chunks: number; readonly stack: number };
	/** Most in use at any crossing of a bus, after a collection there: in the first and the last taps and the plan's sync. */
	readonly mostBytes: number;
	readonly live: readonly { readonly after: string; readonly slots: number; readonly chunks: number }[];
	/** From tap 10 to tap 100. */
	readonly growthBytes: number;
	/** Most of the stack that was ever used, bytes. */
	readonly stackBytes: number;
}

const TAPS = 100;

export function measureMemory(): Memory {
	const device = mcuWorld();
	const { engine, world } = device;
	try {
		const live: { after: string; slots: number; chunks: number }[] = [];
		const note = (after: string): number => {
			const { slots, chunks } = engine.figures();
			live.push({ after, slots, chunks });
			return slots + chunks;
		};
		note("boot");
		sampled(device, 1);
		note("1 tap");
		for (let i = 2; i <= 10; i++) tap(device, i % 2 ? "nfc" : "ble");
		const ten = note("10 taps");
		for (let i = 11; i <= TAPS - 2; i++) tap(device, i % 2 ? "nfc" : "ble");
		sampled(device, TAPS - 1);
		sampled(device, TAPS);
		const hundred = note(`${TAPS} taps`);
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
		};
	} finally {
		engine.close();
	}
}

function sampled(device: McuWorld, number: number): void {
	tap(device, number % 2 ? "nfc" : "ble", () => device.engine.sample(true));
	device.engine.sample(false);
}
