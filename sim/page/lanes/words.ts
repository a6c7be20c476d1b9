// SPDX-License-Identifier: Apache-2.0

import type { Lane, Span } from "../../scene/span.js";
import { timeText } from "../../scene/window.js";

export const LANE_TITLES: Readonly<Record<Lane, string>> = {
	field: "Who is there",
	bus: "PN532 bus",
	transaction: "Transaction",
	edhoc: "EDHOC",
	crypto: "Computing",
	decision: "Decision",
	relay: "Relay",
	flash: "Flash",
	network: "Network",
};

export function lengthText({ from, going, to }: Span): string {
	return going ? "goes on" : to > from ? timeText(to - from) : "";
}
