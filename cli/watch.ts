import type { CborMap } from "../protocol/cbor/value.js";
import { Failure } from "../site/lib/files/failure.js";
import type { ReaderClient } from "./client.js";

/** Well within the 120 s after which a reader takes authority back from whoever says nothing. */
export const KEEP_MS = 45_000;

/**
 * Gives each event to `show` until `until` resolves. Asks again now and then: a reader that has started again meanwhile, or
 * whose cable is gone, must not look like a quiet door.
 */
export async function watchEvents(
	reader: ReaderClient,
	show: (event: CborMap) => void,
	until: Promise<void>,
	keepMs = KEEP_MS,
): Promise<void> {
	reader.onEvent = show;
	await reader.request("watch", { on: true });
	let keeper: NodeJS.Timeout | undefined;
	const lost = new Promise<never>((_, reject) => {
		reader.onGone = reject;
		const keep = (): void => {
			keeper = setTimeout(() => {
				reader.request("watch", { on: true }).then(keep, (error: unknown) => reject(restarted(error)));
			}, keepMs);
		};
		keep();
	});
	try {
		await Promise.race([until, lost]);
	} finally {
		clearTimeout(keeper);
	}
	await reader.request("watch", { on: false });
}

function restarted(error: unknown): unknown {
	if (!(error instanceof Failure && error.reason === "not-authorised")) return error;
	return new Failure(
		"unplugged",
		"restarted",
		"the reader has started again, or another lintel works on it",
		"Give the same command again.",
	);
}
