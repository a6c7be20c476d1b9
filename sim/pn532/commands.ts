// SPDX-License-Identifier: Apache-2.0

import { concat } from "../../protocol/bytes.js";
import { withCrcA, withoutCrcA } from "../nfc/crc.js";
import type { Field } from "../nfc/field.js";
import {
	type AirExchange,
	type AirTarget,
	activate,
	attend,
	deselect,
	exchange,
	fetchRest,
	type Rest,
	request,
	STATUS,
	select,
	type Task,
} from "./air.js";
import type { Costs } from "./costs.js";
import type { Faults } from "./faults.js";
import { BIT_FRAMING, CRC_ENABLED, NOT_106A, Registers, RX_MODE, TX_MODE } from "./registers.js";

/** How a command ends: its reply's data, an error frame, or nothing at all. */
export type Outcome = Uint8Array | "syntax-error" | "silence";

/** Command codes (UM0701-02, 7). */
export const CODE = Object.freeze({
	diagnose: 0x00,
	getFirmwareVersion: 0x02,
	getGeneralStatus: 0x04,
	readRegister: 0x06,
	writeRegister: 0x08,
	readGPIO: 0x0c,
	writeGPIO: 0x0e,
	setSerialBaudRate: 0x10,
	setParameters: 0x12,
	samConfiguration: 0x14,
	powerDown: 0x16,
	rfConfiguration: 0x32,
	inDataExchange: 0x40,
	inCommunicateThru: 0x42,
	inDeselect: 0x44,
	inListPassiveTarget: 0x4a,
	inRelease: 0x52,
	inSelect: 0x54,
	inJumpForDEP: 0x56,
	inAutoPoll: 0x60,
} as const);

/** Rates of SetSerialBaudRate by their code (7.2.8). */
export const RATES: readonly number[] = Object.freeze([
	9600, 19200, 38400, 57600, 115200, 230400, 460800, 921600, 1288000,
]);

/** Data of one InDataExchange or InCommunicateThru reply behind its status (7.3.8). */
const EXCHANGE_MAX = 262;
const STATUS_REPLY = (status: number): Uint8Array => Uint8Array.of(status);
const NOTHING = new Uint8Array(0);

/** What a command may do to the chip around it. */
export interface Surroundings {
	readonly field: Field;
	readonly faults: Faults;
	readonly costs: Costs;
	/** After the reply is out. */
	sleep(wakeSources: number): void;
	/** After the host acknowledged the reply. */
	changeRate(baud: number): void;
	useIrq(used: boolean): void;
}

/** The firmware of the chip: what each command does. State that a reset clears is here. */
export class Firmware {
	readonly registers = new Registers();
	/** Left Low Vbat by SAMConfiguration; before that no command uses the field (AN10609_3, C106). */
	configured = false;
	/** SetParameters: automatic RATS, frames without pre- and postamble. */
	parameters = 0x14;
	targets: AirTarget[] = [];
	gpio = Uint8Array.of(0x3f, 0x06, 0x00);
	/** Times 2^(n-1) · 100 µs; 0: none (RFConfiguration item 2). */
	atrTimeout = 0x0b;
	retryTimeout = 0x0a;
	/** RFConfiguration item 5. */
	maxRetries = Uint8Array.of(0xff, 0x01, 0xff);
	lastError = 0;

	readonly #chip: Surroundings;
	/** Of the last response, what the host has not fetched. */
	#rest: Rest | undefined;

	constructor(chip: Surroundings) {
		this.#chip = chip;
	}

	*run(code: number, data: Uint8Array): Task<Outcome> {
		switch (code) {
			case CODE.diagnose:
				return yield* this.#diagnose(data);
			case CODE.getFirmwareVersion:
				// IC PN532, version 1.6, ISO 14443 A and B, ISO 18092.
				return data.length === 0 ? Uint8Array.of(0x32, 0x01, 0x06, 0x07) : "syntax-error";
			case CODE.getGeneralStatus:
				return this.#generalStatus();
			case CODE.readRegister:
				return this.#readRegister(data);
			case CODE.writeRegister:
				return this.#writeRegister(data);
			case CODE.readGPIO:
				return this.gpio.slice();
			case CODE.writeGPIO:
				return this.#writeGPIO(data);
			case CODE.setSerialBaudRate: {
				const baud = data.length === 1 ? RATES[data[0]!] : undefined;
				if (baud === undefined) return "syntax-error";
				this.#chip.changeRate(baud);
				return NOTHING;
			}
			case CODE.setParameters:
				if (data.length !== 1) return "syntax-error";
				this.parameters = data[0]!;
				return NOTHING;
			case CODE.samConfiguration:
				return this.#samConfiguration(data);
			case CODE.powerDown:
				if (data.length < 1 || data.length > 2) return "syntax-error";
				this.#chip.sleep(data[0]!);
				return STATUS_REPLY(STATUS.ok);
			case CODE.rfConfiguration:
				return this.#rfConfiguration(data);
		}
		return this.configured ? yield* this.#contactless(code, data) : "syntax-error";
	}

