// SPDX-License-Identifier: Apache-2.0

/** The configuration of a door, by itself and as an installer's key signed it. */
import { utf8Encode } from "../../../protocol/bytes.js";
import { checkConfig, type ReaderConfig } from "../../../protocol/config/document.js";
import { checkDoorConfig, DEFAULT_DOOR } from "../../../protocol/config/door.js";
import { decodeConfiguration, openConfiguration } from "../../../protocol/config/signed.js";
import { decodeSign1 } from "../../../protocol/credential/cose.js";
import { EPOCH } from "../../../sim/site.js";
import { signConfiguration } from "../../../site/lib/configuration/sign.js";
import { type FuzzTarget, latin1, never, target } from "../target.js";
import { crypto, site } from "../world.js";

const { config } = checkConfig({ id: "front" }) as { config: ReaderConfig };
const signed = signConfiguration(site.id, config, EPOCH, site.keys.signing);

export const CONFIG_TARGETS: readonly FuzzTarget[] = Object.freeze([
	target("door-config", [utf8Encode(JSON.stringify(DEFAULT_DOOR))], never, (input) => {
		let value: unknown;
		try {
			value = JSON.parse(latin1(input));
		} catch {
			value = latin1(input);
		}
		checkDoorConfig(value);
	}),
	target(
		"configuration-signed",
		[signed],
		never,
		(input) => {
			openConfiguration(input, site.trust, "front", EPOCH, crypto);
		},
		{ share: 0.2 },
	),
	target("configuration-payload", [decodeSign1(signed).payload.slice()], never, (input) => {
		const decoded = decodeConfiguration(input);
		if (decoded !== undefined) checkConfig(decoded.configuration);
	}),
]);
