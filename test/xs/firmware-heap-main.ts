// SPDX-License-Identifier: Apache-2.0

/** Takes memory, itself and by a preloaded module, as the first argument says. */
import { Keeper } from "./keeper.js";

declare const host: { argument(index: number): string | undefined; print(line: string): void };

/** Objects of two slots or more, where there are 1,000. */
const FEW = 250;
const MANY = 600;

const keeper = new Keeper();
const own: unknown[] = [];

const CASES: Readonly<Record<string, () => void>> = {
	"a few objects": () => keeper.objects(FEW),
	"more objects": () => keeper.objects(MANY),
	"more objects, by built-ins": () => keeper.byBuiltIns(MANY),
	"more objects, by a closure": () => keeper.byClosure(MANY),
	"more buffers": () => keeper.bytes(MANY),
	"larger buffers": () => {
		for (let i = 0; i < 8; i++) keeper.atOnce(2048);
	},
	"one buffer that is too large": () => keeper.atOnce(20_000),
	"more objects, and drops them": () => {
		for (let i = 0; i < 100 * MANY; i += FEW) {
			keeper.objects(FEW);
			keeper.drop();
		}
	},
	"a buffer, and drops it": () => {
		for (let i = 0; i < 100; i++) {
			keeper.atOnce(6000);
			keeper.drop();
		}
	},
	"code of closures": () => keeper.closures(100),
	"what a callback of the specs makes": () => {
		keeper.made(() => {
			const list = Array.from({ length: MANY }, () => ({ buffer: new Uint8Array(100) }));
			return list;
		});
	},
	"nothing, but the specs do": () => {
		for (let i = 0; i < MANY; i++) own.push({ buffer: new Uint8Array(100) });
	},
};

CASES[host.argument(0)!]!();
host.print("done");
