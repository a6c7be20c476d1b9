// SPDX-License-Identifier: Apache-2.0

/** Packets that a client of MQTT 3.1.1 sends (OASIS standard of 2014-10-29; sections are its). */
import { utf8Encode, writeUint16 } from "../../protocol/bytes.js";

/** Types of packets (2.2.1). */
export const PACKET = Object.freeze({
	connect: 1,
	connack: 2,
	publish: 3,
	puback: 4,
	subscribe: 8,
	suback: 9,
	pingreq: 12,
	pingresp: 13,
	disconnect: 14,
} as const);

/** Longest name, client id, user or password, bytes: 65,535 by the standard. */
export const MAX_NAME = 64;
/** Most bytes before a publication's data: type, length, topic, number. */
export const MAX_HEAD = 1 + 4 + 2 + MAX_NAME + 2;

export const PINGREQ = Object.freeze([PACKET.pingreq << 4, 0]);
export const DISCONNECT = Object.freeze([PACKET.disconnect << 4, 0]);

/** Throws `RangeError` unless it has 1 to 64 bytes. */
export function nameBytes(text: string): Uint8Array {
	const bytes = utf8Encode(text);
	if (bytes.length === 0 || bytes.length > MAX_NAME) throw new RangeError(`of 1 to ${MAX_NAME} bytes`);
	return bytes;
}

/** How many bytes the remaining length takes (2.2.3). */
export function lengthSize(length: number): number {
	return length < 0x80 ? 1 : length < 0x4000 ? 2 : length < 0x20_0000 ? 3 : 4;
}

/** Writes type and remaining length at the start of `into`, and gives where they end. */
export function putHead(into: Uint8Array, type: number, length: number): number {
	into[0] = type;
	let at = 1;
	for (; length >= 0x80; length >>>= 7) into[at++] = (length & 0x7f) | 0x80;
	into[at++] = length;
	return at;
}

/** Writes a string, its length before it (1.5.3), and gives where it ends. */
export function putName(into: Uint8Array, at: number, name: Uint8Array): number {
	writeUint16(into, at, name.length);
	into.set(name, at + 2);
	return at + 2 + name.length;
}

/** A clean session with user and password, without a will (3.1). `keepAlive`: seconds. */
export function connectPacket(id: string, user: string, password: string, keepAlive: number): Uint8Array {
	const names = [nameBytes(id), nameBytes(user), nameBytes(password)];
	let length = 10;
	for (const name of names) length += 2 + name.length;
	const packet = new Uint8Array(1 + lengthSize(length) + length);
	let at = putHead(packet, PACKET.connect << 4, length);
	// Protocol "MQTT", level 4; flags: user, password, clean session.
	packet.set([0, 4, 0x4d, 0x51, 0x54, 0x54, 4, 0xc2, keepAlive >> 8, keepAlive], at);
	at += 10;
	for (const name of names) at = putName(packet, at, name);
	return packet;
}

/** Each topic at QoS 1 (3.8). */
export function subscribePacket(id: number, topics: readonly Uint8Array[]): Uint8Array {
	let length = 2;
	for (const topic of topics) length += 3 + topic.length;
	const packet = new Uint8Array(1 + lengthSize(length) + length);
	let at = putHead(packet, (PACKET.subscribe << 4) | 2, length);
	writeUint16(packet, at, id);
	at += 2;
	for (const topic of topics) {
		at = putName(packet, at, topic);
		packet[at++] = 1;
	}
	return packet;
}
