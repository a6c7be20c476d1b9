// SPDX-License-Identifier: Apache-2.0

import type { CborMap } from "../protocol/cbor/value.js";
import type { ReaderConfig } from "../protocol/config/document.js";
import type { Applied as Reply } from "../protocol/provisioning/messages.js";
import type { Requester } from "../site/lib/provisioning/client.js";
import { RequestRefused } from "../site/lib/provisioning/errors.js";
import { fitted } from "../site/lib/provisioning/version-skew.js";
import { type Difference, differences, tellForeign } from "./configuration.js";
import { hint } from "./output.js";
import { restarted, withAuthority } from "./reader.js";
import type { ReaderOptions } from "./reader-options.js";

export interface ApplyOptions extends ReaderOptions {
	/** Only say what would change. */
	readonly dryRun?: boolean | undefined;
}

export interface Applied {
	readonly door: string;
	/** The reader's key; a reader without a site may have none yet. */
	readonly key: Uint8Array | undefined;
	readonly changed: boolean;
	readonly dryRun: boolean;
	/** What differed when it was first looked at. */
	readonly differences: readonly Difference[];
}

/**
 * Brings one reader to `wanted`. `done` hears of it before the reader, which may start again, is waited for; `differs`,
 * before anything is changed, that the reader is not as wanted.
 */
export async function applyTo(
	options: ApplyOptions,
	wanted: ReaderConfig,
	done: (applied: Applied) => void,
	differs: (key: Uint8Array | undefined) => void = () => {},
): Promise<void> {
	const { dryRun = false } = options;
	/** A reader that takes it over may have no time to say so, and is then looked at once more. */
	let first: Difference[] | undefined;
	await withAuthority({ ...options, door: wanted.id }, async (reader, info) => {
		const { key } = info;
		const now = await reader.request("configuration");
		const fits = fitted(wanted, now);
		const left = differences(now, fits);
		if (first === undefined) tellForeign(wanted, now);
		first ??= left;
		let reply: Reply | undefined;
		if (left.length > 0) {
			differs(key);
			if (dryRun) await wouldTake(reader, fits);
			else reply = await reader.request("apply", { configuration: fits });
		}
		done({ door: wanted.id, key, changed: first.length > 0 && !dryRun, dryRun, differences: first });
		if (reply !== undefined) await restarted(reader, reply);
	});
}

/** Throws the reader's refusal, where it would refuse. */
async function wouldTake(reader: Requester, configuration: CborMap): Promise<void> {
	try {
		await reader.request("check", { configuration });
	} catch (error) {
		if (!(error instanceof RequestRefused) || error.refusal.reason !== "unknown-command") throw error;
		hint("the reader is older than this lintel and cannot say whether it would take this");
	}
}
