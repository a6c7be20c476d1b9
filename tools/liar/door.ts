// SPDX-License-Identifier: Apache-2.0

import type { ServerSettings } from "../../protocol/config/server.js";
import type { EventSink } from "../../protocol/events.js";
import type { Decision } from "../../protocol/reasons.js";
import { SimRelay } from "../../sim/door.js";
import { SimNetwork } from "../../sim/network.js";
import type { VirtualTime } from "../../sim/time.js";
import type { Device } from "../../src/app/device.js";
import { type Commission, FleetDoor, type FleetDoorOptions } from "../fleet/fleet-door.js";

export interface LiarDoorOptions extends Pick<FleetDoorOptions, "crypto" | "random" | "seconds"> {
	readonly time: VirtualTime;
	readonly server: ServerSettings;
}

/** A reader without radios, with its relay and its way to the brokers. */
export class LiarDoor {
	readonly name: string;
	readonly relay: SimRelay;
	readonly network: SimNetwork;
	/** The reader's Ed25519 key. */
	readonly reader: Uint8Array;
	/** False: the network is out of reach. */
	reachable = true;
	/** A line of the reader's trace. */
	onTrace: ((text: string) => void) | undefined;
	/** An event of the reader. */
	onEvent: EventSink | undefined;
	readonly #door: FleetDoor;

	constructor({ server, time, ...options }: LiarDoorOptions, commission: Commission) {
		this.name = commission.door;
		this.relay = new SimRelay(time);
		this.network = new SimNetwork(time, () => this.reachable);
		this.#door = new FleetDoor(
			{
				...{ ...options, clock: time, network: this.network, relay: this.relay.io },
				trace: (text) => this.onTrace?.(text),
				onEvent: (...event) => this.onEvent?.(...event),
			},
			commission,
		);
		this.#door.connectTo(server);
		this.reader = this.#door.reader;
	}

	get device(): Device | undefined {
		return this.#door.device;
	}

	/** Its site has said the time since its last start. */
	get isTimed(): boolean {
		return this.device?.platform.wall.trust() === "synced";
	}

	powerOn(): void {
		this.#door.start();
	}

	powerOff(): void {
		this.#door.powerOff();
		this.relay.reset();
		this.network.powerOff();
	}

	/** Request-to-exit is pressed, or let go. */
	exit(isPressed: boolean): void {
		this.device!.door!.access.door.input("rex", isPressed);
	}

	/** A phone has proved that its credential is this. */
	tap(id: Uint8Array): Decision {
		return this.#door.visit(id);
	}
}
