// SPDX-License-Identifier: Apache-2.0

/** How a kind of phone behaves as a BLE central. Times in milliseconds. */
export interface PhoneProfile {
	readonly name: "ios" | "android";
	/** ATT MTU the phone asks for. */
	readonly mtu: number;
	/** Connection interval that it chooses. */
	readonly interval: number;
	/** It listens for `scanWindow` in every `scanInterval`. */
	readonly scanWindow: number;
	readonly scanInterval: number;
	/** From the advertisement heard to the first connection event. */
	readonly connect: number;
	/** While it waits to connect: share of advertisements that it hears. */
	readonly initiating: number;
	/** Supervision timeout that it chooses. */
	readonly supervision: number;
	/** ATT packets that fit one connection event, each way. */
	readonly perEvent: number;
	/** The app's own work: message_1 from a prepared key, message_3 (an agreement, two verifications, one signature). */
	readonly message1: number;
	readonly message3: number;
}

/**
 * iOS: MTU 185 and 30 ms as accessory makers report; in the background it scans about 30 ms in every 300 (Accessory
 * Design Guidelines ask for 20 ms advertising because of it).
 */
export const IOS: PhoneProfile = Object.freeze({
	name: "ios",
	mtu: 185,
	interval: 30,
	scanWindow: 30,
	scanInterval: 300,
	connect: 40,
	initiating: 0.5,
	supervision: 720,
	perEvent: 4,
	message1: 2,
	message3: 25,
});

/** Android: MTU 517 since version 14, 30 ms by default, connected 197 ms after `connectGatt` in a published log. */
export const ANDROID: PhoneProfile = Object.freeze({
	name: "android",
	mtu: 517,
	interval: 30,
	scanWindow: 512,
	scanInterval: 5120,
	connect: 120,
	initiating: 0.5,
	supervision: 5000,
	perEvent: 4,
	message1: 3,
	message3: 35,
});
