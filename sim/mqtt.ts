// SPDX-License-Identifier: Apache-2.0

/** MQTT 3.1.1 as a broker reads and writes it (OASIS standard of 2014-10-29), of clients that behave. */
import { concat, readUint16, utf8Decode, utf8Encode } from "../protocol/bytes.js";

export type ClientPacket =
	| {
			readonly kind: "connect";
			readonly id: string;
			readonly user: string;
			readonly password: string;
			/** Seconds. */
			readonly keepAlive: number;
	  }
	| {
			readonly kind: "publish";
			readonly topic: string;
			readonly data: Uint8Array;
			readonly retain: boolean;
			/** 0 at QoS 0. */
			readonly number: number;
	  }
	| { readonly kind: "puback"; readonly number: number }
	| { readonly kind: "subscribe"; readonly number: number; readonly filters: readonly string[] }
	| { readonly kind: "ping" }
	| { readonly kind: "disconnect" };

/** Cuts what comes from a client into packets. Throws for what is none. */
export class PacketReader {
	#bytes: Uint8Array = new Uint8Array(0);

	read(data: Uint8Array): ClientPacket[] {
		this.#bytes = concat(this.#bytes, data);
		const packets: ClientPacket[] = [];
		for (let found = measure(this.#bytes); found !== undefined; found = measure(this.#bytes)) {
			packets.push(parse(this.#bytes[0]!, this.#bytes.subarray(found.start, found.end)));
			this.#bytes = this.#bytes.slice(found.end);
		}
		return packets;
	}
}

/** Where the body of the first packet lies, when all of it is there (2.2.3). */
function measure(bytes: Uint8Array): { start: number; end: number } | undefined {
	let length = 0;
	for (let i = 1; i < Math.min(5, bytes.length); i++) {
		length |= (bytes[i]! & 0x7f) << (7 * (i - 1));
		if (bytes[i]! >= 0x80) continue;
		const end = i + 1 + length;
		return end <= bytes.length ? { start: i + 1, end } : undefined;
	}
	return undefined;
}

function parse(type: number, body: Uint8Array): ClientPacket {
	let at = 0;
	const bytes = (length: number): Uint8Array => {
		if (at + length > body.length) throw new Error("a packet ends too early");
		at += length;
		return body.slice(at - length, at);
	};
	const number = (): number => readUint16(bytes(2), 0);
	const text = (): string => {
		const decoded = utf8Decode(bytes(number()));
		if (decoded === undefined) throw new Error("not UTF-8");
		return decoded;
	};
	switch (type >> 4) {
		case 1: {
			const [protocol, level, flags] = [text(), bytes(1)[0], bytes(1)[0]];
			if (protocol !== "MQTT" || level !== 4 || flags !== 0xc2) throw new Error("not a client of ours");
			const keepAlive = number();
			return { kind: "connect", keepAlive, id: text(), user: text(), password: text() };
		}
		case 3: {
			const topic = text();
			const id = (type & 6) === 0 ? 0 : number();
			return { kind: "publish", topic, number: id, retain: (type & 1) === 1, data: body.slice(at) };
		}
		case 4:
			return { kind: "puback", number: number() };
		case 8: {
			const id = number();
			const filters: string[] = [];
			for (; at < body.length; bytes(1)) filters.push(text());
			return { kind: "subscribe", number: id, filters };
		}
		case 12:
			return { kind: "ping" };
		case 14:
			return { kind: "disconnect" };
	}
	throw new Error(`packet of type ${type}`);
}

function packet(type: number, ...parts: readonly Uint8Array[]): Uint8Array {
	const body = concat(...parts);
	const head = [type];
	let length = body.length;
	for (; length >= 0x80; length >>>= 7) head.push((length & 0x7f) | 0x80);
	return concat(Uint8Array.from([...head, length]), body);
}

const uint16 = (value: number): Uint8Array => Uint8Array.of(value >> 8, value);

export const connack = (code: number): Uint8Array => Uint8Array.of(0x20, 2, 0, code);
export const puback = (number: number): Uint8Array => packet(0x40, uint16(number));
export const suback = (number: number, codes: readonly number[]): Uint8Array =>
	packet(0x90, uint16(number), Uint8Array.from(codes));
export const pingresp = (): Uint8Array => Uint8Array.of(0xd0, 0);

/** At QoS 1. */
export function publish(
	topic: string,
	data: Uint8Array,
	flags: { readonly number: number; readonly retain?: boolean; readonly duplicate?: boolean },
): Uint8Array {
	const name = utf8Encode(topic);
	const type = 0x32 | (flags.retain ? 1 : 0) | (flags.duplicate ? 8 : 0);
	return packet(type, uint16(name.length), name, uint16(flags.number), data);
}

/** Whether a filter covers a topic (4.7). */
export function covers(filter: string, topic: string): boolean {
	const [filters, names] = [filter.split("/"), topic.split("/")];
	for (const [i, level] of filters.entries()) {
		if (level === "#") return true;
		if (i >= names.length || (level !== "+" && level !== names[i])) return false;
	}
	return filters.length === names.length;
}
