/** Every parser of bytes from outside, each with its corpus and its own ways to refuse. New parsers are added here. */
import {
	CHIP_TO_HOST,
	Pn532FrameReader as ChipReader,
	Pn532FrameWriter as ChipWriter,
	NONE,
	PUSH_MAX,
} from "../../drivers/pn532/frame.js";
import { parseTarget } from "../../drivers/pn532/target.js";
import { NodeCrypto } from "../../hal/node/crypto.js";
import { concat, fromHex, utf8Encode } from "../../protocol/bytes.js";
import { CborError, CborReader, validate } from "../../protocol/cbor/reader.js";
import { CborWriter } from "../../protocol/cbor/writer.js";
import { checkDoorConfig, DEFAULT_DOOR } from "../../protocol/config/door.js";
import { CoseError, decodeSign1 } from "../../protocol/credential/cose.js";
import { readCoseKey } from "../../protocol/credential/cose-key.js";
import { CredentialError, verifyCredential } from "../../protocol/credential/credential.js";
import { CwtError, decodeClaims, encodeClaims } from "../../protocol/credential/cwt.js";
import { EphemeralPool } from "../../protocol/edhoc/ephemeral.js";
import { decodeErrorMessage, EdhocError } from "../../protocol/edhoc/errors.js";
import { decodeIdCred } from "../../protocol/edhoc/id-cred.js";
import { Initiator } from "../../protocol/edhoc/initiator.js";
import { decodeMessage1 } from "../../protocol/edhoc/message-1.js";
import { decodePlaintext2, decodePlaintext3, writePlaintext } from "../../protocol/edhoc/plaintext.js";
import { resolveBySite } from "../../protocol/edhoc/resolve.js";
import { Responder } from "../../protocol/edhoc/responder.js";
import { AID, decodeCommand, encodeCommand } from "../../protocol/link/apdu.js";
import { FrameReader as BleReader, FrameWriter as BleWriter } from "../../protocol/link/frames.js";
import { decodeRecord, RECORD_SIZE } from "../../protocol/log/record.js";
import { verifyLog } from "../../protocol/log/verify.js";
import { openEnvelope } from "../../protocol/plan/envelope.js";
import { decodeDelta, decodeSnapshot, NO_END } from "../../protocol/plan/format.js";
import { PlanTables, SCHEDULE_ALWAYS } from "../../protocol/plan/tables.js";
import { parseTimeZone } from "../../protocol/plan/tz.js";
import { Power, SimFlash } from "../../sim/flash.js";
import { SeededRandom } from "../../sim/random.js";
import { EPOCH, SimSite } from "../../sim/site.js";
import {
	encodeTables,
	type PlanImage,
	packRecords,
	signDelta,
	signSnapshot,
} from "../../site/lib/plan/encode.js";
import { PORT_TARGETS } from "./provisioning.js";
import { RFC_9529, SIGN1 } from "./published.js";
import type { FuzzTarget } from "./target.js";

const crypto = new NodeCrypto();
const random = new SeededRandom(1);
const site = new SimSite(crypto, random);
const reader = site.reader("front");
const phone = site.phone();
const phone2 = site.phone(2);

type Refusal = new (...parts: never[]) => Error;

/** The module's own errors, and with a reason that is a word: a bare Error is a finding. */
function typed(...kinds: readonly Refusal[]): (error: unknown) => boolean {
	return (error) =>
		kinds.some((kind) => error instanceof kind) &&
		/^[a-z0-9]+(-[a-z0-9]+)*$/.test((error as { reason?: string }).reason ?? "");
}

const never = (): boolean => false;
const cbor = typed(CborError);
const edhoc = typed(CborError, CwtError, CoseError, CredentialError, EdhocError);

function target(
	name: string,
	corpus: readonly Uint8Array[],
	refuses: (error: unknown) => boolean,
	run: (input: Uint8Array) => void,
	more: { share?: number; limitMs?: number } = {},
): FuzzTarget {
	return { name, corpus: corpus.map((b) => b.slice()), refuses, run, share: 1, limitMs: 500, ...more };
}

const pool = (seed: number): EphemeralPool => new EphemeralPool(crypto, new SeededRandom(seed));

