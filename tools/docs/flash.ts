// SPDX-License-Identifier: Apache-2.0

/** How the flash of each size is divided, in docs/plan.md and docs/HARDWARE.md. */
import { CAPACITIES } from "../../site/lib/plan/capacity.js";
import { fill } from "./fill.js";

function capacities(): string {
	const rows = CAPACITIES.map(({ module, credentials, events, slots, partitions }) => {
		const size = (name: string): string => `${partitions.find((p) => p.name === name)!.size / 1024} KB`;
		const slot = slots === 1 ? size("factory") : `2 × ${size("ota_0")}`;
		const updates = slots === 1 ? "by cable" : "by network or cable";
		return `| ${module} MB | ${credentials} | ${events} | ${slot} | ${updates} | ${size("plan")} | ${size("log")} |`;
	});
	return [
		"| flash | credentials | events | firmware | updates | plan | log |",
		"|---|---|---|---|---|---|---|",
		...rows,
	].join("\n");
}

/** The text of a document with the table of flash sizes as it is now. */
export function withCapacities(text: string): string {
	return fill(text, "capacities", capacities());
}
