// SPDX-License-Identifier: Apache-2.0

import type { CborValue } from "../../../protocol/cbor/value.js";
import { checkConfig, type ReaderConfig } from "../../../protocol/config/document.js";
import { configurationContext, encodeConfiguration } from "../../../protocol/config/signed.js";
import { encodeSign1 } from "../../../protocol/credential/issue.js";
import { MAX_WHOLE } from "../../../protocol/sync/bounds.js";
import type { SigningKey } from "../site-keys.js";

/**
 * Signs a configuration for the reader of its door, by a key with the role `install`. `number`: above those of all that were signed for
 * this door; the present time in seconds since 1970 is. Throws RangeError where no reader would take it.
 */
export function signConfiguration(
	site: string,
	config: ReaderConfig,
	number: number,
	{ kid, signer }: Pick<SigningKey, "kid" | "signer">,
): Uint8Array {
	const checked = checkConfig(config);
	if ("problems" in checked) {
		const [{ field, message } = { field: "", message: "is none" }] = checked.problems;
		throw new RangeError(`the configuration is not valid: ${field} ${message}`);
	}
	if (!Number.isInteger(number) || number < 1 || number > 0xffff_ffff)
		throw new RangeError(`${number} is no number of a configuration`);
	const configuration = checked.config as unknown as CborValue;
	const payload = encodeConfiguration({ site, door: checked.config.id, number, configuration });
	const signed = encodeSign1(payload, signer, { tagged: true, externalAad: configurationContext(), kid });
	if (signed.length > MAX_WHOLE)
		throw new RangeError(`a signed configuration of ${signed.length} bytes, where ${MAX_WHOLE} travel`);
	return signed;
}
