// SPDX-License-Identifier: Apache-2.0

/** The frames between the reader and its PN532 (NXP UM0701-02). */

import { CHIP_TO_HOST, HOST_TO_CHIP } from "../../../drivers/pn532/frame.js";
import { failureOf, STATUS_ERROR, STATUS_MORE } from "../../../drivers/pn532/status.js";
import type { Decoder, Fields } from "./fields.js";

/** Length of a parameter: the value of the one before it, or all that is left. */
const COUNTED = -1;
const REST = -2;
type Parameter = readonly [name: string, length: number];
type Command = readonly [
	name: string,
	section: string,
	out: readonly Parameter[],
	back: readonly Parameter[],
];

const STATUS: Parameter = ["Status", 1];
const IN: Parameter = ["DataIn", REST];
const OUT: Parameter = ["DataOut", REST];
const TG: Parameter = ["Tg", 1];

/** The commands of the driver by their code (UM0701-02, 7). */
const COMMANDS: Readonly<Record<number, Command>> = {
	0: [
		"Diagnose",
		"7.2.1",
		[
			["NumTst", 1],
			["InParam", REST],
		],
		[["OutParam", REST]],
	],
	2: [
		"GetFirmwareVersion",
		"7.2.2",
		[],
		[
			["IC", 1],
			["Ver", 1],
			["Rev", 1],
			["Support", 1],
		],
	],
	4: [
		"GetGeneralStatus",
		"7.2.3",
		[],
		[
			["Err", 1],
			["Field", 1],
			["NbTg", 1],
			["status", REST],
		],
	],
	6: ["ReadRegister", "7.2.4", [["addresses", REST]], [["values", REST]]],
	8: ["WriteRegister", "7.2.5", [["addresses and values", REST]], []],
	16: ["SetSerialBaudRate", "7.2.8", [["BR", 1]], []],
	18: ["SetParameters", "7.2.9", [["Flags", 1]], []],
	20: [
		"SAMConfiguration",
		"7.2.10",
		[
			["Mode", 1],
			["Timeout", 1],
			["IRQ", 1],
		],
		[],
	],
	22: [
		"PowerDown",
		"7.2.11",
		[
			["WakeUpEnable", 1],
			["GenerateIRQ", 1],
		],
		[STATUS],
	],
	50: [
		"RFConfiguration",
		"7.3.1",
		[
			["CfgItem", 1],
			["ConfigurationData", REST],
		],
		[],
	],
	64: ["InDataExchange", "7.3.8", [TG, OUT], [STATUS, IN]],
	66: ["InCommunicateThru", "7.3.9", [OUT], [STATUS, IN]],
	68: ["InDeselect", "7.3.10", [TG], [STATUS]],
	74: [
		"InListPassiveTarget",
		"7.3.5",
		[
			["MaxTg", 1],
			["BrTy", 1],
			["InitiatorData", REST],
		],
		[
			["NbTg", 1],
			TG,
			["SENS_RES", 2],
			["SEL_RES", 1],
			["NFCIDLength", 1],
			["NFCID1", COUNTED],
			["ATS", REST],
		],
	],
	82: ["InRelease", "7.3.11", [TG], [STATUS]],
};

const FRAME = "UM0701-02 6.2.1.1";
const EXTENDED = "UM0701-02 6.2.1.2";

function word(bytes: Uint8Array, at: number): number {
	return (bytes[at]! << 8) | bytes[at + 1]!;
}

/** Where the start code 00 FF is, -1 where there is none. */
function startOf(bytes: Uint8Array, from: number, end: number): number {
	for (let i = from; i < end - 1; i++) if (word(bytes, i) === 0x00ff) return i;
	return -1;
}

export interface Pn532Frame {
	readonly kind: "ack" | "nack" | "error" | "command" | "reply" | "noise";
	/** Of a command, and of the one that is replied to. */
	readonly code?: number;
	/** What follows the code. */
	readonly data?: Uint8Array;
	/** Its end is there. */
	readonly whole?: boolean;
}

