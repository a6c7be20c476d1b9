import type { NodeCrypto } from "../../hal/node/crypto.js";
import type { World } from "../../sim/world.js";
import { EDDSA, signer } from "../../src/credential/cose.js";
import { issueCredential } from "../../src/credential/credential.js";
import { proofMessage } from "../../src/provisioning/authority.js";
import { encodeFrame, KIND } from "../../src/provisioning/frame.js";
import { Splitter } from "../../src/provisioning/splitter.js";
import { decodeValue, encodeValue, type Fields, type Value } from "../../src/provisioning/value.js";

const CLIENT = Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8);

/** An installer at the console of a simulated device, in the world's own time. */
export class Installer {
	readonly #world: World;
	readonly #crypto: NodeCrypto;
	readonly #key;
	#number = 0;
	#answer: { kind: number; value: Value } | undefined;

	constructor(world: World, crypto: NodeCrypto) {
		this.#world = world;
		this.#crypto = crypto;
		this.#key = crypto.ed25519KeyPair(new Uint8Array(32).fill(9));
		const splitter = new Splitter({
			onFrame: ({ kind, number, payload }) => {
				if (kind !== KIND.event && number === this.#number)
					this.#answer = { kind, value: decodeValue(payload) };
			},
		});
		world.console.onHost = (bytes) => splitter.feed(bytes);
	}

	/** One request and its reply; `meanwhile` runs when the request is on its way. Throws what the reader refused. */
	ask(name: string, parameters: Fields = {}, meanwhile?: () => void): Fields {
		const { console, time } = this.#world;
		this.#answer = undefined;
		const number = ++this.#number;
		const payload = encodeValue([name, parameters]);
		console.send(encodeFrame({ version: 1, kind: KIND.request, client: CLIENT, number, payload }));
		meanwhile?.();
		if (!time.runUntil(() => this.#answer !== undefined, 60_000)) throw new Error(`no answer to ${name}`);
		const { kind, value } = this.#answer as unknown as { kind: number; value: Fields };
		if (kind === KIND.error) throw new Error(String(value.reason));
		return value;
	}

	/** Begin and finish; the reader starts again after. */
	commission(configuration: Fields): void {
		const { keys } = this.ask("begin") as unknown as {
			keys: { algorithm: typeof EDDSA; publicKey: Uint8Array }[];
		};
		const door = String(configuration.id);
		const by = signer(this.#crypto, EDDSA, this.#key.secretKey);
		const credentials = keys.map((key) =>
			issueCredential({ issuer: "ACME", subject: door, id: new Uint8Array(8), key }, by),
		);
		const anchor = { algorithm: EDDSA, publicKey: this.#key.publicKey };
		this.ask("finish", { member: { site: "ACME", door, keys: [anchor], credentials }, configuration });
		this.#world.time.run(3000);
	}

	prove(): void {
		const reader = this.ask("info").key as Uint8Array;
		const challenge = this.ask("challenge") as unknown as Uint8Array;
		const { publicKey, secretKey } = this.#key;
		const signature = this.#crypto.ed25519Sign(proofMessage(challenge, reader, CLIENT), secretKey);
		this.ask("prove", { key: publicKey, signature });
	}
}
