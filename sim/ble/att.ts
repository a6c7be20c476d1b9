// SPDX-License-Identifier: Apache-2.0

/**
 * The Attribute Protocol as a GATT server answers it (Bluetooth Core 5.4, Vol 3 Part F 3.3 and 3.4, Part G): a table of
 * attributes with their handles, and the PDUs that read and write it. What it refuses never reaches the application.
 */
import type { GATTCharacteristic, GATTServerOptions } from "../../hal/contracts/bluetooth.js";
import { equal } from "../../protocol/bytes.js";

export const PDU = Object.freeze({
	error: 0x01,
	mtuRequest: 0x02,
	mtuResponse: 0x03,
	findInformation: 0x04,
	findByTypeValue: 0x06,
	readByType: 0x08,
	read: 0x0a,
	readBlob: 0x0c,
	readByGroupType: 0x10,
	write: 0x12,
	prepareWrite: 0x16,
	executeWrite: 0x18,
	notification: 0x1b,
	confirmation: 0x1e,
	writeCommand: 0x52,
});

/** Part F 3.4.1.1. */
export const ATT_ERROR = Object.freeze({
	invalidHandle: 0x01,
	readNotPermitted: 0x02,
	writeNotPermitted: 0x03,
	invalidPdu: 0x04,
	notSupported: 0x06,
	invalidOffset: 0x07,
	queueFull: 0x09,
	notFound: 0x0a,
	invalidLength: 0x0d,
	unsupportedGroup: 0x10,
	insufficientResources: 0x11,
});

/** Same values as Part G 3.3.1.1, which the SDK's constants are too. */
export const PROPERTIES = Object.freeze({ read: 2, writeWithoutResponse: 4, write: 8, notify: 16 });

/** Parts of a long write that wait, as in NimBLE (CONFIG_BT_NIMBLE_ATT_MAX_PREP_ENTRIES). */
const MAX_PREPARED = 64;
/** Longest attribute value, bytes (Part F 3.2.9). */
const MAX_VALUE = 512;

/** A UUID as it goes over the air: 2 or 16 bytes, little-endian. */
export function uuidBytes(uuid: string): Uint8Array {
	const digits = uuid.split("-").join("");
	const bytes = new Uint8Array(digits.length / 2);
	for (let i = 0; i < bytes.length; i++)
		bytes[bytes.length - 1 - i] = Number.parseInt(digits.slice(2 * i, 2 * i + 2), 16);
	return bytes;
}

export const TYPE = {
	primaryService: uuidBytes("2800"),
	characteristic: uuidBytes("2803"),
	cccd: uuidBytes("2902"),
};

export interface Attribute {
	readonly handle: number;
	readonly type: Uint8Array;
	readonly role: "service" | "declaration" | "value" | "cccd";
	/** What a read gives; absent where the application gives it, or nothing does. */
	readonly constant?: Uint8Array;
	/** Of values and CCCDs. */
	readonly characteristic?: GATTCharacteristic;
	/** Of services: their last handle. */
	end: number;
}

/**
 * Attributes in the order and with the handles that NimBLE gives them: the GAP service with name and appearance first
 * (the SDK's server registers no GATT service), then the services in their order, a CCCD after each value that notifies.
 */
export class AttributeTable {
	readonly attributes: Attribute[] = [];

	constructor(services: GATTServerOptions["services"]) {
		const constant = (uuid: string, value: Uint8Array): GATTCharacteristic => ({
			uuid,
			properties: PROPERTIES.read,
			value,
		});
		const name = constant("2a00", Uint8Array.from([0x6e, 0x69, 0x6d, 0x62, 0x6c, 0x65]));
		const appearance = constant("2a01", new Uint8Array(2));
		this.#service("1800", [name, appearance]);
		for (const { uuid, characteristics } of services) this.#service(uuid, characteristics);
	}

	at(handle: number): Attribute | undefined {
		return this.attributes[handle - 1];
	}

	/** Handle of a characteristic's value; 0 where there is none. */
	value(uuid: string): number {
		const type = uuidBytes(uuid);
		return this.attributes.find((a) => a.role === "value" && equal(a.type, type))?.handle ?? 0;
	}

