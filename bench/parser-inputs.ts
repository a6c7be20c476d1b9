// SPDX-License-Identifier: Apache-2.0

/** On Node: what each parser gets in a simulated tap, over NFC and over BLE, and from an installer. */
import { NodeCrypto } from "../hal/node/crypto.js";
import { toHex } from "../protocol/bytes.js";
import { type CborValue, encodeValue } from "../protocol/cbor/value.js";
import { decodeSign1 } from "../protocol/credential/cose.js";
import { decodePlaintext3 } from "../protocol/edhoc/plaintext.js";
import { EAD_INTENT } from "../protocol/link/intent.js";
import { decodeSnapshot, PAGE, tablePages } from "../protocol/plan/format.js";
import { geometry } from "../protocol/plan/layout.js";
import { encodeFrame, KIND, VERSION } from "../protocol/provisioning/frame.js";
import { encodeImprov, IMPROV } from "../protocol/provisioning/improv-frame.js";
import { openDoor, visit } from "../sim/scenario.js";
import { Slot } from "../src/plan/slot.js";

export interface ParserInputs {
	/** Payload of the site's trust list. */
	readonly list: string;
	/** By name, in hexadecimal; several where a message comes in pieces. */
	readonly bytes: Readonly<Record<string, readonly string[]>>;
	readonly pageNumber: number;
}

const SEED = 1;

/** Keeps the plaintexts that were opened. */
class Watched extends NodeCrypto {
	readonly opened: Uint8Array[] = [];

	override chacha20Poly1305Open(
		...args: Parameters<NodeCrypto["chacha20Poly1305Open"]>
	): Uint8Array | undefined {
		const plaintext = super.chacha20Poly1305Open(...args);
		if (plaintext !== undefined) this.opened.push(plaintext.slice());
		return plaintext;
	}
}

function request(value: CborValue, number: number): Uint8Array {
	const client = new Uint8Array(8).fill(0x5a);
	return encodeFrame({ version: VERSION, kind: KIND.request, client, number, payload: encodeValue(value) });
}

export function parserInputs(): ParserInputs {
	const crypto = new Watched();
	const nfc = { crypto, link: "nfc", phone: "valid", suite: 4, seed: SEED } as const;
	const world = openDoor(nfc);
	crypto.opened.length = 0;
	const { timeline } = visit(world, nfc);
	const bytesOf = (actor: string, text: string) =>
		timeline.filter((m) => m.actor === actor && m.text === text).map((m) => m.bytes!);
	const answers = bytesOf("apdu", "answer");
	const longest = (all: readonly Uint8Array[]) => all.reduce((a, b) => (b.length > a.length ? b : a));
	// The first that is opened is message_3, by the reader.
	const plaintext3 = crypto.opened[0]!;
	const { names } = decodePlaintext3(plaintext3, [EAD_INTENT]);
	if (names.kind !== "kcwt") throw new Error("no credential by value in message_3");

	const ble = visit(openDoor({ ...nfc, link: "ble" }), { ...nfc, link: "ble" });
	const frames = ble.timeline.filter((m) => m.actor === "frame" && m.text === "from the phone");
	// Bit 6 of a frame's first byte begins a message; the last that the phone sends is message_3.
	const begins = frames.map((m) => (m.bytes![0]! & 0x40) !== 0).lastIndexOf(true);

	const { plan, log } = world.flash;
	const slot = [0, geometry(plan).slotSize]
		.map((base) => new Slot(plan, base, crypto, world.deviceKey))
		.find((one) => one.readHeader() !== undefined)!;
	const envelope = slot.readHeader()!;
	const header = decodeSign1(envelope).payload;
	const pageNumber = tablePages(decodeSnapshot(header)!);
	const page = new Uint8Array(PAGE);
	slot.readUnsealed(pageNumber, page);
	const sector = new Uint8Array(log.sectorSize);
	log.read(0, sector);

	const hex = (...all: readonly Uint8Array[]) => all.map((bytes) => toHex(bytes));
	return {
		list: toHex(world.site.trust.payload),
		pageNumber,
		bytes: {
			credential: hex(names.cwt),
			message1: hex(answers[0]!.subarray(1, -2)),
			plaintext3: hex(plaintext3),
			apdu: hex(longest(bytesOf("apdu", "command"))),
			answer: hex(longest(answers)),
			chipFrame: hex(longest(bytesOf("chip", "from the PN532"))),
			bleFrames: hex(...frames.slice(begins).map((m) => m.bytes!)),
			infoRequest: hex(request(["info"], 1)),
			planRequest: hex(request(["plan-write", { chunk: page }], 2)),
			improv: hex(encodeImprov(IMPROV.rpc, Uint8Array.of(3, 0))),
			planEnvelope: hex(envelope),
			planHeader: hex(header),
			planPage: hex(page),
			logSector: hex(sector),
		},
	};
}
