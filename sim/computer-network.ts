// SPDX-License-Identifier: Apache-2.0

import type { Network } from "../hal/contracts/network.js";
import { NodeTCP, resolveByNode } from "../hal/node/tcp.js";

/** The computer's network for the reader of a world in real time. `enter`: runs what comes from it in the world. */
export function computerNetwork(enter: (action: () => void) => void): Network {
	const tcp = class extends NodeTCP {
		protected override enter(tell: () => void): void {
			enter(tell);
		}
	};
	return {
		tcp,
		resolve: (host, done) => resolveByNode(host, (address) => enter(() => done(address))),
		udp: () => {
			throw new Error("the simulated reader asks no time server of the real network");
		},
	};
}
