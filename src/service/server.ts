// SPDX-License-Identifier: Apache-2.0

/** Where the reader finds its site, as an installer sets it and sees it. */

import type { CborMap, CborValue } from "../../protocol/cbor/value.js";
import { checkServer, type ServerSettings } from "../../protocol/config/server.js";
import { CONFIGURATION_CHANGES, EVENTS } from "../../protocol/events.js";
import { ProvisioningError } from "../../protocol/provisioning/error.js";
import type { ReplyOf, ServerInfo } from "../../protocol/provisioning/messages.js";
import type { ConfigStore } from "../config/store.js";
import { invalidConfiguration } from "./refusals.js";
import type { ProvisioningTarget } from "./target.js";

/** Stores the settings, or forgets them for `null`; all else of the reader stays. It starts again to use others. */
export function setServer(
	store: ConfigStore,
	device: ProvisioningTarget,
	{ server }: CborMap,
): ReplyOf<"server"> {
	const { config, membership } = store;
	if (membership === undefined)
		throw new ProvisioningError("not-commissioned", "this reader has no site yet");
	if (!store.setServer(server === null ? undefined : serverIn(device, server)))
		return { changed: false, revision: store.revision };
	device.record(EVENTS.configuration, CONFIGURATION_CHANGES.server, store.revision);
	return { changed: true, revision: store.revision, restart: device.configured(config!) };
}

/** Settings from outside. Throws "invalid-configuration"; "not-available" where the reader could not use them. */
export function serverIn(device: ProvisioningTarget, value: CborValue | undefined): ServerSettings {
	const checked = checkServer(value);
	if ("problems" in checked)
		throw invalidConfiguration(
			checked.problems.map((problem) => ({
				...problem,
				field: problem.field === "" ? "server" : `server.${problem.field}`,
			})),
		);
	if (device.wifi === undefined)
		throw new ProvisioningError(
			"not-available",
			"this reader has no Wi-Fi, by which it could reach a server",
		);
	return checked.server;
}

/** What is shown of it: the password is told to nobody. */
export function serverInfo({ server }: ConfigStore): ServerInfo | null {
	return server === undefined ? null : { host: server.host, port: server.port, password: true };
}
