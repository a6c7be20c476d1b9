// SPDX-License-Identifier: Apache-2.0

import {
	getFirmwareVersion,
	inCommunicateThru,
	inListPassiveTarget,
	inRelease,
	rfField,
	rfRetries,
	rfTimeouts,
	samConfiguration,
	setParameters,
	setSerialBaudRate,
	writeRegister,
} from "./commands.js";
import { withCrcA } from "./ecp.js";
import type { Pn532FrameWriter } from "./frame.js";
import type { Pn532Command } from "./link.js";
import type { PN532Options } from "./options.js";
import type { Port } from "./port.js";

const COMMAND_MS = 100;
/** A poll: activation of a phone with its RATS takes 20 ms; a clone that is silent over an empty field takes all of this. */
const LIST_MS = 250;
/** The chip waits for the phone's answer to S(DESELECT). */
const RELEASE_MS = 400;

const NONE: readonly Pn532Command[] = Object.freeze([]);

/** `payload` as it goes over the wire; its reply has at most `size` parameters. */
export function prepare(
	port: Port,
	writer: Pn532FrameWriter,
	payload: Uint8Array,
	timeoutMs: number,
	size: number,
	repeatable = true,
): Pn532Command {
	const frame = writer.begin(payload[0]!).bytes(payload.subarray(1)).finish();
	const wire = port.prepare(frame.slice());
	return { code: payload[0]!, wire, timeoutMs, replySize: size + 9, repeatable };
}

/** The commands that the driver sends by itself, framed once. `fastBaud`: where another rate is wanted after the start. */
export class Pn532Commands {
	readonly sam: Pn532Command;
	readonly version: Pn532Command;
	readonly baud: Pn532Command | undefined;
	readonly retries: Pn532Command;
	/** Retries of a patient poll; `undefined` where there is none. */
	readonly patience: Pn532Command | undefined;
	readonly parameters: Pn532Command;
	readonly list: Pn532Command;
	readonly release: Pn532Command;
	readonly fieldOff: Pn532Command;
	readonly fieldOn: Pn532Command;
	/** One ECP frame, in its order; none where it is off. */
	readonly ecp: readonly Pn532Command[];

	constructor(port: Port, writer: Pn532FrameWriter, options: PN532Options, fastBaud: number | undefined) {
		const command = (payload: Uint8Array, size: number, timeoutMs = COMMAND_MS): Pn532Command =>
			prepare(port, writer, payload, timeoutMs, size);
		this.sam = command(samConfiguration(), 0);
		this.version = command(getFirmwareVersion(), 4);
		if (fastBaud !== undefined) this.baud = command(setSerialBaudRate(fastBaud), 0);
		const { activationRetries = 0, patientRetries = 40, ecp } = options;
		this.retries = command(rfRetries(activationRetries), 0);
		// The chip sends no ECP frame by itself, so its host has to poll.
		if (ecp === undefined && patientRetries > activationRetries)
			this.patience = command(rfRetries(patientRetries), 0);
		this.parameters = command(setParameters(), 0);
		this.list = command(inListPassiveTarget(), 32, LIST_MS);
		this.release = command(inRelease(), 1, RELEASE_MS);
		this.fieldOff = command(rfField(false), 0);
		this.fieldOn = command(rfField(true), 0);
		this.ecp =
			ecp === undefined
				? NONE
				: [
						// CIU_BitFraming 00: whole bytes, after the 7 bits of the last REQA or WUPA.
						command(writeRegister([0x633d, 0x00]), 0),
						// Nothing answers the frame: 1.6 ms in place of the usual 51, which other exchanges have to find again.
						command(rfTimeouts(0x05), 0),
						command(inCommunicateThru(withCrcA(ecp)), 1),
						command(rfTimeouts(0x0a), 0),
					];
	}
}
