// SPDX-License-Identifier: Apache-2.0

/** The emulated microcontroller: qemu's virt board, counting instructions. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";

export const EMULATOR = "qemu-system-riscv32";

const MACHINE = [
	...["-M", "virt", "-m", "64", "-bios", "none", "-icount", "shift=0"],
	...["-nographic", "-monitor", "none", "-serial", "none"],
	...["-semihosting-config", "enable=on,target=native"],
];

/** Arguments of `EMULATOR` for `program` in `folder`; those of the program go into a file there (hal/xs/host.c). */
export function emulatorArguments(program: string, folder: string, args: readonly string[]): string[] {
	writeFileSync(join(folder, "lintel.args"), `${args.join("\n")}\n`);
	return [...MACHINE, "-kernel", program];
}