	#service(uuid: string, characteristics: readonly GATTCharacteristic[]): void {
		const service = this.#add("service", TYPE.primaryService, { constant: uuidBytes(uuid) });
		for (const characteristic of characteristics) {
			const type = uuidBytes(characteristic.uuid);
			const declaration = new Uint8Array(3 + type.length);
			declaration[0] = characteristic.properties;
			declaration[1] = this.attributes.length + 2;
			declaration.set(type, 3);
			this.#add("declaration", TYPE.characteristic, { constant: declaration });
			const { value } = characteristic;
			this.#add("value", type, { characteristic, ...(value ? { constant: value } : {}) });
			if ((characteristic.properties & PROPERTIES.notify) !== 0)
				this.#add("cccd", TYPE.cccd, { characteristic });
		}
		service.end = this.attributes.length;
	}

	#add(
		role: Attribute["role"],
		type: Uint8Array,
		more: { constant?: Uint8Array; characteristic?: GATTCharacteristic },
	): Attribute {
		const handle = this.attributes.length + 1;
		const attribute: Attribute = { handle, type, role, end: handle, ...more };
		this.attributes.push(attribute);
		return attribute;
	}
}

/** What the server's application side does with what the table permits. */
export interface AttApplication {
	/** 0, or an ATT error. */
	write(characteristic: GATTCharacteristic, value: Uint8Array): number;
	/** The value, or an ATT error. */
	read(characteristic: GATTCharacteristic): Uint8Array | number;
	subscribed(characteristic: GATTCharacteristic, on: boolean): void;
	mtu(value: number): void;
}

/** One connection's ATT bearer at the server. */
export class AttServer {
	readonly #table: AttributeTable;
	readonly #application: AttApplication;
	readonly #preferredMtu: number;
	/** By handle, this connection's own (Part G 3.3.3.3). */
	readonly #cccds = new Map<number, number>();
	readonly #prepared: { readonly handle: number; readonly offset: number; readonly part: Uint8Array }[] = [];
	mtu = 23;

	constructor(table: AttributeTable, application: AttApplication, preferredMtu: number) {
		this.#table = table;
		this.#application = application;
		this.#preferredMtu = preferredMtu;
	}

	/** Characteristics that this connection has subscribed to. */
	get subscriptions(): GATTCharacteristic[] {
		return [...this.#cccds]
			.filter(([, flags]) => flags !== 0)
			.map(([handle]) => this.#table.at(handle)!.characteristic!);
	}

	/** Whether this PDU gets as far as the application: an exchange of MTUs, a value of its own that is read or written. */
	reaches(pdu: Uint8Array): boolean {
		const value = (handle: number): boolean => {
			const attribute = this.#table.at(handle);
			return attribute?.role === "value" && attribute.type.length === 16;
		};
		switch (pdu[0]) {
			case PDU.mtuRequest:
				return true;
			case PDU.read:
			case PDU.readBlob:
			case PDU.write:
			case PDU.writeCommand:
				return value(handleOf(pdu));
			case PDU.readByType:
				return this.#table.attributes.some(
					({ handle, type }) => value(handle) && equal(type, pdu.subarray(5)),
				);
			case PDU.executeWrite:
				return this.#prepared.some(({ handle }) => value(handle));
			default:
				return false;
		}
	}

	/** Answers a PDU; `undefined` where nothing is answered. */
	receive(pdu: Uint8Array): Uint8Array | undefined {
		// L2CAP takes no more than the largest MTU that was offered.
		if (pdu.length === 0 || pdu.length > this.#preferredMtu) return undefined;
		const op = pdu[0]!;
		const command = (op & 0x40) !== 0;
		const result = this.#answer(op, pdu);
		if (typeof result !== "number") return command ? undefined : result;
		if (command || op === PDU.confirmation) return undefined;
		return errorResponse(op, handleOf(pdu), result);
	}

	#answer(op: number, pdu: Uint8Array): Uint8Array | number {
		switch (op) {
			case PDU.mtuRequest:
				return this.#exchangeMtu(pdu);
			case PDU.findInformation:
				return this.#findInformation(pdu);
			case PDU.findByTypeValue:
				return this.#findByTypeValue(pdu);
			case PDU.readByType:
				return this.#readByType(pdu);
			case PDU.readByGroupType:
				return this.#readByGroupType(pdu);
			case PDU.read:
				return pdu.length === 3 ? this.#read(op, handleOf(pdu), 0) : ATT_ERROR.invalidPdu;
			case PDU.readBlob:
				return pdu.length === 5 ? this.#read(op, handleOf(pdu), number(pdu, 3)) : ATT_ERROR.invalidPdu;
			case PDU.write:
			case PDU.writeCommand:
				return this.#writePdu(op, pdu);
			case PDU.prepareWrite:
				return this.#prepare(pdu);
			case PDU.executeWrite:
				return this.#execute(pdu);
			default:
				return ATT_ERROR.notSupported;
		}
	}

	#exchangeMtu(pdu: Uint8Array): Uint8Array | number {
		if (pdu.length !== 3) return ATT_ERROR.invalidPdu;
		this.mtu = Math.max(23, Math.min(number(pdu, 1), this.#preferredMtu));
		this.#application.mtu(this.mtu);
		return Uint8Array.of(PDU.mtuResponse, this.#preferredMtu & 255, this.#preferredMtu >> 8);
	}

	#range(pdu: Uint8Array, least: number): Attribute[] | number {
		if (pdu.length < least) return ATT_ERROR.invalidPdu;
		const from = number(pdu, 1);
		const to = number(pdu, 3);
		if (from === 0 || from > to) return ATT_ERROR.invalidHandle;
		return this.#table.attributes.filter(({ handle }) => handle >= from && handle <= to);
	}

	#findInformation(pdu: Uint8Array): Uint8Array | number {
		const range = this.#range(pdu, 5);
		if (typeof range === "number") return range;
		const size = range[0]?.type.length;
		return this.#list(
			PDU.findInformation + 1,
			[size === 2 ? 1 : 2],
			range.map(({ handle, type }) => [...little(handle), ...type]),
			(size ?? 0) + 2,
		);
	}

