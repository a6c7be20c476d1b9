// SPDX-License-Identifier: Apache-2.0

/**
 * The simulated radio as a Bluetooth controller with an HCI over a serial line (Core 5.4, Vol 4 Part A, H4; Part E), so
 * that another host than the firmware's, such as the one of a desktop, meets the phones of the simulation. LE peripheral
 * only: one advertising set of the legacy kind, connections, ACL data, signal strength.
 */
import type { SimLink } from "./link.js";
import type { RadioHost, SimRadio } from "./radio.js";
import { signalStrength } from "./signal.js";

/** First byte of a packet on the line (Part A 2). */
const PACKET = Object.freeze({ command: 1, data: 2, event: 4 });

/** Part E 7: opcode group in the upper six bits. */
const COMMAND = Object.freeze({
	disconnect: 0x0406,
	setEventMask: 0x0c01,
	reset: 0x0c03,
	readLeHostSupported: 0x0c6c,
	writeLeHostSupported: 0x0c6d,
	readLocalVersion: 0x1001,
	readAddress: 0x1009,
	readRssi: 0x1405,
	leSetEventMask: 0x2001,
	leReadBufferSize: 0x2002,
	leSetAdvertisingParameters: 0x2006,
	leSetAdvertisingData: 0x2008,
	leSetScanResponse: 0x2009,
	leSetAdvertisingEnable: 0x200a,
});

const EVENT = Object.freeze({ disconnected: 0x05, complete: 0x0e, status: 0x0f, sent: 0x13, le: 0x3e });

/** Vol 1 Part F 1.3. */
const STATUS = Object.freeze({
	success: 0x00,
	unknownCommand: 0x01,
	unknownConnection: 0x02,
	limitExceeded: 0x09,
	disallowed: 0x0c,
	invalidParameters: 0x12,
	endedByPhone: 0x13,
	endedHere: 0x16,
});

/** Core 5.4 as Read_Local_Version_Information gives it, of no manufacturer (Assigned Numbers: 0xffff). */
const VERSION = [0x0d, 0, 0, 0x0d, 0xff, 0xff, 0, 0];
/** Bytes of a data packet, the least that there is, so that longer PDUs come in parts; and how many the controller keeps. */
const DATA_BYTES = 27;
const DATA_PACKETS = 8;
/** Of the first connection; bleno 0.12.4 ends at handle 6, which it takes for the channel of the Security Manager. */
const FIRST_HANDLE = 64;
const ADDRESS = [0x01, 0x00, 0x00, 0x0d, 0x00, 0xc0];
const ATT_CID = 4;
/** The longest L2CAP payload that a host may give: an ATT PDU of MTU 517. */
const MAX_PDU = 517;

interface Bearer {
	readonly handle: number;
	/** The L2CAP packet that the host is giving in parts, with its header. */
	readonly parts: number[];
	endedHere: boolean;
}

export class HciController implements RadioHost {
	readonly #radio: SimRadio;
	readonly #toHost: (bytes: Uint8Array) => void;
	/** What came and is no whole packet yet. */
	#line: number[] = [];
	readonly #links = new Map<SimLink, Bearer>();
	#advertisement = new Uint8Array(0);
	#interval = 100;
	/** Opcodes that it does not know, as they came. */
	readonly unknown: number[] = [];

	constructor(radio: SimRadio, toHost: (bytes: Uint8Array) => void) {
		this.#radio = radio;
		this.#toHost = toHost;
		radio.attach(this);
	}

	/** Bytes that the host sent. */
	feed(bytes: Uint8Array): void {
		this.#line.push(...bytes);
		for (let size = this.#packetSize(); size > 0 && this.#line.length >= size; size = this.#packetSize()) {
			const packet = this.#line.splice(0, size);
			if (packet[0] === PACKET.command) this.#command(packet[1]! | (packet[2]! << 8), packet.slice(4));
			else this.#data(packet);
		}
	}

