import type { Platform } from "../../hal/contracts/platform.js";
import { signer } from "../../protocol/credential/cose.js";
import { byKcwt } from "../../protocol/edhoc/id-cred.js";
import { Edhoc } from "../schemes/edhoc/scheme.js";
import type { Scheme } from "../schemes/scheme.js";
import type { Setup } from "./main.js";

/** The ways in which phones open this door, in the order in which they are asked for them. */
export function schemesOf({ crypto, random }: Platform, { keys, suites, trust }: Setup): readonly Scheme[] {
	const credentials = keys.map((key) => ({
		...byKcwt(key.credential),
		...signer(crypto, key.algorithm, key.secretKey),
	}));
	return [new Edhoc({ crypto, random, suites, credentials, trust })];
}