	#findByTypeValue(pdu: Uint8Array): Uint8Array | number {
		const range = this.#range(pdu, 7);
		if (typeof range === "number") return range;
		const wanted = pdu.subarray(7);
		const services = range.filter(
			({ role, constant }) =>
				role === "service" && equal(pdu.subarray(5, 7), TYPE.primaryService) && equal(constant!, wanted),
		);
		const items = services.map(({ handle, end }) => [...little(handle), ...little(end)]);
		return this.#list(PDU.findByTypeValue + 1, [], items, 4);
	}

	#readByType(pdu: Uint8Array): Uint8Array | number {
		if (pdu.length !== 7 && pdu.length !== 21) return ATT_ERROR.invalidPdu;
		const range = this.#range(pdu, 7);
		if (typeof range === "number") return range;
		const found = range.filter(({ type }) => equal(type, pdu.subarray(5)));
		const items: number[][] = [];
		for (const attribute of found) {
			const value = this.#value(attribute);
			// One that cannot be read ends the list, or is the answer where it is the first (3.4.4.1).
			if (typeof value === "number") {
				if (items.length === 0) return value;
				break;
			}
			items.push([...little(attribute.handle), ...value]);
		}
		const size = items[0]?.length ?? 0;
		return this.#list(PDU.readByType + 1, [Math.min(size, this.mtu - 2)], items, size);
	}

	#readByGroupType(pdu: Uint8Array): Uint8Array | number {
		if (pdu.length !== 7 && pdu.length !== 21) return ATT_ERROR.invalidPdu;
		const range = this.#range(pdu, 7);
		if (typeof range === "number") return range;
		if (!equal(pdu.subarray(5), TYPE.primaryService)) return ATT_ERROR.unsupportedGroup;
		const items = range
			.filter(({ role }) => role === "service")
			.map(({ handle, end, constant }) => [...little(handle), ...little(end), ...constant!]);
		const size = items[0]?.length ?? 0;
		return this.#list(PDU.readByGroupType + 1, [size], items, size);
	}

	/** As many items of one size as fit the MTU. */
	#list(op: number, head: readonly number[], items: readonly number[][], size: number): Uint8Array | number {
		if (items.length === 0) return ATT_ERROR.notFound;
		const bytes = [op, ...head];
		for (const item of items) {
			if (item.length !== size || (bytes.length > 2 && bytes.length + size > this.mtu)) break;
			bytes.push(...item.slice(0, this.mtu - bytes.length));
		}
		return Uint8Array.from(bytes);
	}

	#value(attribute: Attribute): Uint8Array | number {
		if (attribute.role === "cccd") return Uint8Array.from(little(this.#cccds.get(attribute.handle) ?? 0));
		const { characteristic, constant } = attribute;
		if (characteristic !== undefined && (characteristic.properties & PROPERTIES.read) === 0)
			return ATT_ERROR.readNotPermitted;
		return constant ?? this.#application.read(characteristic!);
	}

	#read(op: number, handle: number, offset: number): Uint8Array | number {
		const attribute = this.#table.at(handle);
		if (attribute === undefined) return ATT_ERROR.invalidHandle;
		const value = this.#value(attribute);
		if (typeof value === "number") return value;
		if (offset > value.length) return ATT_ERROR.invalidOffset;
		return Uint8Array.of(op + 1, ...value.subarray(offset, offset + this.mtu - 1));
	}

	#writePdu(op: number, pdu: Uint8Array): Uint8Array | number {
		if (pdu.length < 3) return ATT_ERROR.invalidPdu;
		const error = this.#write(handleOf(pdu), pdu.slice(3), op === PDU.writeCommand);
		return error === 0 ? Uint8Array.of(PDU.write + 1) : error;
	}

	/** Whether this handle takes writes of this kind: 0, or the error. */
	#writable(handle: number, command: boolean): number {
		const attribute = this.#table.at(handle);
		if (attribute === undefined) return ATT_ERROR.invalidHandle;
		if (attribute.role === "cccd") return 0;
		const needed = command ? PROPERTIES.writeWithoutResponse : PROPERTIES.write;
		const permitted = ((attribute.characteristic?.properties ?? 0) & needed) !== 0;
		return attribute.role === "value" && permitted ? 0 : ATT_ERROR.writeNotPermitted;
	}

	#write(handle: number, value: Uint8Array, command: boolean): number {
		const refused = this.#writable(handle, command);
		if (refused !== 0) return refused;
		const { role, characteristic } = this.#table.at(handle)!;
		if (role === "value") return this.#application.write(characteristic!, value);
		if (value.length !== 2) return ATT_ERROR.invalidLength;
		const flags = number(value, 0);
		// Only notifications are offered: bit 0 (Part G 3.3.3.3).
		if ((flags & ~1) !== 0) return ATT_ERROR.notSupported;
		const before = this.#cccds.get(handle) ?? 0;
		this.#cccds.set(handle, flags);
		if (before !== flags) this.#application.subscribed(characteristic!, flags === 1);
		return 0;
	}

	#prepare(pdu: Uint8Array): Uint8Array | number {
		if (pdu.length < 5) return ATT_ERROR.invalidPdu;
		const refused = this.#writable(handleOf(pdu), false);
		if (refused !== 0) return refused;
		if (this.#prepared.length >= MAX_PREPARED) return ATT_ERROR.queueFull;
		this.#prepared.push({ handle: handleOf(pdu), offset: number(pdu, 3), part: pdu.slice(5) });
		const echo = pdu.slice();
		echo[0] = PDU.prepareWrite + 1;
		return echo;
	}

	/** One value a handle, its parts joined; all or nothing is written (3.4.6.3). */
	#execute(pdu: Uint8Array): Uint8Array | number {
		if (pdu.length !== 2 || pdu[1]! > 1) return ATT_ERROR.invalidPdu;
		const parts = this.#prepared.splice(0);
		if (pdu[1] === 0) return Uint8Array.of(PDU.executeWrite + 1);
		const whole = new Map<number, number[]>();
		for (const { handle, offset, part } of parts) {
			const value = whole.get(handle) ?? [];
			if (offset !== value.length) return ATT_ERROR.invalidOffset;
			if (offset + part.length > MAX_VALUE) return ATT_ERROR.invalidLength;
			whole.set(handle, [...value, ...part]);
		}
		for (const [handle, value] of whole) {
			const error = this.#write(handle, Uint8Array.from(value), false);
			if (error !== 0) return error;
		}
		return Uint8Array.of(PDU.executeWrite + 1);
	}
}

function errorResponse(op: number, handle: number, code: number): Uint8Array {
	return Uint8Array.of(PDU.error, op, handle & 255, handle >> 8, code);
}

function handleOf(pdu: Uint8Array): number {
	return pdu.length >= 3 ? number(pdu, 1) : 0;
}

function number(bytes: Uint8Array, at: number): number {
	return bytes[at]! | (bytes[at + 1]! << 8);
}

function little(value: number): [number, number] {
	return [value & 255, value >> 8];
}
