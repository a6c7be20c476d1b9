// SPDX-License-Identifier: Apache-2.0

/** A session of reader and site: frames of both handshakes, records, messages. */
import { equal } from "../../../protocol/bytes.js";
import { CborError } from "../../../protocol/cbor/reader.js";
import { CoseError, EDDSA, signer } from "../../../protocol/credential/cose.js";
import { CredentialError } from "../../../protocol/credential/credential.js";
import { CwtError } from "../../../protocol/credential/cwt.js";
import { EphemeralPool } from "../../../protocol/edhoc/ephemeral.js";
import { EdhocError } from "../../../protocol/edhoc/errors.js";
import { MAX_FRAME, RECORD_HEAD } from "../../../protocol/sync/bounds.js";
import { errorFrame } from "../../../protocol/sync/frame.js";
import {
	clearFrame,
	decodeMessage,
	encodeMessage,
	type Message,
	readClear,
} from "../../../protocol/sync/messages.js";
import { ReaderHandshake } from "../../../protocol/sync/reader-handshake.js";
import { SiteHandshake, serverCredential, sessionIdIn } from "../../../protocol/sync/site-handshake.js";
import { practiceKeys } from "../../../sim/practice-keys.js";
import { SeededRandom } from "../../../sim/random.js";
import { type FuzzTarget, never, target, typed } from "../target.js";
import { crypto, reader, site } from "../world.js";

const handshake = typed(CborError, CwtError, CoseError, CredentialError, EdhocError);

const ISSUED = 1_577_836_800;
const server = crypto.ed25519KeyPair(new Uint8Array(32).fill(9));
const { trust } = practiceKeys(site.id, site.keys.keys[0]!, crypto, [
	{ publicKey: server.publicKey, roles: ["sync"], until: ISSUED + 86_400 },
]);
const registered = crypto.ed25519KeyPair(reader.secretKey.subarray(0, 32)).publicKey;
const credential = serverCredential(site.id, server.publicKey, signer(crypto, EDDSA, server.secretKey));

function readerSide(): ReaderHandshake {
	const random = new SeededRandom(7);
	const ephemerals = new EphemeralPool(crypto, random);
	const common = { crypto, random, ephemerals, trust, door: "front", now: ISSUED };
	return new ReaderHandshake({ ...common, credential: reader.own });
}

function siteSide(one: Uint8Array): SiteHandshake | undefined {
	const id = sessionIdIn(one);
	const ephemerals = new EphemeralPool(crypto, new SeededRandom(8));
	const common = { crypto, ephemerals, trust, door: "front", now: ISSUED };
	return id && new SiteHandshake({ ...common, credential, registered }, id);
}

/** One whole session; each run repeats it up to the frame under attack. */
function session() {
	const [a, random] = [readerSide(), new SeededRandom(9)];
	const one = a.begin();
	const b = siteSide(one)!;
	const two = b.take(one)!;
	const three = a.take(two)!;
	const four = b.take(three)!;
	a.take(four);
	const buffer = new Uint8Array(MAX_FRAME);
	buffer.set(random.bytes(40), RECORD_HEAD);
	const record = buffer.slice(0, a.session!.seal(buffer, 40));
	return { frames: [one, two, three, four] as const, site: b.session!, record };
}

const { frames, record, site: end } = session();
const [one, two, three, four] = frames;
const refused = errorFrame(readerSide().id, new EdhocError("wrong-version"))!;

const bytes = (length: number): Uint8Array => new SeededRandom(length).bytes(length);
const FROM_READER: readonly Message[] = [
	{ name: "ack", id: 1, of: 2, refusal: "not-newer" },
	{
		...{ name: "hello", id: 1, trust: 2, listHash: bytes(8), epoch: 1, version: 300, notice: 5 },
		...{ lockdown: 2, log: 70_000, acknowledged: 69_000, link: bytes(8), image: 1, clock: null },
	},
	{ name: "clock", id: 2, nonce: bytes(8) },
	{ name: "pull", id: 3, hash: bytes(32), at: 896 },
	{ name: "log", id: 4, first: 69_001, records: bytes(64) },
	{ name: "checkpoint", id: 5, first: 69_001, checkpoint: bytes(160) },
	{ name: "alarm", id: 8, record: bytes(32) },
	{ name: "health", id: 9, uptime: 1, cause: 1, free: 9000, signal: null, failing: 0, clockError: 2 },
	{ name: "outcome", id: 10, hash: bytes(32), refusal: null },
];
const FROM_SITE: readonly Message[] = [
	{ name: "time", id: 1, nonce: bytes(8), seconds: ISSUED },
	{ name: "delta", id: 2, envelope: bytes(200) },
	{ name: "offer", id: 3, hash: bytes(32), size: 3000 },
	{ name: "piece", id: 4, hash: bytes(32), size: 3000, at: 896, piece: bytes(50) },
	{ name: "logged", id: 5, serial: 69_024, link: bytes(8) },
	{ name: "notice", id: 6, envelope: bytes(200) },
	{ name: "lockdown", id: 7, envelope: null },
	{ name: "command", id: 8, what: "open", for: 5, until: 9000, by: bytes(8) },
	{ name: "settings", id: 9, sounds: null, spread: 60, ssid: "net", password: "secret" },
	{ name: "configuration", id: 10, envelope: bytes(300) },
];
const WANT = { name: "want", id: 6, version: 3 } as const;
const LIST = { name: "list", id: 7, version: 3, size: 400, at: 0, piece: bytes(50) } as const;

/** What is taken is said again by the same bytes. */
function decode(input: Uint8Array, from: "reader" | "site"): void {
	const message = decodeMessage(input, from);
	if (message.name !== "unknown" && !equal(encodeMessage(message), input)) throw new Error("two encodings");
}

export const SYNC_TARGETS: readonly FuzzTarget[] = Object.freeze([
	target("sync-up", [...FROM_READER, WANT].map(encodeMessage), typed(CborError), (input) => {
		decode(input, "reader");
	}),
	target("sync-down", [...FROM_SITE, LIST].map(encodeMessage), typed(CborError), (input) => {
		decode(input, "site");
	}),
	target("sync-clear", [clearFrame(WANT), clearFrame(LIST)], never, (input) => {
		readClear(input, "reader");
		readClear(input, "site");
	}),
	target("sync-record", [record], never, (input) => {
		const buffer = input.slice();
		if (end.open(buffer, buffer.length) !== 0 && !equal(input, record)) throw new Error("a forged record");
	}),
	target(
		"sync-site-1",
		[one],
		handshake,
		(input) => {
			siteSide(input)?.take(input);
		},
		{ share: 0.02 },
	),
	target(
		"sync-reader-2",
		[two, refused],
		handshake,
		(input) => {
			const side = readerSide();
			side.begin();
			side.take(input);
		},
		{ share: 0.02 },
	),
	target(
		"sync-site-3",
		[three, refused],
		handshake,
		(input) => {
			const side = siteSide(one)!;
			side.take(one);
			side.take(input);
			if (side.session !== undefined && !equal(input, three)) throw new Error("a forged message_3");
		},
		{ share: 0.02 },
	),
	target(
		"sync-reader-4",
		[four, refused],
		handshake,
		(input) => {
			const side = readerSide();
			side.begin();
			side.take(two);
			side.take(input);
			if (side.session !== undefined && !equal(input, four)) throw new Error("a forged message_4");
		},
		{ share: 0.02 },
	),
]);
