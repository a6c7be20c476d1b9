// SPDX-License-Identifier: Apache-2.0

import type { Platform } from "../../hal/contracts/platform.js";
import { signer } from "../../protocol/credential/cose.js";
import { byKcwt, type OwnCredential } from "../../protocol/edhoc/id-cred.js";
import { SUITE_IDS } from "../../protocol/edhoc/suites.js";
import type { ConfigStore } from "../config/store.js";
import { Edhoc } from "../schemes/edhoc/scheme.js";
import type { Scheme } from "../schemes/scheme.js";

/** The ways in which phones open this door, in the order in which they are asked for them. */
export function schemesOf({ crypto, random }: Platform, store: ConfigStore): readonly Scheme[] {
	const { membership } = store;
	const door = membership?.door ?? "";
	const credentials: OwnCredential[] = [];
	// One a key, in the order of the keys; the site may have signed for the first alone.
	membership?.credentials.forEach((cwt, i) => {
		const { algorithm, secretKey } = store.keys![i]!;
		credentials.push({ ...byKcwt(cwt), ...signer(crypto, algorithm, secretKey) });
	});
	return [new Edhoc({ crypto, random, suites: SUITE_IDS, credentials, site: store, door })];
}
