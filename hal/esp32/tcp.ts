// SPDX-License-Identifier: Apache-2.0

/** TCP by the SDK (modules/io/socket/lwip), which has it for a joined station alone. */
import TCPSocket from "embedded:io/socket/tcp";
import type { TCPClass } from "../contracts/network.js";

// The typings lack what `read` into a buffer and `write` give back.
export const Esp32TCP = TCPSocket as unknown as TCPClass;
