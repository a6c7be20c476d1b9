// SPDX-License-Identifier: Apache-2.0

import { Pn532FrameReader as ChipReader, DATA, NONE } from "../drivers/pn532/frame.js";
import { reverse } from "../drivers/pn532/spi.js";
import type { Flash } from "../hal/contracts/flash.js";
import { NativeCrypto } from "../hal/crypto/native/crypto.js";
import { fromHex } from "../protocol/bytes.js";
import { decodeValue } from "../protocol/cbor/value.js";
import { decodeSign1 } from "../protocol/credential/cose.js";
import { verifyPhone } from "../protocol/credential/credential.js";
import { decodeClaims } from "../protocol/credential/cwt.js";
import { decodeMessage1 } from "../protocol/edhoc/message-1.js";
import { decodePlaintext3 } from "../protocol/edhoc/plaintext.js";
import { decodeCommand } from "../protocol/link/command.js";
import { FrameReader as BleReader } from "../protocol/link/frames.js";
import { EAD_INTENT } from "../protocol/link/intent.js";
import { VERSION } from "../protocol/link/version.js";
import { RECORD_SIZE } from "../protocol/log/record.js";
import { SectorWalk } from "../protocol/log/sector.js";
import { openEnvelope } from "../protocol/plan/envelope.js";
import { decodeSnapshot } from "../protocol/plan/format.js";
import { checkPage } from "../protocol/plan/page.js";
import { FrameDemux } from "../protocol/provisioning/demux.js";
/**
 * On the emulated microcontroller: each parser with the bytes that it gets in a tap. Prints one line of JSON: instructions
 * of one parse, collections included as they fall.
 */
import { decodeList } from "../protocol/trust/list.js";
import { NfcLink } from "../src/links/nfc.js";
import { Slot } from "../src/plan/slot.js";
import { EdhocNfc } from "../src/schemes/edhoc/nfc.js";
import type { Transaction } from "../src/schemes/edhoc/transaction.js";
import type { ParserInputs } from "./parser-inputs.js";

declare const host: {
	argument(index: number): string | undefined;
	readText(path: string): string | undefined;
	instructions(): number;
	collect(): void;
	print(line: string): void;
};

const inputs = JSON.parse(host.readText(host.argument(0)!)!) as ParserInputs;
const crypto = new NativeCrypto();
const trust = decodeList(fromHex(inputs.list))!;
const RUNS = 32;

function all(name: string): Uint8Array[] {
	const found = inputs.bytes[name];
	if (found === undefined || found.length === 0) throw new Error(`no input ${name}`);
	return found.map(fromHex);
}

const parsers: { parser: string; bytes: number; instructions: number }[] = [];

function work(times: number, run: () => void): number {
	host.collect();
	const start = host.instructions();
	for (let i = 0; i < times; i++) run();
	return host.instructions() - start;
}

const nothing = (): void => undefined;

function measure(parser: string, bytes: number, run: () => void): void {
	run();
	const loops = work(RUNS, nothing);
	parsers.push({ parser, bytes, instructions: Math.round((work(RUNS, run) - loops) / RUNS) });
}

function expect(good: boolean, what: string): void {
	if (!good) throw new Error(`${what}: not what it should be`);
}

const [credential] = all("credential");
const { payload } = decodeSign1(credential!);
measure("credential: COSE_Sign1", credential!.length, () => decodeSign1(credential!));
measure("credential: CWT claims with their key", payload.length, () => decodeClaims(payload));
measure("credential: all of it, the site's Ed25519 signature verified", credential!.length, () =>
	verifyPhone(credential!, trust, "FRONT", crypto),
);

const [message1] = all("message1");
const accept = (): void => undefined;
const KNOWN_EAD = [EAD_INTENT];
measure("EDHOC message_1", message1!.length, () => decodeMessage1(message1!, accept, []));
const [plaintext3] = all("plaintext3");
measure("EDHOC PLAINTEXT_3", plaintext3!.length, () => decodePlaintext3(plaintext3!, KNOWN_EAD));

const [apdu] = all("apdu");
measure("APDU: a command, as a phone's app reads it", apdu!.length, () =>
	expect(decodeCommand(apdu!) !== undefined, "APDU"),
);
const [answer] = all("answer");
measureAnswer(answer!);

/** A link whose transaction takes no time, so that only its own handling of an answer counts. */
function measureAnswer(bytes: Uint8Array): void {
	let reply: ((response: Uint8Array) => void) | undefined;
	let taken = 0;
	const transaction = {
		over: false,
		failed: false,
		started: true,
		open: nothing,
		abandon: nothing,
		receive: () => {
			taken++;
			return undefined;
		},
	} as unknown as Transaction;
	const link = new NfcLink({
		clock: { now: () => 0, alarm: () => ({ set: nothing, clear: nothing, close: nothing }) },
		card: {
			exchange: (_command, _timeout, onReply) => {
				reply = (response) => onReply(response, undefined);
			},
		},
		sessions: [new EdhocNfc(transaction)],
		onEnd: nothing,
	});
	// As the answer to SELECT, which is what a link begins with: its first byte is the version.
	const first = bytes.slice();
	first[0] = VERSION;
	link.start();
	reply!(first);
	expect(taken === 1, "answer");
	const starts = work(RUNS, () => link.start());
	const both = work(RUNS, () => {
		link.start();
		reply!(first);
	});
	const instructions = Math.round((both - starts) / RUNS);
	parsers.push({ parser: "APDU: an answer, up to the transaction", bytes: bytes.length, instructions });
}