	*#contactless(code: number, data: Uint8Array): Task<Outcome> {
		switch (code) {
			case CODE.inListPassiveTarget:
				return yield* this.#list(data);
			case CODE.inAutoPoll:
				return yield* this.#autoPoll(data);
			case CODE.inDataExchange:
				return yield* this.#dataExchange(data);
			case CODE.inCommunicateThru:
				return yield* this.#communicateThru(data);
			case CODE.inDeselect:
			case CODE.inRelease:
				return yield* this.#letGo(data, code === CODE.inRelease);
			case CODE.inSelect:
				return yield* this.#selectAgain(data);
			case CODE.inJumpForDEP:
				// No peer speaks NFC-DEP here.
				if (data.length < 3) return "syntax-error";
				yield { wait: exponential(this.atrTimeout) };
				return STATUS_REPLY(STATUS.timeout);
		}
		return "syntax-error";
	}

	reset(): void {
		this.registers.reset();
		this.configured = false;
		this.parameters = 0x14;
		this.targets = [];
		this.#rest = undefined;
		this.gpio = Uint8Array.of(0x3f, 0x06, 0x00);
		this.atrTimeout = 0x0b;
		this.retryTimeout = 0x0a;
		this.maxRetries = Uint8Array.of(0xff, 0x01, 0xff);
		this.lastError = 0;
	}

	*#diagnose(data: Uint8Array): Task<Outcome> {
		switch (data[0]) {
			case 0x00:
				return data.slice();
			case 0x01:
			case 0x02:
				return STATUS_REPLY(0);
			case 0x04:
				// 128 polls for a FeliCa card; all fail.
				return Uint8Array.of(128);
			case 0x06: {
				const target = this.targets.find((each) => each.selected);
				if (!target?.ats) return STATUS_REPLY(STATUS.context);
				return STATUS_REPLY((yield* attend(target)) ? STATUS.ok : STATUS.timeout);
			}
			case 0x07:
				return data.length === 2 ? STATUS_REPLY(0) : "syntax-error";
		}
		return "syntax-error";
	}

	#generalStatus(): Uint8Array {
		const { field } = this.#chip;
		const targets = this.targets.map((target) => Uint8Array.of(target.number, 0, 0, 0));
		const head = Uint8Array.of(this.lastError, field.on ? 1 : 0, this.targets.length);
		return concat(head, ...targets, Uint8Array.of(0));
	}

	#readRegister(data: Uint8Array): Outcome {
		if (data.length === 0 || data.length % 2 !== 0) return "syntax-error";
		const values = new Uint8Array(data.length / 2);
		for (let i = 0; i < values.length; i++)
			values[i] = this.registers.get((data[2 * i]! << 8) | data[2 * i + 1]!);
		return values;
	}

	#writeRegister(data: Uint8Array): Outcome {
		if (data.length === 0 || data.length % 3 !== 0) return "syntax-error";
		for (let i = 0; i < data.length; i += 3) this.registers.set((data[i]! << 8) | data[i + 1]!, data[i + 2]!);
		return NOTHING;
	}

	#writeGPIO(data: Uint8Array): Outcome {
		if (data.length !== 2) return "syntax-error";
		// Bit 7 says that the port is meant.
		for (let port = 0; port < 2; port++) if (data[port]! & 0x80) this.gpio[port] = data[port]! & 0x7f;
		return NOTHING;
	}

	#samConfiguration(data: Uint8Array): Outcome {
		if (data.length < 1 || data.length > 3 || data[0]! < 1 || data[0]! > 4) return "syntax-error";
		this.configured = true;
		this.#chip.useIrq(data.length < 3 || data[2] !== 0);
		return NOTHING;
	}

	#rfConfiguration(data: Uint8Array): Outcome {
		const [item, ...values] = data;
		const lengths: Record<number, number> = { 1: 1, 2: 3, 4: 1, 5: 3, 10: 11, 11: 8, 12: 3, 13: 9 };
		if (item === undefined || lengths[item] !== values.length) return "syntax-error";
		if (item === 1) {
			this.#chip.field.on = (values[0]! & 1) !== 0;
			if (!this.#chip.field.on) this.#rest = undefined;
		} else if (item === 2) {
			this.atrTimeout = values[1]!;
			this.retryTimeout = values[2]!;
		} else if (item === 5) this.maxRetries = Uint8Array.from(values);
		return NOTHING;
	}

	*#fieldOn(): Task<void> {
		if (this.#chip.field.on) return;
		this.#chip.field.on = true;
		yield { wait: this.#chip.costs.guard };
	}

	*#list(data: Uint8Array): Task<Outcome> {
		const [maximum, modulation, ...initiator] = data;
		if (maximum === undefined || maximum < 1 || maximum > 2) return "syntax-error";
		if (modulation === undefined || modulation > 4) return "syntax-error";
		const wanted = initiator.length > 0 ? plainUid(Uint8Array.from(initiator)) : undefined;
		yield* this.#fieldOn();
		yield* this.#forget();
		const attempts = this.maxRetries[2]! === 0xff ? Number.POSITIVE_INFINITY : this.maxRetries[2]! + 1;
		for (let attempt = 0; attempt < attempts; attempt++) {
			if (modulation === 0 && (yield* this.#find(wanted))) {
				if (maximum === 2) yield* this.#find(undefined);
				return concat(Uint8Array.of(this.targets.length), ...this.targets.map(describe));
			}
			yield { wait: this.#chip.costs.retry };
		}
		return this.#chip.faults.silentWithoutTag ? "silence" : Uint8Array.of(0);
	}

	*#forget(): Task<void> {
		for (const target of this.targets) if (target.selected) yield* deselect(target);
		this.targets = [];
		this.#rest = undefined;
	}

	/** One more card, activated; false when there is none. */
	*#find(wanted: Uint8Array | undefined): Task<boolean> {
		const another = this.targets[0];
		if (another?.selected) {
			yield* deselect(another);
			another.selected = false;
		}
		this.registers.shortFrame();
		// Not in the manual, but hosts rely on both: a new card goes before one that was deselected (libnfc lists
		// several so), and a card that was released is found again (presence by release and list).
		const sensRes = (yield* request(0x26)) ?? (another ? undefined : yield* request(0x52));
		if (sensRes === undefined) return false;
		const found = yield* select(wanted);
		if (found === undefined) return false;
		this.registers.standardFrame();
		const target: AirTarget = {
			number: this.targets.length + 1,
			sensRes: Uint8Array.of(sensRes[1]!, sensRes[0]!),
			selRes: found.sak,
			uid: found.uid,
			ats: undefined,
			fwt: 0,
			frameSize: 256,
			block: 0,
			selected: true,
		};
		if (found.sak & 0x20 && this.parameters & 0x10 && !(yield* activate(target))) return false;
		this.targets.push(target);
		return true;
	}

	*#autoPoll(data: Uint8Array): Task<Outcome> {
		const [rounds, period, ...types] = data;
		if (rounds === undefined || rounds === 0 || period === undefined || period < 1 || period > 15)
			return "syntax-error";
		if (types.length < 1 || types.length > 15) return "syntax-error";
		yield* this.#fieldOn();
		yield* this.#forget();
		for (let round = 0; rounds === 0xff || round < rounds; round++) {
			for (const type of types) {
				const passive106A = type === 0x00 || type === 0x10 || type === 0x20;
				if (!passive106A || !(yield* this.#find(undefined))) continue;
				const target = this.targets[0]!;
				const isoDep = (target.selRes & 0x20) !== 0;
				if (type !== 0x00 && isoDep !== (type === 0x20)) {
					yield* this.#forget();
					continue;
				}
				const description = describe(target);
				return concat(Uint8Array.of(1, isoDep ? 0x20 : 0x10, description.length), description);
			}
			yield { wait: period * 150_000 };
		}
		return this.#chip.faults.silentWithoutTag ? "silence" : Uint8Array.of(0);
	}

	*#dataExchange(data: Uint8Array): Task<Outcome> {
		if (data.length < 1) return "syntax-error";
		const { faults } = this.#chip;
		const target = this.#target(data[0]! & 0x07);
		if (target === undefined) return STATUS_REPLY(STATUS.context);
		if (faults.status > 0 && faults.statusSkip > 0) faults.statusSkip--;
		else if (faults.take("status")) return STATUS_REPLY(faults.statusCode);
		yield* this.#reselect(target);
		const more = (data[0]! & 0x40) !== 0;
		const payload = data.subarray(1);
		const exchanged = yield* this.#exchange(target, payload, more);
		this.lastError = exchanged.status;
		this.#rest = exchanged.rest;
		const shown = faults.shortData > 0 ? exchanged.data.subarray(0, faults.shortData) : exchanged.data;
		const flags = (exchanged.rest || faults.endlessMore ? 0x40 : 0) | (faults.nad ? 0x80 : 0);
		return concat(Uint8Array.of(exchanged.status | flags), shown);
	}

	*#exchange(target: AirTarget, payload: Uint8Array, more: boolean): Task<AirExchange> {
		const ended = (status: number, data: Uint8Array = NOTHING): AirExchange => ({
			status,
			data,
			rest: undefined,
		});
		if (target.ats !== undefined) {
			const rest = payload.length === 0 && !more ? this.#rest : undefined;
			if (rest?.target === target) return yield* fetchRest(rest, EXCHANGE_MAX);
			if (this.#chip.faults.endlessMore && payload.length === 0) return ended(STATUS.ok, Uint8Array.of(0));
			return yield* exchange(target, payload, more, EXCHANGE_MAX);
		}
		if (target.selRes & 0x20) return ended(STATUS.context);
		// No ISO-DEP: a MIFARE command. An authentication that fails is 14.
		const authenticates = payload[0] === 0x60 || payload[0] === 0x61;
		const frame = withCrcA(authenticates ? payload.subarray(0, 2) : payload);
		const result = (yield { frame: { bytes: frame, bits: frame.length * 8 }, timeout: 5000 })!;
		if (authenticates && result.kind === "frame") return ended(0x14);
		const response = result.kind === "frame" ? withoutCrcA(result.bytes) : undefined;
		if (response) return ended(STATUS.ok, response.slice());
		return ended(result.kind === "silence" ? STATUS.timeout : STATUS.crc);
	}

	#target(number: number): AirTarget | undefined {
		return this.targets.find((each) => each.number === number);
	}

	/** The other of two cards is put to sleep, this one woken. */
	*#reselect(target: AirTarget): Task<boolean> {
		if (target.selected) return true;
		for (const other of this.targets) {
			if (!other.selected) continue;
			yield* deselect(other);
			other.selected = false;
		}
		if ((yield* request(0x52)) === undefined) return false;
		if ((yield* select(target.uid)) === undefined) return false;
		if (target.ats && !(yield* activate(target))) return false;
		this.registers.standardFrame();
		target.selected = true;
		return true;
	}

	*#communicateThru(data: Uint8Array): Task<Outcome> {
		const registers = this.registers;
		yield* this.#fieldOn();
		const timeout = exponential(this.retryTimeout) || 1_000_000;
		const payload = registers.get(TX_MODE) & CRC_ENABLED ? withCrcA(data) : data;
		const lastBits = registers.get(BIT_FRAMING) & 7;
		const bits = payload.length * 8 - (lastBits ? 8 - lastBits : 0);
		if (registers.get(TX_MODE) & NOT_106A || bits <= 0) {
			yield { wait: timeout };
			return STATUS_REPLY(STATUS.timeout);
		}
		const result = (yield { frame: { bytes: payload, bits }, timeout })!;
		if (result.kind === "silence") return STATUS_REPLY(STATUS.timeout);
		if (result.kind === "collision") return STATUS_REPLY(STATUS.collision);
		const checked = registers.get(RX_MODE) & CRC_ENABLED ? withoutCrcA(result.bytes) : result.bytes;
		if (checked === undefined) return STATUS_REPLY(STATUS.crc);
		return concat(Uint8Array.of(STATUS.ok), checked.subarray(0, EXCHANGE_MAX));
	}

	*#letGo(data: Uint8Array, release: boolean): Task<Outcome> {
		if (data.length !== 1) return "syntax-error";
		const number = data[0]!;
		const chosen = number === 0 ? this.targets : this.targets.filter((each) => each.number === number);
		if (number !== 0 && chosen.length === 0) return STATUS_REPLY(STATUS.context);
		for (const target of chosen) {
			if (target.selected) yield* deselect(target);
			target.selected = false;
		}
		if (release) this.targets = this.targets.filter((each) => !chosen.includes(each));
		this.#rest = undefined;
		return STATUS_REPLY(STATUS.ok);
	}

	*#selectAgain(data: Uint8Array): Task<Outcome> {
		if (data.length !== 1) return "syntax-error";
		const target = this.#target(data[0]!);
		if (target === undefined) return STATUS_REPLY(STATUS.context);
		return STATUS_REPLY((yield* this.#reselect(target)) ? STATUS.ok : STATUS.timeout);
	}
}

/** Target data of InListPassiveTarget, 106 kbit/s type A (7.3.5). */
function describe(target: AirTarget): Uint8Array {
	const head = Uint8Array.of(target.number, ...target.sensRes, target.selRes, target.uid.length);
	return concat(head, target.uid, target.ats ?? NOTHING);
}

/** Initiator data has the cascade tags in it (88 before all but the last three or four bytes). */
function plainUid(data: Uint8Array): Uint8Array {
	if (data.length === 8) return data.slice(1);
	if (data.length === 12) return concat(data.subarray(1, 4), data.subarray(5));
	return data;
}

/** RFConfiguration's code for a time: 100 µs · 2^(n-1), µs; 0: none. */
function exponential(code: number): number {
	return code === 0 ? 0 : 100 * 2 ** (Math.min(code, 16) - 1);
}
