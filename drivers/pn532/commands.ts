// SPDX-License-Identifier: Apache-2.0

/**
 * The chip's commands that a reader uses (NXP UM0701-02, chapter 7): codes, and payloads as `PN532.request` takes them
 * (code, then parameters). All pure.
 */
export const DIAGNOSE = 0x00;
export const GET_FIRMWARE_VERSION = 0x02;
export const WRITE_REGISTER = 0x08;
export const SET_SERIAL_BAUD_RATE = 0x10;
export const SET_PARAMETERS = 0x12;
export const SAM_CONFIGURATION = 0x14;
export const RF_CONFIGURATION = 0x32;
export const IN_DATA_EXCHANGE = 0x40;
export const IN_COMMUNICATE_THRU = 0x42;
export const IN_LIST_PASSIVE_TARGET = 0x4a;
export const IN_RELEASE = 0x52;

/** Bytes of data in one InDataExchange or InCommunicateThru at most (7.3.8, 7.3.9). */
export const MAX_DATA = 262;

/** 7.2.1. `test` 0: communication line, the reply repeats `data` (≤ 262 bytes) behind the test number. */
export function diagnose(test: number, data?: Uint8Array): Uint8Array {
	return payload(DIAGNOSE, [test], data);
}

/** 7.2.2. Reply: IC, version, revision, support. */
export function getFirmwareVersion(): Uint8Array {
	return payload(GET_FIRMWARE_VERSION, []);
}

/** 7.2.5. Pairs of address and value. */
export function writeRegister(...pairs: readonly (readonly [number, number])[]): Uint8Array {
	const bytes: number[] = [];
	for (const [address, value] of pairs) bytes.push(address >> 8, address & 255, value);
	return payload(WRITE_REGISTER, bytes);
}

/** 7.2.8, in the order of its parameter. */
export const BAUD_RATES: readonly number[] = Object.freeze([
	9600, 19200, 38400, 57600, 115200, 230400, 460800, 921600, 1288000,
]);

/** `RangeError` for a rate that the chip does not know. The host answers with an ACK, then changes its own rate. */
export function setSerialBaudRate(baud: number): Uint8Array {
	const index = BAUD_RATES.indexOf(baud);
	if (index < 0) throw new RangeError("not a PN532 baud rate");
	return payload(SET_SERIAL_BAUD_RATE, [index]);
}

/** 7.2.9: automatic RATS and ATR_RES as after a reset, no NAD, no CID, frames with pre- and postamble. */
export function setParameters(flags = 0x14): Uint8Array {
	return payload(SET_PARAMETERS, [flags]);
}

/** 7.2.10, normal mode. The time-out (50 ms each) matters only in virtual card mode; `interrupt`: drive the IRQ pin. */
export function samConfiguration(interrupt = true): Uint8Array {
	return payload(SAM_CONFIGURATION, [0x01, 0x14, interrupt ? 1 : 0]);
}

/** 7.3.1. */
export function rfConfiguration(item: number, ...values: readonly number[]): Uint8Array {
	return payload(RF_CONFIGURATION, [item, ...values]);
}

export function rfField(on: boolean): Uint8Array {
	return rfConfiguration(0x01, on ? 0x01 : 0x00);
}

/** Item 5, retries. `activation`: further tries of one InListPassiveTarget; FF would be without end. */
export function rfRetries(activation: number): Uint8Array {
	return rfConfiguration(0x05, 0xff, 0x01, activation);
}

/**
 * Item 2, how long an answer may take where no protocol says, in 100 µs · 2^(n-1): to ATR_REQ, and to InCommunicateThru, 0A after a
 * reset.
 */
export function rfTimeouts(thru: number): Uint8Array {
	return rfConfiguration(0x02, 0x00, 0x0b, thru);
}

/** 7.3.5, one target of ISO 14443 type A at 106 kbit/s. */
export function inListPassiveTarget(): Uint8Array {
	return payload(IN_LIST_PASSIVE_TARGET, [0x01, 0x00]);
}

/** 7.3.9: `data` raw on the air, reply: status and the answer. */
export function inCommunicateThru(data: Uint8Array): Uint8Array {
	return payload(IN_COMMUNICATE_THRU, [], data);
}

/** 7.3.11; target 0 is all of them. */
export function inRelease(target = 0): Uint8Array {
	return payload(IN_RELEASE, [target]);
}

function payload(code: number, parameters: readonly number[], data?: Uint8Array): Uint8Array {
	const bytes = new Uint8Array(1 + parameters.length + (data?.length ?? 0));
	bytes[0] = code;
	bytes.set(parameters, 1);
	if (data) bytes.set(data, 1 + parameters.length);
	return bytes;
}
