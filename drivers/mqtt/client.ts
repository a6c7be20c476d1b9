// SPDX-License-Identifier: Apache-2.0

import type {
	MQTTClient,
	MQTTFailure,
	MQTTOptions,
	MQTTPublication,
	Network,
	TCP,
	TCPClass,
} from "../../hal/contracts/network.js";
import type { Alarm, Clock } from "../../hal/contracts/time.js";
import { readUint16, writeUint16 } from "../../protocol/bytes.js";
import {
	connectPacket,
	DISCONNECT,
	lengthSize,
	MAX_HEAD,
	nameBytes,
	PACKET,
	PINGREQ,
	putHead,
	putName,
	subscribePacket,
} from "./packets.js";
import { PacketReceiver, type PacketSink } from "./receiver.js";

/** From the name to the broker's answer, ms. */
export const CONNECT_LIMIT_MS = 30_000;
/** A ping goes after this share of the keep-alive; without any answer until the next, the connection is given up. */
const PING_SHARE = 0.75;
/** Room that publications leave to acknowledgements and pings, bytes. */
const RESERVE = 16;
/** Most messages that wait for room to be acknowledged: as many as Mosquitto sends without an answer. */
const MAX_OWED = 20;
const MAX_TOPICS = 8;

/** By the code of a refusal (3.2.2.3). */
const REFUSALS: readonly MQTTFailure[] = Object.freeze([
	"protocol",
	"identifier",
	"unavailable",
	"password",
	"unauthorized",
]);

const NONE: readonly string[] = Object.freeze([]);

type Phase = "new" | "resolving" | "connecting" | "login" | "connected" | "ended";

/** Where the client runs. A `Platform` with TCP is one. */
export interface MqttPlatform {
	readonly network: { readonly tcp: TCPClass } & Pick<Network, "resolve">;
	readonly clock: Clock;
}

/**
 * A client of MQTT 3.1.1 over TCP. What a broker sends is bounded before it is kept: packets other than messages by their kind,
 * topics by those subscribed to, messages by the buffer. It makes no object for a message but views.
 */
export class MqttClient implements MQTTClient, PacketSink {
	/** May be an object with methods, as callbacks are called as such. */
	private readonly use: MQTTOptions;
	private readonly network: MqttPlatform["network"];
	private readonly alarm: Alarm;
	/** The packet that is to go first; kept until it has. */
	private connect: Uint8Array | undefined;
	/** Those subscribed to, and each as bytes behind its length. */
	private topics: readonly string[] = NONE;
	private names: Uint8Array;
	private readonly told = { topic: "", retain: false, duplicate: false };
	private readonly receiver: PacketReceiver;
	private readonly out = new Uint8Array(MAX_HEAD);
	private readonly owed = new Uint16Array(MAX_OWED);
	private owing = 0;
	private socket: TCP | undefined;
	private phase: Phase = "new";
	private room = 0;
	private lastId = 0;
	/** Of the publication before, whose topic is mostly this one's too. */
	private topic: string | undefined;
	private topicBytes: Uint8Array = this.out;
	private pinged = false;
	private heard = false;
	/** Bytes that the socket has and that were not read. */
	private unread = 0;

	/** Throws `RangeError` for options that no broker can be told. */
	constructor(use: MQTTOptions, { clock, network }: MqttPlatform) {
		const { id, user, password, keepAlive, buffer } = use;
		if (buffer.length === 0 || !(keepAlive >= 1000 && keepAlive <= 65_535_000))
			throw new RangeError("buffer or keep-alive");
		this.use = use;
		this.network = network;
		this.names = this.out.subarray(0, 0);
		this.connect = connectPacket(id, user, password, Math.ceil(keepAlive / 1000));
		this.receiver = new PacketReceiver(this, buffer);
		this.alarm = clock.alarm(() => this.tick());
		this.alarm.set(0);
	}

