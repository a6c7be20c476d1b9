// SPDX-License-Identifier: Apache-2.0

import storage from "embedded:storage/key-value";
import type { Random } from "../../protocol/crypto.js";
import type { StateCell } from "../contracts/flash.js";
import { chip } from "./chip.js";

const DEVICE_KEY = "device";
const KEY_SIZE = 32;

function domain() {
	return storage.open({ path: "lintel", format: "buffer" });
}

/**
 * The bytes under a key, none where it has something else or cannot be read. That is damage and not absence, and may not keep
 * the installer's port from beginning.
 */
function bytesOf(storage: ReturnType<typeof domain>, key: string): ArrayBuffer | undefined {
	let value: unknown;
	try {
		value = storage.read(key);
	} catch {
		return new ArrayBuffer(0);
	}
	if (value === undefined) return undefined;
	return value instanceof ArrayBuffer ? value : new ArrayBuffer(0);
}

/** One key in NVS, which replaces a key's value atomically. */
export class Esp32StateCell implements StateCell {
	private readonly domain = domain();
	private readonly key: string;

	constructor(key: string) {
		this.key = key;
	}

	read(): Uint8Array | undefined {
		const kept = bytesOf(this.domain, this.key);
		return kept === undefined ? undefined : new Uint8Array(kept);
	}

	write(bytes: Uint8Array): void {
		this.domain.write(this.key, bytes.slice().buffer);
	}
}

/**
 * By the HMAC peripheral, where the chip has one and a key for it in its fuses, which no software can read; else random
 * bytes in NVS, made at the first start and only as secret as NVS is (docs/HARDWARE.md).
 */
export function deviceKey(random: Random): Uint8Array {
	const key = new Uint8Array(KEY_SIZE);
	if (chip.deviceKey(key)) return key;
	const nvs = domain();
	const kept = bytesOf(nvs, DEVICE_KEY);
	if (kept?.byteLength === KEY_SIZE) key.set(new Uint8Array(kept));
	else {
		random.fill(key);
		nvs.write(DEVICE_KEY, key.slice().buffer);
	}
	nvs.close();
	return key;
}
