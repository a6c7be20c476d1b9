// SPDX-License-Identifier: Apache-2.0

import { signer } from "../../protocol/credential/cose.js";
import { QR_ROLE } from "../../protocol/credential/credential.js";
import { type CredentialFields, issueCredential } from "../../protocol/credential/issue.js";
import type { Crypto } from "../../protocol/crypto.js";
import { stepAt } from "../../protocol/qr/code.js";
import { type CodeFields, codeToSign, encodeCode } from "../../protocol/qr/encode.js";
import type { IssuedCredential, SimSite } from "../site.js";

/** What a phone shows to a scanner: the page that its holder has opened, with a credential of class `qr` beside that for radios. */
export class QrPage {
	readonly credential: Uint8Array;
	readonly #holder: IssuedCredential;
	readonly #crypto: Crypto;

	/** `claims`: what is not as usual in the credential, which is good for a month around the site's epoch. */
	constructor(
		site: SimSite,
		holder: IssuedCredential,
		crypto: Crypto,
		claims: Partial<CredentialFields> = {},
	) {
		const { id, publicKey: key } = holder;
		const { signer: by, kid } = site.keys.signing;
		const fields = { issuer: site.id, subject: QR_ROLE, id, key, ...site.month(), ...claims };
		this.credential = issueCredential(fields, by, { kid });
		this.#holder = holder;
		this.#crypto = crypto;
	}

	/** The code of a moment, by the phone's clock: seconds since 1970. */
	at(seconds: number): string {
		const { publicKey, secretKey } = this.#holder;
		const { algorithm } = publicKey;
		const fields: CodeFields = { credential: this.credential, step: stepAt(seconds), algorithm };
		return encodeCode(fields, signer(this.#crypto, algorithm, secretKey).sign(codeToSign(fields)));
	}
}
