// SPDX-License-Identifier: Apache-2.0

import { computed, signal } from "@preact/signals";

const here = signal(new URL(location.href));

/** Segments of the address: `/users/7` is `["users", "7"]`. */
export const path = computed(() =>
	here.value.pathname
		.split("/")
		.filter((part) => part !== "")
		.map(decoded),
);
export const pathname = computed(() => here.value.pathname);
/** What comes behind `?`: what is searched for on a page. */
export const query = computed(() => here.value.searchParams);

/** What stands behind # in a link of one use; no server is told of it by the browser. */
export const secret = computed(() => here.value.hash.slice(1));

function decoded(part: string): string {
	try {
		return decodeURIComponent(part);
	} catch {
		return part;
	}
}

/** `replace`: the way back does not lead here, as after each letter of a search. */
export function go(to: string, { replace = false } = {}): void {
	history[replace ? "replaceState" : "pushState"](undefined, "", to);
	arrive();
}

/** Whether the page that is shown has just come, and nobody has been led to its heading. */
let isNew = false;

function arrive(): void {
	const before = here.value.pathname;
	here.value = new URL(location.href);
	isNew ||= here.value.pathname !== before;
}

/** True once after each change of page. */
export function hasArrived(): boolean {
	const was = isNew;
	isNew = false;
	return was;
}

/** The same page with another value behind `?`; "" takes it away. */
export function setQuery(name: string, value: string): void {
	const to = new URL(here.value);
	if (value === "") to.searchParams.delete(name);
	else to.searchParams.set(name, value);
	go(`${to.pathname}${to.search}`, { replace: true });
}

/** Links of the pages are plain `<a href>`; those that stay here load nothing. `own`: paths of these pages. */
export function followLinks(own = /^\/(?!(api|phone|i)\/)/): void {
	addEventListener("popstate", arrive);
	document.addEventListener("click", (event) => {
		if (event.defaultPrevented || event.button !== 0) return;
		if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
		const link = event.target instanceof Element ? event.target.closest("a") : null;
		if (link === null || link.origin !== location.origin || link.target !== "") return;
		if (link.hasAttribute("download") || !own.test(link.pathname)) return;
		// The skip link, and others within the page, are the browser's.
		if (link.hash !== "" && link.pathname === location.pathname) return;
		event.preventDefault();
		go(link.href);
	});
}
