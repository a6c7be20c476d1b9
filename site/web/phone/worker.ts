// SPDX-License-Identifier: Apache-2.0

/** The service worker of the phone's page: with what it keeps the page works off line. */
declare const self: ServiceWorkerGlobalScope;

/** Addresses of all that the page is made of; the build has them. */
declare const FILES: readonly string[];
/** Another one for other files. */
declare const VERSION: string;

self.addEventListener("install", (event) => {
	event.waitUntil(caches.open(VERSION).then((cache) => cache.addAll([...FILES])));
});

export {};
