// SPDX-License-Identifier: Apache-2.0

import type { TCP } from "../../hal/contracts/network.js";
import { readUint16 } from "../../protocol/bytes.js";
import { MAX_NAME, PACKET } from "./packets.js";

/** What takes a broker's packets. */
export interface PacketSink {
	/** Whether a packet other than a message may come now, with that many bytes: at most `MAX_NAME`. */
	expects(packet: number, length: number): boolean;
	/** Whether messages may come now. */
	readonly subscribed: boolean;
	/** Number of the subscribed topic that is `name[0..size)`, -1 for none. */
	topicOf(name: Uint8Array, size: number): number;
	control(packet: number, bytes: Uint8Array, length: number): void;
	/** Its data is `buffer[0..length)`. `flags` are those of the packet (3.3.1). */
	message(topic: number, length: number, flags: number): void;
	/** A message was passed over: it does not fit, or its topic is none of those. */
	skipped(length: number): void;
	/** A message of QoS 1 has been taken or passed over. */
	acknowledge(id: number): void;
	malformed(): void;
}

/** What the bytes are that come next. */
type Stage = "head" | "length" | "control" | "topicLength" | "topic" | "number" | "data" | "stopped";

/** Reads a broker's packets from a connection as they come, in two buffers, and passes over what does not fit these. */
export class PacketReceiver {
	private readonly sink: PacketSink;
	private readonly buffer: Uint8Array;
	private readonly in = new Uint8Array(MAX_NAME);
	private stage: Stage = "head";
	private into: Uint8Array = this.in;
	private at = 0;
	private need = 2;
	/** Bytes to pass over before those. */
	private skip = 0;
	private type = 0;
	private length = 0;
	private shift = 0;
	private id = 0;
	private topic = -1;
	private fits = false;
	/** What came last is still being used: nothing more is read. */
	held = false;

	constructor(sink: PacketSink, buffer: Uint8Array) {
		this.sink = sink;
		this.buffer = buffer;
	}

	/** Reads nothing more. */
	stop(): void {
		this.stage = "stopped";
	}

	/** Reads the `count` bytes that are there. Returns how many of them it has not read. */
	read(socket: TCP, count: number): number {
		while (count > 0 && this.stage !== "stopped" && !this.held) {
			if (this.skip > 0) {
				const some = Math.min(count, this.skip, this.buffer.length);
				socket.read(this.buffer.subarray(0, some));
				this.skip -= some;
				count -= some;
			} else {
				const some = Math.min(count, this.need - this.at);
				socket.read(this.into.subarray(this.at, this.at + some));
				this.at += some;
				count -= some;
			}
			if (this.skip === 0 && this.at === this.need) this.next();
		}
		return count;
	}

	private expect(stage: Stage, need: number, into: Uint8Array = this.in): void {
		this.stage = stage;
		this.at = 0;
		this.need = need;
		this.into = into;
	}

	/** The bytes of this stage are there. */
	private next(): void {
		const bytes = this.in;
		switch (this.stage) {
			case "head":
				this.type = bytes[0]!;
				this.length = bytes[1]! & 0x7f;
				this.shift = 7;
				if (bytes[1]! >= 0x80) this.expect("length", 1);
				else this.begin();
				break;
			case "length":
				this.length |= (bytes[0]! & 0x7f) << this.shift;
				this.shift += 7;
				if (bytes[0]! < 0x80) this.begin();
				else if (this.shift > 21) this.sink.malformed();
				else this.expect("length", 1);
				break;
			case "control":
				this.control();
				break;
			case "topicLength":
				this.topicFollows(readUint16(bytes, 0));
				break;
			case "topic":
				this.topic = this.sink.topicOf(bytes, this.need);
				this.numberFollows();
				break;
			case "number":
				this.id = readUint16(bytes, 0);
				if (this.id === 0) this.sink.malformed();
				else this.dataFollows();
				break;
			case "data":
				this.arrived();
				break;
		}
	}

	/** Type and length of a packet are known. */
	private begin(): void {
		const { length, sink, type } = this;
		if (type >> 4 === PACKET.publish) {
			// QoS 2 was not asked for.
			if (!sink.subscribed || (type & 4) !== 0 || length < 2) sink.malformed();
			else this.expect("topicLength", 2);
		} else if ((type & 15) !== 0 || !sink.expects(type >> 4, length)) sink.malformed();
		else if (length === 0) this.control();
		else this.expect("control", length);
	}

	private control(): void {
		this.expect("head", 2);
		this.sink.control(this.type >> 4, this.in, this.length);
	}

	private get numbered(): boolean {
		return (this.type & 2) !== 0;
	}

	private topicFollows(size: number): void {
		this.length -= 2 + size + (this.numbered ? 2 : 0);
		if (size === 0 || this.length < 0) {
			this.sink.malformed();
			return;
		}
		if (size <= MAX_NAME) {
			this.expect("topic", size);
			return;
		}
		this.skip = size;
		this.topic = -1;
		this.numberFollows();
	}

	private numberFollows(): void {
		if (this.numbered) this.expect("number", 2);
		else this.dataFollows();
	}

	private dataFollows(): void {
		const { buffer, length } = this;
		this.fits = this.topic >= 0 && length <= buffer.length;
		if (this.fits) this.expect("data", length, buffer);
		else {
			this.skip += length;
			this.expect("data", 0);
		}
		if (this.skip === 0 && this.need === 0) this.arrived();
	}

	private arrived(): void {
		const { id, length, numbered, sink } = this;
		this.expect("head", 2);
		if (this.fits) sink.message(this.topic, length, this.type & 15);
		else sink.skipped(length);
		if (numbered) sink.acknowledge(id);
	}
}
