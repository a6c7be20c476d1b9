// SPDX-License-Identifier: Apache-2.0

import { assert } from "chai";
import { concat } from "../../../protocol/bytes.js";
import { type CborMap, type CborValue, decodeValue, encodeValue } from "../../../protocol/cbor/value.js";
import { EDDSA } from "../../../protocol/credential/cose.js";
import {
	encodeFrame,
	KIND,
	parseFrame,
	type ReceivedFrame,
	SEALED,
	VERSION,
} from "../../../protocol/provisioning/frame.js";
import { readerMessage } from "../../../protocol/provisioning/proof.js";
import { practiceKeys } from "../../../sim/practice-keys.js";
import { SimProvisioningTarget } from "../../../sim/provisioning/target.js";
import { SeededRandom } from "../../../sim/random.js";
import { SimSelf } from "../../../sim/self.js";
import { VirtualTime } from "../../../sim/time.js";
import { SimWallClock } from "../../../sim/wall-clock.js";
import { withAuthority } from "../../../site/lib/provisioning/authority.js";
import { type BytePort, ProvisioningClient } from "../../../site/lib/provisioning/client.js";
import { memberOf } from "../../../site/lib/provisioning/commission.js";
import { ClientError, RequestRefused } from "../../../site/lib/provisioning/errors.js";
import { listPieces } from "../../../site/lib/provisioning/send-lists.js";
import type { ConfigStore } from "../../../src/config/store.js";
import { Provisioning } from "../../../src/service/provisioning.js";
import { providers } from "../../support/providers.js";

const crypto = providers[0]!;
const CLIENT = Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8);
const pair = crypto.ed25519KeyPair(new Uint8Array(32).fill(9));
const site = practiceKeys("ACME", pair, crypto);

/** The device's end of a true reader. */
class Reader {
	readonly time = new VirtualTime();
	readonly target: SimProvisioningTarget;
	readonly store: ConfigStore;
	readonly provisioning: Provisioning;
	onBytes: (bytes: Uint8Array) => void = () => {};

	constructor(door?: string, seed = 1) {
		const random = new SeededRandom(seed);
		const wall = new SimWallClock(this.time);
		this.target = new SimProvisioningTarget(this.time, wall);
		this.store = new SimSelf().open(crypto, random);
		this.provisioning = new Provisioning({
			clock: this.time,
			crypto,
			random,
			store: this.store,
			device: this.target,
			write: (bytes) => this.onBytes(bytes),
		});
		if (door === undefined) return;
		const member = memberOf(site.site, site.signing, door, this.store.makeKeys(), random.bytes(8));
		for (const piece of listPieces(site.lists[0]!)) this.feed(["trust", piece]);
		this.feed(["finish", { member, configuration: { id: door } }], new Uint8Array(8));
		assert.equal(this.store.membership?.door, door);
		this.target.recorded.length = 0;
	}

	/** A request by what is in the cable: it has no key of a session. */
	feed(request: CborValue, client = CLIENT, number = 0x7000): void {
		const payload = encodeValue(request);
		this.provisioning.feed(encodeFrame({ version: VERSION, kind: KIND.request, client, number, payload }));
	}

	/** Proofs that it admitted. */
	get admitted(): number {
		return this.target.recorded.filter(({ event, detail }) => event === "service" && detail === 1).length;
	}

	/** The requests that came to something: the relay, the clock, the configuration. */
	get changes(): readonly string[] {
		return this.target.recorded.map(({ event }) => event).filter((event) => event !== "service");
	}
}

/** What stands between an installer's port and a reader. Each hook may change what passes; nothing swallows it. */
class Between {
	readonly client: ProvisioningClient;
	readonly time = new VirtualTime();
	/** All that the installer sent, frame by frame. */
	readonly sent: ReceivedFrame[] = [];
	reader: Reader;
	onRequest: (frame: ReceivedFrame, name: string) => Uint8Array | undefined = (frame) => raw(frame);
	onReply: (frame: ReceivedFrame) => Uint8Array | undefined = (frame) => raw(frame);

