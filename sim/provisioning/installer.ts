// SPDX-License-Identifier: Apache-2.0

/** An installer's laptop on a simulated reader's port, in simulated time: one request after the other. */
import type { CborMap } from "../../protocol/cbor/value.js";
import type { Crypto, KeyPair } from "../../protocol/crypto.js";
import type { CommandName, ParametersOf, ReplyOf, TrustState } from "../../protocol/provisioning/messages.js";
import {
	type Arguments,
	type BytePort,
	type Outcome,
	ProvisioningClient,
} from "../../site/lib/provisioning/client.js";
import { memberOf } from "../../site/lib/provisioning/commission.js";
import { ClientError } from "../../site/lib/provisioning/errors.js";
import { planPieces } from "../../site/lib/provisioning/install-plan.js";
import { Introduction } from "../../site/lib/provisioning/introduction.js";
import { listPieces } from "../../site/lib/provisioning/send-lists.js";
import { practiceKeys } from "../practice-keys.js";
import { SeededRandom } from "../random.js";
import type { World } from "../world.js";

/** Longest that a reader may take over one request, ms: it gives up a test after 45 s. */
const WAIT_MS = 60_000;
/** From a reply to the end of the restart that it announced, ms. */
const RESTART_MS = 3000;
const CLIENT = Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8);

export class Installer {
	readonly #world: World;
	readonly #crypto: Crypto;
	readonly client: ProvisioningClient;

	constructor(world: World, crypto: Crypto) {
		this.#world = world;
		this.#crypto = crypto;
		const after = (ms: number, action: () => void) => world.time.after(1000 * ms, action);
		this.client = new ProvisioningClient(consolePort(world), CLIENT, after);
	}

	/** The reply to one request, for which simulated time passes. Throws `ClientError`. */
	ask<N extends CommandName>(name: N, ...[parameters]: Arguments<N>): ReplyOf<N> {
		return this.askMeanwhile(name, parameters, () => {});
	}

	/** `meanwhile` runs when the request is on its way. */
	askMeanwhile<N extends CommandName>(
		name: N,
		parameters: ParametersOf<N> | undefined,
		meanwhile: () => void,
	): ReplyOf<N> {
		const ended: Outcome<ReplyOf<N>>[] = [];
		this.client.send(name, parameters, (outcome) => ended.push(outcome), WAIT_MS);
		meanwhile();
		this.#world.time.runUntil(() => ended.length > 0, WAIT_MS);
		const [outcome = { error: new ClientError("no-answer", "the simulated time has ended") }] = ended;
		if ("error" in outcome) throw outcome.error;
		return outcome.reply;
	}

	/** Makes the reader one of the site that `key` signs for; it starts again after. */
	commission(key: KeyPair, configuration: CborMap & { readonly id: string }, eraseLog = false): void {
		const { keys } = this.ask("begin");
		const site = practiceKeys("ACME", key, this.#crypto);
		this.sendLists(site.lists);
		const member = memberOf(site.site, site.signing, configuration.id, keys, new Uint8Array(8));
		this.ask("finish", { member, configuration, ...(eraseLog && { eraseLog }) });
		this.#world.time.run(RESTART_MS);
	}

	/** As `lintel` sends them; what the reader has then. */
	sendLists(lists: readonly Uint8Array[], alone = false): TrustState {
		let state: TrustState | undefined;
		for (const signed of lists)
			for (const piece of listPieces(signed, alone)) state = this.ask("trust", piece);
		return state!;
	}

	/** Proves to hold the root of the site whose practice keys come from `key`, or `by`. */
	prove(key: KeyPair, by?: KeyPair): void {
		this.client.session = undefined;
		const introduction = new Introduction(
			this.#crypto,
			CLIENT,
			new SeededRandom(this.#world.time.now()).bytes(32),
		);
		const reader = this.ask("challenge", introduction.request);
		introduction.check(reader);
		const { root, trust } = practiceKeys("ACME", key, this.#crypto);
		const proof = introduction.proof(reader, { ...(by ?? root), trust });
		this.client.session = introduction.session(reader);
		this.ask("prove", proof);
	}

	/** The site's plan of now, as `lintel install-plan` sends it. */
	installPlan(version: number): void {
		const { envelope, body } = this.#world.plan.snapshot(version);
		this.ask("plan-begin", { envelope });
		for (const chunk of planPieces(body)) this.ask("plan-write", { chunk });
		while (this.ask("plan-commit").more);
	}
}

function consolePort({ console }: World): BytePort {
	const port: BytePort = {
		write: (bytes) => console.send(bytes),
		onBytes: undefined,
		onClosed: undefined,
		close: () => {
			console.onHost = undefined;
		},
	};
	console.onHost = (bytes) => port.onBytes?.(bytes);
	return port;
}
