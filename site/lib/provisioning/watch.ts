// SPDX-License-Identifier: Apache-2.0

import type { CborMap } from "../../../protocol/cbor/value.js";
import type { ProvisioningClient } from "./client.js";
import { ClientError, isRefused } from "./errors.js";

/** Well within the 120 s after which a reader ends the authority of a silent client. */
export const KEEP_MS = 45_000;

/**
 * Calls `began` once the reader tells its events, and gives each event to `show` until `until` resolves. Asks again now and
 * then: a reader that has started again meanwhile, or whose cable is gone, must not look like a quiet door.
 */
export async function watchEvents(
	client: ProvisioningClient,
	show: (event: CborMap) => void,
	until: Promise<void>,
	keepMs = KEEP_MS,
	began: () => void = () => {},
): Promise<void> {
	client.onEvent = show;
	await client.request("watch", { on: true });
	began();
	let cancel = (): void => {};
	const lost = new Promise<never>((_, reject) => {
		client.onClosed = reject;
		const keep = (): void => {
			cancel = client.after(keepMs, () => {
				client.request("watch", { on: true }).then(keep, (error: unknown) => reject(restarted(error)));
			});
		};
		keep();
	});
	try {
		await Promise.race([until, lost]);
	} finally {
		cancel();
	}
	await client.request("watch", { on: false });
}

function restarted(error: unknown): unknown {
	if (!isRefused(error, "not-authorised")) return error;
	return new ClientError("restarted", "the reader has started again, or another program works on it");
}
