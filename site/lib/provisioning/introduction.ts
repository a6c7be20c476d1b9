// SPDX-License-Identifier: Apache-2.0

import { equal } from "../../../protocol/bytes.js";
import {
	CredentialError,
	type ReaderCredential,
	verifyReader,
} from "../../../protocol/credential/credential.js";
import type { Crypto } from "../../../protocol/crypto.js";
import type { Proof, ReaderProof } from "../../../protocol/provisioning/messages.js";
import {
	proofMessage,
	readerMessage,
	type Shares,
	sessionKey,
} from "../../../protocol/provisioning/proof.js";
import { CableSession } from "../../../protocol/provisioning/session.js";
import type { TrustList } from "../../../protocol/trust/list.js";
import { ClientError, type ReaderRefusal } from "./errors.js";

const REFUSED: Readonly<Record<ReaderRefusal, string>> = {
	revoked: "the site has revoked this reader",
	"key-stolen": "the key that made this reader a door was stolen",
	"wrong-role": 'the key that signed for this reader has not the role "commission"',
	"beyond-limits": "the key that made this reader a door is not for that door",
	expired: "what makes this reader a door has ended",
	"not-yet-valid": "what makes this reader a door begins later than now",
};

function isReaderRefusal(reason: string): reason is ReaderRefusal {
	return Object.hasOwn(REFUSED, reason);
}

/** A key that may change readers of a site: a root, or one with the role `install`. */
export interface AuthorityKey {
	readonly publicKey: Uint8Array;
	/** 64 bytes. */
	readonly secretKey: Uint8Array;
	/** By which the site's readers are known. */
	readonly trust: TrustList;
}

/** A reader that has proved its key, as the client sees it: pure, for clients that wait and for those that cannot. */
export class Introduction {
	readonly #crypto: Crypto;
	readonly #client: Uint8Array;
	readonly #secret: Uint8Array;
	/** Parameters of `challenge`. */
	readonly request: { readonly share: Uint8Array };

	/** `client`: 8 bytes; `secret`: 32 random bytes. */
	constructor(crypto: Crypto, client: Uint8Array, secret: Uint8Array) {
		this.#crypto = crypto;
		this.#client = client;
		this.#secret = secret;
		this.request = { share: crypto.x25519KeyPair(secret).publicKey };
	}

	/** Checks that the reader has the key that it names. Throws `ClientError`: "false-reader". */
	check(reader: ReaderProof): void {
		const message = readerMessage(this.#shares(reader));
		if (this.#crypto.ed25519Verify(reader.signature, message, reader.key)) return;
		throw new ClientError("false-reader", "what answers does not have the reader's key that it names");
	}

	/**
	 * By which the site has made the reader's key that of a door. `now`: seconds since 1970. Throws `ClientError`: "other-site", or why
	 * the site's list does not let it be that door's.
	 */
	credential({ credentials = [], key }: ReaderProof, trust: TrustList, now: number): ReaderCredential {
		let why: CredentialError | undefined;
		for (const cwt of credentials) {
			const found = this.#verified(cwt, trust, now);
			if (found instanceof CredentialError) why ??= found;
			else if (equal(found.key.publicKey, key)) return found;
		}
		if (why !== undefined && isReaderRefusal(why.reason))
			throw new ClientError(
				`reader-${why.reason}`,
				`${REFUSED[why.reason]} (trust list ${trust.version} of site ${trust.site}); nothing was proved to it`,
			);
		const reason = why === undefined ? "" : ` (${why.message})`;
		throw new ClientError(
			"other-site",
			`what answers does not show that site ${trust.site} made it a door${reason}; nothing was proved to it`,
		);
	}

	#verified(cwt: Uint8Array, trust: TrustList, now: number): ReaderCredential | CredentialError {
		try {
			return verifyReader(cwt, trust, this.#crypto, now);
		} catch (error) {
			if (error instanceof CredentialError) return error;
			throw error;
		}
	}

	/** Parameters of `prove`. */
	proof(reader: ReaderProof, { publicKey, secretKey }: AuthorityKey): Proof {
		const signature = this.#crypto.ed25519Sign(proofMessage(this.#shares(reader)), secretKey);
		return { key: publicKey, signature };
	}

	/** What begins when the reader takes the proof. Throws `ClientError`: "false-reader" for a share of small order. */
	session(reader: ReaderProof): CableSession {
		const shared = this.#crypto.x25519(this.#secret, reader.share);
		if (shared === undefined) throw new ClientError("false-reader", "what answers draws no share of its own");
		return new CableSession(
			this.#crypto,
			this.#client,
			sessionKey(this.#crypto, shared, this.#shares(reader)),
		);
	}

	#shares({ key, share }: ReaderProof): Shares {
		return { client: this.#client, clientShare: this.request.share, readerShare: share, reader: key };
	}
}
