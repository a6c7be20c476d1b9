// SPDX-License-Identifier: Apache-2.0

/** EDHOC: what decodes its messages, and both sides up to the message under attack. */
import { fromHex } from "../../../protocol/bytes.js";
import { CborError } from "../../../protocol/cbor/reader.js";
import { CborWriter } from "../../../protocol/cbor/writer.js";
import { CoseError } from "../../../protocol/credential/cose.js";
import { CredentialError, verifyPhone, verifyReader } from "../../../protocol/credential/credential.js";
import { CwtError } from "../../../protocol/credential/cwt.js";
import { EphemeralPool } from "../../../protocol/edhoc/ephemeral.js";
import { decodeErrorMessage, EdhocError } from "../../../protocol/edhoc/errors.js";
import { decodeIdCred } from "../../../protocol/edhoc/id-cred-forms.js";
import { Initiator } from "../../../protocol/edhoc/initiator.js";
import { decodeMessage1 } from "../../../protocol/edhoc/message-1.js";
import { decodePlaintext2, decodePlaintext3, writePlaintext } from "../../../protocol/edhoc/plaintext.js";
import { resolveBy } from "../../../protocol/edhoc/resolve.js";
import { Responder } from "../../../protocol/edhoc/responder.js";
import { SeededRandom } from "../../../sim/random.js";
import { RFC_9529 } from "../published.js";
import { type FuzzTarget, target, typed } from "../target.js";
import { crypto, phone, reader, site } from "../world.js";

const edhoc = typed(CborError, CwtError, CoseError, CredentialError, EdhocError);

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

const ofReader = resolveBy((cwt) => verifyReader(cwt, site.trust, crypto));
const ofPhone = resolveBy((cwt) => verifyPhone(cwt, site.trust, "front", crypto));

/** One whole session, whose messages are the corpus; each run repeats it up to the message under attack. */
function session(): readonly Uint8Array[] {
	const initiator = makeInitiator();
	const responder = makeResponder();
	const one = initiator.message1().slice();
	responder.processMessage1(one);
	const two = responder.message2().slice();
	initiator.processMessage2(two, ofReader);
	const three = initiator.message3().slice();
	responder.processMessage3(three, ofPhone);
	const four = responder.message4().slice();
	initiator.processMessage4(four);
	return [one, two, three, four];
}

export const [message1, message2, message3, message4] = session() as [
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

export const EDHOC_TARGETS: readonly FuzzTarget[] = Object.freeze([
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
			initiator.processMessage2(input, ofReader);
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
			responder.processMessage3(input, ofPhone);
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
			initiator.processMessage2(message2, ofReader);
			initiator.message3();
			initiator.processMessage4(input);
		},
		{ share: 0.02 },
	),
]);
