/** An installer's laptop on a simulated reader's port, in simulated time: one request after the other. */

import { type CborMap, type CborValue, decodeValue, encodeValue } from "../../protocol/cbor/value.js";
import { EDDSA, type PublicKey, signer } from "../../protocol/credential/cose.js";
import { issueCredential } from "../../protocol/credential/credential.js";
import type { Crypto, KeyPair } from "../../protocol/crypto.js";
import { FrameDemux } from "../../protocol/provisioning/demux.js";
import { encodeFrame, KIND } from "../../protocol/provisioning/frame.js";
import { proofMessage } from "../../protocol/provisioning/proof.js";
import type { World } from "../world.js";

/** Longest that a reader may take over one request, ms: it gives up a test after 45 s. */
const PATIENCE_MS = 60_000;
/** From a reply to the end of the restart that it announced, ms. */
const RESTART_MS = 3000;
/** Bytes of the plan in one request. */
const CHUNK = 1024;
const CLIENT = Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8);

/** The reader refused, or said nothing. */
export class InstallerError extends Error {
	override readonly name = "InstallerError";
	readonly reason: string;

	constructor(request: string, reason: string, message: string) {
		super(`${request}: ${reason}: ${message}`);
		this.reason = reason;
	}
}

export class Installer {
	readonly #world: World;
	readonly #crypto: Crypto;
	#number = 0;
	#answer: { kind: number; value: CborValue } | undefined;

	constructor(world: World, crypto: Crypto) {
		this.#world = world;
		this.#crypto = crypto;
		const splitter = new FrameDemux({
			onFrame: ({ kind, number, payload }) => {
				if (number === this.#number && kind !== KIND.event)
					this.#answer = { kind, value: decodeValue(payload) };
			},
		});
		world.console.onHost = (bytes) => splitter.feed(bytes);
	}

	/** One request and its reply; `meanwhile` runs when the request is on its way. Throws `InstallerError`. */
	ask(name: string, parameters: CborMap = {}, meanwhile?: () => void): CborMap {
		const number = ++this.#number;
		this.#answer = undefined;
		const payload = encodeValue([name, parameters]);
		const { console, time } = this.#world;
		console.send(encodeFrame({ version: 1, kind: KIND.request, client: CLIENT, number, payload }));
		meanwhile?.();
		time.runUntil(() => this.#answer !== undefined, PATIENCE_MS);
		const answer = this.#answer as { kind: number; value: CborMap } | undefined;
		if (answer === undefined) throw new InstallerError(name, "no-answer", "the reader said nothing");
		const { kind, value } = answer;
		if (kind === KIND.error) throw new InstallerError(name, String(value.reason), String(value.message));
		return value;
	}

	/** Makes the reader one of the site that `key` signs for; it starts again after. */
	commission(key: KeyPair, configuration: CborMap): void {
		const { keys } = this.ask("begin") as unknown as { keys: readonly PublicKey[] };
		const door = String(configuration.id);
		const by = signer(this.#crypto, EDDSA, key.secretKey);
		const credentials = keys.map((own) =>
			issueCredential({ issuer: "ACME", subject: door, id: new Uint8Array(8), key: own }, by),
		);
		const anchor = { algorithm: EDDSA, publicKey: key.publicKey };
		this.ask("finish", { member: { site: "ACME", door, keys: [anchor], credentials }, configuration });
		this.#world.time.run(RESTART_MS);
	}

	/** Proves to hold `key`, which the site allows. */
	prove(key: KeyPair): void {
		const reader = this.ask("info").key as Uint8Array;
		const challenge = this.ask("challenge") as unknown as Uint8Array;
		const signature = this.#crypto.ed25519Sign(proofMessage(challenge, reader, CLIENT), key.secretKey);
		this.ask("prove", { key: key.publicKey, signature });
	}

	/** The site's plan of now, as `lintel install-plan` sends it. */
	installPlan(version: number): void {
		const { envelope, body } = this.#world.plan.snapshot(version);
		this.ask("plan-begin", { envelope });
		for (let at = 0; at < body.length; at += CHUNK)
			this.ask("plan-write", { chunk: body.subarray(at, at + CHUNK) });
		for (let more = true; more; ) more = this.ask("plan-commit").more === true;
	}
}