	constructor(reader: Reader) {
		this.reader = reader;
		const onRequest = (bytes: Uint8Array): void => {
			const frame = frameOf(bytes);
			this.sent.push(frame);
			const [name] = decodeValue(frame.payload) as readonly string[];
			const passed = this.onRequest(frame, name!);
			if (passed !== undefined) this.reader.provisioning.feed(passed);
		};
		const port: BytePort = {
			write: onRequest,
			onBytes: undefined,
			onClosed: undefined,
			close: () => {},
		};
		this.client = new ProvisioningClient(port, CLIENT, (ms, action) => this.time.after(1000 * ms, action));
		this.say = (bytes) => port.onBytes?.(bytes);
		this.plug(reader);
	}

	readonly say: (bytes: Uint8Array) => void;

	plug(reader: Reader): void {
		this.reader = reader;
		reader.onBytes = (bytes) => {
			const passed = this.onReply(frameOf(bytes));
			if (passed !== undefined) this.say(passed);
		};
	}

	/** `work` with the site's authority. */
	async session<T>(work: (info: CborMap) => Promise<T>, door?: string): Promise<T> {
		const random = new SeededRandom(3);
		const key = { ...site.root, lists: site.lists, trust: site.trust };
		const randomBytes = (n: number) => random.bytes(n).slice();
		const options = { crypto, randomBytes, key: () => key, door, now: () => 1_800_000_000 };
		return withAuthority(this.client, await this.client.request("info"), options, work);
	}

	/** Why it ends. */
	async refused(door?: string): Promise<string> {
		const error = await this.session(() => Promise.resolve("was let in"), door).catch((e: unknown) => e);
		if (!(error instanceof ClientError)) assert.fail(String(error));
		return error.reason;
	}
}

/** What is written at once is one frame. */
function frameOf(bytes: Uint8Array): ReceivedFrame {
	const frame = parseFrame(bytes.slice());
	if (typeof frame === "string") assert.fail(frame);
	return frame;
}

/** The frame as it was, or with another payload under its old seal, with a checksum that is right. */
function raw(frame: ReceivedFrame, payload = frame.payload, number = frame.number): Uint8Array {
	const { seal } = frame;
	return encodeFrame({ ...frame, payload, number }, seal && { seal: () => seal });
}

function changed(frame: ReceivedFrame, change: (value: CborMap) => CborMap): Uint8Array {
	return raw(frame, encodeValue(change(decodeValue(frame.payload) as CborMap)));
}

