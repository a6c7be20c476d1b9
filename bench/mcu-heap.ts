// SPDX-License-Identifier: Apache-2.0

/**
 * Heap outside XS on an ESP32 without PSRAM, by sum: what sdkconfig and ESP-IDF's defaults say of buffers and stacks. What the
 * radios' closed parts take besides is not in it.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "../tools/xs/build.js";

export interface HeapPart {
	readonly name: string;
	readonly count: number;
	/** Bytes each. */
	readonly each: number;
}

export interface Heap {
	readonly bluetooth: readonly HeapPart[];
	readonly wifi: readonly HeapPart[];
}

/**
 * Free in the event loop with all radios off, bytes: an ESP32's image of November 2026 in an emulator of that chip, less the 16 KB that
 * XS has got since.
 */
export const FREE_WITHOUT_RADIOS = 98_000 - 16 * 1024;

type Option = (name: string, otherwise: number) => number;

/** ESP-IDF v6.0: bt/host/nimble/Kconfig.in and bt/controller/esp32/Kconfig.in. */
function bluetooth(option: Option): readonly HeapPart[] {
	const nimble = (name: string, otherwise: number): number => option(`BT_NIMBLE_${name}`, otherwise);
	const events = nimble("TRANSPORT_EVT_COUNT", 30) + nimble("TRANSPORT_EVT_DISCARD_COUNT", 8);
	return [
		{ name: "mbufs", count: nimble("MSYS_1_BLOCK_COUNT", 12), each: nimble("MSYS_1_BLOCK_SIZE", 256) },
		{ name: "large mbufs", count: nimble("MSYS_2_BLOCK_COUNT", 24), each: nimble("MSYS_2_BLOCK_SIZE", 320) },
		{
			name: "data from the controller",
			count: nimble("TRANSPORT_ACL_FROM_LL_COUNT", 24),
			each: nimble("TRANSPORT_ACL_SIZE", 255),
		},
		{ name: "events of the controller", count: events, each: nimble("TRANSPORT_EVT_SIZE", 70) },
		{ name: "connections of the controller", count: option("BTDM_CTRL_BLE_MAX_CONN", 3), each: 1024 },
		{ name: "stack of the host's task", count: 1, each: nimble("HOST_TASK_STACK_SIZE", 4096) },
	];
}

/** ESP-IDF v6.0, esp_wifi/Kconfig: 1.6 KB a buffer; the SDK's sdkconfig: the stack of lwIP's task. */
function wifi(option: Option): readonly HeapPart[] {
	return [
		{ name: "receive buffers", count: option("ESP_WIFI_STATIC_RX_BUFFER_NUM", 10), each: 1600 },
		{
			name: "receive buffers for lwIP, at most",
			count: option("ESP_WIFI_DYNAMIC_RX_BUFFER_NUM", 32),
			each: 1600,
		},
		{ name: "send buffers, at most", count: option("ESP_WIFI_DYNAMIC_TX_BUFFER_NUM", 32), each: 1600 },
		{ name: "stack of lwIP's task", count: 1, each: option("LWIP_TCPIP_TASK_STACK_SIZE", 2560) },
	];
}

export function heapOf(sdkconfig: string): Heap {
	const option: Option = (name, otherwise) => {
		const value = new RegExp(`^CONFIG_${name}=(\\d+)$`, "m").exec(sdkconfig)?.[1];
		return value === undefined ? otherwise : Number(value);
	};
	return { bluetooth: bluetooth(option), wifi: wifi(option) };
}

export function sumOf(parts: readonly HeapPart[]): number {
	return parts.reduce((sum, { count, each }) => sum + count * each, 0);
}

export function deviceHeap(): Heap {
	return heapOf(readFileSync(join(root, "sdkconfig/sdkconfig.defaults"), "utf8"));
}