function makeInitiator(): Initiator {
	return new Initiator({
		crypto,
		suites: [4],
		credentials: [phone.own],
		connectionId: Uint8Array.of(0x0e),
		ephemerals: pool(7),
	});
}

function makeResponder(): Responder {
	return new Responder({
		crypto,
		suites: [4, 2],
		credentials: [reader.own, site.reader("front", 2).own],
		connectionId: Uint8Array.of(0x27),
		ephemerals: pool(8),
	});
}

const resolve = resolveBySite(site.trust, crypto);

/** One whole session, whose messages are the corpus; each run repeats it up to the message under attack. */
function session(): readonly Uint8Array[] {
	const initiator = makeInitiator();
	const responder = makeResponder();
	const one = initiator.message1().slice();
	responder.processMessage1(one);
	const two = responder.message2().slice();
	initiator.processMessage2(two, resolve);
	const three = initiator.message3().slice();
	responder.processMessage3(three, resolve);
	const four = responder.message4().slice();
	initiator.processMessage4(four);
	return [one, two, three, four];
}

const [message1, message2, message3, message4] = session() as [
	Uint8Array,
	Uint8Array,
	Uint8Array,
	Uint8Array,
];
const errors = ["016772656675736564", "0204", "02820204", "03f5"].map(fromHex);

const plaintext = (id: Uint8Array | undefined): Uint8Array => {
	const writer = new CborWriter(512);
	writePlaintext(writer, id, phone.own.idCred, new Uint8Array(64).fill(5), new Uint8Array(0));
	return writer.take();
};

const claims = encodeClaims({ issuer: "ACME0001", id: random.bytes(8), expires: EPOCH } as Parameters<
	typeof encodeClaims
>[0]);
const coseKey = fromHex(`a301012006215820${"11".repeat(32)}`);

const tables = encodeTables({
	zone: "CET-1CEST,M3.5.0,M10.5.0/3",
	shifts: [{ at: EPOCH, offset: 3600 }],
	strictTime: true,
	grace: 3600,
	defaultMode: "locked",
	modes: [{ schedule: 0, mode: "locked" }],
	holidays: [{ year: 2026, month: 12, day: 24, days: 3, kind: 0 }],
	schedules: [[{ days: 0x1f, from: 480, to: 1080 }]],
	plans: [[{ schedule: SCHEDULE_ALWAYS, from: 0, until: NO_END }], [{ schedule: 0, from: 100, until: 9000 }]],
});
const plan = (version: number, ids: readonly number[]): PlanImage => ({
	site: site.id,
	door: "front",
	version,
	issued: EPOCH + version,
	expires: EPOCH + 86_400,
	tables,
	records: packRecords(
		ids.map((n) => ({ id: new SeededRandom(n).bytes(8), access: n & 1, flags: 0, from: 0, until: NO_END })),
	),
});
const signing = { crypto, signer: site.signer };
const old = plan(1, [1, 2, 3, 4, 5]);
const snapshot = signSnapshot(old, signing).envelope;
const delta = signDelta(old, plan(2, [1, 2, 4, 5, 6, 7]), signing);
const payload = (envelope: Uint8Array): Uint8Array => decodeSign1(envelope).payload.slice();

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

const LOG_SIZE = 3 * 4096;

function text(bytes: Uint8Array): string {
	let all = "";
	for (const byte of bytes) all += String.fromCharCode(byte);
	return all;
}

