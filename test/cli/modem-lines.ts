// SPDX-License-Identifier: Apache-2.0

/** The modem lines of a serial port, as Linux, an adapter and a board make them out of what a program does. */
import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { root } from "../support/host.js";

const DTR = 0x002;
const RTS = 0x004;

/** Asserted is `true`; at the adapter's pin that is the low voltage. */
export interface Lines {
	readonly dtr: boolean;
	readonly rts: boolean;
}

/**
 * EN and IO0 of an ESP32 behind the two transistors of Espressif's boards (esptool's documentation, "Boot Mode Selection",
 * Automatic Bootloader, and the schematic it names, ESP32-DevKitC V4): each transistor has the one line at its base and the
 * other at its emitter, so it pulls only while the lines differ. EN low is a reset.
 */
export function autoReset({ dtr, rts }: Lines): { readonly en: boolean; readonly io0: boolean } {
	return { en: dtr || !rts, io0: rts || !dtr };
}

/** What a process did to a port. `number`: the argument of TIOCM*, the baud rate's code, HUPCL, bytes written. */
export interface Deed {
	/** CLOCK_MONOTONIC, ns. */
	readonly at: bigint;
	readonly process: number;
	readonly descriptor: number;
	readonly path: string;
	readonly what: string;
	readonly number: number;
}

export interface Step extends Lines {
	readonly deed: Deed;
}

/**
 * The lines after each deed at one port. Opening raises both, also when another has it open; the last close lowers both
 * where HUPCL is set (Linux, drivers/tty/tty_port.c: tty_port_block_til_ready, tty_port_shutdown); a rate of 0 lowers
 * them and the next one raises them (tty(4): B0). cp210x, ftdi_sio, ch341 and cdc-acm tell the adapter both at once.
 */
export function follow(deeds: readonly Deed[], before: Lines = { dtr: false, rts: false }): Step[] {
	let { dtr, rts } = before;
	let rate = -1;
	const holders = new Set<string>();
	return deeds.map((deed) => {
		const { descriptor, number, process, what } = deed;
		const holder = `${process} ${descriptor}`;
		const set = (bits: number, to: boolean): void => {
			if (bits & DTR) dtr = to;
			if (bits & RTS) rts = to;
		};
		switch (what) {
			case "open":
				holders.add(holder);
				set(DTR | RTS, true);
				break;
			case "baud":
				if (number === 0 || rate === 0) set(DTR | RTS, number !== 0);
				rate = number;
				break;
			case "TIOCMSET":
				dtr = (number & DTR) !== 0;
				rts = (number & RTS) !== 0;
				break;
			case "TIOCMBIS":
				set(number, true);
				break;
			case "TIOCMBIC":
				set(number, false);
				break;
			case "close":
				holders.delete(holder);
				if (holders.size === 0 && number === 1) set(DTR | RTS, false);
				break;
		}
		return { deed, dtr, rts };
	});
}

/** Writes down what child processes do to the ports below a path. */
export class ModemLines {
	readonly #folder = mkdtempSync(join(tmpdir(), "lintel-lines-"));
	readonly #library = join(this.#folder, "lines.so");
	readonly #log = join(this.#folder, "log");

	constructor() {
		const source = join(root, "test/cli/modem-lines.c");
		execFileSync("gcc", ["-O1", "-Wall", "-shared", "-fPIC", "-o", this.#library, source, "-ldl"]);
	}

	/** The environment of a child whose ports begin with `prefix`; `more`: as modem-lines.c has it. */
	environment(prefix: string, more: Record<string, string> = {}): NodeJS.ProcessEnv {
		return {
			...process.env,
			...more,
			LD_PRELOAD: this.#library,
			MODEM_LINES_LOG: this.#log,
			MODEM_LINES_PORTS: prefix,
		};
	}

	/** What was done to `path` since the last `clear`, in order. */
	deeds(path: string): Deed[] {
		if (!existsSync(this.#log)) return [];
		return readFileSync(this.#log, "utf8")
			.split("\n")
			.filter(Boolean)
			.map((line) => {
				const [at, id, descriptor, where, what, number] = line.split(" ") as [
					string,
					string,
					string,
					string,
					string,
					string,
				];
				return {
					at: BigInt(at),
					process: Number(id),
					descriptor: Number(descriptor),
					path: where,
					what,
					number: Number(number),
				};
			})
			.filter((deed) => deed.path === path)
			.sort((a, b) => (a.at < b.at ? -1 : 1));
	}

	/** As `deeds`, and what the kernel does for processes that died. */
	buried(path: string): Deed[] {
		const deeds = this.deeds(path);
		const open = new Map<string, Deed>();
		for (const deed of deeds) {
			const holder = `${deed.process} ${deed.descriptor}`;
			if (deed.what === "close") open.delete(holder);
			else open.set(holder, deed);
		}
		for (const deed of open.values()) deeds.push({ ...deed, what: "close", number: 1 });
		return deeds;
	}

	clear(): void {
		rmSync(this.#log, { force: true });
	}

	end(): void {
		rmSync(this.#folder, { recursive: true, force: true });
	}
}
