// SPDX-License-Identifier: Apache-2.0

import { checkConfig, type ReaderConfig } from "../../protocol/config/document.js";
import { ProvisioningError } from "../../protocol/provisioning/error.js";
import type { ConfigStore } from "../config/store.js";
import { invalidConfiguration } from "./refusals.js";
import type { ProvisioningTarget } from "./target.js";

/** A configuration from outside that this reader can have. Throws `ProvisioningError`: "invalid-configuration", "wrong-door". */
export function checkedConfiguration(
	store: ConfigStore,
	device: Pick<ProvisioningTarget, "unfit">,
	value: unknown,
): ReaderConfig {
	const result = checkConfig(value);
	if ("problems" in result) throw invalidConfiguration(result.problems);
	const unfit = device.unfit(result.config);
	if (unfit.length > 0) throw invalidConfiguration(unfit);
	const door = store.membership?.door;
	if (door !== undefined && door !== result.config.id)
		throw new ProvisioningError("wrong-door", `this is the reader of door ${door}`, { door });
	return result.config;
}
