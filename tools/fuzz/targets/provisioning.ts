// SPDX-License-Identifier: Apache-2.0

import { NodeCrypto } from "../../../hal/node/crypto.js";
import { concat, utf8Encode } from "../../../protocol/bytes.js";
import { CborError } from "../../../protocol/cbor/reader.js";
import { type CborValue, decodeValue, encodeValue } from "../../../protocol/cbor/value.js";
import { checkConfig } from "../../../protocol/config/document.js";
import type { Crypto } from "../../../protocol/crypto.js";
import { encodeFrame, KIND, MAX_PAYLOAD, SEAL, VERSION } from "../../../protocol/provisioning/frame.js";
import { encodeImprov, IMPROV, parseImprov } from "../../../protocol/provisioning/improv-frame.js";
import { listHash } from "../../../protocol/trust/list.js";
import { SimProvisioningTarget } from "../../../sim/provisioning/target.js";
import { SeededRandom } from "../../../sim/random.js";
/** The installer's port under the fuzzer: streams, requests behind a good frame, values, Improv. */
import { SimSelf } from "../../../sim/self.js";
import { VirtualTime } from "../../../sim/time.js";
import { SimWallClock } from "../../../sim/wall-clock.js";
import { listPieces } from "../../../site/lib/provisioning/send-lists.js";
import type { ConfigStore } from "../../../src/config/store.js";
import { Provisioning } from "../../../src/service/provisioning.js";
import { type FuzzTarget, never, target, typed } from "../target.js";
import { reader, site } from "../world.js";

/** Runs on one device, before it is made anew. */
const RUNS_EACH = 2000;

let device: Provisioning | undefined;
/** What a reader with a site keeps, and how often that had changed when it got the site. */
let kept: { readonly store: ConfigStore; readonly revision: number } | undefined;
let time = new VirtualTime();
let runs = 0;
let number = 0;
let devices = 0;

function feed(bytes: Uint8Array): void {
	if (device === undefined || ++runs % RUNS_EACH === 0) device = makeDevice();
	device.feed(bytes);
	// Half a frame is given up after a silence, and tests come to their end.
	time.run(300);
	if (kept !== undefined && (kept.store.revision !== kept.revision || kept.store.membership === undefined))
		throw new Error("a reader with a site was changed without authority");
}

function makeDevice(): Provisioning {
	time = new VirtualTime();
	const crypto = new NodeCrypto();
	const random = new SeededRandom(3);
	const wall = new SimWallClock(time);
	const store = new SimSelf().open(crypto, random);
	// Every other one belongs to a site, and no client has proved authority.
	kept = undefined;
	if (++devices % 2 === 0) {
		commission(store, crypto);
		kept = { store, revision: store.revision };
	}
	return new Provisioning({
		clock: time,
		crypto,
		random,
		store,
		device: new SimProvisioningTarget(time, wall),
		write: () => undefined,
	});
}

function commission(store: ConfigStore, crypto: Crypto): void {
	store.makeKeys();
	const checked = checkConfig({ id: "front" });
	if ("problems" in checked) throw new Error("the configuration is not valid");
	store.join(
		{
			trust: site.trust,
			anchor: listHash(site.trust, crypto),
			door: "front",
			credentials: [Uint8Array.of(1)],
		},
		checked.config,
	);
}

function frame(payload: Uint8Array): Uint8Array {
	number = (number + 1) & 0xffff;
	const client = new Uint8Array(8).fill(number & 255);
	return encodeFrame({
		version: VERSION,
		kind: KIND.request,
		client,
		number,
		payload: payload.subarray(0, MAX_PAYLOAD),
	});
}

/** With a seal of no session. */
function sealed(payload: Uint8Array): Uint8Array {
	const head = { version: VERSION, kind: KIND.request, client: new Uint8Array(8), number: 1 };
	return encodeFrame({ ...head, payload }, { seal: () => new Uint8Array(SEAL) });
}

const requests: readonly Uint8Array[] = [
	["info"],
	["state"],
	["identify", { ms: 1000 }],
	["apply", { configuration: { id: "front", door: { strikeTime: 7 } } }],
	["check", { configuration: { id: "front", door: { fireInput: "supervised-normally-closed" } } }],
	["begin"],
	...[...listPieces(site.keys.lists[0]!)].map((piece) => ["trust", piece] as CborValue),
	["trusted"],
	["certify", { credentials: [reader.cwt] }],
	[
		"finish",
		{
			member: { door: "front", credentials: [reader.cwt] },
			configuration: { id: "front" },
			server: { host: "door.example.org", port: 1883, password: "correct horse", spread: 60 },
		},
	],
	["server", { server: { host: "door.example.org", port: 1883, password: "correct horse", spread: 60 } }],
	["test", { name: "relay" }],
	["selftest", { part: "flash" }],
	["wifi-forget"],
	["wifi-join", { ssid: "Building", password: "correct horse" }],
	["door", { command: "open" }],
	["time", { seconds: 1_780_000_000 }],
	["log", { at: 0 }],
	["plan-begin", { envelope: new Uint8Array(40) }],
	["watch", { on: true }],
	["wifi-scan"],
	["challenge"],
	["prove", { key: new Uint8Array(32), signature: new Uint8Array(64), service: new Uint8Array(80) }],
	["leave"],
	["configuration"],
	["plan-write", { chunk: new Uint8Array(64) }],
	["plan-commit"],
	["plan-delta", { envelope: new Uint8Array(40) }],
	["restart"],
	["reset"],
].map((request) => encodeValue(request as CborValue));

/** As improv-wifi.com/serial shows them: settings, state, information, scan. */
const IMPROV_REQUESTS = [
	concat(
		Uint8Array.of(1, 30, 12),
		utf8Encode("MyWirelessAP"),
		Uint8Array.of(16),
		utf8Encode("mysecurepassword"),
	),
	Uint8Array.of(2, 0),
	Uint8Array.of(3, 0),
	Uint8Array.of(4, 0),
].map((rpc) => encodeImprov(IMPROV.rpc, rpc));

export const PROVISIONING_TARGETS: readonly FuzzTarget[] = Object.freeze([
	target("provisioning-stream", [...requests.map(frame), sealed(requests[0]!)], never, feed),
	target("provisioning-request", requests, never, (input) => feed(frame(input)), { share: 0.3 }),
	target("provisioning-value", requests, typed(CborError), (input) => {
		checkConfig(decodeValue(input));
	}),
	target("improv", IMPROV_REQUESTS, never, (input) => {
		parseImprov(input);
		feed(input);
	}),
]);
