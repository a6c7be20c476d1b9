/** An installer's laptop on a simulated reader's port, in simulated time: one request after the other. */
import type { Crypto, KeyPair } from "../../hal/contracts.js";
import { proofMessage } from "../../src/provisioning/authority.js";
import { encodeFrame, KIND } from "../../src/provisioning/frame.js";
import { Splitter } from "../../src/provisioning/splitter.js";
import { decodeValue, encodeValue, type Fields, isFields, type Value } from "../../src/provisioning/value.js";
import type { World } from "../world.js";

/** Longest that a reader may take over one request, ms. */
const PATIENCE_MS = 10_000;
/** Bytes of the plan in one request. */
const CHUNK = 1024;
const CLIENT = Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8);

/** The reader refused, or said nothing. */
export class InstallerError extends Error {
	override readonly name = "InstallerError";
}

export class Installer {
	readonly #world: World;
	readonly #crypto: Crypto;
	readonly #splitter: Splitter;
	#number = 0;
	#answer: { kind: number; value: Value } | undefined;

	constructor(world: World, crypto: Crypto) {
		this.#world = world;
		this.#crypto = crypto;
		this.#splitter = new Splitter({
			onFrame: ({ kind, number, payload }) => {
				if (number === this.#number && kind !== KIND.event)
					this.#answer = { kind, value: decodeValue(payload) };
			},
		});
		world.console.onHost = (bytes) => this.#splitter.feed(bytes);
	}

	request(name: string, parameters: Fields = {}): Value {
		const number = ++this.#number;
		this.#answer = undefined;
		const payload = encodeValue([name, parameters]);
		const { console, time } = this.#world;
		console.send(encodeFrame({ version: 1, kind: KIND.request, client: CLIENT, number, payload }));
		time.runUntil(() => this.#answer !== undefined, PATIENCE_MS);
		const answer = this.#answer as { kind: number; value: Value } | undefined;
		if (answer === undefined) throw new InstallerError(`${name}: no answer`);
		if (answer.kind !== KIND.reply) {
			const { reason, message } = isFields(answer.value) ? answer.value : {};
			throw new InstallerError(`${name}: ${reason}: ${message}`);
		}
		return answer.value;
	}

	/** Proves to hold `key`, which the site allows. */
	prove(key: KeyPair): void {
		const info = this.request("info") as Fields;
		const challenge = this.request("challenge") as Uint8Array;
		const message = proofMessage(challenge, info.key as Uint8Array, CLIENT);
		const signature = this.#crypto.ed25519Sign(message, key.secretKey);
		this.request("prove", { key: key.publicKey, signature });
	}

	/** The site's plan of now, as `lintel install-plan` sends it. */
	installPlan(version: number): void {
		const { envelope, body } = this.#world.snapshot(version);
		this.request("plan-begin", { envelope });
		for (let at = 0; at < body.length; at += CHUNK)
			this.request("plan-write", { chunk: body.subarray(at, at + CHUNK) });
		for (let more = true; more; ) more = (this.request("plan-commit") as Fields).more === true;
	}
}
