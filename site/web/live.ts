// SPDX-License-Identifier: Apache-2.0

import { effect, signal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { me } from "./me.js";

/** What has just happened, as `/api/events` tells it. */
export interface LiveEvent {
	readonly kind: string;
	/** Seconds since 1970. */
	readonly at: number;
	readonly door?: string;
	readonly body: unknown;
}

type Take = (event: LiveEvent) => void;

const takers = new Map<string, Set<Take>>();
let stream: EventSource | undefined;

/** Whether what is shown follows what happens. */
export const isLive = signal(false);

// One stream for all of the page, which ends with the session.
effect(() => {
	if (me.value !== undefined) return;
	stream?.close();
	stream = undefined;
	isLive.value = false;
});

function open(): void {
	// The browser comes again by itself, unless the server has refused it.
	if (stream !== undefined && stream.readyState !== EventSource.CLOSED) return;
	stream = new EventSource("/api/events");
	stream.onopen = () => {
		isLive.value = true;
	};
	stream.onerror = () => {
		isLive.value = false;
	};
	for (const kind of takers.keys()) attach(stream, kind);
}

function attach(to: EventSource, kind: string): void {
	to.addEventListener(kind, ({ data }: MessageEvent<string>) => {
		const event = { ...(JSON.parse(data) as Omit<LiveEvent, "kind">), kind };
		for (const take of takers.get(kind) ?? []) take(event);
	});
}

/** Calls `take` for each event of these kinds while the component is shown. `gap`: some are lost, so read anew. */
export function useLive(kinds: readonly string[], take: Take): void {
	const newest = useRef(take);
	newest.current = take;
	useEffect(() => {
		const own: Take = (event) => newest.current(event);
		for (const kind of kinds) {
			const all = takers.get(kind);
			if (all !== undefined) all.add(own);
			else {
				takers.set(kind, new Set([own]));
				if (stream !== undefined) attach(stream, kind);
			}
		}
		open();
		return () => {
			for (const kind of kinds) takers.get(kind)?.delete(own);
		};
	}, [kinds.join()]);
}

/** Between two readings of what is shown, ms: a site of many doors has events all the time. */
const REST_MS = 2000;

/** Reads anew what is shown when there are events of these kinds, and not more often than is looked at. */
export function useFresh(kinds: readonly string[], again: () => Promise<unknown>): void {
	const timer = useRef<number | undefined>(undefined);
	const isDue = useRef(false);
	const read = (): void => {
		if (timer.current !== undefined) {
			isDue.current = true;
			return;
		}
		isDue.current = false;
		timer.current = setTimeout(() => {
			timer.current = undefined;
			if (isDue.current) read();
		}, REST_MS);
		void again();
	};
	useLive([...kinds, "gap"], read);
	useEffect(() => () => clearTimeout(timer.current), []);
}
