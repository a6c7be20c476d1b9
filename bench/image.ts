// SPDX-License-Identifier: Apache-2.0

/** On the emulated microcontroller: what the firmware's modules take in flash, as its XS has them preloaded. */
import "../hal/crypto/native/crypto.js";
import "../src/app/device.js";

declare const host: { memory(): { preloaded: number }; print(text: string): void };

host.print(JSON.stringify({ preloaded: host.memory().preloaded }));