	write(data: Uint8Array, { topic, retain }: MQTTPublication): number {
		if (topic !== this.topic) {
			this.topicBytes = nameBytes(topic);
			this.topic = topic;
		}
		const name = this.topicBytes;
		const length = 2 + name.length + 2 + data.length;
		this.claim(1 + lengthSize(length) + length);
		const { out } = this;
		// QoS 1 is bit 1.
		let at = putHead(out, (PACKET.publish << 4) | 2 | (retain === true ? 1 : 0), length);
		at = putName(out, at, name);
		const id = this.nextId();
		writeUint16(out, at, id);
		this.send(out.subarray(0, at + 2));
		if (data.length > 0) this.send(data);
		return id;
	}

	subscribe(topics: readonly string[]): number {
		if (topics.length === 0 || this.topics.length + topics.length > MAX_TOPICS)
			throw new RangeError(`more than ${MAX_TOPICS} topics, or none`);
		const names: Uint8Array[] = [];
		for (const topic of topics) names.push(nameBytes(topic));
		const id = this.nextId();
		const packet = subscribePacket(id, names);
		this.claim(packet.length);
		this.topics = this.topics.length === 0 ? topics : [...this.topics, ...topics];
		this.names = withNames(this.names, names);
		this.send(packet);
		return id;
	}

	hold(): void {
		this.receiver.held = true;
	}

	resume(): void {
		this.receiver.held = false;
		this.readable(this.unread);
	}

	private readable(count: number): void {
		this.unread = count;
		if (this.socket !== undefined) this.unread = this.receiver.read(this.socket, count);
	}

	close(): void {
		if (this.phase === "connected" && this.room >= DISCONNECT.length) this.send(Uint8Array.from(DISCONNECT));
		this.end();
	}

	private end(): void {
		this.phase = "ended";
		this.receiver.stop();
		this.alarm.close();
		this.socket?.close();
		this.socket = undefined;
	}

	private fail(failure: MQTTFailure): void {
		if (this.phase === "ended") return;
		this.end();
		this.use.onError(failure);
	}

	private tick(): void {
		switch (this.phase) {
			case "new":
				this.phase = "resolving";
				this.alarm.set(CONNECT_LIMIT_MS);
				this.resolve();
				break;
			case "resolving":
				this.fail("unresolved");
				break;
			case "connecting":
				this.fail("unreachable");
				break;
			case "login":
				this.fail("silent");
				break;
			case "connected":
				this.ping();
				break;
		}
	}

	private resolve(): void {
		try {
			this.network.resolve(this.use.host, (address) => this.resolved(address));
		} catch {
			this.fail("unresolved");
		}
	}

	private resolved(address: string | undefined): void {
		if (this.phase !== "resolving") return;
		if (address === undefined) {
			this.fail("unresolved");
			return;
		}
		this.phase = "connecting";
		try {
			this.socket = new this.network.tcp({
				address,
				port: this.use.port,
				onReadable: (count) => this.readable(count),
				onWritable: (count) => this.writable(count),
				onError: () => this.fail(this.phase === "connecting" ? "unreachable" : "ended"),
			});
		} catch {
			this.fail("unreachable");
		}
	}

	private ping(): void {
		if (this.pinged && !this.heard) {
			this.fail("silent");
			return;
		}
		this.heard = false;
		this.pinged = true;
		if (this.room >= PINGREQ.length) this.send(Uint8Array.from(PINGREQ));
		this.alarm.set(Math.floor(this.use.keepAlive * PING_SHARE));
	}

	private writable(count: number): void {
		this.room = count;
		const { connect } = this;
		if (connect !== undefined && count >= connect.length) {
			this.phase = "login";
			this.connect = undefined;
			this.send(connect);
		} else if (this.phase === "connected") {
			this.sendOwed();
			this.tellRoom();
		}
	}

	private tellRoom(): void {
		if (this.room > RESERVE) this.use.onWritable(this.room - RESERVE);
	}

