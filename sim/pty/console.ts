// SPDX-License-Identifier: Apache-2.0

import type { RealTime } from "../realtime.js";
import type { World } from "../world.js";
import { PseudoTerminal } from "./pty.js";

/** The installer's port of a simulated device on a pseudo-terminal, in real time. */
export async function plugInConsole(world: World, real: RealTime): Promise<PseudoTerminal> {
	const terminal: PseudoTerminal = await PseudoTerminal.open((bytes) =>
		real.now(() => world.console.send(bytes)),
	);
	world.console.onHost = (bytes) => terminal.write(bytes);
	return terminal;
}
