// SPDX-License-Identifier: Apache-2.0

/**
 * A failure between the reader and a target. `FAILURES` has all of them: the chip's status codes (NXP UM0701-02, 7.1 "Error
 * handling"; the low 6 bits of a status byte, and 7F for its error frame), and from 0x100 on those that the host finds.
 */
export interface Failure {
	readonly code: number;
	/** For programs; never changes. */
	readonly reason: string;
	/** For the installer. */
	readonly text: string;
}

const failure = (code: number, reason: string, text: string): Failure =>
	Object.freeze({ code, reason, text });

export const OK = 0;
/** The chip's error frame. */
export const SYNTAX = 0x7f;
export const NO_ACK = 0x100;
export const NO_REPLY = 0x101;
export const SHORT_REPLY = 0x102;
export const SPOILED_REPLY = 0x103;
export const RESPONSE_TOO_LONG = 0x104;
export const ENDLESS_CHAIN = 0x105;
export const COMMAND_TOO_LONG = 0x106;
export const NO_TARGET = 0x107;
export const BUSY = 0x108;
export const CLOSED = 0x109;
export const NOT_READY = 0x10a;
export const BUS_FAULT = 0x10b;
export const WRONG_ECHO = 0x10c;
export const HELD_TOO_LONG = 0x10d;

export const FAILURES: readonly Failure[] = Object.freeze([
	failure(0x01, "target-timeout", "The phone or card did not answer in time; it has probably left."),
	failure(0x02, "crc-error", "Radio error (CRC): hold the phone still, nearer the reader."),
	failure(0x03, "parity-error", "Radio error (parity): hold the phone still, nearer the reader."),
	failure(0x04, "anticollision-bit-count", "Radio error in anticollision: present one card at a time."),
	failure(0x05, "mifare-framing-error", "Radio framing error with a MIFARE card."),
	failure(0x06, "bit-collision", "Two cards answered at once: present one at a time."),
	failure(0x07, "buffer-too-small", "The chip's communication buffer is too small for this message."),
	failure(0x09, "rf-buffer-overflow", "The card sent more than the chip's radio buffer holds."),
	failure(0x0a, "rf-field-late", "The other device did not switch its field on in time."),
	failure(
		0x0b,
		"rf-protocol-error",
		"The card broke the radio protocol: hold the phone still and try again.",
	),
	failure(0x0d, "overheated", "The chip's antenna driver was too hot and switched off: check the antenna."),
	failure(0x0e, "internal-buffer-overflow", "The chip's internal buffer overflowed."),
	failure(0x10, "invalid-parameter", "The chip refused a parameter of the command."),
	failure(0x12, "dep-unsupported-command", "The other device sent a command the chip does not know."),
	failure(0x13, "data-format-error", "The card's message does not match its protocol."),
	failure(0x14, "authentication-error", "MIFARE authentication failed."),
	failure(0x23, "uid-check-error", "The check byte of the card's number is wrong."),
	failure(0x25, "dep-invalid-state", "The command does not fit the state of the NFC-DEP link."),
	failure(0x26, "operation-not-allowed", "The chip does not allow this operation in its configuration."),
	failure(0x27, "wrong-context", "The chip does not accept this command now: it knows no such card."),
	failure(0x29, "released-by-initiator", "The other device released the chip."),
	failure(0x2a, "card-id-mismatch", "Another card is there than the one that was activated."),
	failure(0x2b, "card-disappeared", "The card that was activated has gone."),
	failure(0x2c, "nfcid3-mismatch", "The NFC-DEP identities do not match."),
	failure(0x2d, "over-current", "Too much current at the antenna: check its wiring and the supply."),
	failure(0x2e, "nad-missing", "A node address is missing in the message."),
	failure(SYNTAX, "syntax-error", "The chip did not understand the command."),
	failure(NO_ACK, "no-ack", "The NFC chip does not answer: check its wiring, its switches and its supply."),
	failure(NO_REPLY, "no-reply", "The NFC chip took the command and gave no answer in time."),
	failure(SHORT_REPLY, "short-reply", "The NFC chip's answer is too short."),
	failure(SPOILED_REPLY, "spoiled-reply", "The NFC chip's answer came damaged: check the wires' length."),
	failure(RESPONSE_TOO_LONG, "response-too-long", "The phone's answer is longer than allowed."),
	failure(ENDLESS_CHAIN, "endless-chain", "The phone's answer comes in too many pieces."),
	failure(COMMAND_TOO_LONG, "command-too-long", "The message is longer than the chip can be given."),
	failure(NO_TARGET, "no-target", "No phone is at the reader."),
	failure(BUSY, "busy", "Another exchange is under way."),
	failure(CLOSED, "closed", "The NFC driver has been closed."),
	failure(NOT_READY, "not-ready", "The NFC chip is not ready."),
	failure(BUS_FAULT, "bus-fault", "The bus to the NFC chip fails: check its wiring and pull-ups."),
	failure(WRONG_ECHO, "wrong-echo", "The NFC chip's self-test gave back other data."),
	failure(HELD_TOO_LONG, "held-too-long", "Nothing was said to the phone for too long."),
]);

const UNKNOWN = failure(-1, "unknown-status", "The NFC chip reports an error that its manual does not name.");

/** The entry of a code; for a code that no manual names one with that code and the reason `unknown-status`. */
export function failureOf(code: number): Failure {
	for (const entry of FAILURES) if (entry.code === code) return entry;
	return failure(code, UNKNOWN.reason, UNKNOWN.text);
}

export class PN532Error extends Error {
	override readonly name = "PN532Error";
	readonly code: number;
	readonly reason: string;

	constructor(code: number) {
		const entry = failureOf(code);
		super(entry.text);
		this.code = code;
		this.reason = entry.reason;
	}
}

/**
 * Bit of a status byte (UM0701-02, 7.1): more of the answer follows. Bit 7 (NAD) is ignored: node addresses are in the data only
 * where SetParameters asked for them (fNADUsed), which this driver never does.
 */
export const STATUS_MORE = 0x40;
export const STATUS_ERROR = 0x3f;