/** What a frame is. */
export function pn532Frame(bytes: Uint8Array): Pn532Frame {
	const start = startOf(bytes, 0, bytes.length);
	if (start < 0 || start + 4 > bytes.length) return { kind: "noise" };
	const head = word(bytes, start + 2);
	if (head === 0x00ff) return { kind: "ack" };
	if (head === 0xff00) return { kind: "nack" };
	const at = start + (head === 0xffff ? 7 : 4);
	const length = head === 0xffff ? word(bytes, start + 4) : head >> 8;
	const [tfi, code] = bytes.subarray(at) as unknown as [number?, number?];
	if (tfi === 0x7f) return { kind: "error" };
	if (code === undefined || (tfi !== HOST_TO_CHIP && tfi !== CHIP_TO_HOST)) return { kind: "noise" };
	const data = bytes.subarray(at + 2, Math.min(at + length, bytes.length));
	const whole = data.length === length - 2;
	return tfi === HOST_TO_CHIP
		? { kind: "command", code, data, whole }
		: { kind: "reply", code: code - 1, data, whole };
}

/** The name of a command, as the manual has it. */
export function pn532Name(code: number): string {
	return COMMANDS[code]?.[0] ?? `command ${code.toString(16).padStart(2, "0")}`;
}

/** Whole frames, with what is before and between them. */
export const pn532: Decoder = (fields) => {
	const { bytes, end } = fields;
	const start = startOf(bytes, fields.at, end);
	if (start < 0) return;
	fields.take(start - fields.at, "preamble", FRAME, (part) =>
		part.includes(0x55) ? "wakes the chip" : undefined,
	);
	fields.take(2, "start code", FRAME);
	const head = fields.left < 2 ? 0 : word(bytes, fields.at);
	if (head === 0x00ff || head === 0xff00)
		fields.take(2, "packet code", "UM0701-02 6.2.1.3", head === 0x00ff ? "ACK" : "NACK");
	else body(fields, head === 0xffff);
	fields.take(1, "postamble", FRAME);
};

function body(fields: Fields, extended: boolean): void {
	const clause = extended ? EXTENDED : FRAME;
	if (extended) fields.take(2, "extended", clause);
	const size = extended ? 2 : 1;
	const length = fields.number(size, "LEN", clause, (bytes) => `${bytes} bytes`) ?? 0;
	fields.number(1, "LCS", clause, (check) => isSum((length >> 8) + length + check));
	// The checksum of the data lies behind it.
	const data = fields.bytes.subarray(fields.at, Math.min(fields.at + length + 1, fields.end));
	const tfi = length > 0 ? fields.number(1, "TFI", clause, direction) : undefined;
	if (length > 1) packet(fields, Math.min(length - 1, fields.left), tfi === CHIP_TO_HOST);
	fields.number(1, "DCS", clause, () => isSum(data.reduce((sum, byte) => sum + byte, 0)));
}

function isSum(sum: number): string {
	return (sum & 255) === 0 ? "right" : "wrong";
}

function direction(tfi: number): string | undefined {
	return { [HOST_TO_CHIP]: "to the PN532", [CHIP_TO_HOST]: "from the PN532", 127: "syntax error" }[tfi];
}

function packet(fields: Fields, length: number, back: boolean): void {
	const end = fields.at + length;
	const code = (fields.peek() ?? 0) - (back ? 1 : 0);
	const known = COMMANDS[code];
	const clause = known && `UM0701-02 ${known[1]}`;
	fields.take(1, "code", clause, `${pn532Name(code)}${back ? ", reply" : ""}`);
	let last = 0;
	for (const [name, size] of known?.[back ? 3 : 2] ?? []) {
		const left = end - fields.at;
		const bytes = Math.min(size === REST ? left : size === COUNTED ? last : size, left);
		if (bytes === 0) continue;
		const words = (part: Uint8Array): string | undefined => say(name, part);
		last = fields.take(bytes, name, clause, words)[0]!;
	}
	if (fields.at < end) fields.take(end - fields.at, "data", clause);
}

function say(name: string, part: Uint8Array): string | undefined {
	if (name === "Status") {
		const error = part[0]! & STATUS_ERROR;
		return `${error === 0 ? "ok" : failureOf(error).text}${part[0]! & STATUS_MORE ? " More follows." : ""}`;
	}
	if (name === "Tg" && part[0]! & 0x40) return `${part[0]! & 0x3f}, more follows`;
	return part.length === 1 ? String(part[0]) : part.length > 4 ? `${part.length} bytes` : undefined;
}
