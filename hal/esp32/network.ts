// SPDX-License-Identifier: Apache-2.0

/** UDP, TCP and names by the SDK (modules/io/socket/lwip, modules/network/net), which has them for a joined station alone. */
import UDPSocket from "embedded:io/socket/udp";
// biome-ignore lint/style/useNodejsImportProtocol: not Node's, the SDK's.
import Net from "net";
import type { Network, UDP } from "../contracts/network.js";
import { Esp32TCP } from "./tcp.js";

export class Esp32Network implements Network {
	readonly tcp = Esp32TCP;

	get signal(): number | undefined {
		return Net.get("RSSI");
	}

	udp(onReadable: () => void): UDP {
		// The typings lack `close`, and that `read` may find nothing.
		return new UDPSocket({ onReadable: () => onReadable() }) as unknown as UDP;
	}

	resolve(host: string, done: (address: string | undefined) => void): void {
		Net.resolve(host, (_name, address) => done(address));
	}
}
