// SPDX-License-Identifier: Apache-2.0

import { toHex } from "../../../protocol/bytes.js";
import { type CborMap, type CborValue, decodeValue, encodeValue } from "../../../protocol/cbor/value.js";
import type { Crypto, KeyPair } from "../../../protocol/crypto.js";
import { FrameDemux } from "../../../protocol/provisioning/demux.js";
import { encodeFrame, KIND, type ProvisioningFrame, VERSION } from "../../../protocol/provisioning/frame.js";
import type { ImprovFrame } from "../../../protocol/provisioning/improv-frame.js";
import type { Member, ReaderProof } from "../../../protocol/provisioning/messages.js";
import type { CableSession } from "../../../protocol/provisioning/session.js";
import type { SimFlash } from "../../../sim/flash.js";
import { type PracticeKeys, practiceKeys } from "../../../sim/practice-keys.js";
import { SimProvisioningTarget } from "../../../sim/provisioning/target.js";
import { SeededRandom } from "../../../sim/random.js";
import { type SelfContents, SimSelf } from "../../../sim/self.js";
import { VirtualTime } from "../../../sim/time.js";
import { SimWallClock } from "../../../sim/wall-clock.js";
import { memberOf } from "../../../site/lib/provisioning/commission.js";
import { Introduction } from "../../../site/lib/provisioning/introduction.js";
import { listPieces } from "../../../site/lib/provisioning/send-lists.js";
import type { KeyModel } from "../../../site/lib/trust/model.js";
import type { ConfigStore } from "../../../src/config/store.js";
import { Provisioning } from "../../../src/service/provisioning.js";

/** Keeps its bytes: decoded values of many answers would fill the heap that the reader has on XS. */
export class Answer {
	readonly kind: number;
	readonly number: number;
	readonly payload: Uint8Array;

	constructor({ kind, number, payload }: ProvisioningFrame) {
		this.kind = kind;
		this.number = number;
		this.payload = payload.slice();
	}

	get value(): CborMap {
		return decodeValue(this.payload) as CborMap;
	}
}

/** A client's share, and what the reader answered to it. */
export interface Challenge {
	readonly introduction: Introduction;
	readonly reader: ReaderProof;
}

/** The device's end without a port: requests in, answers out, time by hand. */
export class Bench {
	readonly time = new VirtualTime();
	readonly wall = new SimWallClock(this.time);
	readonly random = new SeededRandom(5);
	readonly self: SimSelf;
	readonly facade = new SimProvisioningTarget(this.time, this.wall);
	readonly answers: Answer[] = [];
	/** What `ask` has sent. */
	readonly sent: Uint8Array[] = [];
	readonly improv: ImprovFrame[] = [];
	readonly crypto: Crypto;
	readonly store: ConfigStore;
	readonly device: Provisioning;
	readonly keys: PracticeKeys;
	readonly #out: FrameDemux;
	/** Not the reader's dice: what it draws must not hang on how often the site has signed. */
	readonly #ids = new SeededRandom(6);
	readonly #secrets = new SeededRandom(8);
	/** Of the clients that have proved authority. */
	readonly #sessions = new Map<string, CableSession>();
	#number = 0;

	/** `others`: keys of the site's list besides its own. */
	constructor(crypto: Crypto, contents?: SelfContents, others: readonly KeyModel[] = []) {
		this.crypto = crypto;
		this.keys = practiceKeys("ACME", crypto.ed25519KeyPair(new SeededRandom(9).bytes(32)), crypto, others);
		this.self = new SimSelf(undefined, contents);
		this.store = this.self.open(crypto, this.random);
		this.#out = new FrameDemux({
			onFrame: (frame: ProvisioningFrame) => this.answers.push(new Answer(frame)),
			onImprov: ({ type, data, size }) => this.improv.push({ type, data: data.slice(), size }),
		});
		this.store.lists.record = this.facade.record;
		this.device = new Provisioning({
			clock: this.time,
			crypto,
			random: this.random,
			store: this.store,
			device: this.facade,
			write: (bytes) => this.#out.feed(bytes),
		});
	}

	/** The site's root, which may do all by cable. */
	get site(): KeyPair {
		return this.keys.root;
	}

	get flash(): SimFlash {
		return this.self.flash;
	}

	/** A request, sealed where its client has proved authority. */
	frame(name: string, parameters: CborMap = {}, client = CLIENT, number = ++this.#number): Uint8Array {
		const payload = encodeValue([name, parameters]);
		const session = name === "challenge" || name === "prove" ? undefined : this.#sessions.get(toHex(client));
		return encodeFrame({ version: VERSION, kind: KIND.request, client, number, payload }, session);
	}

	/** One request; its answer, which comes at once. */
	ask(name: string, parameters: CborMap = {}, client = CLIENT): Answer {
		const frame = this.frame(name, parameters, client);
		this.sent.push(frame.slice());
		this.device.feed(frame);
		return this.answers.at(-1)!;
	}

	/** What the site signs for the reader's keys. */
	member(door = "FRONT"): Member {
		const { keys } = this;
		return memberOf(keys.site, keys.signing, door, this.store.keys!, this.#ids.bytes(8));
	}

	/** The lists of the site, or others, as `lintel` sends them; the last answer. */
	sendLists(lists: readonly Uint8Array[] = this.keys.lists, alone = false): Answer {
		for (const signed of lists) for (const piece of listPieces(signed, alone)) this.ask("trust", piece);
		return this.answers.at(-1)!;
	}

	commission(eraseLog = false): Answer {
		this.ask("begin");
		this.sendLists();
		return this.ask("finish", { member: this.member(), configuration: { id: "FRONT" }, eraseLog });
	}

	/** A reader that refuses gives no share; any is in its place. */
	challenge(client = CLIENT): Challenge {
		const introduction = new Introduction(this.crypto, client, this.#secrets.bytes(32));
		const { value } = this.ask("challenge", introduction.request, client);
		const given = value as unknown as ReaderProof;
		return {
			introduction,
			reader: {
				...given,
				share: given.share ?? introduction.request.share,
				key: this.store.keys![0]!.publicKey,
			},
		};
	}

	prove(
		key: KeyPair = this.site,
		client = CLIENT,
		{ introduction, reader } = this.challenge(client),
	): Answer {
		const proof = introduction.proof(reader, { ...key, trust: this.keys.trust });
		const answer = this.ask("prove", proof, client);
		if (answer.kind === KIND.reply) this.#sessions.set(toHex(client), introduction.session(reader));
		return answer;
	}

	/** The reason of an error, "ok" of a reply. */
	static reason({ kind, value }: Answer): CborValue | undefined {
		return kind === KIND.reply ? "ok" : value.reason;
	}
}

export const CLIENT = Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8);
export const OTHER_CLIENT = Uint8Array.of(8, 7, 6, 5, 4, 3, 2, 1);