	/** Throws unless that many bytes can be published. */
	private claim(bytes: number): void {
		if (this.phase !== "connected" || bytes > this.room - RESERVE) throw new RangeError("no room");
	}

	private send(bytes: Uint8Array): void {
		try {
			this.room = this.socket!.write(bytes) ?? 0;
		} catch {
			// There is room, so it has ended: `onError` comes next.
			this.room = 0;
		}
	}

	private nextId(): number {
		this.lastId = (this.lastId % 0xffff) + 1;
		return this.lastId;
	}

	get subscribed(): boolean {
		return this.phase === "connected";
	}

	expects(packet: number, length: number): boolean {
		if (packet === PACKET.connack) return this.phase === "login" && length === 2;
		if (this.phase !== "connected") return false;
		return (
			(packet === PACKET.puback && length === 2) ||
			(packet === PACKET.suback && length > 2 && length <= 2 + MAX_TOPICS) ||
			(packet === PACKET.pingresp && length === 0)
		);
	}

	/** Compares from the end, where topics of a site differ. */
	topicOf(bytes: Uint8Array, size: number): number {
		const { names } = this;
		for (let at = 0, topic = 0; at < names.length; topic++) {
			const length = names[at]!;
			let i = length === size ? size : -1;
			while (i > 0 && names[at + i] === bytes[i - 1]) i--;
			if (i === 0) return topic;
			at += 1 + length;
		}
		return -1;
	}

	control(packet: number, bytes: Uint8Array, length: number): void {
		const { use } = this;
		this.heard = true;
		switch (packet) {
			case PACKET.connack:
				this.answered(bytes[1]!);
				break;
			case PACKET.puback:
				if (use.onControl !== undefined) use.onControl("PUBACK", readUint16(bytes, 0));
				break;
			case PACKET.suback:
				for (let i = 2; i < length; i++)
					if (bytes[i]! > 2) {
						this.fail("subscription");
						return;
					}
				if (use.onControl !== undefined) use.onControl("SUBACK", readUint16(bytes, 0));
				break;
		}
	}

	private answered(code: number): void {
		if (code !== 0) {
			this.fail(REFUSALS[code - 1] ?? "malformed");
			return;
		}
		this.phase = "connected";
		this.alarm.set(Math.floor(this.use.keepAlive * PING_SHARE));
		this.tellRoom();
	}

	message(topic: number, length: number, flags: number): void {
		const { told } = this;
		this.heard = true;
		told.topic = this.topics[topic]!;
		told.retain = (flags & 1) !== 0;
		told.duplicate = (flags & 8) !== 0;
		this.use.onReadable(length, told);
	}

	skipped(length: number): void {
		this.heard = true;
		if (this.use.onSkipped !== undefined) this.use.onSkipped(length);
	}

	acknowledge(id: number): void {
		if (this.phase !== "connected") return;
		// One more than that stays without an answer, which costs its sender alone.
		if (this.owing < MAX_OWED) this.owed[this.owing++] = id;
		this.sendOwed();
	}

	malformed(): void {
		this.fail("malformed");
	}

	private sendOwed(): void {
		let sent = 0;
		while (sent < this.owing && this.room >= 4) {
			const id = this.owed[sent++]!;
			this.send(Uint8Array.of(PACKET.puback << 4, 2, id >> 8, id));
		}
		if (sent === 0) return;
		this.owed.copyWithin(0, sent, this.owing);
		this.owing -= sent;
	}
}

/** `names` (at most 64 bytes each) behind those that are there. */
function withNames(before: Uint8Array, names: readonly Uint8Array[]): Uint8Array {
	let at = before.length;
	const bytes = new Uint8Array(names.reduce((length, name) => length + 1 + name.length, at));
	bytes.set(before);
	for (const name of names) {
		bytes[at] = name.length;
		bytes.set(name, at + 1);
		at += 1 + name.length;
	}
	return bytes;
}