const [chipFrame] = all("chipFrame");
const reader = new ChipReader();
for (const [size, text] of [
	[128, "128 bytes at a time"],
	[16, "16 bytes at a time"],
] as const) {
	const pieces: Uint8Array[] = [];
	for (let at = 0; at < chipFrame!.length; at += size) pieces.push(chipFrame!.subarray(at, at + size));
	// What the bus does is not the parser's.
	const landing = work(RUNS, () => {
		for (const piece of pieces) reader.landing.set(piece);
	});
	const both = work(RUNS, () => {
		let kind = NONE;
		for (const piece of pieces) {
			reader.landing.set(piece);
			if (!reader.take(piece.length)) continue;
			const found = reader.next();
			if (found !== NONE) kind = found;
		}
		expect(kind === DATA, "PN532 frame");
		reader.clear();
	});
	parsers.push({
		parser: `PN532 frame, ${text}`,
		bytes: chipFrame!.length,
		instructions: Math.round((both - landing) / RUNS),
	});
}

measure("PN532 frame, its bits turned round for SPI", chipFrame!.length, () =>
	reverse(chipFrame!, chipFrame!.length),
);

const bleFrames = all("bleFrames");
const ble = new BleReader();
measure(
	`BLE: message_3 in ${bleFrames.length} frames`,
	bleFrames.reduce((sum, frame) => sum + frame.length, 0),
	() => {
		let result = "";
		for (const frame of bleFrames) result = ble.push(frame);
		expect(result === "whole", "BLE frames");
		ble.reset();
	},
);

let payloads = 0;
const splitter = new FrameDemux({
	onFrame: (frame) => {
		decodeValue(frame.payload);
		payloads++;
	},
	onImprov: () => {
		payloads++;
	},
});
for (const [name, text] of [
	["infoRequest", "provisioning: a request without arguments"],
	["planRequest", "provisioning: 1 KB of a plan"],
	["improv", "Improv: a remote call"],
] as const) {
	const [bytes] = all(name);
	const before = payloads;
	measure(text, bytes!.length, () => splitter.feed(bytes!));
	expect(payloads === before + RUNS + 1, name);
}
const [planRequest] = all("planRequest");
const pieces: Uint8Array[] = [];
for (let at = 0; at < planRequest!.length; at += 64) pieces.push(planRequest!.subarray(at, at + 64));
measure("provisioning: 1 KB of a plan, 64 bytes at a time", planRequest!.length, () => {
	for (const piece of pieces) splitter.feed(piece);
});

const [envelope] = all("planEnvelope");
measure("plan: header, the site's Ed25519 signature verified", envelope!.length, () =>
	expect(typeof openEnvelope(envelope!, trust, "FRONT", undefined, crypto) !== "string", "plan header"),
);
const [header] = all("planHeader");
measure("plan: header, what is signed", header!.length, () =>
	expect(decodeSnapshot(header!) !== undefined, "plan header"),
);
const [page] = all("planPage");
measure("plan: a page of records, its check verified", page!.length, () =>
	expect(checkPage(inputs.pageNumber, page!, crypto), "plan page"),
);
const buffer = page!.slice();
/** Whose reading costs nothing: the buffer has the page. */
const onePage: Flash = {
	size: buffer.length,
	sectorSize: buffer.length,
	read: () => undefined,
	write: (address, data) => buffer.set(data, address % buffer.length),
	erase: () => undefined,
};
const slot = new Slot(onePage, 0, crypto, new Uint8Array(32));
slot.holdBody(decodeSnapshot(header!)!);
slot.sealPage(inputs.pageNumber, buffer);
measure("plan: a page of records, its seal verified", page!.length, () =>
	expect(slot.readPage(inputs.pageNumber, buffer), "plan page"),
);
const [sector] = all("logSector");
const walk = new SectorWalk(
	{
		size: sector!.length,
		sectorSize: sector!.length,
		read: (address, into) => into.set(sector!.subarray(address, address + into.length)),
	},
	crypto,
);
expect(walk.open(0), "log");
const opening = work(RUNS, () => walk.open(0));
const walking = work(RUNS, () => {
	walk.open(0);
	expect(walk.next() === "record", "log record");
});
parsers.push({
	parser: "log: a record, its link verified",
	bytes: RECORD_SIZE,
	instructions: Math.round((walking - opening) / RUNS),
});

host.print(JSON.stringify({ parsers }));
