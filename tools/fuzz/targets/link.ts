// SPDX-License-Identifier: Apache-2.0

/** The chip, APDUs and Bluetooth frames. */
import {
	CHIP_TO_HOST,
	Pn532FrameReader as ChipReader,
	Pn532FrameWriter as ChipWriter,
	NONE,
	PUSH_MAX,
} from "../../../drivers/pn532/frame.js";
import { parseTarget } from "../../../drivers/pn532/target.js";
import { concat, fromHex } from "../../../protocol/bytes.js";
import { AID, encodeCommand } from "../../../protocol/link/apdu.js";
import { decodeCommand } from "../../../protocol/link/command.js";
import { FrameReader as BleReader, FrameWriter as BleWriter } from "../../../protocol/link/frames.js";
import { type FuzzTarget, never, target } from "../target.js";
import { message2 } from "./edhoc.js";

/** UM0701-02, 7.3.5: one Android phone at 106 kbit/s. */
const found = fromHex("010100042004080102030578807002");
const chipFrame = (body: Uint8Array): Uint8Array => new ChipWriter().begin(0x4b).bytes(body).finish().slice();
const chipFrames = [
	chipFrame(found),
	fromHex("0000ff00ff00"),
	fromHex("0000ffff0000"),
	fromHex("0000ff01ff7f8100"),
	fromHex("0000ff06fad50332010607e800"),
	chipFrame(new Uint8Array(260).fill(CHIP_TO_HOST)),
];

function bleFrames(): Uint8Array[] {
	const frames: Uint8Array[] = [];
	for (const mtu of [23, 185, 517]) {
		const writer = new BleWriter();
		writer.begin(1, message2);
		const parts: Uint8Array[] = [];
		for (let frame = writer.next(mtu); frame !== undefined; frame = writer.next(mtu)) {
			parts.push(Uint8Array.of(frame.length >> 8, frame.length), frame.slice());
		}
		frames.push(concat(...parts));
	}
	return frames;
}

const select = encodeCommand(new Uint8Array(261), 0, 0xa4, 4, 0, Uint8Array.from(AID), 0).slice();
const message = encodeCommand(new Uint8Array(261), 0x80, 0xe8, 2, 0, message2.subarray(0, 255), 0).slice();

export const LINK_TARGETS: readonly FuzzTarget[] = Object.freeze([
	target("pn532-frames", chipFrames, never, (input) => {
		const frames = new ChipReader();
		for (let at = 0; at < input.length; at += PUSH_MAX) {
			const piece = input.subarray(at, at + PUSH_MAX);
			frames.push(piece, piece.length);
			// Each result but NONE consumes at least one byte.
			for (let left = piece.length + 512; frames.next() !== NONE; left--) {
				if (left === 0) throw new Error("the frame reader does not come to an end");
			}
		}
	}),
	target("pn532-target", [found], never, (input) => {
		parseTarget(input, 0, input.length);
	}),
	target("apdu", [select, message], never, (input) => {
		decodeCommand(input);
	}),
	target("ble-frames", bleFrames(), never, (input) => {
		const frames = new BleReader();
		for (let at = 0; at + 2 <= input.length; ) {
			const length = (input[at]! << 8) | input[at + 1]!;
			frames.push(input.subarray(at + 2, at + 2 + length));
			if (frames.message.length > 1024) throw new Error("a message past its bound");
			at += 2 + length;
		}
	}),
]);