export const targets: readonly FuzzTarget[] = Object.freeze([
	target("cbor", [claims, coseKey, phone.cwt, message1, snapshot, ...SIGN1], cbor, (input) =>
		validate(input),
	),
	target(
		"cose-sign1",
		[phone.cwt, reader.cwt, snapshot, delta, ...SIGN1],
		typed(CborError, CoseError),
		(input) => {
			decodeSign1(input);
		},
	),
	target("cose-key", [coseKey], typed(CborError, CoseError, CwtError), (input) => {
		readCoseKey(new CborReader(input));
	}),
	target("cwt", [claims], typed(CborError, CwtError), (input) => {
		decodeClaims(input);
	}),
	target(
		"credential",
		[phone.cwt, phone2.cwt, reader.cwt, ...SIGN1],
		typed(CredentialError),
		(input) => {
			verifyCredential(input, site.trust, crypto);
		},
		{ share: 0.2 },
	),
	target("edhoc-message-1", [message1, RFC_9529.message1], edhoc, (input) => {
		decodeMessage1(input, () => {}, [1]);
	}),
	target("edhoc-id-cred", [phone.own.idCred, fromHex("a1044101"), RFC_9529.idCred], edhoc, (input) => {
		decodeIdCred(input);
	}),
	target("edhoc-plaintext-2", [plaintext(Uint8Array.of(0x27)), RFC_9529.plaintext2], edhoc, (input) => {
		decodePlaintext2(input, [1]);
	}),
	target("edhoc-plaintext-3", [plaintext(undefined), RFC_9529.plaintext3], edhoc, (input) => {
		decodePlaintext3(input, [1]);
	}),
	target("edhoc-error", errors, edhoc, (input) => {
		decodeErrorMessage(input);
	}),
	target(
		"edhoc-responder-1",
		[message1, RFC_9529.message1],
		edhoc,
		(input) => {
			const responder = makeResponder();
			responder.processMessage1(input);
			responder.message2();
		},
		{ share: 0.02 },
	),
	target(
		"edhoc-initiator-2",
		[message2, RFC_9529.message2, ...errors],
		edhoc,
		(input) => {
			const initiator = makeInitiator();
			initiator.message1();
			initiator.processMessage2(input, resolve);
		},
		{ share: 0.02 },
	),
	target(
		"edhoc-responder-3",
		[message3, RFC_9529.message3, ...errors],
		edhoc,
		(input) => {
			const responder = makeResponder();
			responder.processMessage1(message1);
			responder.message2();
			responder.processMessage3(input, resolve);
		},
		{ share: 0.02 },
	),
	target(
		"edhoc-initiator-4",
		[message4, RFC_9529.message4, ...errors],
		edhoc,
		(input) => {
			const initiator = makeInitiator();
			initiator.message1();
			initiator.processMessage2(message2, resolve);
			initiator.message3();
			initiator.processMessage4(input);
		},
		{ share: 0.02 },
	),
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
	target(
		"plan-envelope",
		[snapshot, delta],
		never,
		(input) => {
			openEnvelope(input, site.trust, crypto);
		},
		{ share: 0.2 },
	),
	target("plan-snapshot", [payload(snapshot)], never, (input) => {
		decodeSnapshot(input);
	}),
	target("plan-delta", [payload(delta)], never, (input) => {
		decodeDelta(input);
	}),
	target("plan-tables", [tables], never, (input) => {
		const parsed = PlanTables.parse(input);
		if (parsed === undefined) return;
		parsed.mode(EPOCH);
		parsed.mode(undefined);
		for (let number = 0; number < 4; number++) {
			parsed.need(number);
			parsed.admits(number, EPOCH);
		}
	}),
	target(
		"time-zone",
		["CET-1CEST,M3.5.0,M10.5.0/3", "UTC0", "<+1030>-10:30<+11>-11,M10.1.0,M4.1.0", "EST5EDT,J60,300/2"].map(
			utf8Encode,
		),
		never,
		(input) => {
			parseTimeZone(text(input))?.offsetAt(EPOCH);
		},
	),
	target("door-config", [utf8Encode(JSON.stringify(DEFAULT_DOOR))], never, (input) => {
		let value: unknown;
		try {
			value = JSON.parse(text(input));
		} catch {
			value = text(input);
		}
		checkDoorConfig(value);
	}),
	target("log-record", [new Uint8Array(RECORD_SIZE)], never, (input) => {
		if (input.length >= RECORD_SIZE) decodeRecord(input.subarray(0, RECORD_SIZE));
	}),
	target(
		"log-image",
		[new Uint8Array(640).fill(0xff), random.bytes(640)],
		never,
		(input) => {
			const flash = new SimFlash({ size: LOG_SIZE, power: new Power() });
			flash.bytes.set(input.subarray(0, LOG_SIZE));
			verifyLog(flash, crypto);
		},
		{ share: 0.02 },
	),
	...PORT_TARGETS.map(({ name, corpus, run, throwsCbor }) =>
		target(name, corpus, throwsCbor ? cbor : never, run, {
			share: name.startsWith("provisioning-r") ? 0.3 : 1,
		}),
	),
]);