	/** 0 while it is not known. */
	#packetSize(): number {
		const [type, , , length, more] = this.#line;
		if (type === undefined) return 0;
		if (type === PACKET.command) return length === undefined ? 0 : 4 + length;
		if (type === PACKET.data) return more === undefined ? 0 : 5 + length! + (more << 8);
		throw new Error(`a packet of kind ${type} from the host`);
	}

	// What the radio tells

	connected(link: SimLink): void {
		let handle = FIRST_HANDLE;
		while (this.#linkOf(handle) !== undefined) handle++;
		const bearer: Bearer = { handle, parts: [], endedHere: false };
		this.#links.set(link, bearer);
		const interval = Math.round(link.central.interval / 1.25);
		const timeout = (link.central.supervision ?? 4000) / 10;
		// LE Connection Complete (7.7.65.1): as peripheral, to a random static address, without latency.
		this.#event(EVENT.le, [
			0x01,
			STATUS.success,
			...little(bearer.handle),
			1,
			1,
			...little(link.peer & 0xffff),
			...little(link.peer >>> 16),
			0,
			0xc0,
			...little(interval),
			...little(0),
			...little(timeout),
			0,
		]);
	}

	received(link: SimLink, pdu: Uint8Array): void {
		const bearer = this.#links.get(link);
		if (bearer === undefined) return;
		const packet = [...little(pdu.length), ...little(ATT_CID), ...pdu];
		for (let at = 0; at < packet.length; at += DATA_BYTES) {
			const part = packet.slice(at, at + DATA_BYTES);
			// First automatically flushable packet, then continuing ones (5.4.2).
			const flags = at === 0 ? 0x2000 : 0x1000;
			this.#send([PACKET.data, ...little(bearer.handle | flags), ...little(part.length), ...part]);
		}
	}

	/** The last part of a PDU has gone out, and the host may send another packet. */
	sent(link: SimLink): void {
		const bearer = this.#links.get(link);
		if (bearer !== undefined) this.#completed(bearer);
	}

	#completed({ handle }: Bearer): void {
		this.#event(EVENT.sent, [1, ...little(handle), ...little(1)]);
	}

	disconnected(link: SimLink): void {
		const bearer = this.#links.get(link);
		if (bearer === undefined) return;
		this.#links.delete(link);
		const reason = bearer.endedHere ? STATUS.endedHere : STATUS.endedByPhone;
		this.#event(EVENT.disconnected, [STATUS.success, ...little(bearer.handle), reason]);
	}

	// What the host asks

	#command(opcode: number, parameters: number[]): void {
		const handle = (parameters[0] ?? 0) | ((parameters[1] ?? 0) << 8);
		switch (opcode) {
			case COMMAND.reset:
				for (const link of [...this.#links.keys()]) this.#radio.ended(link);
				this.#radio.stop();
				this.#complete(opcode);
				return;
			case COMMAND.disconnect:
				this.#disconnect(opcode, handle);
				return;
			case COMMAND.readRssi: {
				const link = this.#linkOf(handle);
				if (link === undefined) this.#complete(opcode, STATUS.unknownConnection, [...little(handle), 127]);
				else {
					const strength = signalStrength(link.central.distance(), this.#radio.random);
					this.#complete(opcode, STATUS.success, [...little(handle), strength & 255]);
				}
				return;
			}
			case COMMAND.readLocalVersion:
				this.#complete(opcode, STATUS.success, VERSION);
				return;
			case COMMAND.readAddress:
				this.#complete(opcode, STATUS.success, ADDRESS);
				return;
			case COMMAND.leReadBufferSize:
				this.#complete(opcode, STATUS.success, [...little(DATA_BYTES), DATA_PACKETS]);
				return;
			case COMMAND.readLeHostSupported:
				this.#complete(opcode, STATUS.success, [1, 0]);
				return;
			case COMMAND.leSetAdvertisingParameters:
				this.#complete(opcode, this.#setParameters(parameters));
				return;
			case COMMAND.leSetAdvertisingData:
				this.#complete(opcode, this.#setData(parameters));
				return;
			case COMMAND.leSetAdvertisingEnable:
				this.#complete(opcode, this.#enable(parameters[0] === 1));
				return;
			case COMMAND.setEventMask:
			case COMMAND.leSetEventMask:
			case COMMAND.writeLeHostSupported:
			case COMMAND.leSetScanResponse:
				this.#complete(opcode);
				return;
			default:
				this.unknown.push(opcode);
				this.#complete(opcode, STATUS.unknownCommand);
		}
	}

	#disconnect(opcode: number, handle: number): void {
		const link = this.#linkOf(handle);
		const status = link === undefined ? STATUS.unknownConnection : STATUS.success;
		this.#event(EVENT.status, [status, 1, ...little(opcode)]);
		if (link === undefined) return;
		this.#links.get(link)!.endedHere = true;
		link.close();
	}

	#setParameters(parameters: number[]): number {
		if (this.#radio.isAdvertising) return STATUS.disallowed;
		const [least, most] = [0, 2].map((at) => parameters[at]! | (parameters[at + 1]! << 8));
		// 20 ms to 10.24 s in units of 0.625 ms (7.8.5).
		if (least! < 0x20 || most! > 0x4000 || least! > most!) return STATUS.invalidParameters;
		this.#interval = (least! * 625) / 1000;
		return STATUS.success;
	}

	#setData([length = 0, ...data]: number[]): number {
		if (length > 31 || data.length !== 31) return STATUS.invalidParameters;
		this.#advertisement = Uint8Array.from(data.slice(0, length));
		return STATUS.success;
	}

	#enable(on: boolean): number {
		this.#radio.stop();
		if (!on) return STATUS.success;
		return this.#radio.advertise(this.#advertisement, this.#interval) ? STATUS.success : STATUS.limitExceeded;
	}

	#data(packet: number[]): void {
		const word = packet[1]! | (packet[2]! << 8);
		const link = this.#linkOf(word & 0xfff);
		if (link === undefined) return;
		const bearer = this.#links.get(link)!;
		const first = ((word >> 12) & 3) !== 1;
		if (packet.length - 5 > DATA_BYTES) throw new Error("a longer data packet than the controller takes");
		if (first) bearer.parts.length = 0;
		bearer.parts.push(...packet.slice(5));
		const [low = 0, high = 0, cid] = bearer.parts;
		const length = low | (high << 8);
		if (length > MAX_PDU) throw new Error(`an L2CAP packet of ${length} bytes`);
		const pdu = Uint8Array.from(bearer.parts.slice(4));
		// Only whole PDUs are on the simulated air: what comes before the last part counts as sent at once.
		if (bearer.parts.length >= 4 + length && cid === ATT_CID) link.toPhone(pdu);
		else this.#completed(bearer);
	}

	#linkOf(handle: number): SimLink | undefined {
		for (const [link, bearer] of this.#links) if (bearer.handle === handle) return link;
		return undefined;
	}

	/** Command Complete (7.7.14); the host may send one more. */
	#complete(opcode: number, status: number = STATUS.success, result: readonly number[] = []): void {
		this.#event(EVENT.complete, [1, ...little(opcode), status, ...result]);
	}

	#event(code: number, parameters: readonly number[]): void {
		this.#send([PACKET.event, code, parameters.length, ...parameters]);
	}

	#send(packet: readonly number[]): void {
		this.#toHost(Uint8Array.from(packet));
	}
}

function little(value: number): [number, number] {
	return [value & 255, (value >> 8) & 255];
}
