// SPDX-License-Identifier: Apache-2.0

/**
 * The service worker of the phone's page: with what it keeps the page works off line, and in the background, where the browser has that, it
 * renews credentials. It keeps the page's own files alone: nothing that a site answers.
 */
import { refreshAll } from "./refresh.js";

declare const self: ServiceWorkerGlobalScope;

/** Addresses of all that the page is made of; the build has them. */
declare const FILES: readonly string[];
/** Another one for other files. */
declare const VERSION: string;

/** The page itself. */
const PAGE = "/phone/";
/** Of periodic background sync. */
const RENEW = "lintel-renew";

self.addEventListener("install", (event) => {
	event.waitUntil(
		caches
			.open(VERSION)
			.then((cache) => cache.addAll(FILES.map((file) => new Request(file, { cache: "reload" }))))
			.then(() => self.skipWaiting()),
	);
});

self.addEventListener("activate", (event) => {
	event.waitUntil(forgetOlder().then(() => self.clients.claim()));
});

async function forgetOlder(): Promise<void> {
	for (const name of await caches.keys()) if (name !== VERSION) await caches.delete(name);
}

self.addEventListener("fetch", (event) => {
	const { method, mode, url } = event.request;
	const { origin, pathname } = new URL(url);
	if (method !== "GET" || origin !== self.location.origin) return;
	if (mode === "navigate") event.respondWith(kept(PAGE, event.request));
	else if (FILES.includes(pathname)) event.respondWith(kept(pathname, event.request));
});

/** From what is kept; where the browser has cleared that, from the server. */
async function kept(path: string, request: Request): Promise<Response> {
	const cache = await caches.open(VERSION);
	return (await cache.match(path)) ?? fetch(request);
}

/** https://wicg.github.io/periodic-background-sync/ */
interface PeriodicSyncEvent extends ExtendableEvent {
	readonly tag: string;
}

self.addEventListener("periodicsync" as "sync", (event) => {
	const { tag } = event as PeriodicSyncEvent;
	if (tag === RENEW) (event as ExtendableEvent).waitUntil(refreshAll());
});
