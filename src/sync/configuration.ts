// SPDX-License-Identifier: Apache-2.0

/** A configuration that an installer's key has signed: what the site may not set by itself. */

import { openConfiguration } from "../../protocol/config/signed.js";
import { CONFIGURATION_CHANGES, EVENTS } from "../../protocol/events.js";
import { ProvisioningError } from "../../protocol/provisioning/error.js";
import type { MessageOf } from "../../protocol/sync/messages.js";
import { RecordError } from "../config/record.js";
import { checkedConfiguration } from "../service/checked.js";
import type { SyncContext } from "./context.js";

/** Stores it and starts anew by it, or says why not. */
export function configuration(
	{ target }: SyncContext,
	{ envelope }: MessageOf<"configuration">,
): string | null {
	const { crypto, reader, store } = target;
	const { lists, membership } = store;
	const opened = openConfiguration(envelope, lists.newest, membership!.door, reader.knownTime, crypto);
	if (typeof opened === "string") return opened;
	const last = store.configurationNumber;
	if (opened.number < last) return "not-newer";
	try {
		const config = checkedConfiguration(store, reader, opened.configuration);
		// The site says it again where the answer was lost.
		if (opened.number === last) return store.has(config) ? null : "not-newer";
		const changed = store.takeConfiguration(config, opened.number);
		reader.record(EVENTS.configuration, CONFIGURATION_CHANGES.signed, store.revision, opened.by);
		if (changed) reader.configured(config);
		return null;
	} catch (error) {
		return refusalIn(error);
	}
}

/** Why a change of the configuration was not made. */
export function refusalIn(error: unknown): string {
	if (error instanceof ProvisioningError || error instanceof RecordError) return error.reason;
	throw error;
}