describe("a false reader on the installer's cable", () => {
	it("that passes all on to a reader elsewhere is found by its door, before anything is proved", async () => {
		const elsewhere = new Reader("BACK");
		const false_ = new Between(elsewhere);
		assert.equal(await false_.refused("FRONT"), "wrong-door");
		// It says what it likes of itself: the key that it lends is signed for another door.
		false_.onReply = (frame) => {
			const value = decodeValue(frame.payload) as CborMap;
			return value?.door === undefined ? raw(frame) : changed(frame, (info) => ({ ...info, door: "FRONT" }));
		};
		for (const door of [undefined, "FRONT"])
			assert.equal(await false_.refused(door), "false-reader", `${door}`);
		assert.equal(elsewhere.admitted, 0);
		assert.notInclude(
			false_.sent.map(({ payload }) => (decodeValue(payload) as string[])[0]),
			"prove",
		);
	});

	it("in the middle executes nothing of its own at the reader to which the installer proves", async () => {
		const reader = new Reader("FRONT");
		const middle = new Between(reader);
		const attacks: CborValue[] = [
			["test", { name: "relay" }],
			["reset"],
			["time", { seconds: 1_700_000_000 }],
			["apply", { configuration: { id: "FRONT", name: "mine" } }],
			["restart"],
		];
		await middle.session(async () => {
			assert.equal(reader.admitted, 1);
			const mine = middle.sent.at(-1)!;
			for (const attack of attacks) {
				const payload = encodeValue(attack);
				const number = mine.number + 1;
				const frame = { version: 2, client: CLIENT, number, payload };
				for (const seal of [undefined, mine.seal, new Uint8Array(16)])
					reader.provisioning.feed(
						encodeFrame({ ...frame, kind: KIND.request }, seal && { seal: () => seal }),
					);
			}
			await middle.client.request("configuration");
			// An order of the installer's own, changed on its way, and the same again under a later number.
			const own = middle.sent.at(-1)!;
			for (const attack of attacks) {
				reader.provisioning.feed(raw(own, encodeValue(attack)));
				reader.provisioning.feed(raw(own, encodeValue(attack), own.number + 1));
			}
			assert.deepEqual(reader.changes, []);
			assert.equal(reader.target.restarts, 0);
			assert.equal(reader.store.config?.name, "");
			await middle.client.request("time", { seconds: 1_800_000_000 });
		});
		assert.isDefined(reader.store.membership);
		assert.equal(reader.target.state().time, 1_800_000_000, "what the installer asks is done");
	});

	it("in the middle repeats nothing that was done, in this session or after it", async () => {
		const reader = new Reader("FRONT");
		const middle = new Between(reader);
		let times = 0;
		const setTime = reader.target.setTime.bind(reader.target);
		reader.target.setTime = (seconds) => {
			times++;
			setTime(seconds);
		};
		await middle.session(async () => {
			await middle.client.request("time", { seconds: 1_800_000_000 });
			const order = raw(middle.sent.at(-1)!);
			reader.provisioning.feed(order);
			await middle.client.request("configuration");
			reader.provisioning.feed(order);
			assert.equal(times, 1);
		});
		for (const frame of middle.sent) reader.provisioning.feed(raw(frame));
		await middle.session(async () => {
			for (const frame of middle.sent.slice(0, 6)) reader.provisioning.feed(raw(frame));
			assert.equal(times, 1);
		});
	});

	it("that takes the challenge for itself has no signature for it", async () => {
		const reader = new Reader("FRONT");
		const thief = crypto.ed25519KeyPair(new Uint8Array(32).fill(5));
		const own = crypto.x25519KeyPair(new Uint8Array(32).fill(6)).publicKey;
		type Change = (proof: CborMap, asked: CborMap) => CborMap;
		const cases: readonly [string, Change][] = [
			["false-reader", (proof) => ({ ...proof, share: own })],
			["false-reader", (proof) => ({ ...proof, signature: new Uint8Array(64) })],
			// Its own key, well signed, beside the credential of another.
			["false-reader", (proof, { share }) => ({ ...proof, ...signedBy(thief, own, share as Uint8Array) })],
			["other-site", ({ share, key, signature }) => ({ share: share!, key: key!, signature: signature! })],
		];
		for (const [expected, change] of cases) {
			const middle = new Between(reader);
			middle.onReply = (frame) => {
				const asked = decodeValue(middle.sent.at(-1)!.payload) as [string, CborMap];
				return asked[0] === "challenge" ? changed(frame, (proof) => change(proof, asked[1])) : raw(frame);
			};
			assert.equal(await middle.refused(), expected);
		}
		// And one that says the thief's key of itself from the first: the site has not signed it.
		const all = new Between(reader);
		all.onReply = (frame) => {
			const asked = decodeValue(all.sent.at(-1)!.payload) as [string, CborMap];
			const share = asked[1]?.share as Uint8Array;
			if (asked[0] === "info") return changed(frame, (info) => ({ ...info, key: thief.publicKey }));
			return changed(frame, (proof) => ({ ...proof, ...signedBy(thief, own, share) }));
		};
		assert.equal(await all.refused(), "other-site");
		assert.equal(reader.admitted, 0);
	});

	function signedBy(key: typeof pair, share: Uint8Array, clientShare: Uint8Array): CborMap {
		const shares = { client: CLIENT, clientShare, readerShare: share, reader: key.publicKey };
		const signature = crypto.ed25519Sign(readerMessage(shares), key.secretKey);
		return { share, key: key.publicKey, signature };
	}

	it("in the middle can end a command, and make nobody believe what the reader did not say", async () => {
		const reader = new Reader("FRONT");
		const middle = new Between(reader);
		const events: CborMap[] = [];
		middle.client.onEvent = (event) => events.push(event);
		await middle.session(async () => {
			await middle.client.request("watch", { on: true });
			const seen: Uint8Array[] = [];
			middle.onReply = (frame) => {
				if (frame.kind === KIND.event) seen.push(raw(frame));
				return raw(frame);
			};
			reader.target.record(1, 0, 12);
			reader.target.record(1, 0, 13);
			assert.lengthOf(events, 2);
			const forged = { version: 2, client: CLIENT, number: 9, payload: encodeValue({ event: "held" }) };
			middle.say(encodeFrame({ ...forged, kind: KIND.event }));
			middle.say(concat(...seen));
			assert.lengthOf(events, 2, "neither a made-up event nor the same again");

			middle.onReply = (frame) =>
				changed(frame, (config) => (config.id === undefined ? config : { ...config, name: "another" }));
			const asked = middle.client.request("configuration").catch((error: ClientError) => error.reason);
			middle.time.run(4000);
			assert.equal(await asked, "no-answer");

			middle.onReply = ({ number }) =>
				encodeFrame({
					version: VERSION,
					kind: KIND.error,
					client: CLIENT,
					number,
					payload: encodeValue({ reason: "busy", message: "wait" }),
				});
			const told = await middle.client.request("configuration").catch((error: unknown) => error);
			assert.instanceOf(told, RequestRefused);
			middle.onReply = (frame) => raw(frame);
		});
	});

	it("that takes the place of a new reader in the middle of a session is found by its key", async () => {
		const middle = new Between(new Reader(undefined, 1));
		await middle.session(() => middle.client.request("wifi-scan"));
		middle.plug(new Reader(undefined, 2));
		assert.equal(await middle.refused(), "false-reader");
	});

	for (const version of [1, 2])
		it(`that speaks version ${version} of the protocol is told apart: nothing is proved to it`, async () => {
			const middle = new Between(new Reader("FRONT"));
			middle.onRequest = (frame) => {
				const old = frame.version === version;
				const value: CborValue = old
					? { commissioned: true, site: "ACME", door: "FRONT", key: new Uint8Array(32) }
					: { reason: "unsupported-version", message: "", least: version, greatest: version };
				const kind = old ? KIND.reply : KIND.error;
				middle.say(encodeFrame({ ...frame, version, kind, payload: encodeValue(value) }));
				return undefined;
			};
			assert.equal(await middle.refused(), "older-reader");
			assert.deepEqual(
				middle.sent.map(({ payload }) => (decodeValue(payload) as string[])[0]),
				["info", "info"],
			);
		});

	it("sees frames whose mark of a seal stands in their kind, and seals of 16 bytes", async () => {
		const middle = new Between(new Reader("FRONT"));
		const kinds: number[] = [];
		middle.reader.onBytes = ((pass) => (bytes: Uint8Array) => {
			kinds.push(bytes[3]!);
			pass(bytes);
		})(middle.reader.onBytes);
		await middle.session(() => middle.client.request("configuration"));
		assert.deepEqual(kinds, [1, 1, 1 | SEALED, 1 | SEALED, 1 | SEALED], "info, challenge, then with a seal");
		assert.equal(middle.sent.at(-1)!.seal?.length, 16);
		assert.equal(middle.reader.store.keys![0]!.algorithm, EDDSA);
	});
});
