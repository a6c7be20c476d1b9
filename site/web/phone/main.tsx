// SPDX-License-Identifier: Apache-2.0

import { render } from "preact";
import { followLinks } from "../router.js";
import { App } from "./app.js";
import { keepAsking, load } from "./held.js";

/** What the worker keeps for both, so that the page opens off line by its own address, and by the link that it was installed from. */
const SCOPES = ["/phone/", "/i/"];

/** Once a day the browser wakes the worker, where it has that and the page is installed: https://wicg.github.io/periodic-background-sync/ */
const RENEW = { tag: "lintel-renew", minInterval: 86_400_000 };
interface WithPeriodicSync extends ServiceWorkerRegistration {
	readonly periodicSync?: { register(tag: string, options: { minInterval: number }): Promise<void> };
}

async function keepOffline(): Promise<void> {
	if (!("serviceWorker" in navigator)) return;
	for (const scope of SCOPES) await navigator.serviceWorker.register("/phone/sw.js", { scope });
	const registration: WithPeriodicSync = await navigator.serviceWorker.ready;
	// Refused where the page is not installed: then it renews while it is looked at.
	await registration.periodicSync?.register(RENEW.tag, RENEW).catch(() => undefined);
}

followLinks(/^\/(phone|i)\//);
render(<App />, document.body);
await load();
keepAsking();
await keepOffline();
